import { once } from 'node:events';
import { WebSocket } from 'ws';
import { lookUp } from '../../../../local/gateway/common/identity-source.ts';
import { bearer, policy, programToken, type Program } from '../../support/authorizer-program.ts';
import { closeGateways, startGateway } from '../../support/gateway.ts';
import { v2Template, type V2Fixture } from '../../support/templates.ts';

const ALLOW = policy('Allow', '{stage}/*');
const RESPONDING: V2Fixture = {
  routes: ['$connect', '$default', 'whoami'],
  responding: ['whoami', '$default'],
};

/** A backend that takes up the subprotocol `demo` and tells what it sees. */
const BACKEND = `
exports.handler = async (event) => {
  console.log(JSON.stringify({ saw: event.requestContext.eventType }));
  if (event.requestContext.eventType !== 'CONNECT') return { statusCode: 200, body: JSON.stringify(event) };
  const offered = event.headers['Sec-WebSocket-Protocol'] ?? '';
  return { statusCode: 200, headers: offered.includes('demo') ? { 'sec-websocket-protocol': 'demo' } : {} };
};`;

const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await closeGateways();
});

async function start(fixture: V2Fixture = {}) {
  return startGateway(v2Template({ protocol: 'WEBSOCKET', backendSource: BACKEND, ...fixture }));
}

/** Connects; gives the open socket, or the status of the refusal. */
async function connect(
  url: string,
  {
    headers = {},
    protocols = [],
  }: { headers?: Record<string, string>; protocols?: readonly string[] } = {},
): Promise<WebSocket | number | string> {
  const client = new WebSocket(url, [...protocols], { headers });
  clients.push(client);
  return new Promise((resolve) => {
    client.on('open', () => {
      resolve(client);
    });
    client.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    client.on('error', (error) => {
      resolve(error.message);
    });
  });
}

async function connectAs(url: string, program: Program) {
  return connect(url, { headers: { Authorization: bearer(program) } });
}

async function opened(url: string, program: Program = ALLOW): Promise<WebSocket> {
  const client = await connectAs(url, program);
  if (client instanceof WebSocket) return client;
  throw new Error(`Refused with ${client}`);
}

async function reply(client: WebSocket, message: unknown): Promise<Record<string, unknown>> {
  client.send(JSON.stringify(message));
  const [data] = (await once(client, 'message')) as [Buffer];
  return JSON.parse(data.toString());
}

describe('$connect', () => {
  it('opens when the policy allows it', async () => {
    const gateway = await start();
    expect(await connectAs(gateway.url, ALLOW)).toBeInstanceOf(WebSocket);
  });

  it('is refused with 403 on a Deny', async () => {
    const gateway = await start();
    expect(await connectAs(gateway.url, policy('Deny', '{stage}/*'))).toBe(403);
  });

  it('is refused with 401 without a call when the identity source is missing', async () => {
    const gateway = await start();
    expect(await connect(gateway.url)).toBe(401);
    expect(gateway.asked).toHaveLength(0);
  });

  it('is refused with 401 on a throw of Unauthorized', async () => {
    const gateway = await start();
    expect(await connectAs(gateway.url, { throws: 'Unauthorized' })).toBe(401);
  });

  it.each<[string, Program]>([
    ['another throw', { throws: 'no' }],
    ['a malformed answer', { returns: { isAuthorized: true } }],
    ['an answer of more than 8 KiB', policy('Allow', '{stage}/*', { a: 'x'.repeat(8192) })],
  ])('is refused with 500 on %s', async (_what, program) => {
    // By the query: the program would not fit into the headers.
    const gateway = await start({
      authorizer: { IdentitySource: ['route.request.querystring.token'] },
    });
    expect(await connect(`${gateway.url}?token=${programToken(program)}`)).toBe(500);
  });

  it('is refused with 403 for a stage that does not exist', async () => {
    const gateway = await start();
    expect(await connectAs(gateway.url.replace(/prod$/u, 'test'), ALLOW)).toBe(403);
  });

  it('is refused with the status that its function gives', async () => {
    const gateway = await start({
      backendSource: 'exports.handler = async () => ({ statusCode: 418 });',
    });
    expect(await connectAs(gateway.url, ALLOW)).toBe(418);
  });

  it('is refused with 502 when its function fails', async () => {
    const gateway = await start({
      backendSource: `exports.handler = async () => { throw new Error('no'); };`,
    });
    expect(await connectAs(gateway.url, ALLOW)).toBe(502);
  });

  it('asks the authorizer every time', async () => {
    const gateway = await start();
    await opened(gateway.url);
    await opened(gateway.url);
    expect(gateway.asked).toHaveLength(2);
  });

  it('gives the authorizer an event without a path and a method', async () => {
    const gateway = await start();
    await connect(`${gateway.url}?room=1&room=2`, { headers: { Authorization: bearer(ALLOW) } });
    const [event] = gateway.asked;
    expect(event).toMatchObject({
      type: 'REQUEST',
      methodArn: `arn:aws:execute-api:us-east-1:000000000000:${gateway.apiId}/prod/$connect`,
      headers: { Authorization: bearer(ALLOW) },
      multiValueHeaders: { Authorization: [bearer(ALLOW)] },
      queryStringParameters: { room: '2' },
      multiValueQueryStringParameters: { room: ['1', '2'] },
      stageVariables: {},
      requestContext: {
        routeKey: '$connect',
        eventType: 'CONNECT',
        messageDirection: 'IN',
        stage: 'prod',
        apiId: gateway.apiId,
        identity: { sourceIp: '127.0.0.1' },
      },
    });
    for (const member of ['httpMethod', 'path', 'resource', 'pathParameters']) {
      expect(event).not.toHaveProperty(member);
    }
  });
});

