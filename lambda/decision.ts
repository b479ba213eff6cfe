/**
 * The access policy, whole: what was found out about a request goes in, the decision comes out.
 * Pure: no clock, no environment, no I/O. Read it from top to bottom to audit Rollcall.
 */
import type { Config } from './settings/config.ts';
import type { ToolUse } from './tool-use.ts';
import type { VerifiedToken } from './verified-token.ts';

export type Outcome = 'unauthenticated' | 'forbidden' | 'allow' | 'unavailable';

interface Verdict {
  readonly outcome: Outcome;
  /** What the caller is told. Never made from anything that the caller sent. */
  readonly detail: string;
}

const NOT_AUTHENTICATED = { outcome: 'unauthenticated', detail: 'Not authenticated' } as const;
const GRANTED = { outcome: 'allow', detail: 'Access granted' } as const;
const COULD_NOT_CHECK = {
  outcome: 'unavailable',
  detail: 'Authorization is unavailable',
} as const;
const forbidden = <const D extends string>(detail: D) =>
  ({ outcome: 'forbidden', detail }) as const;

/**
 * Every reason, in the order in which the checks run, with its outcome. A reason exists only by
 * standing here, so none can be added without deciding what becomes of the request.
 */
export const REASONS = {
  // The token: `token.ts` finds these.
  token_missing: NOT_AUTHENTICATED,
  token_too_large: NOT_AUTHENTICATED,
  token_malformed: NOT_AUTHENTICATED,
  issuer_not_trusted: NOT_AUTHENTICATED,
  algorithm_not_allowed: NOT_AUTHENTICATED,
  key_not_found: NOT_AUTHENTICATED,
  signature_invalid: NOT_AUTHENTICATED,
  claim_missing: NOT_AUTHENTICATED,
  audience_mismatch: NOT_AUTHENTICATED,
  token_use_mismatch: NOT_AUTHENTICATED,
  claim_mismatch: NOT_AUTHENTICATED,
  token_expired: NOT_AUTHENTICATED,
  token_not_yet_valid: NOT_AUTHENTICATED,
  token_lifetime_exceeded: NOT_AUTHENTICATED,
  jti_missing: NOT_AUTHENTICATED,
  email_not_verified: NOT_AUTHENTICATED,
  certificate_mismatch: NOT_AUTHENTICATED,

  // The user: `decide` finds these, below.
  token_revoked: forbidden('Token has been revoked'),
  session_revoked: forbidden('Session has been revoked'),
  user_not_in_db: forbidden('User not found in database'),
  user_not_found: forbidden('User not found'),
  user_disabled: forbidden('Account disabled'),
  user_tokens_revoked: forbidden('Tokens issued before the last sign-out are no longer accepted'),
  scope_missing: forbidden('Token lacks a required scope'),
  role_missing: forbidden('User lacks a required role'),
  tool_not_allowed: forbidden('Tool not allowed for this user'),

  user_found: GRANTED,
  platform_admin_bootstrap: GRANTED,

  // Could not check: neither a yes nor a no.
  keys_unavailable: COULD_NOT_CHECK,
  directory_unavailable: COULD_NOT_CHECK,
  internal_error: COULD_NOT_CHECK,
} as const satisfies Record<string, Verdict>;

export type Reason = keyof typeof REASONS;
type ReasonFor<O extends Outcome> = {
  [R in Reason]: (typeof REASONS)[R]['outcome'] extends O ? R : never;
}[Reason];
export type UnauthenticatedReason = ReasonFor<'unauthenticated'>;
export type ForbiddenReason = ReasonFor<'forbidden'>;
export type AllowReason = ReasonFor<'allow'>;
export type UnavailableReason = ReasonFor<'unavailable'>;

/** Why something could not be checked, for the operator. */
export type UnavailableCause =
  | 'throttled'
  | 'timeout'
  | 'access_denied'
  | 'table_missing'
  | 'wrong_key'
  | 'bad_row'
  | 'connection'
  | 'http_status'
  | 'bad_json'
  | 'too_large';

