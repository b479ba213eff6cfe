/** Every reason, with what it means and what to do, from the policy's own table. */
import { REASONS, type Reason } from '../../lambda/decision.ts';

/** For an operator. A reason without an explanation does not compile. */
const EXPLANATIONS: Readonly<Record<Reason, string>> = {
  token_missing: 'No token where this kind of API carries one.',
  token_too_large: 'The token is longer than 8,192 bytes.',
  token_malformed:
    'Not one well-formed bearer JWT: another scheme, two values, padding or foreign characters, no `kid`, an unknown `typ`, `crit`, or `cnf` without `ALLOW_BOUND_TOKENS`. On an HTTP API also: the identity source lacks the token.',
  issuer_not_trusted: '`iss` is none of the trusted ones, to the letter; a trailing slash counts.',
  algorithm_not_allowed: '`alg` is not in `JWT_ALGORITHMS`.',
  key_not_found:
    "The issuer's key set has no such `kid`, or no key that can verify this `alg`. Also said of a token that has expired and whose key is not known.",
  signature_invalid: 'The signature is not that of the key. Somebody made or changed the token.',
  claim_missing:
    '`exp`, `aud` or `client_id`, or the user claim is missing or of a wrong type, or a time is not a number.',
  audience_mismatch: '`aud` or `client_id` is none of the accepted ones.',
  token_use_mismatch:
    '`token_use` is not what `JWT_TOKEN_USE` asks for: an id token where an access token is wanted, or the reverse.',
  token_expired: '`exp` has passed. The client has to get a new token.',
  token_not_yet_valid: '`nbf` or `iat` lies in the future, beyond `CLOCK_TOLERANCE_SECONDS`.',
  jti_missing:
    '`REQUIRE_JTI` is on and the token has no usable `jti`; or revocation is on and its `jti` is malformed.',
  email_not_verified:
    '`USER_CLAIM` is `email` and the issuer does not say that the address is verified.',
  token_revoked: 'The token is in the table of revoked tokens.',
  user_not_in_db: 'Strict mode is on and the user has no row.',
  user_not_found: 'The user has no row and is not the platform admin, or bootstrap has ended.',
  user_disabled: 'The row says `is_active = false`.',
  user_tokens_revoked:
    'The token was issued before `tokens_valid_after` of the row, or does not say when. Signing in again helps.',
  scope_missing: 'The token lacks one of `REQUIRED_SCOPES`.',
  role_missing: 'The row has none of `REQUIRED_ROLES`.',
  user_found: 'The row exists and nothing speaks against the user.',
  platform_admin_bootstrap: 'The platform admin entered without a row.',
  keys_unavailable:
    "The issuer's keys could not be read, and none that may still be used are at hand.",
  directory_unavailable:
    'The users table or the table of revoked tokens could not be read, or a row is unusable.',
  internal_error:
    'Bad settings, an event of an unknown form, or a mistake in the authorizer itself.',
};

/** In the order in which the checks run. */
export function reasons(): string {
  const rows = Object.entries(REASONS).map(
    ([reason, { outcome, detail }]) =>
      `| \`${reason}\` | ${outcome} | ${detail} | ${EXPLANATIONS[reason as Reason]} |`,
  );
  return [
    '| Reason | Outcome | `detail` | What it means |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
