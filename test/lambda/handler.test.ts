/** The behaviours that must hold, each through the bundle that deploys, over real protocols. */
import { Authorizer } from '../support/bundle.ts';
import { ALICE_CERTIFICATE, MALLORY_CERTIFICATE, thumbprintOf } from '../support/certificates.ts';
import { EVENT_KINDS, eventOf, loadEvent } from '../support/events.ts';
import { createKey, TestIssuer, type Claims } from '../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables } from '../support/tables.ts';

const ADMIN = 'admin@example.com';
const STRICT = { REQUIRE_USER_IN_DB: 'true' };
const BOOTSTRAP = { PLATFORM_ADMIN_EMAIL: ADMIN };
const REVOCATION = { REVOKED_TOKENS_TABLE_NAME: REVOKED_TOKENS_TABLE };

let issuer: TestIssuer;
let otherIssuer: TestIssuer;
let tables: TestTables;
const authorizers: Authorizer[] = [];

beforeAll(async () => {
  [issuer, otherIssuer, tables] = await Promise.all([
    TestIssuer.start(),
    TestIssuer.start(),
    TestTables.start(),
  ]);
});

afterAll(async () => {
  await Promise.all(authorizers.map((authorizer) => authorizer.close()));
  await Promise.all([issuer.close(), otherIssuer.close(), tables.close()]);
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<Authorizer> {
  const authorizer = await Authorizer.start({
    ...issuer.settings,
    ...tables.settings,
    ...settings,
  });
  authorizers.push(authorizer);
  return authorizer;
}

/** Asks as a REST API would, with a token that passes every check but for `claims`. */
function ask(
  authorizer: Authorizer,
  claims: Claims = {},
  from = issuer,
): ReturnType<Authorizer['invoke']> {
  return authorizer.invoke(eventOf('rest-token', `Bearer ${from.token(claims)}`));
}

const answer = (effect: 'Allow' | 'Deny', context: object) => ({
  ok: true,
  value: expect.objectContaining({
    policyDocument: {
      Version: '2012-10-17',
      Statement: [expect.objectContaining({ Effect: effect })],
    },
    context: expect.objectContaining(context),
  }),
});
const allow = (context: object) => answer('Allow', context);
const deny = (reason: string, detail: string) => answer('Deny', { reason, detail });
const thrown = (errorMessage: string) => expect.objectContaining({ ok: false, errorMessage });

describe('an active row', () => {
  it.each([
    ['strict', STRICT],
    ['not strict', {}],
  ])('is allowed, %s', async (_, settings) => {
    await tables.putUser('alice');
    expect(await ask(await start(settings))).toEqual(
      allow({ userId: 'alice', isAdmin: false, reason: 'user_found', authMethod: 'database' }),
    );
  });

  it('passes on what it says of the user', async () => {
    const row = {
      is_admin: true,
      email: 'c@example.com',
      full_name: 'Carol C',
      roles: ['ops', 'dev'],
    };
    await tables.putUser('carol', row);
    expect(await ask(await start(), { sub: 'carol', scope: 'a b' })).toEqual(
      allow({
        isAdmin: true,
        email: 'c@example.com',
        fullName: 'Carol C',
        roles: 'ops,dev',
        issuer: issuer.url,
        scope: 'a b',
      }),
    );
  });

  it('of the platform admin decides, and bootstrap is not consulted', async () => {
    await tables.putUser('ruled@example.com', { is_admin: false });
    const authorizer = await start({ PLATFORM_ADMIN_EMAIL: 'ruled@example.com' });
    expect(await ask(authorizer, { sub: 'ruled@example.com' })).toEqual(
      allow({ isAdmin: false, authMethod: 'database' }),
    );
  });
});

describe('no row, strict', () => {
  it('is denied with "User not found in database"', async () => {
    expect(await ask(await start(STRICT), { sub: 'nobody' })).toEqual(
      deny('user_not_in_db', 'User not found in database'),
    );
  });

  it('is denied to the platform admin too', async () => {
    expect(await ask(await start({ ...STRICT, ...BOOTSTRAP }), { sub: ADMIN })).toEqual(
      deny('user_not_in_db', 'User not found in database'),
    );
  });

  it('is a WARN event whose message names the user and the setting', async () => {
    const authorizer = await start(STRICT);
    await ask(authorizer, { sub: 'nobody' });
    expect(authorizer.lastDecision).toMatchObject({
      security_event: 'user_not_in_db_rejected',
      level: 'WARN',
      message: expect.stringMatching(/nobody.*REQUIRE_USER_IN_DB/u),
    });
  });

  it('is denied on the very next request after a row was deleted', async () => {
    const authorizer = await start(STRICT);
    await tables.putUser('leaver');
    expect(await ask(authorizer, { sub: 'leaver' })).toEqual(allow({ userId: 'leaver' }));
    await tables.deleteUser('leaver');
    expect(await ask(authorizer, { sub: 'leaver' })).toEqual(
      deny('user_not_in_db', 'User not found in database'),
    );
  });
});

describe('no row, not strict', () => {
  it('lets the platform admin in as an admin', async () => {
    expect(await ask(await start(BOOTSTRAP), { sub: ADMIN })).toEqual(
      allow({ isAdmin: true, authMethod: 'platform_admin_bootstrap' }),
    );
  });

  it('is an INFO event platform_admin_bootstrap for the admin', async () => {
    const authorizer = await start(BOOTSTRAP);
    await ask(authorizer, { sub: ADMIN });
    expect(authorizer.lastDecision).toMatchObject({
      security_event: 'platform_admin_bootstrap',
      level: 'INFO',
      reason: 'platform_admin_bootstrap',
      user_id: ADMIN,
    });
  });

  it('is denied to everybody else with "User not found"', async () => {
    expect(await ask(await start(BOOTSTRAP), { sub: 'nobody' })).toEqual(
      deny('user_not_found', 'User not found'),
    );
  });

  it("compares the admin's address exactly", async () => {
    expect(await ask(await start(BOOTSTRAP), { sub: 'Admin@example.com' })).toEqual(
      deny('user_not_found', 'User not found'),
    );
  });

  it("compares the admin's address after USER_ID_CASE", async () => {
    const authorizer = await start({ ...BOOTSTRAP, USER_ID_CASE: 'lower' });
    expect(await ask(authorizer, { sub: 'Admin@Example.com' })).toEqual(allow({ userId: ADMIN }));
  });

  it('is denied to the admin once bootstrap has expired', async () => {
    const authorizer = await start({ ...BOOTSTRAP, BOOTSTRAP_EXPIRES_AT: '2020-01-01T00:00:00Z' });
    expect(await ask(authorizer, { sub: ADMIN })).toEqual(deny('user_not_found', 'User not found'));
  });
});

describe('a disabled row', () => {
  it.each([
    ['of a user', { is_active: false }],
    ['of an admin', { is_active: false, is_admin: true }],
  ])('%s is denied with "Account disabled"', async (_, row) => {
    await tables.putUser('disabled', row);
    expect(await ask(await start(), { sub: 'disabled' })).toEqual(
      deny('user_disabled', 'Account disabled'),
    );
  });
});

it('takes no admin status from a claim', async () => {
  await tables.putUser('alice');
  expect(await ask(await start(), { is_admin: true, isAdmin: true, roles: ['admin'] })).toEqual(
    allow({ isAdmin: false }),
  );
});

describe('the jti', () => {
  it.each([
    ['missing', undefined],
    ['empty', ''],
  ])('is refused when %s and required', async (_, jti) => {
    const authorizer = await start({ REQUIRE_JTI: 'true' });
    expect(await ask(authorizer, { jti })).toEqual(thrown('Unauthorized'));
    expect(authorizer.lastDecision).toMatchObject({ reason: 'jti_missing' });
  });

  it('may be missing otherwise, with a warning', async () => {
    await tables.putUser('alice');
    const authorizer = await start();
    expect(await ask(authorizer, { jti: undefined })).toEqual(allow({ userId: 'alice' }));
    expect(authorizer.events).toContainEqual(
      expect.objectContaining({ security_event: 'token_without_jti', level: 'WARN' }),
    );
  });
});

describe('revocation', () => {
  it('denies a revoked token with "Token has been revoked"', async () => {
    await Promise.all([tables.putUser('alice'), tables.revoke(issuer.url, 'stolen')]);
    expect(await ask(await start(REVOCATION), { jti: 'stolen' })).toEqual(
      deny('token_revoked', 'Token has been revoked'),
    );
  });

  it('is keyed by issuer and jti: the same jti of another issuer is another token', async () => {
    await Promise.all([
      tables.putUser('alice'),
      tables.revoke('https://other.example.com', 'shared'),
    ]);
    expect(await ask(await start(REVOCATION), { jti: 'shared' })).toEqual(allow({ jti: 'shared' }));
  });

  it('denies even the platform admin in bootstrap', async () => {
    await tables.revoke(issuer.url, 'admin-token');
    const authorizer = await start({ ...REVOCATION, ...BOOTSTRAP });
    expect(await ask(authorizer, { sub: ADMIN, jti: 'admin-token' })).toEqual(
      deny('token_revoked', 'Token has been revoked'),
    );
  });

  it('that cannot be looked up is never an Allow, nor a Deny', async () => {
    await tables.putUser('alice');
    const authorizer = await start({ REVOKED_TOKENS_TABLE_NAME: 'no-such-table' });
    expect(await ask(authorizer)).toEqual(thrown('Authorization is unavailable'));
    expect(authorizer.lastDecision).toMatchObject({
      reason: 'directory_unavailable',
      cause: 'table_missing',
    });
  });
});

describe('a revoked session', () => {
  const SESSIONS = { ...REVOCATION, SESSION_CLAIM: 'sid' };

  it.each([
    ['the stolen token', 'j-1'],
    ['the token that was refreshed from it', 'j-2'],
    ['a token of it without a jti', undefined],
  ])('denies %s with "Session has been revoked"', async (_, jti) => {
    await Promise.all([tables.putUser('alice'), tables.revoke(issuer.url, 'sid=stolen')]);
    expect(await ask(await start(SESSIONS), { sid: 'stolen', jti })).toEqual(
      deny('session_revoked', 'Session has been revoked'),
    );
  });

  it.each([
    ['of another session', { sid: 'own' }],
    ['without a session', {}],
  ])('leaves a token %s alone', async (_, claims) => {
    await Promise.all([tables.putUser('alice'), tables.revoke(issuer.url, 'sid=stolen')]);
    expect(await ask(await start(SESSIONS), claims)).toEqual(allow({ reason: 'user_found' }));
  });

  it('comes after the revocation of the token itself', async () => {
    await Promise.all([
      tables.revoke(issuer.url, 'sid=both'),
      tables.revoke(issuer.url, 'both-token'),
    ]);
    expect(await ask(await start(SESSIONS), { sid: 'both', jti: 'both-token' })).toEqual(
      deny('token_revoked', 'Token has been revoked'),
    );
  });
});

describe('a certificate-bound token on an API with mutual TLS', () => {
  const cnf = { 'x5t#S256': thumbprintOf(ALICE_CERTIFICATE) };
  const inIdentity = (pem: string) => ({ identity: { clientCert: { clientCertPem: pem } } });
  const inAuthentication = (pem: string) => ({
    authentication: { clientCert: { clientCertPem: pem } },
  });
  const places = { 'rest-request': inIdentity, 'http-v1': inIdentity, 'http-v2': inAuthentication };

  describe.each(['rest-request', 'http-v1', 'http-v2'] as const)('%s', (kind) => {
    async function reasonWith(pem: string | undefined): Promise<unknown> {
      const authorizer = await start();
      const event = eventOf(kind, `Bearer ${issuer.token({ cnf })}`);
      const context = event['requestContext'] as object;
      await authorizer.invoke(
        pem === undefined
          ? event
          : { ...event, requestContext: { ...context, ...places[kind](pem) } },
      );
      return authorizer.lastDecision?.['reason'];
    }

    it('is accepted with its certificate, and with no other and none', async () => {
      await tables.putUser('alice');
      expect(await reasonWith(ALICE_CERTIFICATE)).toBe('user_found');
      expect(await reasonWith(MALLORY_CERTIFICATE)).toBe('certificate_mismatch');
      expect(await reasonWith(undefined)).toBe('token_malformed');
    });
  });
});

it('never makes an Allow or a Deny of a user who cannot be looked up', async () => {
  const authorizer = await start({ USERS_TABLE_NAME: 'no-such-table', ...BOOTSTRAP });
  expect(await ask(authorizer, { sub: ADMIN })).toEqual(thrown('Authorization is unavailable'));
  expect(authorizer.lastDecision).toMatchObject({
    security_event: 'authorization_unavailable',
    level: 'ERROR',
    cause: 'table_missing',
  });
});

it('never decides on a row that makes no sense, and names the attribute', async () => {
  await tables.putUser('odd', { is_active: 'true' });
  const authorizer = await start();
  expect(await ask(authorizer, { sub: 'odd' })).toEqual(thrown('Authorization is unavailable'));
  expect(authorizer.lastDecision).toMatchObject({ cause: 'bad_row', attribute: 'is_active' });
});

describe('sign-out', () => {
  const detail = 'Tokens issued before the last sign-out are no longer accepted';
  const signedOutAt = Math.floor(Date.now() / 1000) - 60;

  beforeAll(() => tables.putUser('signed-out', { tokens_valid_after: signedOutAt }));

  it.each([
    ['issued before it', signedOutAt - 1],
    ['that does not say when it was issued', undefined],
  ])('denies a token %s', async (_, iat) => {
    expect(await ask(await start(), { sub: 'signed-out', iat })).toEqual(
      deny('user_tokens_revoked', detail),
    );
  });

  it('allows a token issued since', async () => {
    expect(await ask(await start(), { sub: 'signed-out', iat: signedOutAt })).toEqual(
      allow({ userId: 'signed-out' }),
    );
  });
});

describe('two issuers', () => {
  const settings = (): Record<string, string> => ({
    JWT_ISSUER: '',
    JWT_AUDIENCE: '',
    JWKS_URI: '',
    TRUSTED_ISSUERS: JSON.stringify(
      [issuer, otherIssuer].map(({ url, jwksUri, settings: { JWT_AUDIENCE } }, index) => ({
        issuer: url,
        jwksUri,
        audience: JWT_AUDIENCE,
        userNamespace: `n${index}`,
      })),
    ),
    ...BOOTSTRAP,
    PLATFORM_ADMIN_ISSUER: issuer.url,
  });

  it('with the same sub are two users', async () => {
    await tables.putUser('n0#twin');
    const authorizer = await start(settings());
    expect(await ask(authorizer, { sub: 'twin' })).toEqual(allow({ userId: 'n0#twin' }));
    expect(await ask(authorizer, { sub: 'twin' }, otherIssuer)).toEqual(
      deny('user_not_found', 'User not found'),
    );
  });

  it("make the admin's id from the other issuer nobody", async () => {
    const authorizer = await start(settings());
    expect(await ask(authorizer, { sub: ADMIN })).toEqual(allow({ isAdmin: true }));
    expect(await ask(authorizer, { sub: ADMIN }, otherIssuer)).toEqual(
      deny('user_not_found', 'User not found'),
    );
  });

  it('do not vouch for each other: a key of one signs nothing of the other', async () => {
    const authorizer = await start(settings());
    const token = issuer.token({ iss: otherIssuer.url });
    const result = await authorizer.invoke(eventOf('rest-token', `Bearer ${token}`));
    expect(result).toEqual(thrown('Unauthorized'));
    expect(authorizer.lastDecision).toMatchObject({ reason: 'key_not_found' });
  });
});

describe('a bad configuration', () => {
  it('fails every invocation and names every problem in one line', async () => {
    const authorizer = await start({
      ...STRICT,
      USER_CACHE_TTL_SECONDS: '5',
      REQUIRE_JTI: 'maybe',
    });
    expect(await ask(authorizer)).toEqual(thrown('Authorization is unavailable'));
    expect(await ask(authorizer)).toEqual(thrown('Authorization is unavailable'));
    expect(
      authorizer.events.filter((line) => line['security_event'] === 'authorizer_misconfigured'),
    ).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        problems: [
          'REQUIRE_JTI must be true or false',
          'USER_CACHE_TTL_SECONDS must be 0 with REQUIRE_USER_IN_DB=true',
        ],
      }),
    ]);
  });

  it('is strict mode with a user cache', async () => {
    const authorizer = await start({ ...STRICT, USER_CACHE_TTL_SECONDS: '1' });
    expect(authorizer.output).toContain('authorizer_misconfigured');
  });

  it('without any setting at all fails closed', async () => {
    const authorizer = await Authorizer.start({});
    authorizers.push(authorizer);
    expect(await ask(authorizer)).toEqual(thrown('Authorization is unavailable'));
  });
});

