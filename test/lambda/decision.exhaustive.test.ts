/**
 * The whole of what `decide` can see. Each thing that it looks at is reduced to the values that it
 * can tell apart, and every combination of them is decided. What has to hold of each is what
 * SECURITY.md promises, under the same numbers.
 */
import {
  decide,
  decideWithoutToken,
  REASONS,
  type AccessPolicy,
  type Decision,
  type DirectoryEvidence,
  type Reason,
  type TokenEvidence,
  type Unavailable,
  type UnavailableCause,
  type UserRow,
} from '../../lambda/decision.ts';
import type { VerifiedToken } from '../../lambda/verified-token.ts';

const NOW = 1000;
const ISSUED_AT = 500;
const ADMIN = 'root';
const ISSUER = 'https://issuer.example.com';

/** One combination: what `decide` is told, and what it says. */
interface Case {
  readonly token: VerifiedToken;
  readonly directory: DirectoryEvidence;
  readonly policy: AccessPolicy;
  readonly decision: Decision;
}

const BOOLEANS = [false, true] as const;
const CAUSES: readonly (UnavailableCause | undefined)[] = [
  undefined,
  'throttled',
  'timeout',
  'access_denied',
  'table_missing',
  'bad_row',
  'connection',
  'http_status',
  'bad_json',
  'too_large',
];
const REASON_NAMES = Object.keys(REASONS) as Reason[];

function* tokens(): Generator<VerifiedToken> {
  for (const subject of [ADMIN, 'alice']) {
    for (const issuer of [ISSUER, 'https://other.example.com']) {
      for (const issuedAt of [undefined, ISSUED_AT]) {
        for (const scopes of [[], ['read'], ['read', 'write']]) {
          yield {
            subject,
            issuer,
            issuedAt,
            scopes,
            userId: `users#${subject}`,
            expiresAt: NOW + 100,
            jti: undefined,
          } as unknown as VerifiedToken;
        }
      }
    }
  }
}

function* policies(): Generator<AccessPolicy> {
  const admin = { userId: ADMIN, issuer: ISSUER };
  for (const requireUserInDb of BOOLEANS) {
    for (const platformAdmin of [
      undefined,
      { ...admin, expiresAt: undefined },
      { ...admin, expiresAt: NOW + 1 },
      { ...admin, expiresAt: NOW },
      { ...admin, expiresAt: NOW - 1 },
    ]) {
      for (const requiredScopes of [[], ['read'], ['read', 'write']]) {
        for (const requiredRoles of [[], ['editor'], ['editor', 'owner']]) {
          yield { requireUserInDb, platformAdmin, requiredScopes, requiredRoles };
        }
      }
    }
  }
}

function* rows(): Generator<UserRow> {
  for (const isActive of BOOLEANS) {
    for (const isAdmin of BOOLEANS) {
      for (const tokensValidAfter of [undefined, ISSUED_AT - 1, ISSUED_AT, ISSUED_AT + 1]) {
        for (const roles of [[], ['reader'], ['editor'], ['owner', 'editor']]) {
          const names = { email: 'alice@example.com', fullName: 'Alice' };
          yield { isActive, isAdmin, tokensValidAfter, roles, ...names };
        }
      }
    }
  }
}

function* unavailabilities(reasons: readonly Unavailable['reason'][]): Generator<Unavailable> {
  for (const reason of reasons) {
    for (const cause of CAUSES) {
      for (const attribute of [undefined, 'is_active']) {
        yield {
          status: 'unavailable',
          reason,
          ...(cause !== undefined && { cause }),
          ...(attribute !== undefined && { attribute }),
        };
      }
    }
  }
}

function* directories(): Generator<DirectoryEvidence> {
  for (const tokenRevoked of BOOLEANS) {
    for (const sessionRevoked of BOOLEANS) {
      const revocations = { tokenRevoked, sessionRevoked };
      yield { status: 'not_found', ...revocations };
      for (const row of rows()) yield { status: 'found', row, ...revocations };
    }
  }
  yield* unavailabilities(['directory_unavailable', 'internal_error']);
}

function* cases(): Generator<Case> {
  const everyDirectory = [...directories()].map(freeze);
  const everyPolicy = [...policies()].map(freeze);
  for (const token of tokens()) {
    freeze(token);
    for (const directory of everyDirectory) {
      for (const policy of everyPolicy) {
        yield { token, directory, policy, decision: decide(token, directory, policy, NOW) };
      }
    }
  }
}

