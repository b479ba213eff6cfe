/** Claims with a genuine signature that must not let anybody in all the same. */
import type { Reason } from '../../lambda/decision.ts';
import { encodePart, signParts, signToken, AUDIENCE, type Claims } from '../support/issuer.ts';
import { Arenas, type Arena, type Attack } from './arena.ts';
import { itAllows, itRefuses } from './matrix.ts';

const required = new Arenas();
const bound = new Arenas();
beforeAll(async () => {
  await required.start();
  await bound.start({ settings: everyCheck });
});
afterAll(async () => {
  await required.close();
  await bound.close();
});

/** The settings that ask for the claims that are not asked for by default. */
function everyCheck(): Readonly<Record<string, string>> {
  return {
    JWT_CLIENT_ID: 'app-1,app-2',
    JWT_TOKEN_USE: 'access',
    REQUIRE_JTI: 'true',
    CLOCK_TOLERANCE_SECONDS: '0',
    REQUIRED_CLAIMS: '{"hd":["corp.example","corp.test"],"mfa":"true"}',
    MAX_TOKEN_LIFETIME_SECONDS: '3600',
  };
}
const EVERY_CLAIM = { client_id: 'app-1', token_use: 'access', hd: 'corp.example', mfa: true };

const now = (): number => Math.floor(Date.now() / 1000);

function attack(name: string, reason: Reason, claims: Claims | (() => Claims)): Attack {
  return {
    name,
    reason,
    token: (arena) =>
      signToken(arena.claims(typeof claims === 'function' ? claims() : claims), arena.keys.ES256),
  };
}

/** A payload in which `name` has a value that `JSON.stringify` would not write. */
function withLiteral({ keys, claims }: Arena, name: string, literal: string): string {
  const payload = JSON.stringify(claims({ ...EVERY_CLAIM, [name]: '@@' })).replace('"@@"', literal);
  const signingInput = `${encodePart({ alg: 'ES256', kid: 'es256' })}.${encodePart(payload)}`;
  return `${signingInput}.${signParts(signingInput, keys.ES256)}`;
}

const NOT_TEXTS = [null, 0, 1, true, [], {}] as const;
const NOT_NUMBERS = [null, '', '9999999999', true, [], [9_999_999_999], {}] as const;
const INFINITE = ['1e999', '-1e999'] as const;

const shown = (value: unknown): string =>
  value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60);

const issuers: readonly Attack[] = [
  ...[undefined, ...NOT_TEXTS, '', 'https://issuer.example.com', '__proto__', 'constructor'].map(
    (iss) => attack(`iss ${shown(iss)}`, 'issuer_not_trusted', { iss }),
  ),
  ...[
    (url: string) => `${url}/`,
    (url: string) => url.toUpperCase(),
    (url: string) => ` ${url}`,
    (url: string) => `${url}\u0000`,
    (url: string) => `${url}#`,
    (url: string) => url.replace('127.0.0.1', 'localhost'),
    (url: string) => url.slice(0, -1),
    (url: string) => [url],
    (url: string) => ({ toString: url }),
  ].map((change, index): Attack => ({
    name: `an iss like the issuer's (${index})`,
    reason: 'issuer_not_trusted',
    token: ({ issuer, keys, claims }) => signToken(claims({ iss: change(issuer.url) }), keys.ES256),
  })),
];

const audiences: readonly Attack[] = [
  ...[undefined, null, 0, true, {}, [null], [AUDIENCE, 1], [[AUDIENCE]]].map((aud) =>
    attack(`aud ${shown(aud)}`, 'claim_missing', { aud }),
  ),
  ...[
    '',
    [],
    '*',
    'null',
    `${AUDIENCE}/`,
    `${AUDIENCE}.evil.example`,
    ` ${AUDIENCE}`,
    AUDIENCE.toUpperCase(),
    AUDIENCE.slice(0, -1),
    `${AUDIENCE},other`,
    ['other', `${AUDIENCE}\u0000`],
    ['length', '0'],
  ].map((aud) => attack(`aud ${shown(aud)}`, 'audience_mismatch', { aud })),
];

const times: readonly Attack[] = [
  ...[undefined, ...NOT_NUMBERS].map((exp) =>
    attack(`exp ${shown(exp)}`, 'claim_missing', { exp }),
  ),
  ...NOT_NUMBERS.flatMap((value) => [
    attack(`iat ${shown(value)}`, 'claim_missing', { iat: value }),
    attack(`nbf ${shown(value)}`, 'claim_missing', { nbf: value }),
  ]),
  ...['exp', 'iat', 'nbf'].flatMap((name) =>
    INFINITE.map((literal): Attack => ({
      name: `${name} ${literal}`,
      reason: 'claim_missing',
      token: (arena) => withLiteral(arena, name, literal),
    })),
  ),
  ...[0, -1, -0, 1e-9, 1].map((exp) => attack(`exp ${exp}`, 'token_expired', { exp })),
  attack('exp as long ago as the tolerance', 'token_expired', () => ({ exp: now() - 5 })),
  attack('exp in the far past', 'token_expired', { exp: -1e308 }),
  attack('nbf in an hour', 'token_not_yet_valid', () => ({ nbf: now() + 3600 })),
  attack('nbf at the end of time', 'claim_missing', { nbf: 1e308 }),
  attack('nbf in milliseconds', 'claim_missing', () => ({ nbf: Date.now() })),
  attack('exp in milliseconds', 'claim_missing', () => ({ exp: Date.now() + 600_000 })),
  attack('exp at the end of time', 'claim_missing', { exp: 1e11 }),
  attack('iat in an hour', 'token_not_yet_valid', () => ({ iat: now() + 3600 })),
  attack('iat in milliseconds', 'claim_missing', () => ({ iat: Date.now() })),
];

