/** Signatures over real tokens, with one thing wrong at a time. */
import { importSigningKey, type SigningKey } from '../../../lambda/keys/jwk.ts';
import { decomposeUnverifiedJwt, type UnverifiedJwt } from '../../../lambda/token/jwt.ts';
import { hasValidSignature } from '../../../lambda/token/signature.ts';
import { createKey, encodePart, signParts, signToken, type TestKey } from '../../support/issuer.ts';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
const keys = new Map(ALGORITHMS.map((alg) => [alg, createKey(alg)]));

function keyFor(alg: (typeof ALGORITHMS)[number]): TestKey {
  return keys.get(alg) ?? createKey(alg);
}

function imported(key: TestKey): SigningKey {
  const signingKey = importSigningKey(key.jwk);
  if (signingKey === undefined) throw new Error('The key makes no sense');
  return signingKey;
}

function decomposed(token: string): UnverifiedJwt {
  const jwt = decomposeUnverifiedJwt(token);
  if (jwt === undefined) throw new Error('The token makes no sense');
  return jwt;
}

const withSignature = (key: TestKey, signature: Buffer): UnverifiedJwt =>
  decomposed(
    `${encodePart({ alg: key.alg })}.${encodePart({})}.${signature.toString('base64url')}`,
  );

describe.each(ALGORITHMS)('%s', (alg) => {
  const key = keyFor(alg);
  const token = signToken({ sub: 'alice' }, key);

  it('accepts what the key has signed', () => {
    expect(hasValidSignature(decomposed(token), imported(key), alg)).toBe(true);
  });

  it('refuses another payload', () => {
    const [header = '', , signature = ''] = token.split('.');
    const forged = `${header}.${encodePart({ sub: 'mallory' })}.${signature}`;
    expect(hasValidSignature(decomposed(forged), imported(key), alg)).toBe(false);
  });

  it('refuses another header', () => {
    const [, payload = '', signature = ''] = token.split('.');
    const forged = `${encodePart({ alg, typ: 'jwt' })}.${payload}.${signature}`;
    expect(hasValidSignature(decomposed(forged), imported(key), alg)).toBe(false);
  });

  it('refuses the signature of another key', () => {
    const other = signToken({ sub: 'alice' }, { ...createKey(alg), kid: key.kid });
    expect(hasValidSignature(decomposed(other), imported(key), alg)).toBe(false);
  });

  it.each([1, 32, 63, 64, 65, 96, 132, 256, 512])('refuses %i bytes of nothing', (bytes) => {
    const jwt = withSignature(key, Buffer.alloc(bytes));
    expect(hasValidSignature(jwt, imported(key), alg)).toBe(false);
  });

  it.each([1, 32, 64, 132, 256])('refuses %i bytes of ones', (bytes) => {
    const jwt = withSignature(key, Buffer.alloc(bytes, 0xff));
    expect(hasValidSignature(jwt, imported(key), alg)).toBe(false);
  });
});

it('goes by the key object it is given, not by a kid that was used before', () => {
  const old = createKey('ES256', 'same');
  const replacement = createKey('ES256', 'same');
  const [oldToken, newToken] = [old, replacement].map((key) => decomposed(signToken({}, key)));
  const verdicts = [old, replacement].map((key) => {
    const signingKey = imported(key);
    return [oldToken, newToken].map(
      (jwt) => jwt !== undefined && hasValidSignature(jwt, signingKey, 'ES256'),
    );
  });
  expect(verdicts).toEqual([
    [true, false],
    [false, true],
  ]);
});

it('verifies each algorithm of an RSA key by itself', () => {
  const { alg: _, ...jwk } = keyFor('RS256').jwk;
  const signingKey = importSigningKey(jwk);
  const input = `${encodePart({ alg: 'RS512' })}.${encodePart({})}`;
  const signature = signParts(input, { ...keyFor('RS256'), alg: 'RS512' });
  const jwt = decomposed(`${input}.${signature}`);
  expect(signingKey && hasValidSignature(jwt, signingKey, 'RS512')).toBe(true);
  expect(signingKey && hasValidSignature(jwt, signingKey, 'RS256')).toBe(false);
});
