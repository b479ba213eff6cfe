import {
  decide,
  decideWithoutToken,
  REASONS,
  type Reason,
  type UnauthenticatedReason,
} from '../../lambda/decision.ts';
import type { ToolUse } from '../../lambda/tool-use.ts';
import {
  accessPolicy,
  ADMIN,
  found,
  ISSUER,
  NOT_FOUND,
  NOW,
  verifiedToken,
} from '../support/evidence.ts';

const STRICT = accessPolicy({ requireUserInDb: true });
const OPEN = accessPolicy();
const ADMIN_TOKEN = verifiedToken({ subject: ADMIN, userId: ADMIN });

describe('the table of reasons', () => {
  it.each<[Reason, string, string]>([
    ['token_missing', 'unauthenticated', 'Not authenticated'],
    ['token_too_large', 'unauthenticated', 'Not authenticated'],
    ['token_malformed', 'unauthenticated', 'Not authenticated'],
    ['issuer_not_trusted', 'unauthenticated', 'Not authenticated'],
    ['algorithm_not_allowed', 'unauthenticated', 'Not authenticated'],
    ['key_not_found', 'unauthenticated', 'Not authenticated'],
    ['signature_invalid', 'unauthenticated', 'Not authenticated'],
    ['claim_missing', 'unauthenticated', 'Not authenticated'],
    ['audience_mismatch', 'unauthenticated', 'Not authenticated'],
    ['token_use_mismatch', 'unauthenticated', 'Not authenticated'],
    ['token_expired', 'unauthenticated', 'Not authenticated'],
    ['token_not_yet_valid', 'unauthenticated', 'Not authenticated'],
    ['jti_missing', 'unauthenticated', 'Not authenticated'],
    ['email_not_verified', 'unauthenticated', 'Not authenticated'],
    ['token_revoked', 'forbidden', 'Token has been revoked'],
    ['user_not_in_db', 'forbidden', 'User not found in database'],
    ['user_not_found', 'forbidden', 'User not found'],
    ['user_disabled', 'forbidden', 'Account disabled'],
    [
      'user_tokens_revoked',
      'forbidden',
      'Tokens issued before the last sign-out are no longer accepted',
    ],
    ['scope_missing', 'forbidden', 'Token lacks a required scope'],
    ['role_missing', 'forbidden', 'User lacks a required role'],
    ['tool_not_allowed', 'forbidden', 'Tool not allowed for this user'],
    ['user_found', 'allow', 'Access granted'],
    ['platform_admin_bootstrap', 'allow', 'Access granted'],
    ['keys_unavailable', 'unavailable', 'Authorization is unavailable'],
    ['directory_unavailable', 'unavailable', 'Authorization is unavailable'],
    ['internal_error', 'unavailable', 'Authorization is unavailable'],
  ])('makes of %s the outcome %s, "%s"', (reason, outcome, detail) => {
    expect(REASONS[reason]).toEqual({ outcome, detail });
  });

  it('has no reason beside these', () => {
    expect(Object.keys(REASONS)).toHaveLength(31);
  });
});

describe('decideWithoutToken', () => {
  it('refuses a rejected token with its reason', () => {
    const reason: UnauthenticatedReason = 'signature_invalid';
    expect(decideWithoutToken({ status: 'rejected', reason })).toEqual({
      outcome: 'unauthenticated',
      reason,
    });
  });

  it('decides nothing while keys are unavailable, and says why', () => {
    expect(
      decideWithoutToken({ status: 'unavailable', reason: 'keys_unavailable', cause: 'timeout' }),
    ).toEqual({ outcome: 'unavailable', reason: 'keys_unavailable', cause: 'timeout' });
  });
});