/** A failure to check: what failed, and of a bad row the attribute that is to blame. */
export interface Unavailable {
  readonly status: 'unavailable';
  readonly reason: UnavailableReason;
  readonly cause?: UnavailableCause;
  readonly attribute?: string;
}

/** A user's row, as far as it is read. Every field has been checked to be of its type. */
export interface UserRow {
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  /** Epoch seconds: tokens issued earlier are denied. */
  readonly tokensValidAfter: number | undefined;
  readonly roles: readonly string[];
  readonly email: string | undefined;
  readonly fullName: string | undefined;
}

/** What is known of the token. */
export type TokenEvidence =
  | { readonly status: 'verified'; readonly token: VerifiedToken }
  | { readonly status: 'rejected'; readonly reason: UnauthenticatedReason }
  | Unavailable;

/** What has been revoked. Nothing is while revocation is off. */
export interface Revocations {
  readonly tokenRevoked: boolean;
  readonly sessionRevoked: boolean;
}

/** What is known of the user, and of the token and its session. */
export type DirectoryEvidence =
  | ({ readonly status: 'found'; readonly row: UserRow } & Revocations)
  | ({ readonly status: 'not_found' } & Revocations)
  | Unavailable;

/** A request that has no tools to it. */
const NO_TOOLS: ToolUse = { tools: [], isUnclear: false };

/** The settings that a decision depends on. */
export type AccessPolicy = Pick<
  Config,
  'requireUserInDb' | 'platformAdmin' | 'requiredScopes' | 'requiredRoles'
> &
  Partial<Pick<Config, 'toolRoles'>>;

/** Who enters, and what the API behind is told about them. */
export interface GrantedUser extends Pick<UserRow, 'isAdmin' | 'roles' | 'email' | 'fullName'> {
  readonly authMethod: 'database' | 'platform_admin_bootstrap';
}

export type Decision =
  | { readonly outcome: 'unauthenticated'; readonly reason: UnauthenticatedReason }
  | {
      readonly outcome: 'forbidden';
      readonly reason: ForbiddenReason;
      readonly token: VerifiedToken;
    }
  | {
      readonly outcome: 'allow';
      readonly reason: AllowReason;
      readonly token: VerifiedToken;
      readonly user: GrantedUser;
    }
  | (Omit<Unavailable, 'status'> & {
      readonly outcome: 'unavailable';
      /** Known when it was the user that could not be checked. */
      readonly token?: VerifiedToken;
    });

/** The decision on a token that was not verified: refused, or not to be judged. */
export function decideWithoutToken(
  evidence: Exclude<TokenEvidence, { status: 'verified' }>,
): Decision {
  return evidence.status === 'rejected'
    ? { outcome: 'unauthenticated', reason: evidence.reason }
    : couldNotCheck(evidence);
}

/**
 * The decision on a verified token. Enforces, in order:
 *
 * 1. what could not be checked is never decided;
 * 2. a revoked token is refused, and so is one of a revoked session;
 * 3. without a row: strict mode refuses everybody; otherwise the platform admin alone may pass;
 * 4. a disabled user is refused, and so are tokens from before the last sign-out;
 * 5. the token carries every required scope;
 * 6. the row has one of the required roles (which bootstrap, having no row, is not asked for).
 * 7. where tools need roles, the row has them for every tool that is called.
 *
 * @param now epoch seconds; only the end of bootstrap depends on it
 */
