/** The console's calls over real HTTP, against a real local stack. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { EXPLANATIONS } from '../../../lambda/explanations.ts';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Check } from '../../../local/console/checks.ts';
import type { LogRecord, RequestRecord } from '../../../local/console/recorder.ts';
import type { HttpAnswer } from '../../../local/console/send.ts';
import { startConsole, type Console } from '../../../local/console/server.ts';
import type { Toggles } from '../../../local/console/toggles.ts';
import type { ListedUser, UserPage } from '../../../local/console/users.ts';
import type { MadeToken } from '../../../local/console/workshop.ts';
import {
  DISABLED_USER,
  KNOWN_USER,
  PLATFORM_ADMIN,
  UNKNOWN_USER,
} from '../../../local/demo-users.ts';
import { startLocalStack, type LocalStack } from '../../../local/stack.ts';

interface Answer<T> {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: T;
}

interface State {
  readonly users: readonly ListedUser[];
  readonly toggles: Toggles;
  readonly settings: Readonly<Record<string, string>>;
}

interface Sent {
  readonly http: HttpAnswer;
  readonly record: RequestRecord;
}

const GENUINE = {
  user: KNOWN_USER,
  issuer: 'trusted',
  expiry: 'hour',
  jti: 'fresh',
  tampering: 'none',
} as const;

let stack: LocalStack;
let page: Console;
const faults: unknown[] = [];

beforeAll(async () => {
  stack = await startLocalStack();
  page = await startConsole(stack, { onError: (error) => faults.push(error) });
}, 120_000);

afterAll(async () => {
  await page?.close();
  await stack?.close();
});

/** Asks as the page does; a header that is undefined is left out. */
async function ask<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string | undefined> = {},
): Promise<Answer<T>> {
  const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const all = {
    ...(content !== undefined && { 'Content-Length': String(Buffer.byteLength(content)) }),
    ...(method !== 'GET' && {
      Origin: new URL(page.url).origin,
      'Content-Type': 'application/json',
    }),
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, page.url), {
      method,
      headers: sent,
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      text(response).then((received) => {
        const isJson = response.headers['content-type']?.startsWith('application/json') === true;
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: (isJson ? JSON.parse(received) : received) as T,
        });
        return undefined;
      }, reject);
    });
    outgoing.end(content);
  });
}

async function made(order: Record<string, string>): Promise<MadeToken> {
  const { body } = await ask<MadeToken>('POST', '/api/tokens', { ...GENUINE, ...order });
  return body;
}

async function sent(token: string | undefined, api = 'rest'): Promise<Sent> {
  const { body } = await ask<Sent>('POST', '/api/requests', { api, token });
  return body;
}

async function decided(order: Record<string, string>, api = 'rest'): Promise<Sent> {
  const { token } = await made(order);
  return sent(token, api);
}

const userIn = (state: State, id: string) => state.users.find((user) => user.id === id);
const failedCheck = (checks: readonly Check[]) =>
  checks.find(({ state }) => state === 'failed')?.reason;

