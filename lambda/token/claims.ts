/**
 * What a token's claims must say (RFC 7519 §4.1), once its signature has been verified. Pure; the
 * checks run in the order in which `decision.ts` lists their reasons.
 */
import { foldUserId, userKey, type Config, type IssuerConfig } from '../settings/config.ts';
import type { UnauthenticatedReason } from '../decision.ts';
import { MAX_USER_ID_BYTES } from '../settings/grammar.ts';
import { isEpochSeconds } from '../epoch-seconds.ts';
import { isStringList, ownMember, type JsonObject } from '../json.ts';
import type { Claims } from '../verified-token.ts';

/** A `jti`, or the value of a session claim, in bytes of UTF-8. */
export const MAX_JTI_BYTES = 512;

/** The settings that claims are held against. */
export type ClaimRules = Pick<
  Config,
  | 'userIdCase'
  | 'requireJti'
  | 'clockToleranceSeconds'
  | 'maxTokenLifetimeSeconds'
  | 'revokedTokensTableName'
>;

export type ClaimsResult =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly reason: UnauthenticatedReason };

const reject = (reason: UnauthenticatedReason): ClaimsResult => ({ ok: false, reason });

/**
 * Checks the payload of a token whose signature has been verified.
 *
 * @param now epoch seconds
 */
export function checkClaims(
  payload: JsonObject,
  issuer: IssuerConfig,
  rules: ClaimRules,
  now: number,
): ClaimsResult {
  const { audiences, clientIds } = issuer;
  const expiresAt = ownMember(payload, 'exp');
  const issuedAt = ownMember(payload, 'iat');
  const notBefore = ownMember(payload, 'nbf');
  const audience = listOfTexts(ownMember(payload, 'aud'));
  const clientId = ownMember(payload, 'client_id');
  const userId = ownMember(payload, issuer.userClaim);
  const session = readSession(payload, issuer);

  if (!isEpochSeconds(expiresAt)) return reject('claim_missing');
  if (!isTimeOrAbsent(issuedAt) || !isTimeOrAbsent(notBefore)) return reject('claim_missing');
  if (audiences.length > 0 && audience === undefined) return reject('claim_missing');
  if (clientIds.length > 0 && typeof clientId !== 'string') return reject('claim_missing');
  if (!isUserId(userId, issuer)) return reject('claim_missing');
  if (session === MALFORMED) return reject('claim_missing');

  if (audiences.length > 0 && audience?.some((value) => audiences.includes(value)) !== true) {
    return reject('audience_mismatch');
  }
  if (clientIds.length > 0 && !clientIds.some((accepted) => accepted === clientId)) {
    return reject('audience_mismatch');
  }
  if (issuer.tokenUse !== undefined && ownMember(payload, 'token_use') !== issuer.tokenUse) {
    return reject('token_use_mismatch');
  }

  if (!hasRequiredClaims(payload, issuer)) return reject('claim_mismatch');

  if (isExpired(expiresAt, rules, now)) return reject('token_expired');
  const latest = now + rules.clockToleranceSeconds;
  if ((issuedAt ?? latest) > latest || (notBefore ?? latest) > latest) {
    return reject('token_not_yet_valid');
  }
  const lifetime = issuedAt === undefined ? Infinity : expiresAt - issuedAt;
  if (lifetime > (rules.maxTokenLifetimeSeconds ?? Infinity)) {
    return reject('token_lifetime_exceeded');
  }

  const jti = readJti(ownMember(payload, 'jti'));
  const jtiIsBad = jti === undefined && Object.hasOwn(payload, 'jti');
  const jtiIsNeeded = rules.requireJti || (jtiIsBad && rules.revokedTokensTableName !== undefined);
  if (jti === undefined && jtiIsNeeded) return reject('jti_missing');

  if (issuer.userClaim === 'email' && !issuer.allowUnverifiedEmail) {
    const verified = ownMember(payload, 'email_verified');
    if (verified !== true && verified !== 'true') return reject('email_not_verified');
  }

  return {
    ok: true,
    claims: {
      subject: foldUserId(userId, rules.userIdCase),
      expiresAt,
      issuedAt,
      jti,
      session,
      scopes: readScopes(payload),
    },
  };
}

/** Whether a token with this `exp`, of whatever type, has expired beyond the tolerance. */
export function isExpired(
  expiresAt: unknown,
  { clockToleranceSeconds }: Pick<ClaimRules, 'clockToleranceSeconds'>,
  now: number,
): boolean {
  return isEpochSeconds(expiresAt) && now >= expiresAt + clockToleranceSeconds;
}

/** `scope`, separated by spaces (RFC 8693 §4.2), and `scp`, as some issuers call it. */
function readScopes(payload: JsonObject): readonly string[] {
  return ['scope', 'scp'].flatMap((name) => {
    const value = ownMember(payload, name);
    if (typeof value === 'string') return value.split(' ').filter(isScope);
    return Array.isArray(value) ? value.filter(isScope) : [];
  });
}

/** What the context joins by spaces: an item with one in it would reach the API as two scopes. */
function isScope(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes(' ');
}

function readJti(value: unknown): string | undefined {
  return typeof value === 'string' && hasBytes(value, MAX_JTI_BYTES) ? value : undefined;
}

const MALFORMED = Symbol('a session claim that is no session');

/** The session that the token came from, as the table of revoked tokens names it. */
function readSession(
  payload: JsonObject,
  { sessionClaim }: IssuerConfig,
): string | undefined | typeof MALFORMED {
  if (sessionClaim === undefined || !Object.hasOwn(payload, sessionClaim)) return undefined;
  const value = payload[sessionClaim];
  return typeof value === 'string' && hasBytes(value, MAX_JTI_BYTES)
    ? sessionId(sessionClaim, value)
    : MALFORMED;
}

/** What stands for a session in place of a `jti`: the claim says what kind of session it is. */
export function sessionId(claim: string, value: string): string {
  return `${claim}=${value}`;
}

/** Every required claim, as an own, top-level string or boolean with an accepted value. */
function hasRequiredClaims(payload: JsonObject, { requiredClaims }: IssuerConfig): boolean {
  return Object.entries(requiredClaims).every(([name, accepted]) => {
    const value = ownMember(payload, name);
    const text = typeof value === 'boolean' ? String(value) : value;
    return typeof text === 'string' && accepted.includes(text);
  });
}

/** The limit holds for the whole id, the issuer's namespace included. */
function isUserId(value: unknown, issuer: IssuerConfig): value is string {
  return (
    typeof value === 'string' && value !== '' && hasBytes(userKey(value, issuer), MAX_USER_ID_BYTES)
  );
}

/** 1 to `maximum` bytes of UTF-8; a lone surrogate has none (it would become U+FFFD). */
function hasBytes(text: string, maximum: number): boolean {
  return text !== '' && text.isWellFormed() && Buffer.byteLength(text) <= maximum;
}

function isTimeOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || isEpochSeconds(value);
}

function listOfTexts(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  return isStringList(value) ? value : undefined;
}
