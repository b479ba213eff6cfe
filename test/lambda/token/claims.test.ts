import { checkClaims, isExpired, type ClaimRules } from '../../../lambda/token/claims.ts';
import type { IssuerConfig } from '../../../lambda/settings/config.ts';
import type { UnauthenticatedReason } from '../../../lambda/decision.ts';
import { NOW } from '../../support/evidence.ts';

const ISSUER: IssuerConfig = {
  issuer: 'https://issuer.example.com',
  audiences: ['api', 'admin'],
  clientIds: [],
  tokenUse: undefined,
  jwksUri: 'https://issuer.example.com/jwks',
  algorithms: ['ES256'],
  userClaim: 'sub',
  allowUnverifiedEmail: false,
  userNamespace: undefined,
  requiredClaims: {},
  sessionClaim: undefined,
};
const RULES: ClaimRules = {
  userIdCase: 'preserve',
  requireJti: false,
  clockToleranceSeconds: 5,
  maxTokenLifetimeSeconds: undefined,
  revokedTokensTableName: undefined,
};
const VALID = { aud: 'api', sub: 'alice', iat: NOW - 60, exp: NOW + 60, jti: 'token-1' };

type Overrides = Readonly<Record<string, unknown>>;

/** A claim set to undefined goes, as it would in JSON. */
function check(
  overrides: Overrides,
  issuer: Partial<IssuerConfig> = {},
  rules: Partial<ClaimRules> = {},
): ReturnType<typeof checkClaims> {
  const payload = JSON.parse(JSON.stringify({ ...VALID, ...overrides })) as Overrides;
  return checkClaims(payload, { ...ISSUER, ...issuer }, { ...RULES, ...rules }, NOW);
}

const rejected = (reason: UnauthenticatedReason) => ({ ok: false, reason });
const accepted = (claims: Overrides = {}) => ({
  ok: true,
  claims: expect.objectContaining(claims),
});

it('reads the claims of a valid token', () => {
  expect(check({ scope: 'a b' })).toEqual({
    ok: true,
    claims: {
      subject: 'alice',
      issuedAt: NOW - 60,
      expiresAt: NOW + 60,
      jti: 'token-1',
      session: undefined,
      scopes: ['a', 'b'],
    },
  });
});

describe('times', () => {
  it.each([undefined, null, 'soon', '2000000060', true, [], {}])('refuses exp %j', (exp) => {
    expect(check({ exp })).toEqual(rejected('claim_missing'));
  });

  it.each(['iat', 'nbf'])('does without %s', (name) => {
    expect(check({ [name]: undefined })).toEqual(accepted());
  });

  it.each([
    ['iat', null],
    ['iat', '1'],
    ['nbf', null],
    ['nbf', false],
  ])('refuses %s %j', (name, value) => {
    expect(check({ [name]: value })).toEqual(rejected('claim_missing'));
  });

  it.each(['exp', 'iat', 'nbf'])('refuses a %s that overflows to infinity', (name) => {
    const payload = JSON.parse(`{"aud":"api","sub":"a","exp":${NOW + 60}}`) as Overrides;
    const infinite = { ...payload, [name]: JSON.parse('1e999') as unknown };
    expect(checkClaims(infinite, ISSUER, RULES, NOW)).toEqual(rejected('claim_missing'));
  });

  it.each(['exp', 'iat', 'nbf'])('refuses a %s in milliseconds', (name) => {
    const milliseconds = { exp: NOW * 1000 + 60_000, iat: NOW * 1000 - 60_000, nbf: NOW * 1000 };
    expect(check({ [name]: milliseconds[name as 'exp'] })).toEqual(rejected('claim_missing'));
  });

  it('are below 10¹¹ and not 10¹¹ itself', () => {
    expect(check({ exp: 1e11 - 1 })).toEqual(accepted());
    expect(check({ exp: 1e11 })).toEqual(rejected('claim_missing'));
  });

  it('accepts a token until just before it expires beyond the tolerance', () => {
    expect(check({ exp: NOW - 4.999 })).toEqual(accepted());
  });

  it('refuses it from then on', () => {
    expect(check({ exp: NOW - 5 })).toEqual(rejected('token_expired'));
  });

  it.each(['iat', 'nbf'])('accepts a %s as far ahead as the tolerance', (name) => {
    expect(check({ [name]: NOW + 5 })).toEqual(accepted());
  });

  it.each(['iat', 'nbf'])('refuses a %s further ahead', (name) => {
    expect(check({ [name]: NOW + 5.001 })).toEqual(rejected('token_not_yet_valid'));
  });

  it('gives no second without a tolerance', () => {
    expect(check({ exp: NOW }, {}, { clockToleranceSeconds: 0 })).toEqual(
      rejected('token_expired'),
    );
  });
});

