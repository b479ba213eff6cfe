/** Fetching a key set over real HTTP, from an issuer that does as the tests say. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { fetchJwks } from '../../../lambda/keys/jwks-fetch.ts';
import { FaultProxy, type FaultName } from '../../support/fault-proxy.ts';
import { TestIssuer } from '../../support/issuer.ts';
import packageJson from '../../../package.json' with { type: 'json' };

const MIB = 1024 * 1024;

let issuer: TestIssuer;
let proxy: FaultProxy;

beforeAll(async () => {
  issuer = await TestIssuer.start();
  proxy = await FaultProxy.start(issuer.url);
});

afterAll(() => Promise.all([issuer.close(), proxy.close()]));

beforeEach(() => {
  issuer.respond = undefined;
  issuer.fetches = 0;
});

const fetchFromIssuer = () => fetchJwks(issuer.jwksUri).result;

function fetchBody(body: string | Buffer, status = 200) {
  issuer.respond = (_, response) => response.writeHead(status).end(body);
  return fetchFromIssuer();
}

const textOfBytes = (bytes: number) => '{"keys":[]}'.padEnd(bytes, ' ');

it('gives the keys of the set as they are', async () => {
  expect(await fetchFromIssuer()).toEqual({ ok: true, keys: issuer.keys.map(({ jwk }) => jwk) });
});

it('gives the objects among the keys and nothing else', async () => {
  const body = JSON.stringify({ keys: [null, 7, 'key', ['key'], { kid: 'a' }, true, {}] });
  expect(await fetchBody(body)).toEqual({ ok: true, keys: [{ kid: 'a' }, {}] });
});

it('gives an empty set where there are no keys', async () => {
  expect(await fetchBody('{"keys":[]}')).toEqual({ ok: true, keys: [] });
});

it('accepts a byte order mark', async () => {
  expect(await fetchBody('\uFEFF{"keys":[]}')).toEqual({ ok: true, keys: [] });
});

it.each([
  ['no JSON', 'keys'],
  ['an empty body', ''],
  ['half of a set', '{"keys":[{"kid":"a"'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a text', '"keys"'],
  ['no keys', '{}'],
  ['keys that are no list', '{"keys":{"kid":"a"}}'],
  ['keys of null', '{"keys":null}'],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['a million open brackets', '['.repeat(1_000_000)],
])('refuses %s as bad_json', async (_, body) => {
  expect(await fetchBody(body)).toEqual({ ok: false, cause: 'bad_json' });
});

it.each([201, 204, 301, 302, 303, 307, 308, 400, 401, 404, 429, 500, 503])(
  'refuses status %i as http_status',
  async (status) => {
    expect(await fetchBody('', status)).toEqual({
      ok: false,
      cause: 'http_status',
      httpStatus: status,
    });
  },
);

it('does not follow a redirect to a good set', async () => {
  issuer.respond = (_, response) => {
    issuer.respond = undefined;
    response.writeHead(302, { location: issuer.jwksUri }).end('{"keys":[]}');
  };
  expect(await fetchFromIssuer()).toMatchObject({ ok: false, cause: 'http_status' });
  expect(issuer.fetches).toBe(1);
});

it('reads 1 MiB', async () => {
  expect(await fetchBody(textOfBytes(MIB))).toEqual({ ok: true, keys: [] });
});

it('refuses a byte more as too_large', async () => {
  expect(await fetchBody(textOfBytes(MIB + 1))).toEqual({ ok: false, cause: 'too_large' });
});

it.each<[FaultName, string]>([
  ['huge', 'too_large'],
  ['truncated', 'connection'],
  ['reset', 'connection'],
  ['garbage', 'bad_json'],
  ['redirect', 'http_status'],
  ['too many requests', 'http_status'],
])('ends an issuer that fails by %s with %s', async (fault, cause) => {
  proxy.fault = fault;
  const { result } = fetchJwks(`${proxy.url}/jwks.json`);
  expect(await result).toMatchObject({ ok: false, cause });
});

it.each<FaultName>(['hang', 'hang-halfway', 'drip'])(
  'can be abandoned when the issuer fails by %s, and ends with timeout',
  async (fault) => {
    proxy.fault = fault;
    const fetched = fetchJwks(`${proxy.url}/jwks.json`);
    fetched.abandon();
    expect(await fetched.result).toEqual({ ok: false, cause: 'timeout' });
  },
);

it('closes the connection when it is abandoned', async () => {
  const asked = new Promise<IncomingMessage>((resolve) => (issuer.respond = resolve));
  const fetched = fetchJwks(issuer.jwksUri);
  const { socket } = await asked;
  fetched.abandon();
  await Promise.all([fetched.result, once(socket, 'close')]);
  expect(socket.destroyed).toBe(true);
});

it('can be abandoned after its end, without effect', async () => {
  const fetched = fetchJwks(issuer.jwksUri);
  const outcome = await fetched.result;
  fetched.abandon();
  expect(outcome).toMatchObject({ ok: true });
});

it.each([
  ['nobody listens', 'http://127.0.0.1:9/'],
  ['HTTPS is asked of a plain server', undefined],
])('ends with connection where %s', async (_, uri) => {
  const { result } = fetchJwks(uri ?? issuer.jwksUri.replace('http:', 'https:'));
  expect(await result).toEqual({ ok: false, cause: 'connection' });
});

it('says what it asks for and who is asking, on a connection that it does not keep', async () => {
  const asked = new Promise<IncomingMessage>((resolve) => {
    issuer.respond = (request, response) => {
      response.end('{"keys":[]}');
      resolve(request);
    };
  });
  await fetchFromIssuer();
  const { method, headers } = await asked;
  expect({ method, ...headers }).toMatchObject({
    method: 'GET',
    accept: 'application/jwk-set+json, application/json',
    'accept-encoding': 'identity',
    'user-agent': `rollcall/${packageJson.version}`,
    connection: 'close',
  });
});

describe('a key server', () => {
  const body = '{"keys":[]}';

  /** Serves the set to requests that `admits` admits. */
  function serveIf(admits: (request: IncomingMessage) => boolean, status: number): void {
    issuer.respond = (request, response) =>
      admits(request) ? response.end(body) : response.writeHead(status).end();
  }

  it('that offers application/jwk-set+json alone answers', async () => {
    serveIf(({ headers }) => headers.accept?.includes('application/jwk-set+json') === true, 406);
    expect(await fetchFromIssuer()).toEqual({ ok: true, keys: [] });
  });

  it('behind a firewall that wants a user agent answers', async () => {
    serveIf(({ headers }) => (headers['user-agent'] ?? '') !== '', 403);
    expect(await fetchFromIssuer()).toEqual({ ok: true, keys: [] });
  });
});

