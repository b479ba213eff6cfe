exports.handler = async ({ requestContext: { authorizer = {} } }) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  body: JSON.stringify(authorizer.lambda ?? authorizer),
});
