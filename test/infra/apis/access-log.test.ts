import {
  HTTP_ACCESS_LOG,
  REST_ACCESS_LOG,
  WEBSOCKET_ACCESS_LOG,
} from '../../../infra/apis/access-log.ts';

const formats = Object.entries({
  REST: REST_ACCESS_LOG,
  HTTP: HTTP_ACCESS_LOG,
  WebSocket: WEBSOCKET_ACCESS_LOG,
}).map(([kind, format]) => ({
  kind,
  fields: JSON.parse(format.toString()) as Record<string, string>,
}));

describe.each(formats)('the access log of a $kind API', ({ fields }) => {
  it('is one line of JSON with a variable in every field', () => {
    expect(Object.values(fields).every((value) => /^\$context\.[A-Za-z.]+$/u.test(value))).toBe(
      true,
    );
  });

  it('says what the authorizer did and how long it took', () => {
    expect(fields).toMatchObject({
      authorizer_error: '$context.authorizer.error',
      authorizer_status: '$context.authorizer.status',
      authorizer_latency_ms: '$context.authorizer.latency',
    });
  });

  it('can be joined with the security event', () => {
    expect(fields).toMatchObject({ request_id: '$context.requestId', api_id: '$context.apiId' });
  });

  it('holds no header and no user', () => {
    expect(Object.values(fields).join(' ')).not.toMatch(
      /header|userAgent|principalId|authorizer\.userId|claims|apiKey/iu,
    );
  });
});

it('says what a web firewall did on a REST API', () => {
  expect(formats[0]?.fields).toMatchObject({
    waf_error: '$context.waf.error',
    waf_response_code: '$context.wafResponseCode',
    web_acl_arn: '$context.webaclArn',
  });
});
