/** aws-jwt-verify with the keys of one set, asked for real tokens with one thing wrong at a time. */
import crypto from 'node:crypto';
import { readSigningKey, type SigningKey } from '../../../lambda/keys/jwk.ts';
import { KeyVerifier, type IssuerChecks } from '../../../lambda/keys/key-verifier.ts';
import { ALGORITHMS, type Algorithm } from '../../../lambda/settings/grammar.ts';
import { decomposeUnverifiedJwt, type UnverifiedJwt } from '../../../lambda/token/jwt.ts';
import { createKey, encodePart, signParts, signToken, type TestKey } from '../../support/issuer.ts';

const CHECKS: IssuerChecks = {
  issuer: 'https://issuer.example.com',
  audiences: ['api', 'other-api'],
  clientIds: [],
  jwksUri: 'https://issuer.example.com/jwks',
  clockToleranceSeconds: 5,
};
const NOW = Math.floor(Date.now() / 1000);
const CLAIMS = { iss: CHECKS.issuer, aud: 'api', exp: NOW + 600 };
const keys = new Map(ALGORITHMS.map((alg) => [alg, createKey(alg)]));

function keyFor(alg: Algorithm): TestKey {
  return keys.get(alg) ?? createKey(alg);
}

function read(jwk: TestKey['jwk']): SigningKey {
  const key = readSigningKey(jwk);
  if (key === undefined) throw new Error('The key makes no sense');
  return key;
}

function decomposed(token: string): UnverifiedJwt {
  const jwt = decomposeUnverifiedJwt(token);
  if (jwt === undefined) throw new Error('The token makes no sense');
  return jwt;
}

/** Why `token` is rejected under the key that `jwk` publishes. */
function rejectionOf(
  token: string,
  jwk: TestKey['jwk'],
  alg: Algorithm,
  checks: Partial<IssuerChecks> = {},
): string | undefined {
  const key = read(jwk);
  return new KeyVerifier([key], { ...CHECKS, ...checks }).rejectionOf(decomposed(token), key, alg);
}

const withSignature = (key: TestKey, signature: Buffer): string =>
  `${encodePart({ alg: key.alg })}.${encodePart(CLAIMS)}.${signature.toString('base64url')}`;

describe.each(ALGORITHMS)('%s', (alg) => {
  const key = keyFor(alg);
  const token = signToken(CLAIMS, key);

  it('accepts what the key has signed', () => {
    expect(rejectionOf(token, key.jwk, alg)).toBeUndefined();
  });

  it('rejects another payload', () => {
    const [header = '', , signature = ''] = token.split('.');
    const forged = `${header}.${encodePart({ ...CLAIMS, sub: 'mallory' })}.${signature}`;
    expect(rejectionOf(forged, key.jwk, alg)).toBe('signature_invalid');
  });

  it('rejects another header', () => {
    const [, payload = '', signature = ''] = token.split('.');
    const forged = `${encodePart({ alg, typ: 'jwt' })}.${payload}.${signature}`;
    expect(rejectionOf(forged, key.jwk, alg)).toBe('signature_invalid');
  });

  it('rejects the signature of another key', () => {
    const other = signToken(CLAIMS, { ...createKey(alg), kid: key.kid });
    expect(rejectionOf(other, key.jwk, alg)).toBe('signature_invalid');
  });

  it.each([1, 32, 63, 64, 65, 96, 132, 256, 512])('rejects %i bytes of zeros', (bytes) => {
    const forged = withSignature(key, Buffer.alloc(bytes));
    expect(rejectionOf(forged, key.jwk, alg)).toBe('signature_invalid');
  });

  it.each([1, 32, 64, 132, 256])('rejects %i bytes of ones', (bytes) => {
    const forged = withSignature(key, Buffer.alloc(bytes, 0xff));
    expect(rejectionOf(forged, key.jwk, alg)).toBe('signature_invalid');
  });
});

it('verifies each algorithm of an RSA key by itself', () => {
  const rsa = keyFor('RS256');
  const { alg: _, ...jwk } = rsa.jwk;
  const input = `${encodePart({ alg: 'RS512' })}.${encodePart(CLAIMS)}`;
  const token = `${input}.${signParts(input, { ...rsa, alg: 'RS512' })}`;
  expect(rejectionOf(token, jwk, 'RS512')).toBeUndefined();
  expect(rejectionOf(token, jwk, 'RS256')).toBe('signature_invalid');
});

