/**
 * One JSON Web Key (RFC 7517, RFC 7518 §6, RFC 8037 §2) as a key that verifies signatures, or
 * nothing: a key that makes no sense is passed over without spoiling the others of its set.
 */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Algorithm } from '../settings/grammar.ts';
import type { JsonObject } from '../json.ts';

/** NIST SP 800-131A: shorter moduli have been disallowed since 2014. */
const MIN_RSA_BITS = 2048;
/** What OpenSSL takes; verifying with more would be slow enough to be an attack. */
const MAX_RSA_BITS = 16_384;

export interface SigningKey {
  /** Its public members alone. */
  readonly jwk: Readonly<Record<string, string>>;
  /** The algorithms that its type, its curve and its own `alg` allow. */
  readonly algorithms: readonly Algorithm[];
}

const RSA_ALGORITHMS: readonly Algorithm[] = ['RS256', 'RS384', 'RS512'];
const EC_ALGORITHMS = new Map<unknown, readonly Algorithm[]>([
  ['P-256', ['ES256']],
  ['P-384', ['ES384']],
  ['P-521', ['ES512']],
]);
const OKP_ALGORITHMS = new Map<unknown, readonly Algorithm[]>([
  ['Ed25519', ['EdDSA']],
  ['Ed448', ['EdDSA']],
]);

/** The key that `jwk` describes, if it can verify a signature of any algorithm we know. */
export function importSigningKey(jwk: JsonObject): SigningKey | undefined {
  if (!isForVerifying(jwk)) return undefined;
  const byType = algorithmsOfType(jwk);
  // RFC 9864 names the curve in `alg`; tokens here say `EdDSA`, which means the same.
  const namesItsCurve = jwk['kty'] === 'OKP' && jwk['alg'] === jwk['crv'];
  const alg = namesItsCurve ? 'EdDSA' : jwk['alg'];
  const algorithms = alg === undefined ? byType : byType.filter((algorithm) => algorithm === alg);
  if (algorithms.length === 0) return undefined;
  const publicMembers = pickPublicMembers(jwk);
  const publicKey = importPublicKey(publicMembers);
  return publicKey !== undefined && isStrong(publicKey)
    ? { jwk: publicMembers, algorithms }
    : undefined;
}

/** `use` and `key_ops` (RFC 7517 §4.2, §4.3). A published private key would sign for anybody. */
function isForVerifying(jwk: JsonObject): boolean {
  const { use, key_ops: operations, d, k } = jwk;
  if (d !== undefined || k !== undefined) return false;
  if (use !== undefined && use !== 'sig') return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

function algorithmsOfType({ kty, crv }: JsonObject): readonly Algorithm[] {
  switch (kty) {
    case 'RSA':
      return RSA_ALGORITHMS;
    case 'EC':
      return EC_ALGORITHMS.get(crv) ?? [];
    case 'OKP':
      return OKP_ALGORITHMS.get(crv) ?? [];
    default:
      return [];
  }
}

const PUBLIC_MEMBERS = ['kty', 'crv', 'n', 'e', 'x', 'y'];

function pickPublicMembers(jwk: JsonObject): Readonly<Record<string, string>> {
  const members: Record<string, string> = {};
  for (const name of PUBLIC_MEMBERS) {
    const value = jwk[name];
    if (typeof value === 'string') members[name] = value;
  }
  return members;
}

/** OpenSSL checks that a point is on its curve. */
function importPublicKey(jwk: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function isStrong(key: KeyObject): boolean {
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') return true;
  if (key.asymmetricKeyType !== 'rsa') return !isSmallOrder(key);
  return (
    modulusLength !== undefined &&
    modulusLength >= MIN_RSA_BITS &&
    modulusLength <= MAX_RSA_BITS &&
    // With e = 1 any message is its own signature; an even e is not a key (RFC 8017 §3.1).
    publicExponent !== undefined &&
    publicExponent >= 3n &&
    publicExponent % 2n === 1n
  );
}

/**
 * The points of small order of Ed25519 and of Ed448, as their y coordinates (little-endian,
 * hexadecimal, sign bit cleared), those beyond the field's prime included. A signature under such
 * a key proves nothing: one can be made to fit any message without a private key.
 *
 * @see https://eprint.iacr.org/2020/1244 (Chalkias, Garillot, Nikolaenko: "Taming the many EdDSAs")
 */
const SMALL_ORDER_Y = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  // 0, 1, p - 1, p and p + 1 for p = 2^448 - 2^224 - 1: Ed448 has a cofactor of 4.
  '00'.repeat(57),
  `01${'00'.repeat(56)}`,
  `fe${'ff'.repeat(27)}fe${'ff'.repeat(27)}00`,
  `${'ff'.repeat(28)}fe${'ff'.repeat(27)}00`,
  `${'00'.repeat(28)}${'ff'.repeat(28)}00`,
]);

function isSmallOrder(key: KeyObject): boolean {
  const point = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  const signByte = point.length - 1;
  point.writeUInt8(point.readUInt8(signByte) & 0x7f, signByte);
  return SMALL_ORDER_Y.has(point.toString('hex'));
}