describe('requests', () => {
  it('shows a request that is let in: answer, policy, event and checks', async () => {
    const { http, record } = await decided({});
    expect(http.status).toBe(200);
    expect(JSON.parse(http.body)).toMatchObject({ userId: KNOWN_USER, reason: 'user_found' });
    expect(record.decision).toEqual({
      reason: 'user_found',
      outcome: 'allow',
      detail: 'Access granted',
      meaning: EXPLANATIONS.user_found.meaning,
      remedy: EXPLANATIONS.user_found.remedy,
    });
    expect(record.exchange.authorizer?.verdict).toBe('allowed');
    expect(record.securityEvent).toMatchObject({ security_event: 'access_granted' });
    expect(failedCheck(record.checks)).toBeUndefined();
  });

  it.each([
    ['nobody', { user: UNKNOWN_USER }, 'user_not_found'],
    ['a disabled user', { user: DISABLED_USER }, 'user_disabled'],
    ['a changed payload', { tampering: 'payload' }, 'signature_invalid'],
    ['another key under the known id', { tampering: 'wrong_key' }, 'signature_invalid'],
    ['another key under its own id', { tampering: 'unknown_key' }, 'key_not_found'],
    ['HS256 with the public key', { tampering: 'hs256' }, 'algorithm_not_allowed'],
    ['another audience', { tampering: 'audience' }, 'audience_mismatch'],
    ['an unverified address', { tampering: 'unverified_email' }, 'email_not_verified'],
    ['a blown-up token', { tampering: 'oversized' }, 'token_too_large'],
    ['a foreign issuer', { issuer: 'foreign' }, 'issuer_not_trusted'],
    ['an expired token', { expiry: 'expired' }, 'token_expired'],
    ['a token of the future', { expiry: 'not_yet' }, 'token_not_yet_valid'],
    ['a token without an end', { expiry: 'never' }, 'claim_missing'],
  ])('denies %s, and shows which check failed', async (_name, order, reason) => {
    const { http, record } = await decided(order);
    expect(http.status).toBe(401);
    expect(record.decision?.reason).toBe(reason);
    expect(failedCheck(record.checks)).toBe(reason);
    expect(record.securityEvent).toMatchObject({ reason });
  });

  it.each(['junk', 'no_token', 'alg_none'])(
    'shows that the REST API refuses %s itself, and the function is not asked',
    async (tampering) => {
      const { http, record } = await decided({ tampering });
      expect(http.status).toBe(401);
      expect(record.exchange.authorizer?.status).toBe('no_identity');
      expect(record.decision).toBeUndefined();
      expect(record.securityEvent).toBeUndefined();
      expect(failedCheck(record.checks)).toBeUndefined();
    },
  );

  it('lets a token without an id pass while ids are optional', async () => {
    const { record } = await decided({ jti: 'none' });
    expect(record.decision?.reason).toBe('user_found');
  });

  it('asks the HTTP API as well, whose authorizer sees a token that claims to need no signature', async () => {
    const { http, record } = await decided({ tampering: 'alg_none' }, 'http');
    expect(record.exchange.api).toBe('http');
    expect(http.status).toBe(403);
    expect(record.decision?.outcome).toBe('unauthenticated');
  });

  it('denies a token that was revoked, and only that one', async () => {
    const { token, payload } = await made({});
    expect((await sent(token)).http.status).toBe(200);
    const { iss: issuer, jti } = payload as { iss: string; jti: string };
    expect((await ask('POST', '/api/revocations', { issuer, jti })).status).toBe(200);
    expect((await sent(token)).record.decision?.reason).toBe('token_revoked');
    expect((await decided({})).http.status).toBe(200);
  });

  it.each([
    ['an unknown API', { api: 'soap', token: 'a' }],
    ['the name of a member of every object', { api: 'constructor', token: 'a' }],
    ['a token that would break the header', { api: 'rest', token: 'a\r\nX-Evil: 1' }],
    ['a token of another type', { api: 'rest', token: 7 }],
    ['a list', []],
    ['no JSON', 'junk'],
  ])('refuses %s', async (_name, body) => {
    expect((await ask('POST', '/api/requests', body)).status).toBe(400);
  });

  it.each([
    ['tampering', 'toString'],
    ['expiry', 'tomorrow'],
    ['user', 'with blank'],
    ['user', ''],
    ['user', 'a'.repeat(257)],
  ])('makes no token with %s=%j', async (name, value) => {
    const answer = await ask('POST', '/api/tokens', { ...GENUINE, [name]: value });
    expect(answer.status).toBe(400);
  });
});

describe('pages of users', () => {
  /** Five of them are more than one answer of a scan holds (1 MB). */
  const note = 'x'.repeat(300_000);
  const idOf = (row: number) => `zoe-${String(row).padStart(2, '0')}@example.com`;
  const ids = Array.from({ length: 12 }, (_, row) => idOf(row));
  const idsOf = ({ users }: UserPage) => users.map(({ id }) => id);
  const list = async (query: string) => (await ask<UserPage>('GET', `/api/users?${query}`)).body;

  beforeAll(async () => {
    await Promise.all(
      ids.map(async (id, row) =>
        stack.client.send(
          new PutCommand({
            TableName: stack.usersTable.name,
            Item: { [stack.usersTable.key]: id, full_name: `Zoe ${row}`, note },
          }),
        ),
      ),
    );
  });

  afterAll(async () => {
    for (const id of ids) await ask('DELETE', `/api/users/${encodeURIComponent(id)}`, {});
  });

  it('find every row of a table that one scan does not hold', async () => {
    const [first, second] = [await list('search=zoe-'), await list('search=zoe-&page=2')];
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids);
    expect(second).toMatchObject({ found: 12, page: 2, pages: 2 });
    expect(second.total).toBeGreaterThan(12);
  });

  it('hold ten, and end with the last', async () => {
    expect(idsOf(await list('search=zoe-'))).toHaveLength(10);
    expect(await list('search=zoe-&page=999')).toMatchObject({ page: 2 });
  });

  it.each(['ZOE-03@', 'Zoe 3'])(
    'find by a part of the id or the name, in any case: %s',
    async (search) => {
      expect(idsOf(await list(String(new URLSearchParams({ search }))))).toEqual([idOf(3)]);
    },
  );

  it('are one and empty when nobody is found', async () => {
    expect(await list('search=nobody')).toMatchObject({ users: [], found: 0, page: 1, pages: 1 });
  });

  it.each(['page=0', 'page=x', 'page=-1', `search=${'x'.repeat(257)}`])(
    'are refused for %s',
    async (query) => {
      expect((await ask('GET', `/api/users?${query}`)).status).toBe(400);
    },
  );
});

