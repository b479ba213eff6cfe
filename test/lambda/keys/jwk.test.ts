/** Which JSON Web Keys verify which algorithms, and which are passed over. */
import { generateKeyPairSync } from 'node:crypto';
import { readSigningKey } from '../../../lambda/keys/jwk.ts';
import { createKey } from '../../support/issuer.ts';

const ec = createKey('ES256').jwk;
const rsa = createKey('RS256').jwk;
const ed25519 = createKey('EdDSA').jwk;

function rsaJwk(modulusLength: number, publicExponent = 0x10001) {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  return { ...publicKey.export({ format: 'jwk' }), kid: 'key' };
}

const okpJwk = (x: Buffer, crv = 'Ed25519') => ({
  kty: 'OKP',
  crv,
  kid: 'key',
  x: x.toString('base64url'),
});

describe('the algorithms of a key', () => {
  it.each([
    ['RS256', 'RS256'],
    ['RS384', 'RS384'],
    ['RS512', 'RS512'],
    ['ES256', 'ES256'],
    ['ES384', 'ES384'],
    ['ES512', 'ES512'],
  ] as const)('are its own alg alone: %s', (alg, expected) => {
    expect(readSigningKey(createKey(alg).jwk)?.algorithms).toEqual([expected]);
  });

  it('are all of RSA for an RSA key that names none', () => {
    const { alg: _, ...jwk } = rsa;
    expect(readSigningKey(jwk)?.algorithms).toEqual(['RS256', 'RS384', 'RS512']);
  });

  it.each([
    ['ES256', 'ES256'],
    ['ES384', 'ES384'],
    ['ES512', 'ES512'],
  ] as const)("are its curve's alone for a key that names none: %s", (alg, expected) => {
    const { alg: _, ...jwk } = createKey(alg).jwk;
    expect(readSigningKey(jwk)?.algorithms).toEqual([expected]);
  });

  it.each(['Ed25519', 'EdDSA', undefined])(
    'are EdDSA and Ed25519 for a key of that curve that says %s',
    (alg) => {
      expect(readSigningKey({ ...ed25519, alg })?.algorithms).toEqual(['EdDSA', 'Ed25519']);
    },
  );

  it.each(['Ed448', 'EdDSA', undefined])('are EdDSA alone for an Ed448 key that says %s', (alg) => {
    const { publicKey } = generateKeyPairSync('ed448');
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key', alg };
    expect(readSigningKey(jwk)?.algorithms).toEqual(['EdDSA']);
  });
});