describe('the lifetime', () => {
  const limit = (maxTokenLifetimeSeconds: number) => ({ maxTokenLifetimeSeconds });

  it('is not limited by itself', () => {
    expect(check({ iat: NOW - 1e8, exp: NOW + 1e9 })).toEqual(accepted());
    expect(check({ iat: undefined })).toEqual(accepted());
  });

  it('may be as long as the limit and no longer', () => {
    expect(check({}, {}, limit(120))).toEqual(accepted());
    expect(check({}, {}, limit(119))).toEqual(rejected('token_lifetime_exceeded'));
  });

  it('is not known of a token that does not say when it was issued', () => {
    const token = { iat: undefined, nbf: NOW - 60 };
    expect(check(token, {}, limit(31_622_400))).toEqual(rejected('token_lifetime_exceeded'));
  });

  it('comes after the expiry and before the jti', () => {
    const rules = { ...limit(60), requireJti: true };
    expect(check({ exp: NOW - 60, iat: NOW - 600 }, {}, rules)).toEqual(rejected('token_expired'));
    expect(check({ jti: undefined }, {}, rules)).toEqual(rejected('token_lifetime_exceeded'));
  });
});

describe('required claims', () => {
  const need = (requiredClaims: Readonly<Record<string, readonly string[]>>) => ({
    requiredClaims,
  });

  it.each([
    ['a string', { hd: 'corp.example' }],
    ['another accepted string', { hd: 'corp.test' }],
  ])('hold for %s', (_, claims) => {
    expect(check(claims, need({ hd: ['corp.example', 'corp.test'] }))).toEqual(accepted());
  });

  it.each([
    ['nothing', {}],
    ['another string', { hd: 'mallory.example' }],
    ['a string in another case', { hd: 'Corp.example' }],
    ['a string with a space', { hd: 'corp.example ' }],
    ['a list that has the string', { hd: ['corp.example'] }],
    ['an object', { hd: { toString: 'corp.example' } }],
    ['null', { hd: null }],
  ])('do not hold for %s', (_, claims) => {
    expect(check(claims, need({ hd: ['corp.example'] }))).toEqual(rejected('claim_mismatch'));
  });

  it.each([
    [true, 'true', accepted()],
    [false, 'false', accepted()],
    [true, 'false', rejected('claim_mismatch')],
    [1, '1', rejected('claim_mismatch')],
  ])('compare %j with %j', (value, text, result) => {
    expect(check({ mfa: value }, need({ mfa: [text] }))).toEqual(result);
  });

  it('hold only all together', () => {
    const issuer = need({ repository: ['acme/app'], ref: ['refs/heads/main'] });
    const token = { repository: 'acme/app', ref: 'refs/heads/main' };
    expect(check(token, issuer)).toEqual(accepted());
    expect(check({ ...token, ref: 'refs/heads/x' }, issuer)).toEqual(rejected('claim_mismatch'));
    expect(check({ ...token, repository: 'x' }, issuer)).toEqual(rejected('claim_mismatch'));
  });

  it.each(['constructor', '__proto__', 'toString'])('are not inherited: %s', (name) => {
    const required = Object.fromEntries([[name, ['x']]]);
    expect(check({}, need(required))).toEqual(rejected('claim_mismatch'));
  });

  it('come after the token use and before the expiry', () => {
    const issuer = { ...need({ hd: ['corp.example'] }), tokenUse: 'access' } as const;
    expect(check({ token_use: 'id' }, issuer)).toEqual(rejected('token_use_mismatch'));
    expect(check({ token_use: 'access', exp: NOW - 60 }, issuer)).toEqual(
      rejected('claim_mismatch'),
    );
  });
});

describe('the session', () => {
  const issuer = { sessionClaim: 'sid' };

  it('is named by its claim', () => {
    expect(check({ sid: 's-1' }, issuer)).toEqual(accepted({ session: 'sid=s-1' }));
  });

  it('is not looked for where no claim is set', () => {
    expect(check({ sid: 's-1' })).toEqual(accepted({ session: undefined }));
  });

  it('is none for a token without the claim', () => {
    expect(check({}, issuer)).toEqual(accepted({ session: undefined }));
  });

  it.each([null, 7, '', ['s-1'], {}, 'x'.repeat(513)])(
    'is not what nobody could revoke: %j',
    (sid) => {
      expect(check({ sid }, issuer)).toEqual(rejected('claim_missing'));
    },
  );

  it('may have 512 bytes', () => {
    const sid = 'x'.repeat(512);
    expect(check({ sid }, issuer)).toEqual(accepted({ session: `sid=${sid}` }));
  });
});