describe('a user with a row', () => {
  it('is allowed', () => {
    expect(decide(verifiedToken(), found(), OPEN, NOW)).toMatchObject({
      outcome: 'allow',
      reason: 'user_found',
      user: { isAdmin: false, authMethod: 'database' },
    });
  });

  it('is allowed in strict mode', () => {
    expect(decide(verifiedToken(), found(), STRICT, NOW).reason).toBe('user_found');
  });

  it('is an admin if the row says so', () => {
    expect(decide(verifiedToken(), found({ isAdmin: true }), OPEN, NOW)).toMatchObject({
      user: { isAdmin: true },
    });
  });

  it('is passed on with the e-mail address, name and roles of the row', () => {
    const details = { email: 'a@example.com', fullName: 'Alice', roles: ['ops'] };
    expect(decide(verifiedToken(), found(details), OPEN, NOW)).toMatchObject({ user: details });
  });

  it('is denied when disabled', () => {
    expect(decide(verifiedToken(), found({ isActive: false }), OPEN, NOW).reason).toBe(
      'user_disabled',
    );
  });

  it('is denied when disabled, admin or not', () => {
    const row = found({ isActive: false, isAdmin: true });
    expect(decide(verifiedToken(), row, OPEN, NOW).reason).toBe('user_disabled');
  });

  it('is denied when disabled even as the platform admin: the row wins over bootstrap', () => {
    expect(decide(ADMIN_TOKEN, found({ isActive: false }), OPEN, NOW).reason).toBe('user_disabled');
  });

  it('is no admin by bootstrap: the row of the platform admin decides', () => {
    expect(decide(ADMIN_TOKEN, found({ isAdmin: false }), OPEN, NOW)).toMatchObject({
      reason: 'user_found',
      user: { isAdmin: false },
    });
  });
});

describe('a user without a row', () => {
  it('is denied in strict mode', () => {
    expect(decide(verifiedToken(), NOT_FOUND, STRICT, NOW)).toMatchObject({
      outcome: 'forbidden',
      reason: 'user_not_in_db',
    });
  });

  it('is denied in strict mode even as the platform admin', () => {
    expect(decide(ADMIN_TOKEN, NOT_FOUND, STRICT, NOW).reason).toBe('user_not_in_db');
  });

  it('is denied otherwise', () => {
    expect(decide(verifiedToken(), NOT_FOUND, OPEN, NOW)).toMatchObject({
      outcome: 'forbidden',
      reason: 'user_not_found',
    });
  });

  it('enters as a virtual admin if it is the platform admin', () => {
    expect(decide(ADMIN_TOKEN, NOT_FOUND, OPEN, NOW)).toMatchObject({
      outcome: 'allow',
      reason: 'platform_admin_bootstrap',
      user: { isAdmin: true, authMethod: 'platform_admin_bootstrap', roles: [] },
    });
  });

  it('is denied as the platform admin when none is configured', () => {
    const policy = accessPolicy({ platformAdmin: undefined });
    expect(decide(ADMIN_TOKEN, NOT_FOUND, policy, NOW).reason).toBe('user_not_found');
  });

  it("is denied with the platform admin's id from another issuer", () => {
    const token = verifiedToken({ ...ADMIN_TOKEN, issuer: 'https://other.example.com' });
    expect(decide(token, NOT_FOUND, OPEN, NOW).reason).toBe('user_not_found');
  });

  it.each(['ADMIN@example.com', 'admin@example.com ', 'admin@example.co', 'admin@example.com.'])(
    "is denied with an id that is only like the platform admin's: %j",
    (subject) => {
      const token = verifiedToken({ subject, userId: subject });
      expect(decide(token, NOT_FOUND, OPEN, NOW).reason).toBe('user_not_found');
    },
  );

  it('is compared by the bare claim, not by the key of its row', () => {
    const token = verifiedToken({ subject: ADMIN, userId: `staff#${ADMIN}` });
    expect(decide(token, NOT_FOUND, OPEN, NOW).reason).toBe('platform_admin_bootstrap');
  });

  it('enters by bootstrap until just before it expires', () => {
    const policy = accessPolicy({
      platformAdmin: { userId: ADMIN, issuer: ISSUER, expiresAt: NOW },
    });
    expect(decide(ADMIN_TOKEN, NOT_FOUND, policy, NOW - 0.001).reason).toBe(
      'platform_admin_bootstrap',
    );
  });

  it('is denied once bootstrap has expired', () => {
    const policy = accessPolicy({
      platformAdmin: { userId: ADMIN, issuer: ISSUER, expiresAt: NOW },
    });
    expect(decide(ADMIN_TOKEN, NOT_FOUND, policy, NOW).reason).toBe('user_not_found');
  });

  it('needs no role for bootstrap', () => {
    const policy = accessPolicy({ requiredRoles: ['ops'] });
    expect(decide(ADMIN_TOKEN, NOT_FOUND, policy, NOW).reason).toBe('platform_admin_bootstrap');
  });

  it('needs the scopes for bootstrap too', () => {
    const policy = accessPolicy({ requiredScopes: ['api'] });
    expect(decide(ADMIN_TOKEN, NOT_FOUND, policy, NOW).reason).toBe('scope_missing');
  });
});

