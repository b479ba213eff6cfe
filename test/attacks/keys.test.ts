/** Which key verifies is for the issuer to say, and never for the token. */
import { generateKeyPairSync } from 'node:crypto';
import { createKey, encodePart, signToken, type TestKey } from '../support/issuer.ts';
import { Arenas, type Attack } from './arena.ts';
import { hmacToken, tokenWithSignature } from './forge.ts';
import { itAllows, itRefuses } from './matrix.ts';

/** The attacker's own, which nobody publishes. */
const attacker = createKey('RS256', 'rs256');
const SECRET = Buffer.from('a secret that everybody may read').toString('base64url');

/** Keys that an issuer should not publish, and one of which a verifier should not make use. */
const careless = {
  'an RSA key of 1,024 bits': rsa(1024),
  'an RSA key of 2,047 bits': rsa(2047),
  'a key for encryption': published('RS256', { use: 'enc' }),
  'a key of a use nobody knows': published('ES256', { use: 'SIG' }),
  'a key whose use is no text': published('ES256', { use: ['sig'] }),
  'a key that may only sign': published('ES256', { key_ops: ['sign'] }),
  'a key whose operations are no list': published('ES256', { key_ops: 'verify' }),
  'a key for no algorithm of ours': published('RS256', { alg: 'PS256' }),
  'a private key, published': withPrivateHalf(),
  'a point that is not on the curve': published('ES256', {
    x: Buffer.alloc(32, 1).toString('base64url'),
  }),
  'a curve of another key': published('ES256', { crv: 'P-384' }),
  'a curve nobody knows': published('ES256', { crv: 'secp256k1' }),
  'a type nobody knows': published('ES256', { kty: 'ec' }),
  'a type that is no text': published('ES256', { kty: ['EC'] }),
  'an exponent of 1': published('RS256', { e: 'AQ' }),
  'an even exponent': published('RS256', { e: 'AQAA' }),
} satisfies Record<string, TestKey>;

const symmetric: TestKey = {
  ...createKey('ES256', 'symmetric'),
  jwk: { kty: 'oct', kid: 'symmetric', k: SECRET },
};

/** A public key under which a signature of nothing verifies anything. */
const WEAK_POINTS = {
  'the neutral element': `01${'00'.repeat(31)}`,
  'the neutral element, written as p + 1': `ee${'ff'.repeat(30)}7f`,
  'the neutral element with a sign': `01${'00'.repeat(30)}80`,
  'order two': `ec${'ff'.repeat(30)}7f`,
  'order four': '00'.repeat(32),
  'order eight': '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
} as const;
const weakKeys = Object.entries(WEAK_POINTS).map(([name, hex]): readonly [string, TestKey] => {
  const kid = `weak: ${name}`;
  const x = Buffer.from(hex, 'hex').toString('base64url');
  return [name, { ...createKey('EdDSA', kid), jwk: { kty: 'OKP', crv: 'Ed25519', x, kid } }];
});

const unlabelled = published('RS256', { alg: undefined, use: undefined, key_ops: ['verify'] });

const arenas = new Arenas();
beforeAll(() =>
  arenas.start({
    extraKeys: [
      ...Object.values(careless),
      symmetric,
      ...weakKeys.map(([, key]) => key),
      unlabelled,
    ],
  }),
);
afterAll(() => arenas.close());

function published(alg: TestKey['alg'], members: Readonly<Record<string, unknown>>): TestKey {
  const key = createKey(alg);
  return { ...key, jwk: { ...key.jwk, ...members } };
}

function rsa(modulusLength: number): TestKey {
  const kid = `rsa-${modulusLength}`;
  const pair = generateKeyPairSync('rsa', { modulusLength });
  return { kid, alg: 'RS256', ...pair, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid } };
}

function withPrivateHalf(): TestKey {
  const key = createKey('ES256');
  return { ...key, jwk: { ...key.jwk, ...key.privateKey.export({ format: 'jwk' }) } };
}

const ownKey: readonly Attack[] = [
  {
    name: 'a key of the attacker under a known kid',
    reason: 'signature_invalid',
    token: ({ claims }) => signToken(claims(), attacker),
  },
  {
    name: 'a key of the attacker under a kid of its own',
    reason: 'key_not_found',
    token: ({ claims }) => signToken(claims(), attacker, { kid: 'mine' }),
  },
  {
    name: "another of the issuer's keys under this one's kid",
    reason: 'key_not_found',
    token: ({ keys, claims }) => signToken(claims(), keys.ES256, { kid: 'rs256' }),
  },
  {
    name: "the kid of an issuer that nobody trusts, in the trusted one's name",
    reason: 'key_not_found',
    token: ({ stranger, claims }) => stranger.token(claims()),
  },
];

/** Headers that bring or point to a key; `kid` is the issuer's own, or the attacker's. */
const suppliedKeys: readonly Attack[] = ['rs256', 'mine'].flatMap((kid) => {
  const attempt = (name: string, header: (stranger: string) => object): Attack => ({
    name: `${name}, kid ${kid}`,
    reason: kid === 'mine' ? 'key_not_found' : 'signature_invalid',
    token: ({ claims, stranger }) =>
      signToken(claims(), attacker, { kid, ...header(stranger.url) }),
  });
  const spki = attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return [
    attempt('a jwk header', () => ({ jwk: { ...attacker.jwk, kid } })),
    attempt('a jku header', (url) => ({ jku: `${url}/.well-known/jwks.json` })),
    attempt('an x5u header', (url) => ({ x5u: `${url}/certificate.pem` })),
    attempt('an x5c header', () => ({ x5c: [spki] })),
    attempt('x5t headers', () => ({ x5t: 'AAAA', 'x5t#S256': 'AAAA' })),
    attempt('every header at once', (url) => ({
      jwk: attacker.jwk,
      jku: url,
      x5u: url,
      x5c: [spki],
    })),
  ];
});