describe('the audience', () => {
  it.each(['admin', ['other', 'admin']])('may be %j', (aud) => {
    expect(check({ aud })).toEqual(accepted());
  });

  it.each(['other', 'api ', 'API', 'api,admin', '', [], ['other']])('may not be %j', (aud) => {
    expect(check({ aud })).toEqual(rejected('audience_mismatch'));
  });

  it.each([undefined, null, 1, {}, ['api', 1]])('has to be a text or texts, not %j', (aud) => {
    expect(check({ aud })).toEqual(rejected('claim_missing'));
  });

  it.each(['web', 'phone'])('may be left out for each of several client ids (%s)', (clientId) => {
    const issuer = { audiences: [], clientIds: ['web', 'phone'] };
    expect(check({ aud: undefined, client_id: clientId }, issuer)).toEqual(accepted());
  });

  it('is not asked for where a client id is accepted alone', () => {
    const issuer = { audiences: [], clientIds: ['web'] };
    expect(check({ aud: undefined, client_id: 'web' }, issuer)).toEqual(accepted());
  });

  it.each([
    ['other', 'audience_mismatch'],
    [undefined, 'claim_missing'],
    [['web'], 'claim_missing'],
  ] as const)('is replaced by no client id %j', (clientId, reason) => {
    const issuer = { audiences: [], clientIds: ['web'] };
    expect(check({ client_id: clientId }, issuer)).toEqual(rejected(reason));
  });

  it('and the client id both have to hold when both are set', () => {
    const issuer = { clientIds: ['web'] };
    expect(check({ aud: 'other', client_id: 'web' }, issuer)).toEqual(
      rejected('audience_mismatch'),
    );
  });
});

describe('the token use', () => {
  it('is not asked for unless set', () => {
    expect(check({ token_use: 'anything' })).toEqual(accepted());
  });

  it('has to be the one that is set', () => {
    expect(check({ token_use: 'access' }, { tokenUse: 'access' })).toEqual(accepted());
  });

  it.each(['id', undefined, ['access'], 'ACCESS'])('may not be %j then', (tokenUse) => {
    expect(check({ token_use: tokenUse }, { tokenUse: 'access' })).toEqual(
      rejected('token_use_mismatch'),
    );
  });
});

describe('the user id', () => {
  it.each(['a', ' a ', 'a\nb', '\u0000', '😀', 'a'.repeat(1024), 'é'.repeat(512)])(
    'is kept as it is: %j',
    (sub) => {
      expect(check({ sub })).toEqual(accepted({ subject: sub }));
    },
  );

  it.each([undefined, null, '', 1, true, ['alice'], {}, 'a'.repeat(1025), 'é'.repeat(513)])(
    'may not be %j',
    (sub) => {
      expect(check({ sub })).toEqual(rejected('claim_missing'));
    },
  );

  it('may not hold half a surrogate pair: it would be somebody else in the table', () => {
    const payload = { ...VALID, sub: 'a\ud800' };
    expect(checkClaims(payload, ISSUER, RULES, NOW)).toEqual(rejected('claim_missing'));
  });

  it('is folded when set so', () => {
    expect(check({ sub: 'Alice@Example.COM' }, {}, { userIdCase: 'lower' })).toEqual(
      accepted({ subject: 'alice@example.com' }),
    );
  });

  it('comes from the claim that is set', () => {
    expect(check({ uid: 'u-1' }, { userClaim: 'uid' })).toEqual(accepted({ subject: 'u-1' }));
  });

  it.each(['constructor', '__proto__', 'toString'])('is never found in a prototype: %s', (name) => {
    expect(check({}, { userClaim: name })).toEqual(rejected('claim_missing'));
  });

  it('has 1,024 bytes with its namespace', () => {
    const issuer = { userNamespace: 'staff' };
    expect(check({ sub: 'a'.repeat(1018) }, issuer)).toEqual(accepted());
  });

  it('has no more than that with its namespace', () => {
    const issuer = { userNamespace: 'staff' };
    expect(check({ sub: 'a'.repeat(1019) }, issuer)).toEqual(rejected('claim_missing'));
  });

  it('may not be empty under a namespace', () => {
    expect(check({ sub: '' }, { userNamespace: 'staff' })).toEqual(rejected('claim_missing'));
  });
});