describe('revocation', () => {
  it('denies a revoked token of a known user', () => {
    const evidence = { ...found(), tokenRevoked: true } as const;
    expect(decide(verifiedToken(), evidence, OPEN, NOW).reason).toBe('token_revoked');
  });

  it('comes before the question whether there is a row', () => {
    const evidence = { ...NOT_FOUND, tokenRevoked: true } as const;
    expect(decide(verifiedToken(), evidence, STRICT, NOW).reason).toBe('token_revoked');
  });

  it('denies a revoked token of the platform admin too', () => {
    const evidence = { ...NOT_FOUND, tokenRevoked: true } as const;
    expect(decide(ADMIN_TOKEN, evidence, OPEN, NOW).reason).toBe('token_revoked');
  });
});

describe('revocation of a session', () => {
  it.each([
    ['a known user', verifiedToken(), found()],
    ['somebody without a row', verifiedToken(), NOT_FOUND],
    ['the platform admin', ADMIN_TOKEN, NOT_FOUND],
  ])('denies a token of it that %s sends', (_, token, evidence) => {
    const revoked = { ...evidence, sessionRevoked: true } as typeof evidence;
    expect(decide(token, revoked, OPEN, NOW)).toMatchObject({
      outcome: 'forbidden',
      reason: 'session_revoked',
    });
  });
});

describe('sign-out', () => {
  it('denies a token that was issued before it', () => {
    const token = verifiedToken({ issuedAt: NOW - 1 });
    expect(decide(token, found({ tokensValidAfter: NOW }), OPEN, NOW).reason).toBe(
      'user_tokens_revoked',
    );
  });

  it('allows a token that was issued in that very second', () => {
    const token = verifiedToken({ issuedAt: NOW });
    expect(decide(token, found({ tokensValidAfter: NOW }), OPEN, NOW).reason).toBe('user_found');
  });

  it('denies a token that does not say when it was issued', () => {
    const token = verifiedToken({ issuedAt: undefined });
    expect(decide(token, found({ tokensValidAfter: 0 }), OPEN, NOW).reason).toBe(
      'user_tokens_revoked',
    );
  });

  it('asks nothing of a token when there was none', () => {
    const token = verifiedToken({ issuedAt: undefined });
    expect(decide(token, found(), OPEN, NOW).reason).toBe('user_found');
  });
});

describe('required scopes and roles', () => {
  const scoped = accessPolicy({ requiredScopes: ['api', 'orders'] });
  const roled = accessPolicy({ requiredRoles: ['ops', 'support'] });

  it('allows a token with every required scope', () => {
    const token = verifiedToken({ scopes: ['orders', 'api', 'more'] });
    expect(decide(token, found(), scoped, NOW).reason).toBe('user_found');
  });

  it('denies a token that lacks one of them', () => {
    const token = verifiedToken({ scopes: ['orders'] });
    expect(decide(token, found(), scoped, NOW).reason).toBe('scope_missing');
  });

  it('allows a user with one of the required roles', () => {
    expect(decide(verifiedToken(), found({ roles: ['support'] }), roled, NOW).reason).toBe(
      'user_found',
    );
  });

  it('denies a user with none of them', () => {
    expect(decide(verifiedToken(), found({ roles: ['sup'] }), roled, NOW).reason).toBe(
      'role_missing',
    );
  });

  it('denies an admin without a required role', () => {
    expect(decide(verifiedToken(), found({ isAdmin: true }), roled, NOW).reason).toBe(
      'role_missing',
    );
  });
});

describe('a directory that could not be asked', () => {
  const evidence = {
    status: 'unavailable',
    reason: 'directory_unavailable',
    cause: 'bad_row',
    attribute: 'roles',
  } as const;

  it.each([
    ['strict', STRICT],
    ['not strict', OPEN],
  ])('is neither a yes nor a no, %s', (_, policy) => {
    expect(decide(ADMIN_TOKEN, evidence, policy, NOW)).toMatchObject({
      outcome: 'unavailable',
      reason: 'directory_unavailable',
    });
  });

  it('passes on the cause and the attribute', () => {
    expect(decide(verifiedToken(), evidence, OPEN, NOW)).toMatchObject({
      cause: 'bad_row',
      attribute: 'roles',
    });
  });
});

