import { REASONS, type Reason } from '../../../lambda/decision.ts';
import type { CheckSettings } from '../../../lambda/explanations.ts';
import { checksOf } from '../../../local/console/checks.ts';

const ISSUER = {
  issuer: 'https://issuer.example.com',
  audiences: ['api'],
  clientIds: [],
  tokenUse: 'access',
  jwksUri: 'https://issuer.example.com/jwks.json',
  algorithms: ['RS256'],
  userClaim: 'email',
  allowUnverifiedEmail: false,
  userNamespace: undefined,
  requiredClaims: { hd: ['corp.example'] },
  sessionClaim: 'sid',
} as const;

/** Everything that can be asked for is asked for. */
const ALL_ON: CheckSettings = {
  issuers: [ISSUER],
  maxTokenLifetimeSeconds: 86_400,
  requireJti: true,
  requireUserInDb: false,
  revokedTokensTableName: 'revoked',
  requiredScopes: ['read'],
  requiredRoles: ['engineer'],
};

const reasons = Object.keys(REASONS) as Reason[];
const refusals = reasons.filter((reason) =>
  ['unauthenticated', 'forbidden'].includes(REASONS[reason].outcome),
);
const stateOf = (reason: Reason | undefined, check: string, settings = ALL_ON) =>
  checksOf(reason, settings).find((candidate) => candidate.reason === check)?.state;

it('has a check for each reason to refuse, in the order of the decision', () => {
  expect(checksOf(undefined, ALL_ON).map(({ reason }) => reason)).toEqual(refusals);
});

describe.each(refusals)('a request refused for %s', (reason) => {
  const checks = checksOf(reason, ALL_ON);
  const end = checks.findIndex((check) => check.reason === reason);

  it('fails that check and no other', () => {
    expect(checks.filter(({ state }) => state === 'failed').map((check) => check.reason)).toEqual([
      reason,
    ]);
  });

  it('has passed what comes before, and reaches nothing after', () => {
    const made = (state: string) => state !== 'off';
    expect(
      new Set(
        checks
          .slice(0, end)
          .map(({ state }) => state)
          .filter(made),
      ),
    ).toEqual(new Set(end === 0 ? [] : ['passed']));
    expect(checks.slice(end + 1).map(({ state }) => state)).not.toContain('passed');
  });
});

it('passes every check of a user who is let in', () => {
  const states = checksOf('user_found', ALL_ON).map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(['passed', 'off']));
});

it('reaches no check when the function was not asked', () => {
  const states = checksOf(undefined, ALL_ON).map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(['not_reached', 'off']));
});

it('asks the platform admin for nothing that only a row has', () => {
  expect(stateOf('platform_admin_bootstrap', 'user_not_found')).toBe('passed');
  for (const check of ['user_disabled', 'user_tokens_revoked', 'role_missing']) {
    expect(stateOf('platform_admin_bootstrap', check)).toBe('off');
  }
  expect(stateOf('platform_admin_bootstrap', 'scope_missing')).toBe('passed');
});

it('shows keys that could not be had as neither passed nor failed', () => {
  expect(stateOf('keys_unavailable', 'algorithm_not_allowed')).toBe('passed');
  expect(stateOf('keys_unavailable', 'key_not_found')).toBe('unknown');
  expect(stateOf('keys_unavailable', 'signature_invalid')).toBe('not_reached');
});

it('shows a table that could not be read at the first check that needs it, revocation or not', () => {
  expect(stateOf('directory_unavailable', 'token_revoked')).toBe('unknown');
  const { revokedTokensTableName: _, ...rest } = ALL_ON;
  const off = { ...rest, revokedTokensTableName: undefined };
  expect(stateOf('directory_unavailable', 'token_revoked', off)).toBe('unknown');
});

it('claims to have passed nothing after an internal error', () => {
  const states = checksOf('internal_error', ALL_ON).map(({ state }) => state);
  expect(states).not.toContain('passed');
});

it.each([
  ['strict', true, 'user_not_in_db', 'user_not_found'],
  ['not strict', false, 'user_not_found', 'user_not_in_db'],
])('asks one of the two questions for a row when %s', (_name, requireUserInDb, asked, notAsked) => {
  const settings = { ...ALL_ON, requireUserInDb };
  expect(stateOf('user_found', asked, settings)).toBe('passed');
  expect(stateOf('user_found', notAsked, settings)).toBe('off');
});

it.each<[string, Partial<CheckSettings>]>([
  ['token_use_mismatch', { issuers: [{ ...ISSUER, tokenUse: undefined }] }],
  ['claim_mismatch', { issuers: [{ ...ISSUER, requiredClaims: {} }] }],
  ['token_lifetime_exceeded', { maxTokenLifetimeSeconds: undefined }],
  ['session_revoked', { issuers: [{ ...ISSUER, sessionClaim: undefined }] }],
  ['jti_missing', { requireJti: false }],
  ['email_not_verified', { issuers: [{ ...ISSUER, userClaim: 'sub' }] }],
  ['email_not_verified', { issuers: [{ ...ISSUER, allowUnverifiedEmail: true }] }],
  ['token_revoked', { revokedTokensTableName: undefined }],
  ['scope_missing', { requiredScopes: [] }],
  ['role_missing', { requiredRoles: [] }],
])('shows %s as off when the settings do not ask for it, and says which', (check, settings) => {
  const found = checksOf('user_found', { ...ALL_ON, ...settings }).find(
    ({ reason }) => reason === check,
  );
  expect(found).toMatchObject({ state: 'off', note: expect.stringMatching(/^[A-Z_]{8,} /u) });
});

it('shows a check as failed that decided, even where the settings do not ask for it', () => {
  expect(stateOf('jti_missing', 'jti_missing', { ...ALL_ON, requireJti: false })).toBe('failed');
});
