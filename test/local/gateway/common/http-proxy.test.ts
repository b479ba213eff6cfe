/** HTTP proxy integrations with mapped headers: what the backend is told comes from the authorizer. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bearer, policy } from '../../support/authorizer-program.ts';
import { closeGateways, startGateway } from '../../support/gateway.ts';
import { restTemplate, v2Template } from '../../support/templates.ts';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let backend: Server;
let uri: string;
const received: Received[] = [];

beforeAll(async () => {
  backend = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { method, url, headers } = request;
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(201, { 'X-Backend': 'yes' }).end('made');
    })();
  }).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  uri = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
});
afterAll(() => backend.close());
beforeEach(() => void (received.length = 0));
afterEach(closeGateways);

const httpApi = (properties: Record<string, unknown>) =>
  startGateway(
    v2Template({
      routes: ['ANY /{proxy+}'],
      integration: {
        IntegrationType: 'HTTP_PROXY',
        IntegrationMethod: 'ANY',
        IntegrationUri: `${uri}/{proxy}`,
        PayloadFormatVersion: '1.0',
        ...properties,
      },
    }),
  );

const allow = (context: unknown) => bearer({ returns: { isAuthorized: true, context } });

describe('an HTTP API', () => {
  it('overwrites the header that says who calls, whatever the client sends', async () => {
    const gateway = await httpApi({
      RequestParameters: {
        'overwrite:header.X-User': '$context.authorizer.userId',
        'remove:header.Authorization': "''",
      },
    });
    const response = await gateway.request('/a%20b/c?x=1', {
      method: 'POST',
      headers: [
        ['Authorization', allow({ userId: 'alice' })],
        ['x-user', 'mallory'],
        ['X-USER', 'eve'],
        ['X-Other', 'kept'],
      ],
      body: 'hello',
    });
    expect([response.status, response.body, response.headers['x-backend']]).toEqual([
      201,
      'made',
      'yes',
    ]);
    expect(received).toEqual([
      {
        method: 'POST',
        url: '/a%20b/c?x=1',
        headers: expect.objectContaining({ 'x-user': 'alice', 'x-other': 'kept' }) as unknown,
        body: 'hello',
      },
    ]);
    expect(received[0]?.headers).not.toHaveProperty('authorization');
  });

  it('leaves nothing of the client where the authorizer says nothing', async () => {
    const gateway = await httpApi({
      RequestParameters: { 'overwrite:header.X-User': '$context.authorizer.userId' },
    });
    await gateway.request('/a', {
      headers: [
        ['Authorization', allow({})],
        ['X-User', 'mallory'],
      ],
    });
    expect(received[0]?.headers).not.toHaveProperty('x-user');
  });

  it('shows that append does not keep a client from sending its own', async () => {
    const gateway = await httpApi({
      RequestParameters: { 'append:header.X-User': '$context.authorizer.userId' },
    });
    await gateway.request('/a', {
      headers: [
        ['Authorization', allow({ userId: 'alice' })],
        ['X-User', 'mallory'],
      ],
    });
    expect(received[0]?.headers['x-user']).toBe('mallory, alice');
  });

  it('calls nothing for one who is refused', async () => {
    const gateway = await httpApi({});
    const denied = bearer({ returns: { isAuthorized: false } });
    expect((await gateway.get('/a', denied)).status).toBe(403);
    expect(received).toEqual([]);
  });

  it.each([
    [{ IntegrationUri: 'https://internal.example.com/{proxy}' }, /not on loopback/u],
    [{ IntegrationUri: 'http://127.0.0.1.example.com/' }, /not on loopback/u],
    [{ RequestParameters: { 'overwrite:path': '/x' } }, /the mapping overwrite:path/u],
    [{ RequestParameters: { 'overwrite:header.X': 'a$request.header.y' } }, /the mapping/u],
  ])('refuses by name what it does not serve: %j', async (properties, problem) => {
    await expect(httpApi(properties)).rejects.toThrow(problem);
  });
});

it('overwrites it on a REST API', async () => {
  const template = restTemplate({ paths: ['/orders/{id}'] });
  for (const resource of Object.values(template.Resources ?? {})) {
    if (resource.Type !== 'AWS::ApiGateway::Method') continue;
    Object.assign(resource.Properties ?? {}, {
      RequestParameters: { 'method.request.path.id': true },
      Integration: {
        Type: 'HTTP_PROXY',
        IntegrationHttpMethod: 'ANY',
        Uri: `${uri}/{id}`,
        RequestParameters: {
          'integration.request.path.id': 'method.request.path.id',
          'integration.request.header.X-User': 'context.authorizer.userId',
          'integration.request.header.X-From': "'gateway'",
        },
      },
    });
  }
  const gateway = await startGateway(template);
  const response = await gateway.request('/prod/orders/42', {
    headers: [
      ['Authorization', bearer(policy('Allow', '{arn}', { userId: 'alice' }))],
      ['x-user', 'mallory'],
    ],
  });
  expect(response.status).toBe(201);
  expect(received[0]).toMatchObject({
    url: '/42',
    headers: { 'x-user': 'alice', 'x-from': 'gateway' },
  });
});
