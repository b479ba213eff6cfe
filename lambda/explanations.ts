/**
 * The checks of a decision in words: what each of them is about, what it means to pass and to fail
 * it, and what to do then. The reference of reasons, `rollcall explain` and the console all read
 * this one list. Not part of the function: nothing that ships in it imports this file. A reason
 * without an explanation does not compile.
 */
import type {
  AllowReason,
  ForbiddenReason,
  Reason,
  UnauthenticatedReason,
  UnavailableReason,
} from './decision.ts';
import type { Config } from './settings/config.ts';

/** The chapters of a decision, in order. */
export const CHECK_GROUPS = {
  form: 'Is there a token?',
  genuine: 'Is it genuine?',
  claims: 'Do its claims hold?',
  user: 'Is the user on the list?',
} as const;
export type CheckGroup = keyof typeof CHECK_GROUPS;

/** Every check, in the order in which the function makes them, with its chapter. */
export const CHECKS = {
  token: 'form',
  header: 'form',
  issuer: 'genuine',
  algorithm: 'genuine',
  key: 'genuine',
  signature: 'genuine',
  claims: 'claims',
  audience: 'claims',
  token_use: 'claims',
  required_claims: 'claims',
  expiry: 'claims',
  issued: 'claims',
  lifetime: 'claims',
  jti: 'claims',
  email: 'claims',
  certificate: 'claims',
  directory: 'user',
  revocation: 'user',
  session: 'user',
  row: 'user',
  active: 'user',
  sign_out: 'user',
  scopes: 'user',
  roles: 'user',
  tools: 'user',
} as const satisfies Record<string, CheckGroup>;

export type CheckName = keyof typeof CHECKS;

/** Their names, in order. */
export const CHECK_NAMES = Object.keys(CHECKS) as readonly CheckName[];

export type RefusalReason = UnauthenticatedReason | ForbiddenReason;

/** The settings that say which checks are made. */
export type CheckSettings = Pick<
  Config,
  | 'issuers'
  | 'maxTokenLifetimeSeconds'
  | 'requireJti'
  | 'requireUserInDb'
  | 'revokedTokensTableName'
  | 'requiredScopes'
  | 'requiredRoles'
>;

interface Explanation {
  /** What it means that a request was decided for this reason. Markdown. */
  readonly meaning: string;
  /** What the operator, or whoever runs the client, does about it. Markdown. */
  readonly remedy: string;
}

interface RefusalExplanation extends Explanation {
  /** The check that fails. */
  readonly check: CheckName;
  /** What holds when it passes, in a few words. */
  readonly passed: string;
  /** Why the settings do not ask for it, if they do not. */
  readonly off?: (settings: CheckSettings) => string | undefined;
  /** Whether it looks at the user's row, which a bootstrap admin has not. */
  readonly asksTheRow?: true;
}

interface UnavailableExplanation extends Explanation {
  /** The check that could not be made; undefined when it may be any. */
  readonly check: CheckName | undefined;
}

type Explanations = Readonly<
  Record<RefusalReason, RefusalExplanation> &
    Record<UnavailableReason, UnavailableExplanation> &
    Record<AllowReason, Explanation>
>;

const NOTHING = 'Nothing.';

