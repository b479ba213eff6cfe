import { generateKeyPairSync } from 'node:crypto';
import type { IssuerConfig } from '../../../lambda/settings/config.ts';
import { createKeySource, type KeyQuery, type KeySource } from '../../../lambda/keys/key-source.ts';
import {
  verifyToken,
  type TokenRules,
  type TokenVerification,
} from '../../../lambda/token/token.ts';
import { ALGORITHMS } from '../../../lambda/settings/grammar.ts';
import { createKey, encodePart, signParts, signToken, type TestKey } from '../../support/issuer.ts';
import {
  ALICE_CERTIFICATE,
  MALLORY_CERTIFICATE,
  thumbprintOf,
} from '../../support/certificates.ts';
import { NOW } from '../../support/evidence.ts';

const ISSUER: IssuerConfig = {
  issuer: 'https://issuer.example.com',
  audiences: ['api'],
  clientIds: [],
  tokenUse: undefined,
  jwksUri: 'https://issuer.example.com/jwks',
  algorithms: ALGORITHMS,
  userClaim: 'sub',
  allowUnverifiedEmail: false,
  userNamespace: undefined,
  requiredClaims: {},
  sessionClaim: undefined,
};
const RULES: TokenRules = {
  userIdCase: 'preserve',
  requireJti: false,
  clockToleranceSeconds: 5,
  maxTokenLifetimeSeconds: undefined,
  revokedTokensTableName: undefined,
  allowBoundTokens: false,
};
const CLAIMS = { iss: ISSUER.issuer, aud: 'api', sub: 'alice', exp: NOW + 60, iat: NOW - 60 };
const KEY = createKey();

/** The keys of an issuer whose set holds `keys`; notes what was asked for. */
function keysOf(...keys: readonly TestKey[]): KeySource & { readonly queries: KeyQuery[] } {
  const source = createKeySource(
    ISSUER,
    { jwksMaxAgeSeconds: 600, jwksMaxStaleSeconds: 0, clockToleranceSeconds: 5 },
    {
      fetchJwks: () => ({
        result: Promise.resolve({ ok: true, keys: keys.map(({ jwk }) => jwk) }),
        abandon: () => undefined,
      }),
      now: () => NOW * 1000,
      random: () => 0,
    },
  );
  const queries: KeyQuery[] = [];
  return {
    queries,
    prefetch: () => source.prefetch(),
    find: (query) => {
      queries.push(query);
      return source.find(query);
    },
  };
}

/** What comes of a token; the issuer that it names has tests of its own. */
async function verify(
  token: string,
  {
    issuer = {},
    rules = {},
    keys = keysOf(KEY),
    clientCertificate,
  }: {
    issuer?: Partial<IssuerConfig>;
    rules?: Partial<TokenRules>;
    keys?: KeySource;
    clientCertificate?: string;
  } = {},
): Promise<Omit<TokenVerification, 'issuer'>> {
  const { issuer: _, ...verification } = await verifyToken(token, {
    rules: { ...RULES, ...rules },
    issuers: new Map([[ISSUER.issuer, { config: { ...ISSUER, ...issuer }, keys }]]),
    now: NOW,
    deadline: { remainingMs: () => 1000 },
    clientCertificate,
  });
  return verification;
}

const rejected = (reason: string) => ({ evidence: { status: 'rejected', reason } });
const verified = (token: object = {}) => ({
  evidence: { status: 'verified', token: expect.objectContaining(token) },
});

it.each(ALGORITHMS)('verifies a token signed with %s', async (alg) => {
  const key = createKey(alg);
  const token = signToken(CLAIMS, key);
  expect(await verify(token, { keys: keysOf(key) })).toEqual(
    verified({ issuer: ISSUER.issuer, subject: 'alice', userId: 'alice' }),
  );
});

it('verifies a token signed with Ed448', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed448');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'ed448', use: 'sig' };
  const key: TestKey = { kid: 'ed448', alg: 'EdDSA', privateKey, publicKey, jwk };
  expect(await verify(signToken(CLAIMS, key), { keys: keysOf(key) })).toEqual(verified());
});

it.each(ALGORITHMS)('refuses a changed payload under %s', async (alg) => {
  const key = createKey(alg);
  const [header, , signature] = signToken(CLAIMS, key).split('.');
  const forged = `${header}.${encodePart({ ...CLAIMS, sub: 'mallory' })}.${signature}`;
  expect(await verify(forged, { keys: keysOf(key) })).toEqual(rejected('signature_invalid'));
});

it('puts the user under the namespace of its issuer', async () => {
  const issuer = { userNamespace: 'staff' };
  expect(await verify(signToken(CLAIMS, KEY), { issuer })).toEqual(
    verified({ subject: 'alice', userId: 'staff#alice' }),
  );
});

