/**
 * One JSON Web Key (RFC 7517, RFC 7518 §6, RFC 8037 §2, RFC 9864), judged by its members: may it
 * verify signatures, and of which algorithms? A key that may not is skipped without spoiling the
 * others of its set. Pure: the import into OpenSSL, which finds a point off its curve, is in
 * `key-verifier.ts`.
 */
import type { Algorithm } from '../settings/grammar.ts';
import type { JsonObject } from '../json.ts';

/** NIST SP 800-131A: shorter moduli have been disallowed since 2014. */
const MIN_RSA_BITS = 2048;
/** The longest that OpenSSL accepts; verifying with a longer one would be slow enough to be an attack. */
const MAX_RSA_BITS = 16_384;

export interface SigningKey {
  readonly kid: string;
  /** Its public members alone. */
  readonly members: PublicMembers;
  /** The algorithms that its type, its curve and its own `alg` allow; never empty. */
  readonly algorithms: readonly Algorithm[];
}

export interface PublicMembers extends Readonly<Record<string, string>> {
  readonly kty: string;
}

const RSA_ALGORITHMS: readonly Algorithm[] = ['RS256', 'RS384', 'RS512'];
const EC_ALGORITHMS = new Map<unknown, readonly Algorithm[]>([
  ['P-256', ['ES256']],
  ['P-384', ['ES384']],
  ['P-521', ['ES512']],
]);
const OKP_ALGORITHMS = new Map<unknown, readonly Algorithm[]>([
  ['Ed25519', ['EdDSA', 'Ed25519']],
  ['Ed448', ['EdDSA']],
]);

/** Reads the key that `jwk` describes, or undefined if no token can be verified with it. */
export function readSigningKey(jwk: JsonObject): SigningKey | undefined {
  const { kid } = jwk;
  if (typeof kid !== 'string' || kid === '' || !isForVerifying(jwk)) return undefined;
  const algorithms = algorithmsOf(jwk);
  const members = publicMembersOf(jwk);
  if (algorithms.length === 0 || members === undefined || !isStrong(members)) return undefined;
  return { kid, members, algorithms };
}

/** `use` and `key_ops` (RFC 7517 §4.2, §4.3). With a published private key anybody can sign. */
function isForVerifying(jwk: JsonObject): boolean {
  const { use, key_ops: operations, d, k } = jwk;
  if (d !== undefined || k !== undefined) return false;
  if (use !== undefined && use !== 'sig') return false;
  return (
    operations === undefined || (isListOfOperations(operations) && operations.includes('verify'))
  );
}

/** An array of strings in which none occurs twice (RFC 7517 §4.3). */
function isListOfOperations(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.every((operation) => typeof operation === 'string') &&
    new Set(value).size === value.length
  );
}

function algorithmsOf(jwk: JsonObject): readonly Algorithm[] {
  const byType = algorithmsOfType(jwk);
  const { kty, crv, alg } = jwk;
  if (alg === undefined) return byType;
  // `EdDSA` and the curve's own name (RFC 9864 §2.2) mean the same algorithm for a key of that curve.
  if (kty === 'OKP') return alg === 'EdDSA' || alg === crv ? byType : [];
  return byType.filter((algorithm) => algorithm === alg);
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

const PUBLIC_MEMBERS = ['crv', 'n', 'e', 'x', 'y'];

function publicMembersOf(jwk: JsonObject): PublicMembers | undefined {
  const { kty } = jwk;
  if (typeof kty !== 'string') return undefined;
  const members: PublicMembers & Record<string, string> = { kty };
  for (const name of PUBLIC_MEMBERS) {
    const value = jwk[name];
    if (typeof value === 'string') members[name] = value;
  }
  return members;
}

function isStrong({ kty, n = '', e = '', x = '' }: PublicMembers): boolean {
  switch (kty) {
    case 'RSA':
      return isStrongRsa(Buffer.from(n, 'base64url'), Buffer.from(e, 'base64url'));
    case 'OKP':
      return isStrongPoint(Buffer.from(x, 'base64url'));
    default:
      return true;
  }
}

function isStrongRsa(modulus: Buffer, exponent: Buffer): boolean {
  const bits = bitLength(modulus);
  // With e = 1 any message is its own signature; an even e is not a key (RFC 8017 §3.1).
  const isOdd = ((exponent.at(-1) ?? 0) & 1) === 1;
  return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS && isOdd && bitLength(exponent) > 1;
}

/** Of the unsigned big-endian integer in `bytes`. */
function bitLength(bytes: Buffer): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  const top = bytes[first];
  return top === undefined ? 0 : (bytes.length - first) * 8 - (Math.clz32(top) - 24);
}

/**
 * The points of small order of Ed25519 and of Ed448, as their y coordinates (little-endian,
 * hexadecimal, sign bit cleared), including those beyond the field's prime. A signature under such
 * a key proves nothing: without a private key, one can be made that fits any message.
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

function isStrongPoint(point: Buffer): boolean {
  const y = Buffer.from(point);
  const signByte = y.length - 1;
  if (signByte < 0) return false;
  y.writeUInt8(y.readUInt8(signByte) & 0x7f, signByte);
  return !SMALL_ORDER_Y.has(y.toString('hex'));
}
