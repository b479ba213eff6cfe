import { identityFrom, NoIdentityError } from '../../client/identity.ts';
import { Authorizer } from '../support/bundle.ts';
import { eventOf } from '../support/events.ts';
import { TestIssuer } from '../support/issuer.ts';
import { TestTables } from '../support/tables.ts';

/** As REST and WebSocket APIs, and HTTP APIs with payload 1.0, hand it on: texts alone. */
const TEXTS = {
  principalId: 'alice',
  integrationLatency: 12,
  userId: 'alice',
  isAdmin: 'true',
  authMethod: 'database',
  reason: 'user_found',
  detail: 'Access granted',
  email: 'alice@example.com',
  fullName: 'Alice Liddell',
  roles: 'reader,writer',
  issuer: 'https://idp.example.com/',
  jti: 'token-1',
  scope: 'orders:read orders:write',
};

const IDENTITY = {
  userId: 'alice',
  isAdmin: true,
  authMethod: 'database',
  reason: 'user_found',
  roles: ['reader', 'writer'],
  scopes: ['orders:read', 'orders:write'],
  email: 'alice@example.com',
  fullName: 'Alice Liddell',
  issuer: 'https://idp.example.com/',
  jti: 'token-1',
};

const proxy = (authorizer: unknown) => ({ requestContext: { authorizer } });
const httpV2 = (lambda: unknown) => proxy({ lambda });
const appSync = (resolverContext: unknown) => ({ identity: { resolverContext } });
const typed = { ...TEXTS, isAdmin: true };

describe('reading the context', () => {
  it.each([
    ['a REST, HTTP 1.0 or WebSocket event, where all is text', proxy(TEXTS)],
    ['an HTTP 2.0 event, where a boolean is one', httpV2(typed)],
    ['an AppSync resolver event with booleans', appSync(typed)],
    ['an AppSync resolver event with texts', appSync(TEXTS)],
  ])('gives the values of %s their types', (_, event) => {
    expect(identityFrom(event)).toEqual(IDENTITY);
  });

  it.each(['false', false])('takes isAdmin %p for false', (isAdmin) => {
    expect(identityFrom(proxy({ ...TEXTS, isAdmin })).isAdmin).toBe(false);
  });

  it('gives no roles, scopes or addresses where the context has none', () => {
    const { userId, isAdmin, authMethod, reason } = TEXTS;
    expect(identityFrom(proxy({ userId, isAdmin, authMethod, reason }))).toEqual({
      ...IDENTITY,
      roles: [],
      scopes: [],
      email: undefined,
      fullName: undefined,
      issuer: undefined,
      jti: undefined,
    });
  });

  it('tells the platform admin who entered without a row', () => {
    const bootstrap = 'platform_admin_bootstrap';
    const event = proxy({ ...TEXTS, authMethod: bootstrap, reason: bootstrap });
    expect(identityFrom(event)).toMatchObject({ authMethod: bootstrap, reason: bootstrap });
  });
});

describe('refusing', () => {
  it.each([
    ['nothing', undefined],
    ['a text', 'event'],
    ['an event without a request context', {}],
    ['a route without an authorizer', { requestContext: {} }],
    ['an authorizer that is null', proxy(null)],
    ['an authorizer that is a list', proxy([TEXTS])],
    ['a JWT authorizer of an HTTP API', proxy({ jwt: { claims: { sub: 'alice' }, scopes: [] } })],
    ['a Cognito authorizer', proxy({ claims: { sub: 'alice' } })],
    ['an AppSync identity of another kind', { identity: { sub: 'alice', groups: [] } }],
    ['an authorizer context of null', httpV2(null)],
  ])('throws for %s', (_, event) => {
    expect(() => identityFrom(event)).toThrow(NoIdentityError);
  });

  it.each([
    ['no user id', { userId: undefined }],
    ['an empty user id', { userId: '' }],
    ['a user id that is no text', { userId: 7 }],
    ['no isAdmin', { isAdmin: undefined }],
    ['an isAdmin in another case', { isAdmin: 'True' }],
    ['an isAdmin of 1', { isAdmin: 1 }],
    ['an unknown way in', { authMethod: 'password' }],
    ['a way in that every object inherits', { authMethod: 'toString' }],
    ['the reason of a refusal', { reason: 'user_disabled' }],
    ['a reason of the other way in', { reason: 'platform_admin_bootstrap' }],
  ])('throws for a context with %s', (_, change) => {
    expect(() => identityFrom(proxy({ ...TEXTS, ...change }))).toThrow(NoIdentityError);
  });

  it('does not read what an object inherits', () => {
    const inherited = Object.create(proxy(TEXTS)) as unknown;
    expect(() => identityFrom(inherited)).toThrow(NoIdentityError);
  });

  it('has a code to tell the error by', () => {
    expect(() => identityFrom({})).toThrow(
      expect.objectContaining({ name: 'NoIdentityError', code: 'rollcall.no_identity' }),
    );
  });
});

describe('what the authorizer writes', () => {
  let issuer: TestIssuer;
  let tables: TestTables;
  let authorizer: Authorizer;

  beforeAll(async () => {
    [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
    await tables.putUser('alice', { is_admin: true, roles: ['reader'], email: 'a@example.com' });
    authorizer = await Authorizer.start({ ...issuer.settings, ...tables.settings });
  });

  afterAll(async () => {
    await Promise.all([authorizer?.close(), issuer?.close(), tables?.close()]);
  });

  async function contextFor(kind: 'rest-request' | 'http-v2' | 'appsync'): Promise<unknown> {
    const { value } = (await authorizer.invoke(
      eventOf(kind, `Bearer ${issuer.token({ scope: 'a b', jti: 'j' })}`),
    )) as { value: { context?: unknown; resolverContext?: unknown } };
    return value.context ?? value.resolverContext;
  }

  it.each([
    ['rest-request', (context: object) => proxy(asTexts(context))],
    ['http-v2', httpV2],
    ['appsync', appSync],
  ] as const)('is understood as %s passes it on', async (kind, deliver) => {
    expect(identityFrom(deliver((await contextFor(kind)) as object))).toEqual({
      userId: 'alice',
      isAdmin: true,
      authMethod: 'database',
      reason: 'user_found',
      roles: ['reader'],
      scopes: ['a', 'b'],
      email: 'a@example.com',
      fullName: undefined,
      issuer: issuer.url,
      jti: 'j',
    });
  });
});

/** What API Gateway does to a context on REST and WebSocket APIs. */
function asTexts(context: object): object {
  return Object.fromEntries(Object.entries(context).map(([key, value]) => [key, String(value)]));
}