describe('subprotocols', () => {
  it('echo the one that the function chose', async () => {
    const gateway = await start({ authorizer: { IdentitySource: [] } });
    const client = await connect(gateway.url, { protocols: ['demo', programToken(ALLOW)] });
    expect((client as WebSocket).protocol).toBe('demo');
  });

  it('leave the client without a connection when the function chooses none', async () => {
    const gateway = await start({ authorizer: { IdentitySource: [] } });
    expect(await connect(gateway.url, { protocols: ['other', programToken(ALLOW)] })).toBe(
      'Server sent no subprotocol',
    );
  });
});

describe('messages', () => {
  it('reach the route that they name, with what the authorizer said', async () => {
    const gateway = await start(RESPONDING);
    const client = await opened(
      gateway.url,
      policy('Allow', '{stage}/*', { tenant: 't1', admin: true }),
    );
    const event = await reply(client, { action: 'whoami' });
    expect(event['body']).toBe('{"action":"whoami"}');
    expect(event['requestContext']).toMatchObject({ routeKey: 'whoami', eventType: 'MESSAGE' });
    expect(lookUp(event, 'requestContext.authorizer')).toEqual({
      tenant: 't1',
      admin: 'true',
      principalId: 'user-1',
      integrationLatency: expect.any(Number),
    });
  });

  it.each(['other', '$connect'])('go to $default when they name %p', async (action) => {
    const gateway = await start(RESPONDING);
    const event = await reply(await opened(gateway.url), { action });
    expect(event['requestContext']).toMatchObject({ routeKey: '$default' });
  });

  it('are refused when there is no route for them', async () => {
    const gateway = await start({ routes: ['$connect'] });
    const answer = await reply(await opened(gateway.url), { action: 'whoami' });
    expect(answer).toMatchObject({ message: 'Forbidden', connectionId: expect.any(String) });
  });

  it('are answered with an error when the function fails', async () => {
    const gateway = await start({
      ...RESPONDING,
      backendSource: `exports.handler = async (event) => {
        if (event.requestContext.eventType === 'CONNECT') return { statusCode: 200 };
        throw new Error('no');
      };`,
    });
    const answer = await reply(await opened(gateway.url), { action: 'whoami' });
    expect(answer).toMatchObject({ message: 'Internal server error' });
  });

  it('get no answer on a route that gives none', async () => {
    const gateway = await start({ ...RESPONDING, responding: ['whoami'] });
    const client = await opened(gateway.url);
    client.send('not JSON, so for $default');
    const event = await reply(client, { action: 'whoami' });
    expect(event['requestContext']).toMatchObject({ routeKey: 'whoami' });
  });
});

it('tells $disconnect of the end of a connection', async () => {
  const gateway = await start({ routes: ['$connect', '$disconnect'] });
  const client = await opened(gateway.url);
  client.close();
  await once(client, 'close');
  await closeGateways();
  expect(gateway.logs.at(-1)).toBe('{"saw":"DISCONNECT"}');
});

it('ends open connections when it is closed', async () => {
  const gateway = await start();
  const client = await opened(gateway.url);
  const ended = once(client, 'close');
  await closeGateways();
  await ended;
  expect(gateway.errors).toEqual([]);
});

it('answers a plain request with 426', async () => {
  const gateway = await start();
  expect((await gateway.get('/prod')).status).toBe(426);
});

it('refuses caching on a WebSocket API', async () => {
  await expect(start({ authorizer: { AuthorizerResultTtlInSeconds: 60 } })).rejects.toThrow(
    'caching on a WebSocket API',
  );
});