/** Deeply, so that a decision that changed what it was told would throw. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}

function isAllowed({ decision }: Case): boolean {
  return decision.outcome === 'allow';
}

function isBootstrap({ decision }: Case): boolean {
  return decision.reason === 'platform_admin_bootstrap';
}

function rowOf({ directory }: Case): UserRow | undefined {
  return directory.status === 'found' ? directory.row : undefined;
}

function isSignedOut({ token, directory }: Case): boolean {
  if (directory.status !== 'found' || directory.row.tokensValidAfter === undefined) return false;
  return token.issuedAt === undefined || token.issuedAt < directory.row.tokensValidAfter;
}

function lacksScope({ token, policy }: Case): boolean {
  return policy.requiredScopes.some((scope) => !token.scopes.includes(scope));
}

function lacksRole(one: Case): boolean {
  const { requiredRoles } = one.policy;
  return (
    requiredRoles.length > 0 && !requiredRoles.some((role) => rowOf(one)?.roles.includes(role))
  );
}

function mayBootstrap({
  token,
  directory,
  policy: { platformAdmin, requireUserInDb },
}: Case): boolean {
  if (directory.status !== 'not_found' || requireUserInDb || platformAdmin === undefined)
    return false;
  const isInTime = platformAdmin.expiresAt === undefined || NOW < platformAdmin.expiresAt;
  return isInTime && token.subject === ADMIN && token.issuer === ISSUER;
}

/** Of each refusal, the fact that it states. */
const FACTS: Readonly<Record<string, (one: Case) => boolean>> = {
  token_revoked: ({ directory }) => directory.status !== 'unavailable' && directory.tokenRevoked,
  session_revoked: ({ directory }) =>
    directory.status !== 'unavailable' && directory.sessionRevoked,
  user_not_in_db: ({ directory, policy }) =>
    directory.status === 'not_found' && policy.requireUserInDb,
  user_not_found: (one) =>
    one.directory.status === 'not_found' && !one.policy.requireUserInDb && !mayBootstrap(one),
  user_disabled: (one) => rowOf(one)?.isActive === false,
  user_tokens_revoked: isSignedOut,
  scope_missing: lacksScope,
  role_missing: (one) => one.directory.status === 'found' && lacksRole(one),
};

/** What SECURITY.md promises, by its number there: whether it holds of one combination. */
const PROMISES: readonly (readonly [promise: string, holds: (one: Case) => boolean])[] = [
  [
    '2. strict mode without a row never lets anybody in',
    (one) =>
      !(one.policy.requireUserInDb && one.directory.status === 'not_found' && isAllowed(one)),
  ],
  [
    '3. a disabled row never lets anybody in',
    (one) => rowOf(one)?.isActive !== false || !isAllowed(one),
  ],
  [
    '4. a revoked token, or one of a revoked session, never lets anybody in',
    ({ directory, ...one }) =>
      directory.status === 'unavailable' ||
      !(directory.tokenRevoked || directory.sessionRevoked) ||
      !isAllowed({ directory, ...one }),
  ],
  [
    '5. a token from before the last sign-out never lets anybody in',
    (one) => !(isSignedOut(one) && isAllowed(one)),
  ],
  [
    '6. what could not be checked never becomes a yes or a no, and nothing else is unavailable',
    ({ directory, decision }) =>
      (directory.status === 'unavailable') === (decision.outcome === 'unavailable'),
  ],
  [
    '7. an admin is one by the row or by bootstrap, and by nothing else',
    (one) =>
      one.decision.outcome !== 'allow' ||
      one.decision.user.isAdmin === (isBootstrap(one) || rowOf(one)?.isAdmin === true),
  ],
  [
    '8. bootstrap never happens to a user with a row',
    (one) => !isBootstrap(one) || one.directory.status === 'not_found',
  ],
  [
    '9. bootstrap never happens in strict mode',
    (one) => !isBootstrap(one) || !one.policy.requireUserInDb,
  ],
  [
    '10. bootstrap never happens once it has expired',
    (one) => !isBootstrap(one) || (one.policy.platformAdmin?.expiresAt ?? NOW + 1) > NOW,
  ],
  [
    '11. bootstrap never happens to another id or at another issuer',
    (one) =>
      !isBootstrap(one) ||
      (one.token.subject === one.policy.platformAdmin?.userId &&
        one.token.issuer === one.policy.platformAdmin.issuer),
  ],
  [
    '12. a token without a required scope, or a row without a required role, never lets anybody in',
    (one) =>
      !isAllowed(one) ||
      (!lacksScope(one) && (one.directory.status !== 'found' || !lacksRole(one))),
  ],
  [
    '13. every allow names its reason, and the reason is how it came about',
    ({ directory, decision }) =>
      decision.outcome !== 'allow' ||
      (directory.status === 'found'
        ? decision.reason === 'user_found' && decision.user.authMethod === 'database'
        : decision.reason === 'platform_admin_bootstrap' &&
          decision.user.authMethod === 'platform_admin_bootstrap'),
  ],
  [
    '14. what the API behind is told of a user comes from the row alone',
    (one) => {
      if (one.decision.outcome !== 'allow') return true;
      const { roles, email, fullName } = one.decision.user;
      const row = rowOf(one) ?? { roles: [], email: undefined, fullName: undefined };
      return (
        roles.join(',') === row.roles.join(',') && email === row.email && fullName === row.fullName
      );
    },
  ],
  [
    '15. every refusal states a fact',
    (one) => one.decision.outcome !== 'forbidden' || FACTS[one.decision.reason]?.(one) === true,
  ],
  [
    '16. whoever may enter does: there is no refusal without one of those facts',
    (one) => {
      if (one.directory.status === 'unavailable' || isAllowed(one)) return true;
      return Object.values(FACTS).some((holds) => holds(one));
    },
  ],
  [
    '17. strict mode only takes away: whoever enters strictly would enter otherwise too',
    (one) => {
      if (!one.policy.requireUserInDb || !isAllowed(one)) return true;
      const open = { ...one.policy, requireUserInDb: false };
      return decide(one.token, one.directory, open, NOW).outcome === 'allow';
    },
  ],
  [
    '18. a decision has the outcome of its reason, and the same evidence gives the same one',
    ({ token, directory, policy, decision }) =>
      REASONS[decision.reason].outcome === decision.outcome &&
      decide(token, directory, policy, NOW).reason === decision.reason,
  ],
];

