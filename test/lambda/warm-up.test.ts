/** What the bundle does before its first request, seen from the key server and the table. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import { Authorizer, BUNDLE } from '../support/bundle.ts';
import { eventOf } from '../support/events.ts';
import { FaultProxy, type FaultName } from '../support/fault-proxy.ts';
import { TestIssuer } from '../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables } from '../support/tables.ts';

/** A namespace of 32 characters, `#`, and a user id of 1,024 bytes. */
const LONGEST_USER_KEY_BYTES = 32 + 1 + 1024;

let issuer: TestIssuer;
let tables: TestTables;
let keyServer: FaultProxy;
let table: FaultProxy;
let authorizer: Authorizer | undefined;

beforeAll(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  await tables.putUser('alice');
});

afterAll(() => Promise.all([issuer.close(), tables.close()]));

beforeEach(async () => {
  [keyServer, table] = await Promise.all([
    FaultProxy.start(issuer.url),
    FaultProxy.start(tables.endpoint),
  ]);
});

afterEach(async () => {
  await authorizer?.close();
  authorizer = undefined;
  await Promise.all([keyServer.close(), table.close()]);
});

const settings = () => ({
  ...issuer.settings,
  ...tables.settings,
  JWKS_URI: `${keyServer.url}/jwks.json`,
  AWS_ENDPOINT_URL_DYNAMODB: table.url,
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<Authorizer> {
  authorizer = await Authorizer.start({ ...settings(), ...env });
  return authorizer;
}

const request = () => eventOf('rest-token', `Bearer ${issuer.token()}`);
const ALLOWED = { ok: true, value: { principalId: 'alice' } };

it('asks the key server once and the table once', async () => {
  await start();
  expect([keyServer.requests, table.requests]).toEqual([1, 1]);
});

it('leaves no key to be fetched for the first request', async () => {
  const started = await start();
  expect(await started.invoke(request())).toMatchObject(ALLOWED);
  expect([keyServer.requests, table.requests]).toEqual([1, 2]);
});

it('asks the key server of every issuer', async () => {
  const entry = (namespace: string, path: string) => ({
    issuer: `https://${namespace}.example`,
    audience: 'api',
    userNamespace: namespace,
    jwksUri: `${keyServer.url}${path}`,
  });
  authorizer = await Authorizer.start({
    ...tables.settings,
    TRUSTED_ISSUERS: JSON.stringify([entry('a', '/jwks.json'), entry('b', '/jwks.json?b')]),
  });
  expect(keyServer.requests).toBe(2);
});

it('prints nothing', async () => {
  expect((await start()).output).toBe('');
});

it('asks nothing with a bad configuration', async () => {
  await start({ REQUIRE_USER_IN_DB: 'perhaps' });
  expect([keyServer.requests, table.requests]).toEqual([0, 0]);
});

describe('the read of the table', () => {
  let server: Server;
  const bodies: string[] = [];

  beforeAll(async () => {
    server = createServer((incoming, response) => {
      incoming.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk));
      response.writeHead(200, {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-requestid': 'R1',
      });
      incoming.on('end', () => response.end('{}'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const warmed = await Authorizer.start({
      ...issuer.settings,
      ...tables.settings,
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
    });
    await warmed.close();
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('is strongly consistent', () => {
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ ConsistentRead: true });
  });

  it('is of a key that no user can have and DynamoDB takes', () => {
    const { Key: key } = JSON.parse(bodies[0] ?? '') as { Key: { user_id: { S: string } } };
    const bytes = Buffer.byteLength(key.user_id.S);
    expect(bytes).toBeGreaterThan(LONGEST_USER_KEY_BYTES);
    expect(bytes).toBeLessThanOrEqual(2048);
  });
});

describe.each<FaultName>(['hang', 'reset', '500', 'access denied', 'throttle', 'no body', 'drip'])(
  'with dependencies that fail by %s',
  (fault) => {
    it('starts all the same, and in silence', async () => {
      keyServer.fault = fault;
      table.fault = fault;
      expect((await start()).output).toBe('');
    });

    it('lets the first request in once they have recovered', async () => {
      keyServer.fault = fault;
      table.fault = fault;
      const started = await start();
      keyServer.fault = undefined;
      table.fault = undefined;
      expect(await started.invoke(request())).toMatchObject(ALLOWED);
    });
  },
);

describe('a connection that has gone stale since', () => {
  let server: Server;
  const used = new WeakSet<Socket>();

  beforeAll(async () => {
    server = createServer((incoming, response) => {
      if (used.has(incoming.socket)) return void incoming.socket.resetAndDestroy();
      used.add(incoming.socket);
      incoming.resume();
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end('{"Item":{"user_id":{"S":"alice"}}}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('does not keep the first request out', async () => {
    const { port } = server.address() as AddressInfo;
    const started = await start({ AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}` });
    expect(await started.invoke(request())).toMatchObject(ALLOWED);
  });
});

describe.each<[string, FaultName | undefined]>([
  ['succeed', undefined],
  ['hang', 'hang'],
  ['drip', 'drip'],
  ['are throttled', 'throttle'],
])('when its dependencies %s', (_, fault) => {
  it.each([
    ['alone', {}],
    ['with revocation', { REVOKED_TOKENS_TABLE_NAME: REVOKED_TOKENS_TABLE }],
  ])('leaves no timer running, %s', async (__, env) => {
    keyServer.fault = fault;
    table.fault = fault;
    const script = `
      await import(process.env.BUNDLE);
      const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout');
      process.stdout.write('LEFT ' + timers.length, () => process.exit(0));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--no-warnings', '--eval', script],
      { env: { ...settings(), ...env, BUNDLE } },
    );
    expect(stdout).toBe('LEFT 0');
  });
});
