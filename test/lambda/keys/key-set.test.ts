/** Which keys of a fetched set are found and tried. */
import { KeySet } from '../../../lambda/keys/key-set.ts';
import type { Algorithm } from '../../../lambda/settings/grammar.ts';
import { decomposeUnverifiedJwt, type UnverifiedJwt } from '../../../lambda/token/jwt.ts';
import { createKey, signToken, type TestKey } from '../../support/issuer.ts';

const CHECKS = {
  issuer: 'https://issuer.example.com',
  audiences: ['api'],
  clientIds: [],
  jwksUri: 'https://issuer.example.com/jwks',
  clockToleranceSeconds: 5,
};
const KID = 'shared';

function setOf(...keys: readonly Pick<TestKey, 'jwk'>[]): KeySet {
  return new KeySet(
    keys.map(({ jwk }) => jwk),
    0,
    CHECKS,
  );
}

function tokenOf(key: TestKey): UnverifiedJwt {
  const exp = Date.now() / 1000 + 600;
  const jwt = decomposeUnverifiedJwt(signToken({ iss: CHECKS.issuer, aud: 'api', exp }, key));
  if (jwt === undefined) throw new Error('The token makes no sense');
  return jwt;
}

/** Whether `keySet` accepts a token of `signer`; undefined where it has no key for it. */
function accepts(keySet: KeySet, signer: TestKey, algorithm: Algorithm = signer.alg) {
  const verify = keySet.verifierFor(signer.kid, algorithm);
  return verify && verify(tokenOf(signer)) === undefined;
}

describe('keys that share a kid', () => {
  const rsa = Array.from({ length: 5 }, () => createKey('RS256', KID));
  const ec = Array.from({ length: 5 }, () => createKey('ES256', KID));

  it.each([
    ['RSA', rsa],
    ['EC', ec],
  ])('of one type are each tried, up to four (%s)', (_, keys) => {
    const keySet = setOf(...keys);
    expect(keys.map((signer) => accepts(keySet, signer))).toEqual([true, true, true, true, false]);
  });

  it('of other types do not count towards the four', () => {
    const keySet = setOf(...rsa, ...ec);
    expect(ec.map((signer) => accepts(keySet, signer))).toEqual([true, true, true, true, false]);
  });

  it('of other algorithms do not count towards the four', () => {
    const forAnotherAlgorithm = rsa.map(({ jwk }) => ({ jwk: { ...jwk, alg: 'RS512' } }));
    const last = createKey('RS256', KID);
    expect(accepts(setOf(...forAnotherAlgorithm, last), last)).toBe(true);
  });

  it('and cannot be used do not count towards the four', () => {
    const bad = ec.map(({ jwk }) => ({ jwk: { ...jwk, use: 'enc' } }));
    const last = createKey('ES256', KID);
    expect(accepts(setOf(...bad, last), last)).toBe(true);
  });

  it('and are not on their curve spoil none of the others', () => {
    const [good, other] = ec;
    const bad = { jwk: { ...good?.jwk, y: other?.jwk['y'] } };
    const keySet = good && setOf(bad, good);
    expect(keySet && accepts(keySet, good)).toBe(true);
  });

  it('are told from keys of another kid', () => {
    const other = createKey('ES256', 'other');
    const keySet = setOf(...ec.slice(0, 2), other);
    expect(accepts(keySet, other)).toBe(true);
    expect(accepts(keySet, { ...other, kid: KID })).toBe(false);
  });

  it('do not make up for a claim that the library rejects', () => {
    const [first, second] = ec;
    const verify = first && second && setOf(first, second).verifierFor(KID, 'ES256');
    const jwt = second && decomposeUnverifiedJwt(signToken({ iss: CHECKS.issuer, exp: 1 }, second));
    expect(verify && jwt && verify(jwt)).toBe('token_expired');
  });
});

describe('a kid', () => {
  const key = createKey('ES256', KID);

  it('is known if one of its keys can be used', () => {
    expect(setOf(key).has(KID)).toBe(true);
    expect(setOf({ jwk: { ...key.jwk, y: key.jwk['x'] } }).has(KID)).toBe(false);
    expect(setOf({ jwk: { ...key.jwk, use: 'enc' } }).has(KID)).toBe(false);
    expect(setOf(key).has('other')).toBe(false);
  });

  it.each(['__proto__', 'constructor', 'toString'])('is no prototype (%s)', (kid) => {
    expect(setOf(key).has(kid)).toBe(false);
    expect(accepts(setOf({ jwk: { ...key.jwk, kid } }), { ...key, kid })).toBe(true);
  });

  it('is a sign of rotation if the other set lacks it, even if its key cannot be used', () => {
    const unusable = { jwk: { ...key.jwk, kid: 'new', use: 'enc' } };
    expect(setOf(key, unusable).hasKidUnknownTo(setOf(key))).toBe(true);
    expect(setOf(key).hasKidUnknownTo(setOf(key, unusable))).toBe(false);
  });

  it('that is missing, empty or no string is passed over', () => {
    const nameless = [undefined, '', 7].map((kid) => ({ jwk: { ...key.jwk, kid } }));
    expect(setOf(...nameless).hasKidUnknownTo(setOf())).toBe(false);
    expect(setOf(...nameless).has('')).toBe(false);
  });
});