describe('an e-mail address as user id', () => {
  const byEmail = { userClaim: 'email' };
  const email = 'alice@example.com';

  it.each([true, 'true'])('has to be verified: %j', (verified) => {
    expect(check({ email, email_verified: verified }, byEmail)).toEqual(
      accepted({ subject: email }),
    );
  });

  it.each([undefined, false, 'false', 'TRUE', 1, 'yes', null])(
    'is not verified by %j',
    (verified) => {
      expect(check({ email, email_verified: verified }, byEmail)).toEqual(
        rejected('email_not_verified'),
      );
    },
  );

  it('need not be, where that is allowed', () => {
    const issuer = { ...byEmail, allowUnverifiedEmail: true };
    expect(check({ email }, issuer)).toEqual(accepted({ subject: email }));
  });
});

describe('the jti', () => {
  const BAD = ['', 1, null, {}, 'a'.repeat(513)];
  const required = { requireJti: true };
  const revocable = { revokedTokensTableName: 'revoked' };

  it('may have 512 bytes', () => {
    expect(check({ jti: 'a'.repeat(512) }, {}, required)).toEqual(accepted());
  });

  it('may be missing', () => {
    expect(check({ jti: undefined })).toEqual(accepted({ jti: undefined }));
  });

  it('may be missing while revocation is on', () => {
    expect(check({ jti: undefined }, {}, revocable)).toEqual(accepted({ jti: undefined }));
  });

  it('may not be missing when required', () => {
    expect(check({ jti: undefined }, {}, required)).toEqual(rejected('jti_missing'));
  });

  it.each(BAD)('counts as none while nothing depends on it: %j', (jti) => {
    expect(check({ jti })).toEqual(accepted({ jti: undefined }));
  });

  it.each(BAD)('is refused when required: %j', (jti) => {
    expect(check({ jti }, {}, required)).toEqual(rejected('jti_missing'));
  });

  it.each(BAD)('is refused while revocation is on, which it would slip through: %j', (jti) => {
    expect(check({ jti }, {}, revocable)).toEqual(rejected('jti_missing'));
  });
});

describe('scopes', () => {
  it.each([
    [{ scope: 'a b' }, ['a', 'b']],
    [{ scope: ' a  b ' }, ['a', 'b']],
    [{ scp: ['a', 'b'] }, ['a', 'b']],
    [{ scp: 'a b' }, ['a', 'b']],
    [{ scope: 'a', scp: ['b'] }, ['a', 'b']],
    [{ scope: ['a'] }, ['a']],
    [{ scp: ['a', 1, null] }, ['a']],
    [{ scp: ['a', 'b c', ''] }, ['a']],
    [{ scope: 42 }, []],
    [{ scope: '' }, []],
    [{}, []],
  ])('of %j are %j', (claims, scopes) => {
    expect(check(claims)).toEqual(accepted({ scopes }));
  });
});

describe('the order of the checks', () => {
  const everythingWrong = {
    exp: NOW - 100,
    nbf: NOW + 100,
    aud: 'other',
    token_use: 'id',
    jti: '',
    email: 'a@example.com',
  };
  const strictest = { userClaim: 'email', tokenUse: 'access' } as const;
  const rules = { requireJti: true };

  it.each<[UnauthenticatedReason, Overrides]>([
    ['claim_missing', { email: '' }],
    ['audience_mismatch', {}],
    ['token_use_mismatch', { aud: 'api' }],
    ['token_expired', { aud: 'api', token_use: 'access' }],
    ['token_not_yet_valid', { aud: 'api', token_use: 'access', exp: NOW + 100 }],
    ['jti_missing', { aud: 'api', token_use: 'access', exp: NOW + 100, nbf: NOW }],
    ['email_not_verified', { aud: 'api', token_use: 'access', exp: NOW + 100, nbf: NOW, jti: 'a' }],
  ])('finds %s first', (reason, mended) => {
    expect(check({ ...everythingWrong, ...mended }, strictest, rules)).toEqual(rejected(reason));
  });
});

describe('isExpired', () => {
  it('holds from the end of the tolerance on', () => {
    expect(isExpired(NOW - 5, RULES, NOW)).toBe(true);
  });

  it('does not hold before', () => {
    expect(isExpired(NOW - 4.999, RULES, NOW)).toBe(false);
  });

  it.each([undefined, 'a', null, Number.NEGATIVE_INFINITY])('does not hold of %j', (exp) => {
    expect(isExpired(exp, RULES, NOW)).toBe(false);
  });
});
