/**
 * Signatures (RFC 7515 §5.2, RFC 7518 §3, RFC 8037 §3.1), verified by aws-jwt-verify: one verifier
 * for each fetched key set, with the issuer's own `iss` and accepted audiences, so that the
 * library's claim checks stand behind those of `claims.ts`.
 *
 * The library keeps the key objects it makes by issuer, kid and algorithm. A verifier that outlived
 * its key set would go on trusting a key that was replaced under its kid.
 *
 * It is a subclass, not a `JwtVerifier`, for the sake of `verifyDecomposedJwtSync`: `verifySync`
 * would parse the token a second time, and would reject tokens for the type of claims that nobody
 * asks for (a numeric `jti`, a list as `scope`).
 */
import { assertStringArrayContainsString } from 'aws-jwt-verify/assert';
import {
  CognitoJwtInvalidClientIdError,
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
} from 'aws-jwt-verify/error';
import type { DecomposedJwt } from 'aws-jwt-verify/jwt';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import { JwtVerifierBase, type JwtVerifierProperties } from 'aws-jwt-verify/jwt-verifier';
import type { UnauthenticatedReason } from '../decision.ts';
import type { JsonObject } from '../json.ts';
import type { IssuerConfig } from '../settings/config.ts';
import type { Algorithm } from '../settings/grammar.ts';
import type { SigningKey } from './jwk.ts';

/** What the library checks of a token besides its signature. */
export interface IssuerChecks extends Pick<
  IssuerConfig,
  'issuer' | 'audiences' | 'clientIds' | 'jwksUri'
> {
  readonly clockToleranceSeconds: number;
}

/** A token taken apart, as it was sent. */
export interface SignedToken {
  readonly unverifiedPayload: JsonObject;
  readonly headerB64: string;
  readonly payloadB64: string;
  readonly signatureB64: string;
}

type VerifyProperties = ReturnType<typeof verifyProperties>;

/** r and s, each as long as the curve's order (RFC 7518 §3.4). Node throws at any other length. */
const ECDSA_SIGNATURE_BYTES = new Map<Algorithm, number>([
  ['ES256', 64],
  ['ES384', 96],
  ['ES512', 132],
]);

/** Verifies with the keys of one set, no two of which have the same `kid`. */
export class KeyVerifier extends JwtVerifierBase<
  VerifyProperties,
  JwtVerifierProperties<VerifyProperties>,
  false
> {
  readonly #checks: IssuerChecks;
  readonly #properties: VerifyProperties;

  constructor(keys: readonly SigningKey[], checks: IssuerChecks) {
    const properties = verifyProperties(checks);
    super({ ...properties, jwksUri: checks.jwksUri });
    this.#checks = checks;
    this.#properties = properties;
    this.cacheJwks({ keys: keys.map(({ kid, members }) => ({ ...members, kid })) });
  }

  /**
   * Verifies a token with `key`, which must be one of this verifier's and allow `algorithm`.
   *
   * @returns why the library rejects the token; undefined if it accepts it. Any reason other than
   *   `signature_invalid` means that `key` has signed the token.
   */
  rejectionOf(
    { unverifiedPayload, ...parts }: SignedToken,
    { kid }: SigningKey,
    algorithm: Algorithm,
  ): UnauthenticatedReason | undefined {
    const expectedBytes = ECDSA_SIGNATURE_BYTES.get(algorithm);
    if (expectedBytes !== undefined && base64UrlBytes(parts.signatureB64) !== expectedBytes) {
      return 'signature_invalid';
    }
    // The library does not know RFC 9864's name for EdDSA with this curve, which the key has.
    const header = { kid, alg: algorithm === 'Ed25519' ? 'EdDSA' : algorithm };
    const payload = unverifiedPayload as JwtPayload;
    return this.#askLibrary({ ...parts, header, payload });
  }

  /**
   * Imports `key`, which the library does at the first verification: hence one of a signature that
   * cannot be right. Keys are so imported before the first token, and one that OpenSSL rejects (its
   * point is not on its curve) is found out.
   *
   * @returns false if the key cannot be imported
   */
  canImport(key: SigningKey): boolean {
    const [algorithm] = key.algorithms;
    if (algorithm === undefined) return false;
    const noSignature = Buffer.alloc(ECDSA_SIGNATURE_BYTES.get(algorithm) ?? 64);
    const unverifiedPayload = { iss: this.#checks.issuer };
    const signatureB64 = noSignature.toString('base64url');
    try {
      this.rejectionOf(
        { unverifiedPayload, headerB64: '', payloadB64: '', signatureB64 },
        key,
        algorithm,
      );
      return true;
    } catch {
      return false;
    }
  }

  #askLibrary(jwt: DecomposedJwt): UnauthenticatedReason | undefined {
    try {
      this.verifyDecomposedJwtSync(jwt, this.#checks.jwksUri, this.#properties);
      return undefined;
    } catch (error) {
      if (error instanceof JwtInvalidSignatureError) return 'signature_invalid';
      if (error instanceof JwtExpiredError) return 'token_expired';
      if (error instanceof JwtNotBeforeError) return 'token_not_yet_valid';
      if (error instanceof JwtInvalidAudienceError) return 'audience_mismatch';
      if (error instanceof CognitoJwtInvalidClientIdError) return 'audience_mismatch';
      if (error instanceof JwtInvalidIssuerError) return 'issuer_not_trusted';
      // Its message would have held a time beyond those that a Date can tell.
      if (error instanceof RangeError) return 'claim_missing';
      throw error;
    }
  }
}

function verifyProperties({ issuer, audiences, clientIds, clockToleranceSeconds }: IssuerChecks) {
  return {
    issuer,
    audience: audiences.length > 0 ? [...audiences] : null,
    graceSeconds: clockToleranceSeconds,
    customJwtCheck: ({ payload }: { readonly payload: JwtPayload }) => {
      if (clientIds.length === 0) return;
      assertStringArrayContainsString(
        'Client ID',
        payload['client_id'],
        [...clientIds],
        CognitoJwtInvalidClientIdError,
      );
    },
  };
}

/** How many bytes base64url without padding stands for. */
function base64UrlBytes(text: string): number {
  return Math.floor((text.length * 3) / 4);
}