const oddKids: readonly Attack[] = [
  ...[42, null, true, [], ['rs256'], {}, { kid: 'rs256' }, '', undefined, 'k'.repeat(257)].map(
    (kid): Attack => ({
      name: `kid ${shorten(kid)}`,
      reason: 'token_malformed',
      token: ({ keys, claims }) => signToken(claims(), keys.RS256, { kid }),
    }),
  ),
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'hasOwnProperty',
    'toString',
    'valueOf',
    '0',
    'undefined',
    'null',
    '../../../../dev/null',
    '/proc/self/environ',
    'file:///dev/null',
    "rs256' OR '1'='1",
    'rs256; cat /etc/passwd',
    'RS256',
    'rs256 ',
    ' rs256',
    'rs256\u0000',
    'rs256\n',
    'rs256\u200b',
    'ｒs256',
    '\ud800',
    '*',
    'k'.repeat(256),
  ].map((kid): Attack => ({
    name: `kid ${shorten(kid)}`,
    reason: 'key_not_found',
    token: ({ keys, claims }) => signToken(claims(), keys.RS256, { kid }),
  })),
];

function shorten(kid: unknown): string {
  const text = JSON.stringify(kid) ?? 'that is missing';
  return text.length > 40 ? `of ${text.length - 2} characters` : text;
}

const carelessKeys: readonly Attack[] = [
  ...Object.entries(careless).map(([name, key]): Attack => ({
    name: `${name}, signing as it can`,
    reason: 'key_not_found',
    token: ({ claims }) => signToken(claims(), key),
  })),
  {
    name: 'an exponent of 1, where a text is its own signature',
    reason: 'key_not_found',
    token: ({ claims }) =>
      tokenWithSignature(
        { alg: 'RS256', kid: careless['an exponent of 1'].kid },
        claims(),
        Buffer.alloc(256, 1),
      ),
  },
  {
    name: 'HS256 with a published secret',
    reason: 'algorithm_not_allowed',
    token: ({ claims }) =>
      hmacToken('HS256', 'symmetric', claims(), Buffer.from(SECRET, 'base64url')),
  },
  {
    name: 'ES256 under a published secret',
    reason: 'key_not_found',
    token: ({ claims }) => signToken(claims(), symmetric),
  },
  ...weakKeys.map(([name, key]): Attack => ({
    name: `a signature of nothing under ${name}`,
    reason: 'key_not_found',
    token: ({ claims }) =>
      tokenWithSignature(
        { alg: 'EdDSA', kid: key.kid },
        claims(),
        Buffer.concat([Buffer.from(`01${'00'.repeat(31)}`, 'hex'), Buffer.alloc(32)]),
      ),
  })),
];

const headers: readonly Attack[] = [
  ...[
    { crit: ['exp'], exp: 1 },
    { crit: ['b64'], b64: false },
    { crit: ['http://example.com/unknown'] },
    { crit: [] },
    { crit: null },
    { crit: 'exp' },
    { crit: {} },
    { typ: 'JWE' },
    { typ: 'dpop+jwt' },
    { typ: 'logout+jwt' },
    { typ: 'secevent+jwt' },
    { typ: 'id_token+jwt' },
    { typ: 'JWT ' },
    { typ: 'application/application/jwt' },
    { typ: '' },
    { typ: null },
    { typ: 1 },
    { typ: ['JWT'] },
  ].map((header): Attack => ({
    name: `the header ${JSON.stringify(header)}`,
    reason: 'token_malformed',
    token: ({ keys, claims }) => signToken(claims(), keys.ES256, header),
  })),
  {
    name: 'an alg that only a prototype has',
    reason: 'algorithm_not_allowed',
    token: ({ claims }) =>
      `${encodePart('{"__proto__":{"alg":"RS256"},"kid":"rs256"}')}.${encodePart(claims())}.AAAA`,
  },
  {
    name: 'a kid that only a prototype has',
    reason: 'token_malformed',
    token: ({ claims }) =>
      `${encodePart('{"alg":"RS256","__proto__":{"kid":"rs256"}}')}.${encodePart(claims())}.AAAA`,
  },
  {
    name: 'a second alg after the first',
    reason: 'algorithm_not_allowed',
    token: ({ claims }) =>
      `${encodePart('{"alg":"RS256","kid":"rs256","alg":"none"}')}.${encodePart(claims())}.AAAA`,
  },
];

itRefuses(arenas, [...ownKey, ...suppliedKeys, ...oddKids, ...carelessKeys, ...headers]);

itAllows(arenas, [
  {
    name: 'a key without alg and use that may verify',
    token: ({ claims }) => signToken(claims(), unlabelled),
  },
  ...[
    { typ: 'at+jwt' },
    { typ: 'application/at+JWT' },
    { typ: 'jwt' },
    { typ: undefined },
    { cty: 'json' },
    { jku: 'https://example.com/' },
    { b64: true },
  ].map((header) => ({
    name: `the header ${JSON.stringify(header)} on a genuine token`,
    token: ({ keys, claims }: Parameters<Attack['token']>[0]) =>
      signToken(claims(), keys.ES256, header),
  })),
]);

it('asks no address that a token names', () => {
  expect(arenas.of('strict').stranger.fetches).toBe(0);
});