describe('the order of the checks', () => {
  const everythingWrong = {
    status: 'found',
    row: {
      isActive: false,
      isAdmin: false,
      tokensValidAfter: NOW,
      roles: [],
      email: undefined,
      fullName: undefined,
    },
    tokenRevoked: true,
    sessionRevoked: true,
  } as const;
  const nothingRevoked = { tokenRevoked: false, sessionRevoked: false };
  const demanding = accessPolicy({ requiredScopes: ['api'], requiredRoles: ['ops'] });

  it.each([
    ['token_revoked', everythingWrong],
    ['session_revoked', { ...everythingWrong, tokenRevoked: false }],
    ['user_disabled', { ...everythingWrong, ...nothingRevoked }],
    [
      'user_tokens_revoked',
      { ...everythingWrong, ...nothingRevoked, row: { ...everythingWrong.row, isActive: true } },
    ],
    [
      'scope_missing',
      {
        ...everythingWrong,
        ...nothingRevoked,
        row: { ...everythingWrong.row, isActive: true, tokensValidAfter: undefined },
      },
    ],
  ] as const)('finds %s first', (reason, evidence) => {
    expect(decide(verifiedToken(), evidence, demanding, NOW).reason).toBe(reason);
  });
});

describe('roles for tools', () => {
  const toolRoles = {
    'Orders___*': ['orders'],
    Orders___delete: ['admin', 'lead'],
    '*': ['agent'],
  };
  const using = (...tools: string[]): ToolUse => ({ tools, isUnclear: false });
  const reasonFor = (roles: readonly string[], toolUse: ToolUse, policy = { toolRoles }) =>
    decide(verifiedToken(), found({ roles }), accessPolicy(policy), NOW, toolUse).reason;

  it.each([
    [['agent'], 'Mail___send', 'user_found'],
    [[], 'Mail___send', 'tool_not_allowed'],
    [['agent', 'orders'], 'Orders___get', 'user_found'],
    [['agent'], 'Orders___get', 'tool_not_allowed'],
    [['agent', 'orders', 'lead'], 'Orders___delete', 'user_found'],
    [['agent', 'orders', 'admin'], 'Orders___delete', 'user_found'],
    // Every entry that fits is a condition of its own.
    [['agent', 'admin'], 'Orders___delete', 'tool_not_allowed'],
    [['agent', 'orders'], 'Orders___delete', 'tool_not_allowed'],
    [['agent', 'orders'], 'Orders___deleted', 'user_found'],
    [['agent'], 'orders___get', 'user_found'],
  ])('a row with %j calls %s: %s', (roles, tool, reason) => {
    expect(reasonFor(roles, using(tool))).toBe(reason);
  });

  it('are asked for every tool of a batch', () => {
    expect(reasonFor(['agent'], using('Mail___send', 'Orders___get'))).toBe('tool_not_allowed');
  });

  it('are not asked where no tool is called', () => {
    expect(reasonFor([], using())).toBe('user_found');
  });

  it('are not asked where none are set', () => {
    const decision = decide(verifiedToken(), found(), accessPolicy(), NOW, {
      tools: ['Orders___delete'],
      isUnclear: true,
    });
    expect(decision.reason).toBe('user_found');
  });

  it('refuse a call that can be read in two ways, whoever calls', () => {
    const unclear = { tools: ['Mail___send'], isUnclear: true };
    expect(reasonFor(['agent'], unclear)).toBe('tool_not_allowed');
    const admin = verifiedToken({ subject: ADMIN, userId: ADMIN });
    expect(decide(admin, NOT_FOUND, accessPolicy({ toolRoles }), NOW, unclear).reason).toBe(
      'tool_not_allowed',
    );
  });

  it('are not asked of the bootstrap admin', () => {
    const admin = verifiedToken({ subject: ADMIN, userId: ADMIN });
    expect(
      decide(admin, NOT_FOUND, accessPolicy({ toolRoles }), NOW, using('Orders___delete')).reason,
    ).toBe('platform_admin_bootstrap');
  });

  it('are asked after the roles that everybody needs', () => {
    const policy = { toolRoles, requiredRoles: ['staff'] };
    expect(reasonFor(['agent'], using('Orders___get'), policy)).toBe('role_missing');
  });

  it('are the least of the reasons: a disabled user is told so', () => {
    const decision = decide(
      verifiedToken(),
      found({ isActive: false }),
      accessPolicy({ toolRoles }),
      NOW,
      using('Orders___get'),
    );
    expect(decision.reason).toBe('user_disabled');
  });
});
