/** A stateless MCP server (streamable HTTP) as a Lambda proxy integration of a REST API. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { identityFrom } from 'rollcall/identity';

export const handler = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
  const { userId, isAdmin } = identityFrom(event);
  const server = new McpServer({ name: 'orders', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Says who is calling' }, () => ({
    content: [{ type: 'text', text: `${userId}${isAdmin ? ', an admin' : ''}` }],
  }));
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  const response = await transport.handleRequest(
    new Request(`https://mcp.invalid${event.path}`, {
      method: event.httpMethod,
      headers: event.headers as Record<string, string>,
      body: event.body,
    }),
  );
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
};