describe('the form of a token', () => {
  it('has at most 8,192 bytes', async () => {
    const room = 8192 - signToken({ ...CLAIMS, pad: '' }, KEY).length;
    const pad = 'a'.repeat(Math.floor((room * 3) / 4));
    const token = signToken({ ...CLAIMS, pad }, KEY);
    expect(token.length).toBeGreaterThan(8188);
    expect(await verify(token)).toEqual(verified());
  });

  it('has not one byte more', async () => {
    expect(await verify('a'.repeat(8193))).toEqual(rejected('token_too_large'));
  });

  it.each(['', 'a', 'a.b', 'a.b.c', '..', 'a.b.c.d'])('is not that of %j', async (token) => {
    expect(await verify(token)).toEqual(rejected('token_malformed'));
  });

  it.each([
    ['no kid', { kid: undefined }],
    ['a kid that is a number', { kid: 1 }],
    ['an empty kid', { kid: '' }],
    ['a kid of 257 bytes', { kid: 'k'.repeat(257) }],
    ['crit', { crit: ['exp'] }],
    ['an empty crit', { crit: [] }],
    ['a typ of another kind', { typ: 'dpop+jwt' }],
    ['an empty typ', { typ: '' }],
    ['a typ that is null', { typ: null }],
    ['a typ that only ends like one', { typ: 'text/jwt' }],
    ['a typ that only begins like one', { typ: 'jwt+x' }],
    ['a typ with a plural', { typ: 'JWTs' }],
    ['a typ with a parameter', { typ: 'at+jwt;charset=utf-8' }],
    ['a typ with a letter before it', { typ: 'xjwt' }],
    ['a typ with a slash after it', { typ: 'application/jwt/' }],
    ['a typ in a list', { typ: ['JWT'] }],
    ['a typ that is an object', { typ: { toString: 'JWT' } }],
  ])('does not have %s', async (_, header) => {
    expect(await verify(signToken(CLAIMS, KEY, header))).toEqual(rejected('token_malformed'));
  });

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/jwt'])(
    'may have the typ %j',
    async (typ) => {
      expect(await verify(signToken(CLAIMS, KEY, { typ }))).toEqual(verified());
    },
  );

  it('may have a kid of 256 bytes', async () => {
    const key = createKey('ES256', 'k'.repeat(256));
    expect(await verify(signToken(CLAIMS, key), { keys: keysOf(key) })).toEqual(verified());
  });
});

describe('a token that is bound to a key', () => {
  const cnf = { 'x5t#S256': thumbprintOf(ALICE_CERTIFICATE) };
  const bound = signToken({ ...CLAIMS, cnf }, KEY);
  const boundToAnother = signToken({ ...CLAIMS, cnf: { jkt: 'a' } }, KEY);
  const allowed = { rules: { allowBoundTokens: true } };

  it.each([
    ['a certificate', bound],
    ['another key', boundToAnother],
  ])('is malformed for a bearer, if it is to %s', async (_, token) => {
    expect(await verify(token)).toEqual(rejected('token_malformed'));
  });

  it('is accepted with its certificate', async () => {
    expect(await verify(bound, { clientCertificate: ALICE_CERTIFICATE })).toEqual(verified());
  });

  it('is refused with the certificate of somebody else', async () => {
    expect(await verify(bound, { clientCertificate: MALLORY_CERTIFICATE })).toEqual(
      rejected('certificate_mismatch'),
    );
  });

  it('is malformed with a certificate, if it is bound to another key', async () => {
    const { evidence } = await verify(boundToAnother, { clientCertificate: ALICE_CERTIFICATE });
    expect(evidence).toEqual({ status: 'rejected', reason: 'token_malformed' });
  });

  it.each([bound, boundToAnother])(
    'is accepted of a bearer where that is allowed',
    async (token) => {
      expect(await verify(token, allowed)).toEqual(verified());
    },
  );

  it('is refused with another certificate also where bearers are allowed', async () => {
    const options = { ...allowed, clientCertificate: MALLORY_CERTIFICATE };
    expect(await verify(bound, options)).toEqual(rejected('certificate_mismatch'));
  });

  it('is told of its certificate after everything else', async () => {
    const unverified = signToken({ ...CLAIMS, cnf, email: 'a@example.com' }, KEY);
    const issuer = { userClaim: 'email' };
    const options = { issuer, clientCertificate: MALLORY_CERTIFICATE };
    expect(await verify(unverified, options)).toEqual(rejected('email_not_verified'));
  });
});

