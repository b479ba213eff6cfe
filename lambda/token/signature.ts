/** Signatures (RFC 7515 §5.2, RFC 7518 §3, RFC 8037 §3.1), verified by aws-jwt-verify. */
import { JwtInvalidSignatureError } from 'aws-jwt-verify/error';
import type { Jwk } from 'aws-jwt-verify/jwk';
import { JwtVerifierBase, type JwtVerifierProperties } from 'aws-jwt-verify/jwt-verifier';
import type { Algorithm } from '../settings/grammar.ts';
import type { SigningKey } from '../keys/jwk.ts';
import type { UnverifiedJwt } from './jwt.ts';

const KID = 'key';
const ISSUER = 'issuer';
const JWKS_URI = 'jwks:';
/** The library's clock cannot be set and its claims have gaps: `claims.ts` judges them. */
const VERIFY_PROPERTIES = { issuer: ISSUER, audience: null };

/** r and s, each as long as the curve's order (RFC 7518 §3.4). Node throws at any other length. */
const ECDSA_SIGNATURE_BYTES = new Map<Algorithm, number>([
  ['ES256', 64],
  ['ES384', 96],
  ['ES512', 132],
]);

const verifiers = new WeakMap<SigningKey, KeyVerifier>();

/** Whether `key` has signed the token with `algorithm`, which the key must be known to allow. */
export function hasValidSignature(
  jwt: UnverifiedJwt,
  key: SigningKey,
  algorithm: Algorithm,
): boolean {
  const expectedBytes = ECDSA_SIGNATURE_BYTES.get(algorithm);
  if (expectedBytes !== undefined && base64UrlBytes(jwt.signatureB64) !== expectedBytes) {
    return false;
  }
  let verifier = verifiers.get(key);
  if (verifier === undefined) {
    verifier = new KeyVerifier(key);
    verifiers.set(key, verifier);
  }
  return verifier.hasSigned(jwt, algorithm);
}

/**
 * The library with one key. It keeps the key objects that it makes by issuer, kid and algorithm,
 * beyond any cache of key sets given to it, so that a key replaced under its kid would go on
 * being trusted. Hence a verifier for each key, which goes when the key does.
 */
class KeyVerifier extends JwtVerifierBase<
  typeof VERIFY_PROPERTIES,
  JwtVerifierProperties<typeof VERIFY_PROPERTIES>,
  false
> {
  constructor({ jwk }: SigningKey) {
    super({ ...VERIFY_PROPERTIES, jwksUri: JWKS_URI });
    this.cacheJwks({ keys: [{ ...jwk, kid: KID } as Jwk] });
  }

  /** The signed text is the token's own; the library is told nothing else that it says. */
  hasSigned({ headerB64, payloadB64, signatureB64 }: UnverifiedJwt, alg: Algorithm): boolean {
    const header = { alg, kid: KID };
    const payload = { iss: ISSUER };
    try {
      this.verifyDecomposedJwtSync(
        { header, headerB64, payload, payloadB64, signatureB64 },
        JWKS_URI,
        VERIFY_PROPERTIES,
      );
      return true;
    } catch (error) {
      if (error instanceof JwtInvalidSignatureError) return false;
      throw error;
    }
  }
}

/** How many bytes a base64url text without padding stands for. */
function base64UrlBytes(text: string): number {
  return Math.floor((text.length * 3) / 4);
}
