/**
 * Verifies tokens. aws-jwt-verify verifies the signature; the form of the token, the choice of the
 * key and the claims are checked here, more strictly than the library does (it accepts padded
 * base64url, `crit`, and tokens that never expire). Its own claim checks come after ours: a token
 * must pass both. Only this file makes a `VerifiedToken`.
 */
import { canBeAccepted, matchesCertificate } from './binding.ts';
import { checkClaims, isExpired, type ClaimRules } from './claims.ts';
import { userKey, type Config, type IssuerConfig } from '../settings/config.ts';
import type { Deadline } from '../deadline.ts';
import type { TokenEvidence, UnauthenticatedReason } from '../decision.ts';
import { MAX_KID_BYTES, type KeySource } from '../keys/key-source.ts';
import { decomposeUnverifiedJwt, type UnverifiedJwt } from './jwt.ts';
import { ownMember, type JsonObject } from '../json.ts';
import { MAX_TOKEN_BYTES } from '../request/token-source.ts';
import type { Claims, VerifiedToken } from '../verified-token.ts';

export type TokenRules = ClaimRules & Pick<Config, 'allowBoundTokens'>;

/** An issuer's settings with its keys. */
export interface TrustedIssuer {
  readonly config: IssuerConfig;
  readonly keys: KeySource;
}

export interface TokenVerification {
  readonly evidence: TokenEvidence;
  /** The trusted issuer that the token names, whether or not it turned out to be from there. */
  readonly issuer?: string;
  /** The set that verified the token had passed its maximum age, its issuer being down. */
  readonly staleKeysOf?: string;
}

export interface VerifyTokenDependencies {
  readonly rules: TokenRules;
  /** By `iss`. */
  readonly issuers: ReadonlyMap<string, TrustedIssuer>;
  /** Epoch seconds. */
  readonly now: number;
  readonly deadline: Pick<Deadline, 'remainingMs'>;
  /** The certificate that the client has presented to the gateway, as PEM. */
  readonly clientCertificate?: string | undefined;
  /** Told how long keys were waited for, in milliseconds. */
  readonly onKeysWaited?: (ms: number) => void;
}

/**
 * Verifies a token. Checks, in order: size and form; that the issuer is trusted and the
 * algorithm allowed; that the issuer has such a key; the signature; the claims; the certificate that
 * the token is bound to.
 */
export async function verifyToken(
  token: string,
  dependencies: VerifyTokenDependencies,
): Promise<TokenVerification> {
  const { rules, issuers, clientCertificate } = dependencies;
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) return rejected('token_too_large');
  const jwt = decomposeUnverifiedJwt(token);
  if (jwt === undefined || !isWellFormed(jwt.unverifiedHeader)) return rejected('token_malformed');
  if (!canBeAccepted(jwt.unverifiedPayload, clientCertificate, rules.allowBoundTokens)) {
    return rejected('token_malformed');
  }

  const unverifiedIssuer = ownMember(jwt.unverifiedPayload, 'iss');
  const issuer = typeof unverifiedIssuer === 'string' ? issuers.get(unverifiedIssuer) : undefined;
  if (issuer === undefined) return rejected('issuer_not_trusted');
  const verification = await verifyAsFrom(issuer, jwt, dependencies);
  return { ...verification, issuer: issuer.config.issuer };
}

async function verifyAsFrom(
  issuer: TrustedIssuer,
  jwt: UnverifiedJwt,
  dependencies: VerifyTokenDependencies,
): Promise<TokenVerification> {
  const { rules, now, deadline, onKeysWaited } = dependencies;
  const { unverifiedHeader, unverifiedPayload } = jwt;
  const alg = ownMember(unverifiedHeader, 'alg');
  const algorithm = issuer.config.algorithms.find((allowed) => allowed === alg);
  if (algorithm === undefined) return rejected('algorithm_not_allowed');

  const result = await issuer.keys.find({
    kid: kidOf(unverifiedHeader) ?? '',
    algorithm,
    mayFetch: !isExpired(ownMember(unverifiedPayload, 'exp'), rules, now),
    deadline,
    ...(onKeysWaited !== undefined && { onWaited: onKeysWaited }),
  });
  if (result.status === 'unavailable') {
    return {
      evidence: { status: 'unavailable', reason: 'keys_unavailable', cause: result.cause },
    };
  }
  if (result.status === 'not_found') return rejected('key_not_found');
  const rejection = result.verify(jwt);
  if (rejection === 'signature_invalid') return rejected(rejection);

  const evidence = judgeClaims(unverifiedPayload, rejection, issuer.config, dependencies);
  return { evidence, ...(result.stale && { staleKeysOf: issuer.config.issuer }) };
}

/** @param libraryReason why the library rejects the claims, after ours have had their say */
function judgeClaims(
  payload: JsonObject,
  libraryReason: UnauthenticatedReason | undefined,
  issuer: IssuerConfig,
  { rules, now, clientCertificate }: VerifyTokenDependencies,
): TokenEvidence {
  const checked = checkClaims(payload, issuer, rules, now);
  if (!checked.ok) return { status: 'rejected', reason: checked.reason };
  if (!matchesCertificate(payload, clientCertificate)) {
    return { status: 'rejected', reason: 'certificate_mismatch' };
  }
  if (libraryReason !== undefined) return { status: 'rejected', reason: libraryReason };
  return { status: 'verified', token: makeVerifiedToken(checked.claims, issuer) };
}

function rejected(reason: UnauthenticatedReason): TokenVerification {
  return { evidence: { status: 'rejected', reason } };
}

function makeVerifiedToken(claims: Claims, issuer: IssuerConfig): VerifiedToken {
  return {
    ...claims,
    issuer: issuer.issuer,
    userId: userKey(claims.subject, issuer),
  } as VerifiedToken;
}

/** The header members that decide whether the token is one that we understand at all. */
function isWellFormed(header: JsonObject): boolean {
  return (
    kidOf(header) !== undefined &&
    isJwtType(ownMember(header, 'typ')) &&
    // Extensions that must be understood, of which we understand none (RFC 7515 §4.1.11).
    !Object.hasOwn(header, 'crit')
  );
}

function kidOf(header: JsonObject): string | undefined {
  const kid = ownMember(header, 'kid');
  return typeof kid === 'string' && kid !== '' && Buffer.byteLength(kid) <= MAX_KID_BYTES
    ? kid
    : undefined;
}

/** `JWT` (RFC 7519 §5.1) or `at+jwt` (RFC 9068 §2.1), as a media type in any case. */
function isJwtType(typ: unknown): boolean {
  if (typ === undefined) return true;
  if (typeof typ !== 'string') return false;
  return /^(?:application\/)?(?:at\+)?jwt$/iu.test(typ);
}