describe('the issuer', () => {
  it.each([
    ['of somebody else', 'https://mallory.example.com'],
    ['that is nearly ours', 'https://issuer.example.com/'],
    ['that is missing', undefined],
    ['in a list', [ISSUER.issuer]],
    ['that is null', null],
  ])('%s is not trusted, and no key is looked for', async (_, iss) => {
    const keys = keysOf(KEY);
    expect(await verify(signToken({ ...CLAIMS, iss }, KEY), { keys })).toEqual(
      rejected('issuer_not_trusted'),
    );
    expect(keys.queries).toEqual([]);
  });
});

describe('the algorithm', () => {
  it.each([
    ['none', 'none'],
    ['of a shared secret', 'HS256'],
    ['in another case', 'es256'],
    ['that is missing', undefined],
    ['that is a list', ['ES256']],
    ['with a name of prototypes', 'constructor'],
  ])('%s is not allowed, and no key is looked for', async (_, alg) => {
    const keys = keysOf(KEY);
    expect(await verify(signToken(CLAIMS, KEY, { alg }), { keys })).toEqual(
      rejected('algorithm_not_allowed'),
    );
    expect(keys.queries).toEqual([]);
  });

  it('has to be one of those that are set', async () => {
    const issuer = { algorithms: ['RS256'] as const };
    expect(await verify(signToken(CLAIMS, KEY), { issuer })).toEqual(
      rejected('algorithm_not_allowed'),
    );
  });
});

describe('the names of EdDSA', () => {
  const key = createKey('EdDSA');
  const { alg: _, ...jwk } = key.jwk;
  const named = (alg: string | undefined) => ({ ...key, jwk: { ...jwk, alg } });
  const tokenOf = (alg: string) => signToken(CLAIMS, key, { alg });

  it.each([
    ['EdDSA', undefined],
    ['EdDSA', 'EdDSA'],
    ['EdDSA', 'Ed25519'],
    ['Ed25519', undefined],
    ['Ed25519', 'EdDSA'],
    ['Ed25519', 'Ed25519'],
  ])('fit one another: %s in the token, %s in the key', async (alg, inKey) => {
    expect(await verify(tokenOf(alg), { keys: keysOf(named(inKey)) })).toEqual(verified());
  });

  it.each([
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
  ] as const)('are allowed one by one: %s does not allow %s', async (allowed, alg) => {
    const issuer = { algorithms: [allowed] };
    expect(await verify(tokenOf(alg), { issuer, keys: keysOf(key) })).toEqual(
      rejected('algorithm_not_allowed'),
    );
  });

  it('do not make Ed25519 of an Ed448 key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed448');
    const ed448 = { ...publicKey.export({ format: 'jwk' }), kid: key.kid };
    const other: TestKey = { kid: key.kid, alg: 'EdDSA', privateKey, publicKey, jwk: ed448 };
    expect(
      await verify(signToken(CLAIMS, other, { alg: 'Ed25519' }), { keys: keysOf(other) }),
    ).toEqual(rejected('key_not_found'));
  });
});