export const EXPLANATIONS: Explanations = {
  token_missing: {
    check: 'token',
    passed: 'The request has a token',
    meaning: 'The request has no token where this kind of API expects one.',
    remedy:
      'Send `Authorization: Bearer <token>`; on a WebSocket API, send it where `WEBSOCKET_TOKEN_SOURCE` says.',
  },
  token_too_large: {
    check: 'token',
    passed: 'At most 8,192 bytes',
    meaning: 'The token is longer than 8,192 bytes.',
    remedy: 'Have the issuer put fewer claims into its tokens.',
  },
  token_malformed: {
    check: 'header',
    passed: 'A well-formed JWT',
    meaning:
      'Not one well-formed bearer JWT: another scheme, two values, padding or foreign characters, no `kid`, an unknown `typ`, `crit`, or a `cnf` that cannot be verified without `ALLOW_BOUND_TOKENS`. On an HTTP API also: the identity source lacks the token.',
    remedy:
      'Send exactly one signed JWT, with one space after `Bearer`. Check that it is an access token of the issuer and not an opaque one.',
  },
  issuer_not_trusted: {
    check: 'issuer',
    passed: 'The issuer is trusted',
    meaning: '`iss` is not one of the trusted issuers, exactly. A trailing slash counts.',
    remedy: 'Compare `iss` with `JWT_ISSUER` or `TRUSTED_ISSUERS`.',
  },
  algorithm_not_allowed: {
    check: 'algorithm',
    passed: 'The algorithm is allowed',
    meaning: '`alg` is not in `JWT_ALGORITHMS`.',
    remedy: 'If the issuer signs with it, add it to `JWT_ALGORITHMS`.',
  },
  key_not_found: {
    check: 'key',
    passed: 'The issuer publishes its key',
    meaning:
      "The issuer's key set has no such `kid`, or no key that can verify this `alg`. An expired token with an unknown key gets this reason too.",
    remedy: 'Get a new token. If it fails again, compare its `kid` with the key set at `JWKS_URI`.',
  },
  signature_invalid: {
    check: 'signature',
    passed: 'The signature is valid',
    meaning: 'The key did not make the signature. Somebody forged or changed the token.',
    remedy:
      'Look for the source of the request. If your own client sends it, check that nothing changes the token on its way.',
  },
  claim_missing: {
    check: 'claims',
    passed: 'No required claim is missing',
    meaning:
      '`exp`, `aud` or `client_id`, the user claim or the session claim is missing or of a wrong type, or a time is not in seconds.',
    remedy:
      'Decode the token and compare it with `JWT_AUDIENCE`, `JWT_CLIENT_ID` and `USER_CLAIM`. Access tokens of some issuers have no `aud` or no `email`.',
  },
  audience_mismatch: {
    check: 'audience',
    passed: 'Issued for this audience',
    meaning: '`aud` or `client_id` is not an accepted value.',
    remedy:
      'Have the client ask for a token for this API, or add the value to `JWT_AUDIENCE` or `JWT_CLIENT_ID`.',
  },
  token_use_mismatch: {
    check: 'token_use',
    passed: 'Issued for this use',
    meaning:
      '`token_use` is not what `JWT_TOKEN_USE` requires: an id token instead of an access token, or the reverse.',
    remedy: 'Have the client send the other one of its tokens.',
    off: ({ issuers }) =>
      unless(
        issuers.some(({ tokenUse }) => tokenUse !== undefined),
        'JWT_TOKEN_USE is not set',
      ),
  },
  claim_mismatch: {
    check: 'required_claims',
    passed: 'Has the required claims',
    meaning:
      'A claim of `REQUIRED_CLAIMS` is missing, is not a string or boolean, or is not an accepted value.',
    remedy:
      'If the token is of somebody who may enter, add the value to `REQUIRED_CLAIMS`. Otherwise nothing: this is what the setting is for.',
    off: ({ issuers }) =>
      unless(
        issuers.some(({ requiredClaims }) => Object.keys(requiredClaims).length > 0),
        'REQUIRED_CLAIMS is not set',
      ),
  },
  token_expired: {
    check: 'expiry',
    passed: 'Not expired',
    meaning: '`exp` has passed.',
    remedy: 'The client must get a new token.',
  },
  token_not_yet_valid: {
    check: 'issued',
    passed: 'Already valid',
    meaning: '`nbf` or `iat` is in the future, beyond `CLOCK_TOLERANCE_SECONDS`.',
    remedy: "Check the issuer's clock. If it is a little ahead, raise `CLOCK_TOLERANCE_SECONDS`.",
  },
  token_lifetime_exceeded: {
    check: 'lifetime',
    passed: 'Lives no longer than allowed',
    meaning: '`exp` is more than `MAX_TOKEN_LIFETIME_SECONDS` after `iat`, or there is no `iat`.',
    remedy: 'Shorten the lifetime of tokens at the issuer, or raise `MAX_TOKEN_LIFETIME_SECONDS`.',
    off: ({ maxTokenLifetimeSeconds }) =>
      unless(maxTokenLifetimeSeconds !== undefined, 'MAX_TOKEN_LIFETIME_SECONDS is not set'),
  },
  jti_missing: {
    check: 'jti',
    passed: 'Has an id (jti)',
    meaning:
      '`REQUIRE_JTI` is on and the token has no usable `jti`; or revocation is on and its `jti` is malformed.',
    remedy: 'Have the issuer add a `jti` to its tokens, or turn `REQUIRE_JTI` off.',
    off: ({ requireJti }) => unless(requireJti, 'REQUIRE_JTI is false'),
  },
  email_not_verified: {
    check: 'email',
    passed: 'The email address is verified',
    meaning: '`USER_CLAIM` is `email` and the issuer does not say that the address is verified.',
    remedy: 'Have the user verify the address at the issuer.',
    off: ({ issuers }) =>
      unless(
        issuers.some((issuer) => issuer.userClaim === 'email' && !issuer.allowUnverifiedEmail),
        'USER_CLAIM is not email, or unverified addresses are allowed',
      ),
  },
  certificate_mismatch: {
    check: 'certificate',
    passed: 'Sent with its own certificate',
    meaning:
      'The token is bound to a client certificate (`cnf`), and the client presented another one.',
    remedy:
      'Look for the source of the request. If your own client sends it, have it get a new token with the certificate that it uses now.',
  },
  token_revoked: {
    check: 'revocation',
    passed: 'The token is not revoked',
    meaning: 'The token is in the table of revoked tokens.',
    remedy: 'The user must sign in again.',
    off: ({ revokedTokensTableName }) =>
      unless(revokedTokensTableName !== undefined, 'REVOKED_TOKENS_TABLE_NAME is not set'),
  },
  session_revoked: {
    check: 'session',
    passed: 'The session is not revoked',
    meaning: 'The session that `SESSION_CLAIM` names is in the table of revoked tokens.',
    remedy: 'The user must sign in again.',
    off: ({ issuers }) =>
      unless(
        issuers.some(({ sessionClaim }) => sessionClaim !== undefined),
        'SESSION_CLAIM is not set',
      ),
  },
  user_not_in_db: {
    check: 'row',
    passed: 'The user has a row (strict mode)',
    meaning: 'Strict mode is on and the user has no row.',
    remedy: 'If the user may enter, add a row: `rollcall users add <id>`.',
    off: ({ requireUserInDb }) => unless(requireUserInDb, 'REQUIRE_USER_IN_DB is false'),
  },
  user_not_found: {
    check: 'row',
    passed: 'The user has a row, or is the platform admin',
    meaning: 'The user has no row and is not the platform admin, or bootstrap has ended.',
    remedy: 'If the user may enter, add a row: `rollcall users add <id>`.',
    off: ({ requireUserInDb }) => unless(!requireUserInDb, 'REQUIRE_USER_IN_DB is true'),
  },
  user_disabled: {
    check: 'active',
    passed: 'The account is active',
    meaning: 'The row says `is_active = false`.',
    remedy: 'If the user may enter again: `rollcall users enable <id>`.',
    asksTheRow: true,
  },
  user_tokens_revoked: {
    check: 'sign_out',
    passed: 'Issued after the last sign-out',
    meaning:
      'The token was issued before `tokens_valid_after` of the row, or does not say when it was issued.',
    remedy: 'The user must sign in again.',
    asksTheRow: true,
  },
  scope_missing: {
    check: 'scopes',
    passed: 'Has the required scopes',
    meaning: 'The token lacks one of `REQUIRED_SCOPES`.',
    remedy: 'Have the client ask for the scope, and the issuer grant it.',
    off: ({ requiredScopes }) => unless(requiredScopes.length > 0, 'REQUIRED_SCOPES is not set'),
  },
  role_missing: {
    check: 'roles',
    passed: 'Has a required role',
    meaning: 'The row has none of `REQUIRED_ROLES`.',
    remedy:
      'If the user may enter, give the row one of these roles: `rollcall users edit <id> --roles <roles>`.',
    off: ({ requiredRoles }) => unless(requiredRoles.length > 0, 'REQUIRED_ROLES is not set'),
    asksTheRow: true,
  },
  tool_not_allowed: {
    check: 'tools',
    passed: 'May call every tool of the request',
    meaning:
      'The row lacks a role that `TOOL_ROLES` asks for a tool of the call. Or the call does not say which tool, or its headers differ from its body.',
    remedy:
      'If the user may call the tool, give the row the role: `rollcall users edit <id> --roles <roles>`.',
    off: () => 'Asked of tool calls through AgentCore Gateway',
    asksTheRow: true,
  },
  user_found: {
    meaning: 'The user has a row and passes every check.',
    remedy: NOTHING,
  },
  platform_admin_bootstrap: {
    meaning: 'The platform admin entered without a row.',
    remedy:
      'Add a row for the admin and for every user, then turn strict mode on. If nobody expected this entry, see the runbook.',
  },
  keys_unavailable: {
    check: 'key',
    meaning: "The issuer's keys could not be read, and no cached set may still be used.",
    remedy: 'Check that the issuer is up and that the function can reach `JWKS_URI`.',
  },
  directory_unavailable: {
    check: 'directory',
    meaning:
      'The users table or the table of revoked tokens could not be read, or a row cannot be used.',
    remedy: 'Look at `cause` and `attribute` of the event, and correct the table or the row.',
  },
  internal_error: {
    check: undefined,
    meaning: 'Bad settings, an event of an unknown form, or a bug in the authorizer.',
    remedy: 'Look for `authorizer_misconfigured` in the log, and run `rollcall doctor`.',
  },
};

function unless(isAsked: boolean, why: string): string | undefined {
  return isAsked ? undefined : why;
}

/** Where a request that was decided for `reason` stopped, if at a certain check. */
export function stoppingCheck(reason: Reason): CheckName | undefined {
  const explanation = EXPLANATIONS[reason];
  return 'check' in explanation ? explanation.check : undefined;
}

/** An explanation where Markdown is not rendered. */
export function plainText(markdown: string): string {
  return markdown.replaceAll('`', '');
}