describe('a key is passed over', () => {
  it.each([
    ['an EC key that says RS256', { ...ec, alg: 'RS256' }],
    ['a P-256 key that says ES384', { ...ec, alg: 'ES384' }],
    ['an RSA key that says ES256', { ...rsa, alg: 'ES256' }],
    ['an RSA key that says PS256', { ...rsa, alg: 'PS256' }],
    ['an RSA key that says RSA-OAEP', { ...rsa, alg: 'RSA-OAEP' }],
    ['an alg that is no text', { ...ec, alg: ['ES256'] }],
    ['an alg of null', { ...ec, alg: null }],
    ['use enc', { ...ec, use: 'enc' }],
    ['use null', { ...ec, use: null }],
    ['key_ops without verify', { ...ec, key_ops: ['sign'] }],
    ['key_ops that is empty', { ...ec, key_ops: [] }],
    ['key_ops that is a string', { ...ec, key_ops: 'verify' }],
    ['key_ops that is null', { ...ec, key_ops: null }],
    ['key_ops that names an operation twice', { ...ec, key_ops: ['verify', 'verify'] }],
    ['key_ops that names another operation twice', { ...ec, key_ops: ['verify', 'a', 'a'] }],
    ['key_ops with an item that is no string', { ...ec, key_ops: ['verify', 0] }],
    ['no kid', { ...ec, kid: undefined }],
    ['an empty kid', { ...ec, kid: '' }],
    ['a kid that is no string', { ...ec, kid: 7 }],
    ['no kty', { ...ec, kty: undefined }],
    ['kty in lower case', { ...ec, kty: 'ec' }],
    ['an unknown curve', { ...ec, crv: 'P-257' }],
    ['a curve of signatures that no token uses', { ...ec, crv: 'secp256k1', alg: undefined }],
    ['a curve that cannot sign', { kty: 'OKP', crv: 'X25519', x: ed25519['x'] }],
    ['no modulus', { ...rsa, n: undefined }],
    ['an exponent of 1', { ...rsa, e: 'AQ' }],
    ['an even exponent', { ...rsa, e: 'BA' }],
    ['a secret', { kty: 'oct', k: Buffer.alloc(64).toString('base64url'), alg: 'HS256' }],
    ['a published private key', { ...ec, d: ec['x'] }],
    ['a prototype as curve', { ...ec, crv: '__proto__' }],
  ])('for %s', (_, jwk) => {
    expect(readSigningKey(jwk)).toBeUndefined();
  });

  it('for a modulus of 2,040 bits', () => {
    expect(readSigningKey(rsaJwk(2040))).toBeUndefined();
  });

  it('for a modulus above 16,384 bits', () => {
    const n = Buffer.alloc(16_392 / 8, 0xff).toString('base64url');
    expect(readSigningKey({ kid: 'key', kty: 'RSA', n, e: 'AQAB' })).toBeUndefined();
  });

  it.each([
    ['y = 0', '00'.repeat(32)],
    ['y = 0 with the sign bit', `${'00'.repeat(31)}80`],
    ['y = 1', `01${'00'.repeat(31)}`],
    ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    [
      'order 8, the sign bit set',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    ],
    ['order 8, the other', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['y = -1', `ec${'ff'.repeat(30)}7f`],
    ['y = p', `ed${'ff'.repeat(30)}7f`],
    ['y = p + 1', `ee${'ff'.repeat(30)}7f`],
  ])('for an Ed25519 point of small order: %s', (_, hex) => {
    expect(readSigningKey(okpJwk(Buffer.from(hex, 'hex')))).toBeUndefined();
  });

  it.each([
    ['y = 0', '00'.repeat(57)],
    ['y = 0 with the sign bit', `${'00'.repeat(56)}80`],
    ['y = 1', `01${'00'.repeat(56)}`],
    ['y = -1', `fe${'ff'.repeat(27)}fe${'ff'.repeat(27)}00`],
    ['y = p', `${'ff'.repeat(28)}fe${'ff'.repeat(27)}00`],
    ['y = p + 1', `${'00'.repeat(28)}${'ff'.repeat(28)}00`],
  ])('for an Ed448 point of small order: %s', (_, hex) => {
    expect(readSigningKey(okpJwk(Buffer.from(hex, 'hex'), 'Ed448'))).toBeUndefined();
  });

  it('when alg names the other of the Edwards curves', () => {
    expect(readSigningKey({ ...ed25519, alg: 'Ed448' })).toBeUndefined();
  });

  it('for an Ed25519 point of no bytes', () => {
    expect(readSigningKey(okpJwk(Buffer.alloc(0)))).toBeUndefined();
  });
});

describe('a key is taken', () => {
  it.each([
    ['use sig', { ...ec, use: 'sig' }],
    ['no use', { ...ec, use: undefined }],
    ['key_ops with verify among others', { ...ec, key_ops: ['sign', 'verify'] }],
    ['members that nobody knows', { ...ec, x5c: ['junk'], 'urn:example': {} }],
    ['an exponent of 3', rsaJwk(2048, 3)],
    ['a modulus of 2,048 bits', rsaJwk(2048)],
  ])('with %s', (_, jwk) => {
    expect(readSigningKey(jwk)).toBeDefined();
  });

  it('with a modulus of 16,384 bits', () => {
    const n = Buffer.alloc(16_384 / 8, 0xff).toString('base64url');
    expect(readSigningKey({ kid: 'key', kty: 'RSA', n, e: 'AQAB' })).toBeDefined();
  });

  it('by its public members alone', () => {
    const key = readSigningKey({ ...rsa, x5u: 'https://attacker.example' });
    expect(Object.keys(key?.members ?? {}).sort()).toEqual(['e', 'kty', 'n']);
  });
});
