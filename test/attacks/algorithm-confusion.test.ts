/** The header's `alg` is the attacker's to write. None of it may choose how we verify. */
import type { TestKey } from '../support/issuer.ts';
import { Arenas, type Attack } from './arena.ts';
import { hmacToken, tokenWithSignature, withHeader } from './forge.ts';
import { itAllows, itRefuses } from './matrix.ts';

const arenas = new Arenas();
beforeAll(() => arenas.start());
afterAll(() => arenas.close());

const none: readonly Attack[] = ['none', 'None', 'NONE', 'nOnE', 'none ', ''].flatMap((alg) => [
  {
    name: `alg ${JSON.stringify(alg)} with a genuine signature`,
    reason: 'algorithm_not_allowed',
    token: ({ keys, claims }) => withHeader(keys.RS256, claims(), { alg }),
  },
  {
    name: `alg ${JSON.stringify(alg)} with no signature`,
    reason: 'token_malformed',
    token: ({ keys, claims }) =>
      tokenWithSignature({ alg, kid: keys.RS256.kid }, claims(), Buffer.alloc(0)),
  },
]);

/** Every public form of the RSA and the EC key that a careless verifier could take for a secret. */
const publicKeyForms = {
  'SPKI PEM': ({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }),
  'SPKI PEM without its last line break': ({ publicKey }) =>
    publicKey.export({ type: 'spki', format: 'pem' }).toString().trimEnd(),
  'SPKI DER': ({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }),
  'JWK as published': ({ jwk }) => JSON.stringify(jwk),
  'JWK of its key alone': ({ publicKey }) => JSON.stringify(publicKey.export({ format: 'jwk' })),
  'raw number': ({ jwk }) => Buffer.from(String(jwk['n'] ?? jwk['x']), 'base64url'),
  'raw number as base64url text': ({ jwk }) => String(jwk['n'] ?? jwk['x']),
  'empty text': () => '',
} satisfies Record<string, (key: TestKey) => string | Buffer>;

const hmac: readonly Attack[] = (['HS256', 'HS384', 'HS512'] as const).flatMap((alg) =>
  (['RS256', 'ES256', 'EdDSA'] as const).flatMap((victim) =>
    Object.entries(publicKeyForms).map(([form, keyOf]): Attack => ({
      name: `${alg} keyed by the ${victim} key's ${form}`,
      reason: 'algorithm_not_allowed',
      token: ({ keys, claims }) => hmacToken(alg, keys[victim].kid, claims(), keyOf(keys[victim])),
    })),
  ),
);

const pkcs1: readonly Attack[] = (['pem', 'der'] as const).map((format) => ({
  name: `HS256 keyed by the RS256 key's PKCS #1 ${format.toUpperCase()}`,
  reason: 'algorithm_not_allowed',
  token: ({ keys, claims }) => {
    const { publicKey } = keys.RS256;
    const key =
      format === 'pem'
        ? publicKey.export({ type: 'pkcs1', format })
        : publicKey.export({ type: 'pkcs1', format });
    return hmacToken('HS256', 'rs256', claims(), key);
  },
}));

const odd: readonly Attack[] = [
  'PS256',
  'PS512',
  'ES256K',
  'RS1',
  'RSA-OAEP',
  'dir',
  'Ed448',
  'rs256',
  'RS256 ',
  'RS256\u0000',
  ['RS256'],
  { toString: 'RS256' },
  0,
  256,
  true,
  null,
  undefined,
  '__proto__',
  'constructor',
  'RS256,ES256',
].map((alg) => ({
  name: `alg ${JSON.stringify(alg) ?? 'that is missing'} on a genuine signature`,
  reason: 'algorithm_not_allowed',
  token: ({ keys, claims }) => withHeader(keys.RS256, claims(), { alg }),
}));

const crossed: readonly Attack[] = (
  [
    ['RS384', 'RS256'],
    ['RS512', 'RS256'],
    ['ES256', 'RS256'],
    ['EdDSA', 'RS256'],
    ['RS256', 'ES256'],
    ['ES384', 'ES256'],
    ['ES512', 'ES256'],
    ['EdDSA', 'ES256'],
    ['ES256', 'ES384'],
    ['ES256', 'ES512'],
    ['ES384', 'ES512'],
    ['RS256', 'EdDSA'],
    ['ES256', 'EdDSA'],
  ] as const
).map(([alg, victim]) => ({
  name: `alg ${alg} under the ${victim} key`,
  reason: 'key_not_found',
  token: ({ keys, claims }) => withHeader(keys[victim], claims(), { alg }),
}));

itRefuses(arenas, [...none, ...hmac, ...pkcs1, ...odd, ...crossed]);

itAllows(
  arenas,
  (['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const).map((alg) => ({
    name: `a genuine ${alg} token`,
    token: ({ keys, claims }) => withHeader(keys[alg], claims(), {}),
  })),
);