const boundTokens: readonly Attack[] = [
  { jkt: 'a thumbprint' },
  { 'x5t#S256': 'a thumbprint' },
  {},
  null,
  false,
  '',
].map((cnf) => attack(`cnf ${shown(cnf)}`, 'token_malformed', { cnf }));

/** Every claim, but in the one place from which a careless reader would inherit it. */
const inherited: Attack = {
  name: 'claims that only a prototype has',
  reason: 'issuer_not_trusted',
  token: ({ keys, claims }) => {
    const payload = `{"__proto__":${JSON.stringify(claims())}}`;
    const signingInput = `${encodePart({ alg: 'ES256', kid: 'es256' })}.${encodePart(payload)}`;
    return `${signingInput}.${signParts(signingInput, keys.ES256)}`;
  },
};

itRefuses(required, [...issuers, ...audiences, ...times, ...boundTokens, inherited]);

itAllows(required, [
  attack('one audience of several', 'user_found', { aud: ['other', AUDIENCE] }),
  attack('an exp in the far future', 'user_found', { exp: 1e11 - 1 }),
  attack('an exp within the tolerance', 'user_found', () => ({ exp: now() + 1 })),
  attack('no iat and no nbf', 'user_found', { iat: undefined, nbf: undefined }),
  attack('no jti', 'user_found', { jti: undefined }),
  attack('roles that it gives itself', 'user_found', { roles: ['admin'], is_admin: true }),
]);

describe('with every claim asked for', () => {
  const full = (name: string, reason: Reason, claims: Claims | (() => Claims)): Attack =>
    attack(name, reason, () => ({
      ...EVERY_CLAIM,
      ...(typeof claims === 'function' ? claims() : claims),
    }));

  itRefuses(bound, [
    ...[undefined, ...NOT_TEXTS].map((value) =>
      full(`client_id ${shown(value)}`, 'claim_missing', { client_id: value }),
    ),
    ...['', 'app-3', 'APP-1', 'app-1 ', 'app-1,app-2'].map((value) =>
      full(`client_id ${shown(value)}`, 'audience_mismatch', { client_id: value }),
    ),
    full('a client_id in azp', 'claim_missing', { client_id: undefined, azp: 'app-1' }),
    full('an aud that is a client id', 'audience_mismatch', { aud: 'app-1' }),
    ...[undefined, ...NOT_TEXTS, '', 'id', 'Access', 'access ', ['access']].map((value) =>
      full(`token_use ${shown(value)}`, 'token_use_mismatch', { token_use: value }),
    ),
    ...[undefined, ...NOT_TEXTS, '', 'j'.repeat(513), '\ud800', 'é'.repeat(257)].map((value) =>
      full(`jti ${shown(value)}`, 'jti_missing', { jti: value }),
    ),
    ...[undefined, ...NOT_TEXTS, '', 'mallory.example', 'Corp.example', ['corp.example']].map(
      (value) => full(`hd ${shown(value)}`, 'claim_mismatch', { hd: value }),
    ),
    ...[undefined, null, 1, false, 'True', 'yes'].map((value) =>
      full(`mfa ${shown(value)}`, 'claim_mismatch', { mfa: value }),
    ),
    full('a lifetime of more than an hour', 'token_lifetime_exceeded', () => ({
      iat: now() - 3001,
      exp: now() + 600,
    })),
    full('ten years to go', 'token_lifetime_exceeded', () => ({ exp: now() + 315_360_000 })),
    full('no iat', 'token_lifetime_exceeded', { iat: undefined }),
    full('exp at this second', 'token_expired', () => ({ exp: now() })),
  ]);

  itAllows(bound, [
    full('every claim', 'user_found', {}),
    full('the second client', 'user_found', { client_id: 'app-2' }),
    full('the second accepted value', 'user_found', { hd: 'corp.test' }),
    full('a boolean claim as a string', 'user_found', { mfa: 'true' }),
    full('a lifetime of an hour', 'user_found', () => {
      const exp = now() + 600;
      return { iat: exp - 3600, exp };
    }),
    full('a jti of 512 bytes', 'user_found', { jti: 'j'.repeat(512) }),
  ]);
});
