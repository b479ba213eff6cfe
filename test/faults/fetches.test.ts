/**
 * Which tokens make the bundle ask the issuer for keys. The prefetch at init has failed, so that
 * no set is known and no cooldown runs: whatever may cause a fetch does.
 */
import { once } from 'node:events';
import { Authorizer } from '../support/bundle.ts';
import { eventOf } from '../support/events.ts';
import { createKey, encodePart, TestIssuer } from '../support/issuer.ts';
import { TestTables } from '../support/tables.ts';

let issuer: TestIssuer;
let tables: TestTables;
let authorizer: Authorizer;

beforeAll(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  const prefetchIsOver = new Promise<void>((resolve) => {
    issuer.respond = (_, response) => {
      response.writeHead(500).end();
      void once(response, 'close').then(() => resolve());
    };
  });
  authorizer = await Authorizer.start({ ...issuer.settings, ...tables.settings });
  await prefetchIsOver;
  // A round trip, after which the answer has been read on the other side too.
  await authorizer.invoke(eventOf('rest-token', undefined));
  issuer.respond = undefined;
});

afterAll(() => Promise.all([authorizer.close(), issuer.close(), tables.close()]));

async function fetchesFor(token: string): Promise<number> {
  const before = issuer.fetches;
  await authorizer.invoke(eventOf('rest-token', `Bearer ${token}`));
  return issuer.fetches - before;
}

const expired = () => Math.floor(Date.now() / 1000) - 60;

it.each<[string, () => string]>([
  ['of an untrusted issuer', () => issuer.token({ iss: 'https://other.example' })],
  ['of no issuer', () => issuer.token({ iss: undefined })],
  ['that has expired', () => issuer.token({ exp: expired() })],
  ['that has expired, under an unknown kid', () => issuer.token({ exp: expired() }, createKey())],
  ['with a kid of 257 bytes', () => issuer.token({}, createKey('ES256', 'k'.repeat(257)))],
  ['without a kid', () => issuer.token({}, undefined, { kid: undefined })],
  ['with an algorithm that is not allowed', () => issuer.token({}, undefined, { alg: 'HS256' })],
  [
    'that points to keys of its own',
    () => issuer.token({ exp: expired() }, undefined, { jku: issuer.jwksUri }),
  ],
  ['of junk', () => `${encodePart('{')}.${encodePart('{')}.AA`],
])('a token %s does not', async (_, createToken) => {
  expect(await fetchesFor(createToken())).toBe(0);
});

// The last of them, because a set is known from here on.
it('a token under a kid that nobody knows does, and no second one after it', async () => {
  expect(await fetchesFor(issuer.token({}, createKey()))).toBe(1);
  expect(await fetchesFor(issuer.token({}, createKey()))).toBe(0);
});
