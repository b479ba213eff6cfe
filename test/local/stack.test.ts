/** The synthesized stack and the bundle that deploys, over real HTTP and real WebSockets. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { KNOWN_USER, PLATFORM_ADMIN, UNKNOWN_USER } from '../../local/demo-users.ts';
import {
  describeHttpApi,
  describeRestApi,
  describeStrictMode,
  refusal,
  whoami,
} from './support/whoami.ts';
import { startLocalStack, type LocalStack, type SecurityEvent } from '../../local/stack.ts';

/** Synthesizing takes seconds on a busy machine. */
const START_TIMEOUT_MS = 120_000;

let stack: LocalStack;
let strictStack: LocalStack;
const lines: string[] = [];
const securityEvents: SecurityEvent[] = [];

beforeAll(async () => {
  stack = await startLocalStack();
  strictStack = await startLocalStack({
    strict: true,
    settings: {
      ROLLCALL_CACHE_TTL_SECONDS: '60',
      WEBSOCKET_TOKEN_SOURCE: 'subprotocol',
    },
  });
  for (const each of [stack, strictStack]) {
    each.events.on('log', (line) => lines.push(line));
    each.events.on('securityEvent', (event) => securityEvents.push(event));
  }
}, START_TIMEOUT_MS);

afterAll(async () => {
  await stack?.close();
  await strictStack?.close();
}, START_TIMEOUT_MS);

const tokenFor = (email: string, claims = {}) => stack.issueToken({ email, ...claims });

describeRestApi(() => stack);
describeStrictMode(() => strictStack);
describeHttpApi(() => stack);

describe('REST API with a gateway cache', () => {
  it('answers a second request from the cache', async () => {
    const token = await strictStack.issueToken({ email: KNOWN_USER });
    await whoami(strictStack.url, token);
    const before = securityEvents.length;
    expect((await whoami(strictStack.url, token)).status).toBe(200);
    expect(securityEvents).toHaveLength(before);
  });

  it('asks again after a flush', async () => {
    const token = await strictStack.issueToken({ email: KNOWN_USER });
    await whoami(strictStack.url, token);
    strictStack.flush();
    const before = securityEvents.length;
    await whoami(strictStack.url, token);
    expect(securityEvents).toHaveLength(before + 1);
  });
});

describe('WebSocket API', () => {
  const clients: WebSocket[] = [];

  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });

  /** The open connection, or the status of the refusal. */
  async function connect(
    url: string | undefined,
    options: { readonly token?: string; readonly protocols?: readonly string[] },
  ): Promise<WebSocket | number> {
    const headers: Record<string, string> =
      options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
    const client = new WebSocket(url ?? '', [...(options.protocols ?? [])], { headers });
    clients.push(client);
    return new Promise((resolve, reject) => {
      client.on('open', () => {
        resolve(client);
      });
      client.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      client.on('error', reject);
    });
  }

  async function ask(client: WebSocket | number): Promise<unknown> {
    if (typeof client === 'number') throw new Error(`Refused with ${client}`);
    client.send('{"action":"whoami"}');
    const [data] = (await once(client, 'message')) as [Buffer];
    return JSON.parse(data.toString());
  }

  it('lets a known user in and remembers her for later messages', async () => {
    const client = await connect(stack.webSocketUrl, { token: await tokenFor(KNOWN_USER) });
    expect(await ask(client)).toMatchObject({ principalId: KNOWN_USER, isAdmin: 'false' });
  });

  it('refuses an unknown user with 403', async () => {
    const token = await tokenFor(UNKNOWN_USER);
    expect(await connect(stack.webSocketUrl, { token })).toBe(403);
  });

  it('refuses with 401 without a token, and with junk', async () => {
    expect(await connect(stack.webSocketUrl, {})).toBe(401);
    expect(await connect(stack.webSocketUrl, { token: 'junk' })).toBe(401);
  });

  it('takes the token as a subprotocol and does not repeat it', async () => {
    const token = await strictStack.issueToken({ email: KNOWN_USER });
    const client = await connect(strictStack.webSocketUrl, {
      protocols: ['rollcall', `bearer.${token}`],
    });
    expect((client as WebSocket).protocol).toBe('rollcall');
    expect(await ask(client)).toMatchObject({ principalId: KNOWN_USER });
  });
});

describe('settings', () => {
  it('can be changed while the stack runs', async () => {
    const token = await tokenFor(PLATFORM_ADMIN);
    await stack.configure({ REQUIRE_USER_IN_DB: 'true' });
    expect(stack.settings()).toMatchObject({ REQUIRE_USER_IN_DB: 'true' });
    expect(await whoami(stack.url, token)).toEqual(refusal('User not found in database'));
    await stack.configure({ REQUIRE_USER_IN_DB: 'false' });
    expect((await whoami(stack.url, token)).status).toBe(200);
  });

  it('that are bad answer 500 and never let anybody in', async () => {
    const token = await tokenFor(KNOWN_USER);
    await stack.configure({ REQUIRE_USER_IN_DB: 'yes' });
    const { status, body } = await whoami(stack.url, token);
    expect([status, body]).toEqual([500, { detail: 'Authorization is unavailable' }]);
    expect((await whoami(stack.httpUrl, token)).status).toBe(500);
    await stack.configure({ REQUIRE_USER_IN_DB: 'false' });
    expect((await whoami(stack.url, token)).status).toBe(200);
  });

  it('that the stack refuses keep it from starting, by name', async () => {
    await expect(startLocalStack({ settings: { REQUIRE_JTI: 'maybe' } })).rejects.toThrow(
      'REQUIRE_JTI must be true or false',
    );
  });
});

it('gives the outputs of the stack with the ids that it serves', () => {
  expect(stack.outputs).toMatchObject({
    UsersTableName: stack.usersTable.name,
    RevokedTokensTableName: stack.revokedTokensTableName,
    ApiId: expect.stringMatching(/^[a-z0-9]{10}$/u),
  });
});

it('has no token in any line that a function printed', () => {
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.join('\n')).not.toMatch(/eyJ[\w-]{10,}\./u);
});
