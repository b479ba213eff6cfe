/** What an attacker makes signatures from: numbers, bytes, and the little that is public. */
import { createHmac } from 'node:crypto';
import { encodePart, signParts, signToken, type Claims, type TestKey } from '../support/issuer.ts';

/** Orders of the groups (FIPS 186-5; RFC 8032 §5.1). */
export const ORDERS = {
  ES256: BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  ES384: BigInt(
    '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ),
  ES512: BigInt(
    '0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
  ),
  EdDSA: 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n,
} as const;

/** Bytes of r, and of s. */
export const COORDINATE_BYTES = { ES256: 32, ES384: 48, ES512: 66 } as const;

export function bigEndian(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex');
}

export function littleEndian(value: bigint, bytes: number): Uint8Array {
  return bigEndian(value, bytes).toReversed();
}

export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
}

/** A token whose signature is `signature`, whatever its header says. */
export function tokenWithSignature(
  header: unknown,
  claims: Claims,
  signature: Uint8Array | ((signingInput: string) => Uint8Array),
): string {
  const signingInput = `${encodePart(header)}.${encodePart(claims)}`;
  const bytes = typeof signature === 'function' ? signature(signingInput) : signature;
  return `${signingInput}.${Buffer.from(bytes).toString('base64url')}`;
}

/** A token under `key`'s name with any signature. */
export function tokenUnder(
  key: TestKey,
  claims: Claims,
  signature: Uint8Array | ((signingInput: string) => Uint8Array),
): string {
  return tokenWithSignature({ alg: key.alg, kid: key.kid, typ: 'JWT' }, claims, signature);
}

/** The signature that `key` would make, as bytes, for an attack to start from. */
export function genuineSignature(signingInput: string, key: TestKey): Buffer {
  return Buffer.from(signParts(signingInput, key), 'base64url');
}

/** A token "signed" with HMAC, keyed with what is no secret. */
export function hmacToken(
  alg: 'HS256' | 'HS384' | 'HS512',
  kid: string,
  claims: Claims,
  key: string | Uint8Array,
): string {
  return tokenWithSignature({ alg, kid, typ: 'JWT' }, claims, (signingInput) =>
    createHmac(`sha${alg.slice(2)}`, key)
      .update(signingInput)
      .digest(),
  );
}

/** A genuine token with some of its header replaced before it is signed. */
export function withHeader(key: TestKey, claims: Claims, header: Claims): string {
  return signToken(claims, key, header);
}

/** The integer cube root, rounded up: what a signature under e = 3 is the cube of. */
export function cubeRootCeiling(value: bigint): bigint {
  let low = 0n;
  let high = 1n << BigInt(Math.ceil(value.toString(2).length / 3) + 1);
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle ** 3n < value) low = middle + 1n;
    else high = middle;
  }
  return low;
}