describe('a set in a content coding that was not asked for', () => {
  const text = textOfBytes(2000);

  function fetchCoded(contentEncoding: string, body: Buffer) {
    issuer.respond = (_, response) =>
      response.writeHead(200, { 'content-encoding': contentEncoding }).end(body);
    return fetchFromIssuer();
  }

  it.each([
    ['gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
    ['', Buffer.from(text)],
    ['gzip, identity', gzipSync(text)],
    ['gzip, deflate', deflateSync(gzipSync(text))],
  ])('is decoded: %s', async (coding, body) => {
    expect(await fetchCoded(coding, body)).toEqual({ ok: true, keys: [] });
  });

  it.each([
    ['an unknown coding', 'zstd', gzipSync(text)],
    ['another coding than it says', 'gzip', deflateSync(text)],
    ['no coding at all, though it says so', 'gzip', Buffer.from(text)],
    ['half of it', 'gzip', gzipSync(text).subarray(0, 20)],
    ['nothing', 'gzip', Buffer.alloc(0)],
    ['the codings in the wrong order', 'deflate, gzip', deflateSync(gzipSync(text))],
    ['three codings', 'gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(text)))],
  ])('is bad_json where there is %s', async (_, coding, body) => {
    expect(await fetchCoded(coding, body)).toEqual({ ok: false, cause: 'bad_json' });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('has 1 MiB at most when decoded (%s)', async (coding, compress) => {
    const fits = await fetchCoded(coding, compress(textOfBytes(MIB)));
    const exceeds = await fetchCoded(coding, compress(textOfBytes(MIB + 1)));
    expect([fits, exceeds]).toEqual([
      { ok: true, keys: [] },
      { ok: false, cause: 'too_large' },
    ]);
  });

  it('has 1 MiB at most between two codings', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MIB));
    expect(await fetchCoded('gzip, gzip', gzipSync(bomb))).toMatchObject({ cause: 'too_large' });
  });
});

it('gives each address of a host more time than a far one needs to connect', async () => {
  const connecting = jest.spyOn(Socket.prototype, 'connect');
  await fetchFromIssuer();
  const [options] = connecting.mock.calls.flat(2) as unknown[];
  expect(options).toMatchObject({ autoSelectFamilyAttemptTimeout: 1200 });
  connecting.mockRestore();
});