export function decide(
  token: VerifiedToken,
  directory: DirectoryEvidence,
  policy: AccessPolicy,
  now: number,
  toolUse: ToolUse = NO_TOOLS,
): Decision {
  const refuse = (reason: ForbiddenReason): Decision => ({ outcome: 'forbidden', reason, token });

  if (directory.status === 'unavailable') return { ...couldNotCheck(directory), token };
  if (directory.tokenRevoked) return refuse('token_revoked');
  if (directory.sessionRevoked) return refuse('session_revoked');

  if (directory.status === 'not_found') {
    if (policy.requireUserInDb) return refuse('user_not_in_db');
    if (!isPlatformAdmin(token, policy, now)) return refuse('user_not_found');
    if (!hasRequiredScopes(token, policy)) return refuse('scope_missing');
    if (!mayUseTools(toolUse, undefined, policy)) return refuse('tool_not_allowed');
    return { outcome: 'allow', reason: 'platform_admin_bootstrap', token, user: VIRTUAL_ADMIN };
  }

  const { row } = directory;
  if (!row.isActive) return refuse('user_disabled');
  if (isSignedOut(token, row)) return refuse('user_tokens_revoked');
  if (!hasRequiredScopes(token, policy)) return refuse('scope_missing');
  if (!hasRequiredRole(row, policy)) return refuse('role_missing');
  if (!mayUseTools(toolUse, row, policy)) return refuse('tool_not_allowed');
  return {
    outcome: 'allow',
    reason: 'user_found',
    token,
    user: {
      isAdmin: row.isAdmin,
      authMethod: 'database',
      roles: row.roles,
      email: row.email,
      fullName: row.fullName,
    },
  };
}

const VIRTUAL_ADMIN: GrantedUser = {
  isAdmin: true,
  authMethod: 'platform_admin_bootstrap',
  roles: [],
  email: undefined,
  fullName: undefined,
};

/**
 * Whether the platform admin may enter without a row.
 *
 * @param now epoch seconds
 */
export function isBootstrapOpen(
  { requireUserInDb, platformAdmin }: Pick<AccessPolicy, 'requireUserInDb' | 'platformAdmin'>,
  now: number,
): boolean {
  if (requireUserInDb || platformAdmin === undefined) return false;
  return platformAdmin.expiresAt === undefined || now < platformAdmin.expiresAt;
}

/** The configured id, from the configured issuer, before bootstrap ends. */
function isPlatformAdmin(token: VerifiedToken, policy: AccessPolicy, now: number): boolean {
  const { platformAdmin } = policy;
  return (
    token.subject === platformAdmin?.userId &&
    token.issuer === platformAdmin.issuer &&
    isBootstrapOpen(policy, now)
  );
}

/** A token that does not say when it was issued may be from before the sign-out. */
function isSignedOut(token: VerifiedToken, row: UserRow): boolean {
  if (row.tokensValidAfter === undefined) return false;
  return token.issuedAt === undefined || token.issuedAt < row.tokensValidAfter;
}

function hasRequiredScopes(token: VerifiedToken, { requiredScopes }: AccessPolicy): boolean {
  return requiredScopes.every((scope) => token.scopes.includes(scope));
}

function hasRequiredRole(row: UserRow, { requiredRoles }: AccessPolicy): boolean {
  return requiredRoles.length === 0 || requiredRoles.some((role) => row.roles.includes(role));
}

/**
 * It has to be plain which tools are called, and every entry that fits one of them is a condition
 * of its own: the row has one of its roles. Without a row, nobody is asked for roles.
 */
function mayUseTools(
  { tools, isUnclear }: ToolUse,
  row: UserRow | undefined,
  { toolRoles }: AccessPolicy,
): boolean {
  if (toolRoles === undefined) return true;
  if (isUnclear || row === undefined) return !isUnclear;
  return Object.entries(toolRoles).every(
    ([pattern, roles]) =>
      !tools.some((tool) => fits(tool, pattern)) || roles.some((role) => row.roles.includes(role)),
  );
}

/** `pattern` is a tool's name, or a prefix that ends in `*`. */
function fits(tool: string, pattern: string): boolean {
  return pattern.endsWith('*') ? tool.startsWith(pattern.slice(0, -1)) : tool === pattern;
}

function couldNotCheck({
  reason,
  cause,
  attribute,
}: Unavailable): Decision & { outcome: 'unavailable' } {
  return {
    outcome: 'unavailable',
    reason,
    ...(cause !== undefined && { cause }),
    ...(attribute !== undefined && { attribute }),
  };
}