describe('users', () => {
  const id = 'linus@example.com';
  const path = `/api/users/${encodeURIComponent(id)}`;

  it('adds, disables, promotes, signs out and removes', async () => {
    const added = await ask<State>('POST', '/api/users', { id });
    expect(userIn(added.body, id)).toMatchObject({ active: true, admin: false });
    expect((await decided({ user: id })).record.decision?.reason).toBe('user_found');

    await ask('PUT', path, { active: false });
    expect((await decided({ user: id })).record.decision?.reason).toBe('user_disabled');

    const promoted = await ask<State>('PUT', path, { active: true, admin: true });
    expect(userIn(promoted.body, id)).toMatchObject({ active: true, admin: true });
    const { http } = await decided({ user: id });
    expect(JSON.parse(http.body)).toMatchObject({ isAdmin: 'true' });

    const { token } = await made({ user: id });
    await ask('PUT', path, { signOut: true });
    expect((await sent(token)).record.decision?.reason).toBe('user_tokens_revoked');

    const removed = await ask<State>('DELETE', path, {});
    expect(userIn(removed.body, id)).toBeUndefined();
    expect((await decided({ user: id })).record.decision?.reason).toBe('user_not_found');
  });

  it('leaves attributes alone that it does not change', async () => {
    const known = `/api/users/${encodeURIComponent(KNOWN_USER)}`;
    const before = userIn((await ask<State>('GET', '/api/state')).body, KNOWN_USER);
    await ask('PUT', known, { active: false });
    const after = await ask<State>('PUT', known, { active: true });
    expect(userIn(after.body, KNOWN_USER)).toEqual(before);
  });

  it('adds nobody twice', async () => {
    expect((await ask('POST', '/api/users', { id: KNOWN_USER })).status).toBe(409);
  });

  it('makes no row by changing one that is not there', async () => {
    const absent = `/api/users/${encodeURIComponent(UNKNOWN_USER)}`;
    expect((await ask('PUT', absent, { active: true })).status).toBe(404);
    expect(userIn((await ask<State>('GET', '/api/state')).body, UNKNOWN_USER)).toBeUndefined();
  });

  it.each([{ active: 'true' }, { roles: true }, { __proto__: null, is_admin: true }])(
    'refuses the change %j',
    async (change) => {
      const known = `/api/users/${encodeURIComponent(KNOWN_USER)}`;
      expect((await ask('PUT', known, change)).status).toBe(400);
    },
  );
});

describe('settings', () => {
  afterEach(async () => {
    await ask('POST', '/api/settings', { strict: false, bootstrap: true, requireJti: false });
  });

  it('lets the platform admin in while bootstrap is on, and not while it is off', async () => {
    const on = await decided({ user: PLATFORM_ADMIN });
    expect(on.record.decision?.reason).toBe('platform_admin_bootstrap');
    const { body } = await ask<State>('POST', '/api/settings', { bootstrap: false });
    expect(body.toggles.bootstrap).toBe(false);
    const off = await decided({ user: PLATFORM_ADMIN });
    expect(off.record.decision?.reason).toBe('user_not_found');
  });

  it('denies everybody without a row in strict mode, the admin included', async () => {
    const { body } = await ask<State>('POST', '/api/settings', { strict: true });
    expect(body.settings['REQUIRE_USER_IN_DB']).toBe('true');
    const { record } = await decided({ user: PLATFORM_ADMIN });
    expect(record.decision?.reason).toBe('user_not_in_db');
    expect(record.securityEvent).toMatchObject({ security_event: 'user_not_in_db_rejected' });
  });

  it('denies a token without an id when ids are required', async () => {
    await ask('POST', '/api/settings', { requireJti: true });
    expect((await decided({ jti: 'none' })).record.decision?.reason).toBe('jti_missing');
  });

  it.each([{ strict: 'true' }, { logLevel: true }])('refuses the change %j', async (change) => {
    expect((await ask('POST', '/api/settings', change)).status).toBe(400);
  });
});