describe('every combination of what a decision can see', () => {
  const all = [...cases()];

  afterAll(() => {
    process.stdout.write(`decide: ${all.length.toLocaleString('en')} combinations\n`);
  });

  it.each(PROMISES)('%s', (_promise, holds) => {
    expect(all.filter((one) => !holds(one)).slice(0, 3)).toEqual([]);
  });

  it('lets a tool that needs a role take entry from those without it, and give nobody any', () => {
    const toolRoles = { '*': ['editor'] };
    const use = { tools: ['any'], isUnclear: false };
    const wrong = all.filter((one) => {
      const policy = { ...one.policy, toolRoles };
      const { reason } = decide(one.token, one.directory, policy, NOW, use);
      const lacksIt = rowOf(one)?.roles.includes('editor') === false;
      return reason !== (isAllowed(one) && lacksIt ? 'tool_not_allowed' : one.decision.reason);
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it('reaches every reason that a verified token can lead to', () => {
    const reached = new Set(all.map(({ decision }) => decision.reason));
    const expected = REASON_NAMES.filter(
      (reason) =>
        REASONS[reason].outcome !== 'unauthenticated' &&
        reason !== 'keys_unavailable' &&
        // No tool is called here.
        reason !== 'tool_not_allowed',
    );
    expect(REASON_NAMES.filter((reason) => reached.has(reason))).toEqual(expected);
  });

  it('has the combinations that there are: none was left out or counted twice', () => {
    const [tokenCount, policyCount, rowCount, unavailableCount] = [24, 90, 64, 40];
    expect(all).toHaveLength(tokenCount * policyCount * (4 * (rowCount + 1) + unavailableCount));
  });
});

describe('every token that was not verified', () => {
  const rejections: readonly TokenEvidence[] = REASON_NAMES.flatMap((reason) => {
    const { outcome } = REASONS[reason];
    return outcome === 'unauthenticated' ? [{ status: 'rejected', reason } as TokenEvidence] : [];
  });
  const failures = [...unavailabilities(['keys_unavailable', 'internal_error'])];
  const evidence = [...rejections, ...failures] as Exclude<TokenEvidence, { status: 'verified' }>[];

  it('1. never lets anybody in, and is refused for its own reason', () => {
    for (const one of evidence) {
      const outcome = one.status === 'rejected' ? 'unauthenticated' : 'unavailable';
      expect(decideWithoutToken(freeze(one))).toMatchObject({ outcome, reason: one.reason });
    }
    expect(evidence).toHaveLength(17 + 40);
  });
});