describe('a cold start', () => {
  const warns = (authorizer: Authorizer): boolean =>
    authorizer.output.includes('ephemeral_storage_with_bootstrap');
  const ephemeral = { USERS_TABLE_PERSISTENT: 'false' };

  it('warns when bootstrap could be used on a table that is not persistent', async () => {
    expect(warns(await start({ ...BOOTSTRAP, ...ephemeral }))).toBe(true);
  });

  it.each<[string, Record<string, string>]>([
    ['in strict mode', { ...BOOTSTRAP, ...ephemeral, ...STRICT }],
    ['without a platform admin', ephemeral],
    ['on a persistent table', BOOTSTRAP],
    [
      'once bootstrap has expired',
      { ...BOOTSTRAP, ...ephemeral, BOOTSTRAP_EXPIRES_AT: '2020-01-01T00:00:00Z' },
    ],
  ])('does not warn %s', async (_, settings) => {
    expect(warns(await start(settings))).toBe(false);
  });
});

describe('every kind of event', () => {
  let authorizer: Authorizer;

  beforeAll(async () => {
    await tables.putUser('alice');
    authorizer = await start();
  });

  it.each(EVENT_KINDS)('%s lets a user with a row in', async (kind) => {
    const result = await authorizer.invoke(eventOf(kind, `Bearer ${issuer.token()}`));
    expect(result.ok).toBe(true);
    expect(authorizer.lastDecision).toMatchObject({ reason: 'user_found', event_kind: kind });
  });

  it.each(EVENT_KINDS)('%s keeps a user without a row out', async (kind) => {
    const result = await authorizer.invoke(
      eventOf(kind, `Bearer ${issuer.token({ sub: 'nobody' })}`),
    );
    expect(JSON.stringify(result)).toMatch(/"Deny"|"isAuthorized":false|"statusCode":403/u);
    expect(authorizer.lastDecision).toMatchObject({ reason: 'user_not_found', event_kind: kind });
  });

  it.each(EVENT_KINDS)('%s keeps a request without a token out', async (kind) => {
    const result = await authorizer.invoke(eventOf(kind, undefined));
    expect(JSON.stringify(result)).toMatch(
      /"Unauthorized"|"Deny"|"isAuthorized":false|"statusCode":401/u,
    );
    expect(authorizer.lastDecision).toMatchObject({ reason: 'token_missing', event_kind: kind });
  });
});