describe("the library's own checks", () => {
  const key = keyFor('ES256');
  const reject = (claims: object, checks?: Partial<IssuerChecks>) =>
    rejectionOf(signToken({ ...CLAIMS, ...claims }, key), key.jwk, 'ES256', checks);

  it.each([
    ['the true issuer', { iss: 'https://other.example.com' }, 'issuer_not_trusted'],
    ['an issuer', { iss: undefined }, 'issuer_not_trusted'],
    ['an accepted audience', { aud: 'web' }, 'audience_mismatch'],
    ['an audience', { aud: undefined }, 'audience_mismatch'],
    ['an audience that is a string', { aud: 7 }, 'audience_mismatch'],
    ['a time of expiry to come', { exp: NOW - 60 }, 'token_expired'],
    ['a time of beginning that has come', { nbf: NOW + 60 }, 'token_not_yet_valid'],
    ['a time of expiry that a Date can tell', { exp: -1e30 }, 'claim_missing'],
  ])('ask for %s', (_, claims, reason) => {
    expect(reject(claims)).toBe(reason);
  });

  it.each(['api', 'other-api', ['web', 'other-api']])('accept the audience %j', (aud) => {
    expect(reject({ aud })).toBeUndefined();
  });

  it('ask for an accepted client id where client ids are set', () => {
    const checks = { audiences: [], clientIds: ['web', 'phone'] };
    expect(reject({ client_id: 'phone', aud: undefined }, checks)).toBeUndefined();
    expect(reject({ client_id: 'tv' }, checks)).toBe('audience_mismatch');
    expect(reject({}, checks)).toBe('audience_mismatch');
  });

  it('tolerate the clock tolerance and no more', () => {
    const checks = { clockToleranceSeconds: 300 };
    expect(reject({ exp: NOW - 60, nbf: NOW + 60 }, checks)).toBeUndefined();
    expect(reject({ exp: NOW - 400 }, checks)).toBe('token_expired');
    expect(reject({ nbf: NOW + 400 }, checks)).toBe('token_not_yet_valid');
  });

  it.each([
    ['a numeric jti', { jti: 7 }],
    ['a list as scope', { scope: ['read'] }],
    ['a numeric sub', { sub: 7 }],
  ])('have nothing against %s, which is not theirs to judge', (_, claims) => {
    expect(reject(claims)).toBeUndefined();
  });
});

describe('the import of a key', () => {
  const canImport = (jwk: TestKey['jwk']): boolean => {
    const key = read(jwk);
    return new KeyVerifier([key], CHECKS).canImport(key);
  };
  const ec = keyFor('ES256').jwk;
  const edwards = keyFor('EdDSA').jwk;

  it.each(ALGORITHMS)('works for a key for %s', (alg) => {
    expect(canImport(keyFor(alg).jwk)).toBe(true);
  });

  it.each([
    ['a point that is not on its curve', { ...ec, y: ec['x'] }],
    ['no x', { ...ec, x: undefined }],
    ['an x that is no string', { ...ec, x: 7 }],
    ['a point of 31 bytes', { ...edwards, x: Buffer.alloc(31, 9).toString('base64url') }],
    ['a point of 33 bytes', { ...edwards, x: Buffer.alloc(33, 9).toString('base64url') }],
  ])('fails for %s', (_, jwk) => {
    expect(canImport(jwk)).toBe(false);
  });

  it('happens once, before the first token', () => {
    const importing = jest.spyOn(crypto, 'createPublicKey');
    const testKey = keyFor('RS256');
    const key = read(testKey.jwk);
    const verifier = new KeyVerifier([key], CHECKS);
    verifier.canImport(key);
    const jwt = decomposed(signToken(CLAIMS, testKey));
    expect(verifier.rejectionOf(jwt, key, 'RS256')).toBeUndefined();
    expect(importing).toHaveBeenCalledTimes(1);
    importing.mockRestore();
  });
});