describe('the key', () => {
  it('has to be in the set', async () => {
    expect(await verify(signToken(CLAIMS, createKey()))).toEqual(rejected('key_not_found'));
  });

  it('under the same kid has to be the same key', async () => {
    const impostor = createKey('ES256', KEY.kid);
    expect(await verify(signToken(CLAIMS, impostor))).toEqual(rejected('signature_invalid'));
  });

  it.each<[(typeof ALGORITHMS)[number], (typeof ALGORITHMS)[number]]>([
    ['RS256', 'ES256'],
    ['ES256', 'EdDSA'],
    ['ES256', 'ES384'],
    ['EdDSA', 'RS256'],
  ])('of a token that says %s cannot be one for %s, even without an alg', async (alg, type) => {
    const key = createKey(type);
    const { alg: _, ...jwk } = key.jwk;
    const header = encodePart({ alg, kid: key.kid });
    const signingInput = `${header}.${encodePart(CLAIMS)}`;
    const token = `${signingInput}.${signParts(signingInput, key)}`;
    expect(await verify(token, { keys: keysOf({ ...key, jwk }) })).toEqual(
      rejected('key_not_found'),
    );
  });

  it('is not worth a fetch to an expired token', async () => {
    const keys = keysOf(KEY);
    await verify(signToken({ ...CLAIMS, exp: NOW - 5 }, KEY), { keys });
    expect(keys.queries).toEqual([expect.objectContaining({ mayFetch: false })]);
  });

  it('is worth a fetch to one that has just not expired', async () => {
    const keys = keysOf(KEY);
    await verify(signToken({ ...CLAIMS, exp: NOW - 4.9 }, KEY), { keys });
    expect(keys.queries).toEqual([expect.objectContaining({ mayFetch: true })]);
  });

  it('is asked for by its kid and algorithm, and how long that took is handed on', async () => {
    const queries: KeyQuery[] = [];
    const waits: number[] = [];
    const find: KeySource['find'] = (query) => {
      queries.push(query);
      query.onWaited?.(12);
      return Promise.resolve({ status: 'not_found' });
    };
    const keys: KeySource = { find, prefetch: () => Promise.resolve() };
    const dependencies = {
      rules: RULES,
      issuers: new Map([[ISSUER.issuer, { config: ISSUER, keys }]]),
      now: NOW,
      deadline: { remainingMs: () => 1000 },
    };
    await verifyToken(signToken(CLAIMS, KEY), {
      ...dependencies,
      onKeysWaited: (ms) => waits.push(ms),
    });
    await verifyToken(signToken(CLAIMS, KEY), dependencies);
    expect(queries).toEqual([
      expect.objectContaining({ kid: KEY.kid, algorithm: 'ES256' }),
      expect.not.objectContaining({ onWaited: expect.anything() }),
    ]);
    expect(waits).toEqual([12]);
  });

  it('that could not be fetched is neither a yes nor a no', async () => {
    const keys: KeySource = {
      find: () => Promise.resolve({ status: 'unavailable', cause: 'timeout' }),
      prefetch: () => Promise.resolve(),
    };
    expect(await verify(signToken(CLAIMS, KEY), { keys })).toEqual({
      evidence: { status: 'unavailable', reason: 'keys_unavailable', cause: 'timeout' },
    });
  });

  it('is never taken from the token', async () => {
    const mallory = createKey('ES256', 'mallory');
    const header = { jwk: mallory.jwk, jku: 'http://127.0.0.1/jwks', x5u: 'http://127.0.0.1/x' };
    expect(await verify(signToken(CLAIMS, mallory, header))).toEqual(rejected('key_not_found'));
  });
});

it('tells whose stale keys verified a token', async () => {
  const fresh = keysOf(KEY);
  const keys: KeySource = {
    prefetch: () => Promise.resolve(),
    find: async (query) => {
      const result = await fresh.find(query);
      return result.status === 'found' ? { ...result, stale: true } : result;
    },
  };
  const { staleKeysOf } = await verify(signToken(CLAIMS, KEY), { keys });
  expect(staleKeysOf).toBe(ISSUER.issuer);
});

it('judges the claims only after the signature', async () => {
  const [header, , signature] = signToken(CLAIMS, KEY).split('.');
  const forged = `${header}.${encodePart({ iss: ISSUER.issuer })}.${signature}`;
  expect(await verify(forged)).toEqual(rejected('signature_invalid'));
});

it('rejects claims that do not hold', async () => {
  const token = signToken({ ...CLAIMS, aud: 'other' }, KEY);
  expect(await verify(token)).toEqual(rejected('audience_mismatch'));
});

it('is not confused by claims of types that the library would choke on', async () => {
  const token = signToken({ ...CLAIMS, jti: 5, scope: ['a'], nbf: undefined }, KEY);
  expect(await verify(token)).toEqual(verified({ jti: undefined, scopes: ['a'] }));
});

describe('the issuer that a token names', () => {
  async function issuerOf(token: string, keys: KeySource = keysOf(KEY)) {
    const { issuer } = await verifyToken(token, {
      rules: RULES,
      issuers: new Map([[ISSUER.issuer, { config: ISSUER, keys }]]),
      now: NOW,
      deadline: { remainingMs: () => 1000 },
    });
    return issuer;
  }

  it.each([
    ['verified', signToken(CLAIMS, KEY)],
    ['signed with a key that is not its own', signToken(CLAIMS, createKey('ES256', KEY.kid))],
    ['under an unknown kid', signToken(CLAIMS, createKey())],
    ['of another algorithm', signToken(CLAIMS, KEY, { alg: 'HS256' })],
    ['expired', signToken({ ...CLAIMS, exp: NOW - 60 }, KEY)],
  ])('is told of a token that is %s', async (_, token) => {
    expect(await issuerOf(token)).toBe(ISSUER.issuer);
  });

  it('is told where its keys could not be read', async () => {
    const keys: KeySource = {
      prefetch: () => Promise.resolve(),
      find: () => Promise.resolve({ status: 'unavailable', cause: 'timeout' }),
    };
    expect(await issuerOf(signToken(CLAIMS, KEY), keys)).toBe(ISSUER.issuer);
  });

  it.each([
    ['is not trusted', signToken({ ...CLAIMS, iss: 'https://other.example' }, KEY)],
    ['cannot be read', 'a.b.c'],
  ])('is not told where it %s', async (_, token) => {
    expect(await issuerOf(token)).toBeUndefined();
  });
});
