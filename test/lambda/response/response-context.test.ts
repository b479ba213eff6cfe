import { decide, type Decision } from '../../../lambda/decision.ts';
import { fitContext } from '../../../lambda/response/response-context.ts';
import type { VerifiedToken } from '../../../lambda/verified-token.ts';
import {
  accessPolicy,
  ADMIN,
  found,
  NOT_FOUND,
  NOW,
  verifiedToken,
} from '../../support/evidence.ts';

type Row = Parameters<typeof found>[0];

function allow(token: Partial<VerifiedToken> = {}, row: Row = {}): Decision {
  return decide(verifiedToken(token), found(row), accessPolicy(), NOW);
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

it('tells all that is known of a user who enters', () => {
  const row = { isAdmin: true, roles: ['ops', 'dev'], email: 'a@example.com', fullName: 'Alice A' };
  expect(fitContext(allow({ scopes: ['read', 'write'] }, row))).toEqual({
    principalId: 'alice',
    context: {
      userId: 'alice',
      isAdmin: true,
      authMethod: 'database',
      reason: 'user_found',
      detail: 'Access granted',
      email: 'a@example.com',
      fullName: 'Alice A',
      roles: 'ops,dev',
      issuer: 'https://issuer.example.com',
      jti: 'token-1',
      scope: 'read write',
    },
  });
});

it('leaves out what is not known', () => {
  expect(Object.keys(fitContext(allow({ jti: undefined })).context).sort()).toEqual(
    ['userId', 'isAdmin', 'authMethod', 'reason', 'detail', 'issuer'].sort(),
  );
});

it('says of a bootstrap entry that it is one', () => {
  const token = verifiedToken({ subject: ADMIN, userId: ADMIN });
  expect(fitContext(decide(token, NOT_FOUND, accessPolicy(), NOW)).context).toMatchObject({
    userId: ADMIN,
    isAdmin: true,
    authMethod: 'platform_admin_bootstrap',
    reason: 'platform_admin_bootstrap',
  });
});

it('tells of a denied user who it was and why, and grants nothing', () => {
  const { principalId, context } = fitContext(
    decide(verifiedToken(), NOT_FOUND, accessPolicy(), NOW),
  );
  expect(principalId).toBe('alice');
  expect(context).toEqual({
    userId: 'alice',
    reason: 'user_not_found',
    detail: 'User not found',
    issuer: 'https://issuer.example.com',
    jti: 'token-1',
  });
});

it('names nobody where no token was verified', () => {
  expect(fitContext({ outcome: 'unauthenticated', reason: 'token_expired' })).toEqual({
    principalId: 'unauthenticated',
    context: { reason: 'token_expired', detail: 'Not authenticated' },
  });
});

it('calls the user by the namespaced id', () => {
  expect(fitContext(allow({ userId: 'staff#alice' }))).toMatchObject({
    principalId: 'staff#alice',
    context: { userId: 'staff#alice' },
  });
});

describe('the limits', () => {
  it('keep a value of 1,024 bytes', () => {
    const email = 'é'.repeat(512);
    expect(fitContext(allow({}, { email })).context['email']).toBe(email);
  });

  it('leave out a longer one whole, since a part would mean something else', () => {
    const scopes = ['a'.repeat(1025)];
    expect(fitContext(allow({ scopes })).context).not.toHaveProperty('scope');
  });

  it('keep the whole answer within 7 kB when everything is as long as can be', () => {
    const long = 'é'.repeat(512);
    const fitted = fitContext(
      allow(
        { userId: long, issuer: long, jti: 'j'.repeat(512), scopes: [long] },
        { email: long, fullName: long, roles: ['r'.repeat(64)] },
      ),
    );
    expect(bytesOf(fitted)).toBeLessThanOrEqual(7000 - 800);
    expect(fitted.context).toMatchObject({ userId: long, isAdmin: false, reason: 'user_found' });
  });

  it('keep an answer within 7 kB whose user id takes six bytes a character', () => {
    const userId = '\u0000'.repeat(1024);
    const fitted = fitContext(allow({ userId }));
    expect(bytesOf(fitted)).toBeLessThanOrEqual(7000);
    expect(fitted.context['userId']).toBe(userId);
    expect(fitted.principalId).not.toBe('');
  });

  it('leave no half characters in a shortened principal', () => {
    const userId = '\u0001'.repeat(900) + '😀'.repeat(31);
    const { principalId } = fitContext(allow({ userId }));
    expect(principalId.isWellFormed()).toBe(true);
  });

  it('replace what a gateway could not encode', () => {
    expect(fitContext(allow({}, { fullName: 'A\ud800' })).context['fullName']).toBe('A\ufffd');
  });
});

describe('the challenge of a missing scope', () => {
  const requiredScopes = ['orders:read', 'orders:write'];
  const lacking = (row?: Row): Decision =>
    decide(
      verifiedToken({ scopes: ['orders:read'] }),
      found(row),
      accessPolicy({ requiredScopes }),
      NOW,
    );

  it('names every required scope and the metadata', () => {
    const rules = { requiredScopes, resourceMetadataUrl: 'https://api.example.com/metadata' };
    expect(fitContext(lacking(), rules).context['challenge']).toBe(
      'Bearer error="insufficient_scope", scope="orders:read orders:write", resource_metadata="https://api.example.com/metadata"',
    );
  });

  it('names the scopes alone where no metadata are known', () => {
    expect(fitContext(lacking(), { requiredScopes }).context['challenge']).toBe(
      'Bearer error="insufficient_scope", scope="orders:read orders:write"',
    );
  });

  it.each([
    ['is not on the list', decide(verifiedToken(), NOT_FOUND, accessPolicy(), NOW)],
    ['is disabled', lacking({ isActive: false })],
    ['enters', allow()],
    ['has no token', { outcome: 'unauthenticated', reason: 'token_missing' } as const],
  ])('is not there for one who %s', (_who, decision) => {
    expect(fitContext(decision, { requiredScopes }).context).not.toHaveProperty('challenge');
  });

  it('is left out whole rather than cut', () => {
    const scopes = ['a'.repeat(1000)];
    expect(fitContext(lacking(), { requiredScopes: scopes }).context).not.toHaveProperty(
      'challenge',
    );
  });
});

type Fitted = ReturnType<typeof fitContext>;

/** What a principal and a context may take as JSON. */
const MAX_BYTES = 6200;
const DISPENSABLE = ['scope', 'fullName', 'roles', 'email', 'jti', 'issuer'] as const;

/** An allow whose six dispensable values have 1,000 bytes each, which is all that there is room for. */
function large(userId: string): Decision {
  const value = 'x'.repeat(1000);
  const token = verifiedToken({ userId, jti: value, issuer: value, scopes: [value] });
  return decide(
    token,
    found({ email: value, fullName: value, roles: [value] }),
    accessPolicy(),
    NOW,
  );
}

function bytesOfFitted({ principalId, context }: Fitted): number {
  return bytesOf([principalId, context]);
}

/** Of the six, those that an answer kept. */
function keptOf({ context }: Fitted): readonly string[] {
  return DISPENSABLE.filter((name) => name in context);
}

/** An id counts twice, once as the principal, so that all but so many bytes are its own. */
function idBytesFor(bytes: number, decision: (idBytes: number) => Decision): number {
  const withShortId = fitContext(decision(1));
  return 1 + (bytes - bytesOfFitted(withShortId)) / 2;
}

describe('an answer that is too long', () => {
  it('leaves out nothing of an answer that fits', () => {
    expect(keptOf(fitContext(large('i')))).toEqual(DISPENSABLE);
  });

  it.each([1, 2, 3, 4, 5, 6])('leaves out %i in its order and no more than it has to', (count) => {
    // A control character takes six bytes of JSON, and an id is there twice.
    const userId = '\u0001'.repeat((count - 0.5) * 84);
    expect(keptOf(fitContext(large(userId)))).toEqual(DISPENSABLE.slice(count));
  });

  it('keeps an answer of exactly what there is room for, and not a byte more', () => {
    const without = (idBytes: number, issuer: string): Decision =>
      decide(
        verifiedToken({ userId: `${'\u0001'.repeat(400)}${'i'.repeat(idBytes)}`, issuer }),
        found(),
        accessPolicy(),
        NOW,
      );
    const even = [100, 101].find((length) =>
      Number.isInteger(idBytesFor(MAX_BYTES, (idBytes) => without(idBytes, 'x'.repeat(length)))),
    );
    const issuer = 'x'.repeat(even ?? 0);
    const idBytes = idBytesFor(MAX_BYTES, (bytes) => without(bytes, issuer));
    const fitting = fitContext(without(idBytes, issuer));
    expect([bytesOfFitted(fitting), keptOf(fitting)]).toEqual([MAX_BYTES, ['jti', 'issuer']]);
    expect(keptOf(fitContext(without(idBytes, `${issuer}x`)))).toEqual(['issuer']);
  });

  it.each([
    ['roles', { roles: ['r'.repeat(1000)] }],
    ['email', { email: '\u0001'.repeat(1000) }],
    ['fullName', { fullName: '\u0001'.repeat(1000) }],
  ])('leaves out %s when that is what is too long', (name, row) => {
    const userId = '\u0001'.repeat(490);
    const decision = decide(verifiedToken({ userId }), found(row), accessPolicy(), NOW);
    expect(fitContext(decision).context).not.toHaveProperty(name);
  });
});

it('names nobody when it is not known whose keys or row could not be read', () => {
  const decision = { outcome: 'unavailable', reason: 'keys_unavailable' } as const;
  expect(fitContext(decision).principalId).toBe('unauthenticated');
});