describe('the live feed', () => {
  /** Reads the feed until `enough`. */
  async function records(
    enough: (seen: readonly LogRecord[]) => boolean,
    headers: Record<string, string> = {},
  ): Promise<readonly LogRecord[]> {
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL('/api/events', page.url), { headers, agent: false });
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        let content = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          content += chunk;
          const whole = content.slice(0, content.lastIndexOf('\n\n') + 1);
          const seen = [...whole.matchAll(/^data: (.*)$/gmu)].map(
            ([, data = '']) => JSON.parse(data) as LogRecord,
          );
          if (!enough(seen)) return;
          response.destroy();
          resolve(seen);
        });
        response.on('error', () => undefined);
      });
      outgoing.end();
    });
  }
  const has = (id: string) => (seen: readonly LogRecord[]) =>
    seen.some((record) => record.type === 'request' && record.exchange.requestId === id);

  it('tells what was kept, and requests that somebody else sends, without a token', async () => {
    const { token } = await made({});
    const answer = await fetch(`${stack.url}/whoami`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const seen = await records(has(answer.headers.get('x-amzn-requestid') ?? ''));
    expect(seen.at(-1)).toMatchObject({ decision: { reason: 'user_found' } });
    expect(JSON.stringify(seen)).not.toContain('eyJ');
  });

  it('goes on where a client was', async () => {
    const { record } = await decided({});
    const { record: next } = await decided({});
    const seen = await records(has(next.exchange.requestId), {
      'Last-Event-ID': String(record.id),
    });
    expect(seen[0]?.id).toBe(record.id + 1);
  });
});

describe('the server', () => {
  it('has had no fault of its own', () => {
    expect(faults).toEqual([]);
  });

  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/main.js', 'text/javascript; charset=utf-8'],
    ['/theme.css', 'text/css; charset=utf-8'],
    ['/favicon.svg', 'image/svg+xml'],
  ])('serves %s as %s', async (path, type) => {
    const { status, headers } = await ask('GET', path);
    expect([status, headers['content-type']]).toEqual([200, type]);
  });

  it.each(['/', '/api/state', '/api/nothing', '/api/events'])(
    'guards %s with a policy against everything foreign',
    async (path) => {
      const { headers } =
        path === '/api/events'
          ? await ask('GET', path, undefined, { Host: 'x' })
          : await ask('GET', path);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  it.each([
    '/../server.ts',
    '/%2e%2e/server.ts',
    '/..%2fserver.ts',
    '/static/main.js',
    '/api/users/%ff',
  ])('finds nothing at %s', async (path) => {
    const { status } = await ask('GET', path);
    expect(status).toBe(404);
  });

  it('changes nothing for another origin, and says no', async () => {
    const { status } = await ask(
      'DELETE',
      `/api/users/${encodeURIComponent(KNOWN_USER)}`,
      {},
      {
        Origin: 'https://evil.example',
      },
    );
    expect(status).toBe(403);
    expect(userIn((await ask<State>('GET', '/api/state')).body, KNOWN_USER)).toBeDefined();
  });

  it('does not answer to a name that was rebound to this machine', async () => {
    expect((await ask('GET', '/api/state', undefined, { Host: 'rebound.example' })).status).toBe(
      421,
    );
  });

  it('refuses a form, which a browser sends without asking', async () => {
    const { status } = await ask('POST', '/api/users', '{"id":"x"}', {
      'Content-Type': 'text/plain',
    });
    expect(status).toBe(415);
  });

  it('reads no more than it needs', async () => {
    const { status } = await ask('POST', '/api/users', JSON.stringify({ id: 'x'.repeat(40_000) }));
    expect(status).toBe(413);
  });

  it('prints nothing, and no token', async () => {
    const printed: unknown[] = [];
    const spies = (['log', 'error', 'warn', 'info'] as const).map((name) =>
      jest
        .spyOn(console, name)
        .mockImplementation((...values: unknown[]) => printed.push(...values)),
    );
    await decided({});
    for (const spy of spies) spy.mockRestore();
    expect(printed).toEqual([]);
  });
});