it('writes exactly one decision event an invocation', async () => {
  const authorizer = await start();
  await ask(authorizer);
  await ask(authorizer, { sub: 'nobody' });
  await ask(authorizer, { aud: 'other' });
  await authorizer.invoke({});
  expect(authorizer.events.filter((line) => 'outcome' in line)).toHaveLength(4);
});

it('writes no token, header or claim set in any line', async () => {
  const authorizer = await start({ ...STRICT, LOG_LEVEL: 'DEBUG' });
  const canary = 'canary-7c1f';
  const good = issuer.token({ secret: canary });
  const forged = issuer.token({ secret: canary }, createKey());
  for (const token of [good, forged, `${good}x`, canary]) {
    await authorizer.invoke(eventOf('rest-request', `Bearer ${token}`));
  }
  const signatures = [good, forged].map((token) => token.split('.')[2]);
  for (const secret of [canary, good, forged, ...signatures, 'User-Agent', 'Authorization']) {
    expect(authorizer.output).not.toContain(secret);
  }
});

describe('as an interceptor', () => {
  const statusOf = (result: unknown): unknown =>
    (result as { value?: { mcp?: { transformedGatewayResponse?: { statusCode?: unknown } } } })
      .value?.mcp?.transformedGatewayResponse?.statusCode;
  const withRequest = (request: Record<string, unknown>) => ({
    interceptorInputVersion: '1.0',
    mcp: { gatewayRequest: { path: '/mcp', httpMethod: 'POST', ...request } },
  });

  it('answers 503 without headers, and names the switch', async () => {
    const authorizer = await start();
    const event = withRequest({ body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } });
    expect(statusOf(await authorizer.invoke(event))).toBe(503);
    expect(authorizer.lastDecision).toMatchObject({
      outcome: 'unavailable',
      reason: 'internal_error',
      event_kind: 'agentcore',
    });
    expect(authorizer.output).toContain('passRequestHeaders');
  });

  it('answers 413 to what would exceed its answer, and asks nobody', async () => {
    await tables.putUser('alice');
    const authorizer = await start();
    const headers = { Authorization: `Bearer ${issuer.token()}` };
    const event = withRequest({ headers, body: { text: 'a'.repeat(3.2 * 1024 * 1024) } });
    const fetches = issuer.fetches;
    expect(statusOf(await authorizer.invoke(event))).toBe(413);
    expect(issuer.fetches).toBe(fetches);
    expect(authorizer.lastDecision).toMatchObject({ reason: 'internal_error', cause: 'too_large' });
  });

  it('refuses the event of a RESPONSE interceptor', async () => {
    const authorizer = await start();
    const result = await authorizer.invoke(loadEvent('agentcore-response'));
    expect(result).toMatchObject({ ok: false, errorMessage: 'Authorization is unavailable' });
    expect(authorizer.lastDecision).toMatchObject({ reason: 'internal_error' });
  });

  it('answers 503 with bad settings, and does not throw', async () => {
    const authorizer = await start({ USER_CACHE_TTL_SECONDS: 'often' });
    expect(statusOf(await authorizer.invoke(eventOf('agentcore', 'Bearer a.b.c')))).toBe(503);
  });

  it('asks for the roles of a tool', async () => {
    await tables.putUser('clerk', { roles: ['clerk'] });
    await tables.putUser('reader', { roles: ['reader'] });
    const authorizer = await start({ TOOL_ROLES: '{"Orders___*":["clerk"]}' });
    const as = async (sub: string) =>
      authorizer.invoke(eventOf('agentcore', `Bearer ${issuer.token({ sub })}`));
    expect(statusOf(await as('clerk'))).toBeUndefined();
    expect(statusOf(await as('reader'))).toBe(403);
    expect(authorizer.lastDecision).toMatchObject({ reason: 'tool_not_allowed' });
  });
});
