/** The table and the identity provider, asked by programs, and by pages that have no business there. */
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import {
  startIdentityProvider,
  type IdentityProvider,
} from '../../../local/runtime/identity-provider.ts';
import { foreignRefusal } from '../../../local/runtime/loopback-guard.ts';
import { startTables, type Tables } from '../../../local/runtime/tables.ts';
import { deployment } from '../../../local/template/physical-ids.ts';
import { ResolvedTemplate } from '../../../local/template/template.ts';

const PORT = 4000;
const HOST = `127.0.0.1:${PORT}`;
const status = (method: string, headers: IncomingHttpHeaders) =>
  foreignRefusal(method, { host: HOST, ...headers }, PORT)?.status;

it.each(['GET', 'POST', 'DELETE'])('lets a program %s, by either name', (method) => {
  expect(status(method, {})).toBeUndefined();
  expect(status(method, { host: `localhost:${PORT}` })).toBeUndefined();
});

it('lets a page of its own ask', () => {
  const own = { origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' };
  expect(status('POST', own)).toBeUndefined();
});

it('lets somebody follow a link to it', () => {
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  expect(status('GET', link)).toBeUndefined();
  expect(status('POST', link)).toBe(403);
});

it.each([
  `http://127.0.0.1:${PORT + 1}`,
  'https://evil.example',
  'null',
  `http://localhost:${PORT}`,
])('refuses the origin %s, to read and to change', (origin) => {
  expect(status('GET', { origin })).toBe(403);
  expect(status('POST', { origin })).toBe(403);
});

describe.each(['table', 'identity provider'])('the local %s', (name) => {
  let tables: Tables;
  let provider: IdentityProvider;
  let url: string;

  beforeAll(async () => {
    tables = await startTables(new ResolvedTemplate({ Resources: {} }, deployment('local')), [
      { name: 'users', key: 'user_id' },
    ]);
    provider = await startIdentityProvider({ audience: 'demo' });
    url = name === 'table' ? tables.endpoint : provider.jwksUri;
  });

  afterAll(async () => {
    await Promise.all([tables.close(), provider.close()]);
  });

  /** The status of `GET url` with these headers. */
  async function get(headers: Readonly<Record<string, string>>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { agent: false, headers }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  it('answers a program', async () => {
    expect(await get({})).toBe(200);
  });

  it('refuses a name that was rebound to this machine', async () => {
    expect(await get({ Host: `rebound.example:${new URL(url).port}` })).toBe(421);
  });

  it.each(['https://evil.example', 'null'])('refuses a page of %s', async (origin) => {
    expect(await get({ Origin: origin })).toBe(403);
  });

  it('refuses what a page embeds from it', async () => {
    expect(await get({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' })).toBe(403);
  });
});
