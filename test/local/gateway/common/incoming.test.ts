/** The limit of the headers, and who the caller is, as every kind of gateway has them. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { lookUp } from '../../../../local/gateway/common/identity-source.ts';
import { MAX_HEADER_BYTES } from '../../../../local/gateway/common/incoming.ts';
import type { TemplateJson } from '../../../../local/template/template.ts';
import { bearer, policy, type Program } from '../../support/authorizer-program.ts';
import { closeGateways, startGateway } from '../../support/gateway.ts';
import { restTemplate, v2Template } from '../../support/templates.ts';

const ALLOW = bearer(policy('Allow', '{stage}/*'));
const YES: Program = { returns: { isAuthorized: true } };

afterEach(closeGateways);

/** A header that brings the values of a request's headers, `others` among them, to `bytes`. */
function filler(bytes: number, others: readonly string[]): [string, string] {
  const rest = others.reduce((sum, value) => sum + value.length, 0);
  return ['X-Filler', 'x'.repeat(bytes - rest)];
}

describe('headers', () => {
  const onRest = async (bytes: number): Promise<readonly [number, number]> => {
    const gateway = await startGateway(restTemplate());
    const fixed = [new URL(gateway.url).host, ALLOW, 'close'];
    const headers: [string, string][] = [
      ['Authorization', ALLOW],
      ['Connection', 'close'],
      filler(bytes, fixed),
    ];
    const { status } = await gateway.request('/prod/orders', { headers });
    return [status, gateway.asked.length];
  };

  it('of 10,240 bytes in all are served by a REST API', async () => {
    expect(await onRest(MAX_HEADER_BYTES)).toEqual([200, 1]);
  });

  it('of 10,241 bytes in all are refused by a REST API before the authorizer', async () => {
    expect(await onRest(MAX_HEADER_BYTES + 1)).toEqual([431, 0]);
  });

  it.each([
    [0, 200],
    [1, 431],
  ])('of a HTTP API count with the request line, %d bytes too many', async (extra, expected) => {
    const gateway = await startGateway(v2Template());
    const token = bearer(YES);
    const fixed = [new URL(gateway.url).host, token, 'close', 'GET /orders HTTP/1.1'];
    const { status } = await gateway.request('/orders', {
      headers: [
        ['Authorization', token],
        ['Connection', 'close'],
        filler(MAX_HEADER_BYTES + extra, fixed),
      ],
    });
    expect(status).toBe(expected);
  });

  it('beyond that refuse a WebSocket connection', async () => {
    const gateway = await startGateway(v2Template({ protocol: 'WEBSOCKET' }));
    const client = new WebSocket(gateway.url, {
      headers: { Authorization: ALLOW, 'X-Filler': 'x'.repeat(MAX_HEADER_BYTES) },
    });
    client.on('error', () => {});
    const [, response] = (await once(client, 'unexpected-response')) as [
      unknown,
      { statusCode?: number; resume: () => void },
    ];
    response.resume();
    client.terminate();
    expect(response.statusCode).toBe(431);
    expect(gateway.asked).toEqual([]);
  });
});

describe('identity', () => {
  const NOBODY = {
    accessKey: null,
    accountId: null,
    caller: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    user: null,
    userArn: null,
  };
  const CALLER = { sourceIp: '127.0.0.1', userAgent: 'tests/1' };
  const ask = async (template: TemplateJson, path: string): Promise<unknown> => {
    const gateway = await startGateway(template);
    await gateway.request(path, {
      headers: [
        ['Authorization', ALLOW],
        ['User-Agent', 'tests/1'],
      ],
    });
    return lookUp(gateway.asked[0], 'requestContext.identity');
  };

  it('has every member on a REST API', async () => {
    const template = restTemplate({ authorizer: { Type: 'REQUEST' } });
    expect(await ask(template, '/prod/orders')).toEqual({
      ...NOBODY,
      ...CALLER,
      apiKey: null,
      apiKeyId: null,
      clientCert: null,
    });
  });

  it('has every member in payload 1.0', async () => {
    const template = v2Template({
      authorizer: { EnableSimpleResponses: false, AuthorizerPayloadFormatVersion: '1.0' },
    });
    expect(await ask(template, '/orders')).toEqual({ ...NOBODY, ...CALLER });
  });
});
