/**
 * A decision as a picture: every check in the order of `REASONS`, and how far a request got.
 * Pure. The titles are keyed by reason, so a new reason does not compile without one.
 */
import type { Config } from '../../lambda/settings/config.ts';
import {
  REASONS,
  type ForbiddenReason,
  type Reason,
  type UnauthenticatedReason,
  type UnavailableReason,
} from '../../lambda/decision.ts';

export type RefusalReason = UnauthenticatedReason | ForbiddenReason;

/**
 * `off`: the settings, or the way in, do not ask for it. `unknown`: it was this check that could
 * not be made, so that there was neither a yes nor a no.
 */
export type CheckState = 'passed' | 'failed' | 'not_reached' | 'off' | 'unknown';

export interface Check {
  /** The reason that a request gets which fails it. */
  readonly reason: RefusalReason;
  /** What holds when it passes. */
  readonly title: string;
  readonly group: CheckGroup;
  readonly state: CheckState;
  /** Why it is `off`. */
  readonly note?: string;
}

/** The chapters of the picture, in order. */
export const CHECK_GROUPS = {
  form: 'Is there a token?',
  genuine: 'Is it genuine?',
  claims: 'Do its claims hold?',
  user: 'Is the user on the list?',
} as const;
export type CheckGroup = keyof typeof CHECK_GROUPS;

const CHECKS: Readonly<Record<RefusalReason, readonly [CheckGroup, title: string]>> = {
  token_missing: ['form', 'A token came along'],
  token_too_large: ['form', 'At most 8,192 bytes'],
  token_malformed: ['form', 'A well-formed JWT'],
  issuer_not_trusted: ['genuine', 'The issuer is trusted'],
  algorithm_not_allowed: ['genuine', 'The algorithm is allowed'],
  key_not_found: ['genuine', 'The issuer publishes its key'],
  signature_invalid: ['genuine', 'The signature is valid'],
  claim_missing: ['claims', 'No required claim is missing'],
  audience_mismatch: ['claims', 'Made for this audience'],
  token_use_mismatch: ['claims', 'Made for this use'],
  token_expired: ['claims', 'Not expired'],
  token_not_yet_valid: ['claims', 'Already valid'],
  jti_missing: ['claims', 'Carries an id (jti)'],
  email_not_verified: ['claims', 'The e-mail is verified'],
  token_revoked: ['user', 'The token is not revoked'],
  user_not_in_db: ['user', 'The user has a row (strict)'],
  user_not_found: ['user', 'The user has a row, or is the platform admin'],
  user_disabled: ['user', 'The account is active'],
  user_tokens_revoked: ['user', 'Issued after the last sign-out'],
  scope_missing: ['user', 'Has the required scopes'],
  role_missing: ['user', 'Has a required role'],
};

/** The check that each failure to check stands for; `undefined` when it may be any. */
const COULD_NOT_CHECK: Readonly<Record<UnavailableReason, RefusalReason | undefined>> = {
  keys_unavailable: 'key_not_found',
  directory_unavailable: 'token_revoked',
  internal_error: undefined,
};

/** The settings that say which checks are made. */
export type CheckSettings = Pick<
  Config,
  | 'issuers'
  | 'requireJti'
  | 'requireUserInDb'
  | 'revokedTokensTableName'
  | 'requiredScopes'
  | 'requiredRoles'
>;

/**
 * The checks of a request that was decided for `reason`.
 *
 * @param reason undefined when the function was not asked, and so nothing was checked
 */
export function checksOf(reason: Reason | undefined, settings: CheckSettings): readonly Check[] {
  const order = (Object.keys(REASONS) as Reason[]).filter(isRefusal);
  const end = endOf(reason, order);
  return order.map((name, index) => {
    const [group, title] = CHECKS[name];
    const note = whyNotMade(name, reason, settings);
    const state: CheckState =
      index === end
        ? name === reason
          ? 'failed'
          : 'unknown'
        : index < end
          ? 'passed'
          : 'not_reached';
    // A check that decided was made, whatever the settings seem to say.
    return note === undefined || index === end
      ? { reason: name, title, group, state }
      : { reason: name, title, group, state: 'off', note };
  });
}

/** The index of the check at which a request stopped; past the last one when none stopped it. */
function endOf(reason: Reason | undefined, order: readonly RefusalReason[]): number {
  if (reason === undefined) return -1;
  if (isRefusal(reason)) return order.indexOf(reason);
  if (!isUnavailable(reason)) return order.length;
  const check = COULD_NOT_CHECK[reason];
  return check === undefined ? -1 : order.indexOf(check);
}

type WhyOff = (settings: CheckSettings) => string | false;

/** The checks that settings turn off, and by which. */
const WHY_OFF: Readonly<Partial<Record<RefusalReason, WhyOff>>> = {
  token_use_mismatch: ({ issuers }) =>
    issuers.every(({ tokenUse }) => tokenUse === undefined) && 'JWT_TOKEN_USE is not set',
  jti_missing: ({ requireJti }) => !requireJti && 'REQUIRE_JTI is false',
  email_not_verified: ({ issuers }) =>
    issuers.every((issuer) => issuer.userClaim !== 'email' || issuer.allowUnverifiedEmail) &&
    'USER_CLAIM is not email, or unverified ones are allowed',
  token_revoked: ({ revokedTokensTableName }) =>
    revokedTokensTableName === undefined && 'REVOKED_TOKENS_TABLE_NAME is not set',
  user_not_in_db: ({ requireUserInDb }) => !requireUserInDb && 'REQUIRE_USER_IN_DB is false',
  user_not_found: ({ requireUserInDb }) => requireUserInDb && 'REQUIRE_USER_IN_DB is true',
  scope_missing: ({ requiredScopes }) =>
    requiredScopes.length === 0 && 'REQUIRED_SCOPES is not set',
  role_missing: ({ requiredRoles }) => requiredRoles.length === 0 && 'REQUIRED_ROLES is not set',
};

/** What asks the row, which who enters by bootstrap has not. */
const ASKS_THE_ROW: ReadonlySet<RefusalReason> = new Set([
  'user_disabled',
  'user_tokens_revoked',
  'role_missing',
]);

function whyNotMade(
  check: RefusalReason,
  decided: Reason | undefined,
  settings: CheckSettings,
): string | undefined {
  const off = WHY_OFF[check]?.(settings);
  if (typeof off === 'string') return off;
  return decided === 'platform_admin_bootstrap' && ASKS_THE_ROW.has(check)
    ? 'There is no row to ask'
    : undefined;
}

function isRefusal(reason: Reason): reason is RefusalReason {
  return Object.hasOwn(CHECKS, reason);
}

function isUnavailable(reason: Reason): reason is UnavailableReason {
  return Object.hasOwn(COULD_NOT_CHECK, reason);
}
