import { foldUserId, parseConfig, userKey, type Config } from '../../../lambda/settings/config.ts';

const MINIMAL = {
  JWT_ISSUER: 'https://issuer.example.com/',
  JWT_AUDIENCE: 'api',
  USERS_TABLE_NAME: 'users',
};
const ADMIN = { PLATFORM_ADMIN_EMAIL: 'admin@example.com' };
const TWO_ISSUERS = {
  USERS_TABLE_NAME: 'users',
  TRUSTED_ISSUERS: JSON.stringify([
    { issuer: 'https://a.example.com', audience: 'api', userNamespace: 'a' },
    { issuer: 'https://b.example.com', clientId: 'web', userNamespace: 'b' },
  ]),
};

type Env = Record<string, string | undefined>;

function config(env: Env): Config {
  const result = parseConfig(env);
  if (!result.ok) throw new Error(result.problems.join('; '));
  return result.config;
}

function problems(env: Env): readonly string[] {
  const result = parseConfig(env);
  return result.ok ? [] : result.problems;
}

describe('the smallest configuration', () => {
  it('has the documented defaults', () => {
    expect(config(MINIMAL)).toEqual({
      issuers: [
        {
          issuer: 'https://issuer.example.com/',
          audiences: ['api'],
          clientIds: [],
          tokenUse: undefined,
          jwksUri: 'https://issuer.example.com/.well-known/jwks.json',
          algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
          userClaim: 'sub',
          allowUnverifiedEmail: false,
          userNamespace: undefined,
          requiredClaims: {},
          sessionClaim: undefined,
        },
      ],
      userIdCase: 'preserve',
      usersTable: { name: 'users', key: 'user_id', persistent: true },
      requireUserInDb: false,
      platformAdmin: undefined,
      requireJti: false,
      maxTokenLifetimeSeconds: undefined,
      revokedTokensTableName: undefined,
      requiredScopes: [],
      requiredRoles: [],
      userCacheTtlSeconds: 0,
      clockToleranceSeconds: 5,
      jwksMaxAgeSeconds: 600,
      jwksMaxStaleSeconds: 3600,
      httpResponseFormat: 'simple',
      webSocketTokenSource: 'header',
      allowBoundTokens: false,
      resourceMetadataUrl: undefined,
      toolRoles: undefined,
      identityHeaderPrefix: 'X-Rollcall-',
      logUserIds: 'plain',
      logLevel: 'INFO',
    } satisfies Config);
  });

  it('may leave out the audience if it names a client', () => {
    const { JWT_AUDIENCE: _, ...rest } = MINIMAL;
    expect(config({ ...rest, JWT_CLIENT_ID: 'web, app' }).issuers[0]).toMatchObject({
      audiences: [],
      clientIds: ['web', 'app'],
    });
  });

  it.each(['access', 'id'] as const)('may ask for a token_use of %s', (tokenUse) => {
    expect(config({ ...MINIMAL, JWT_TOKEN_USE: tokenUse }).issuers).toEqual([
      expect.objectContaining({ issuer: MINIMAL.JWT_ISSUER, tokenUse }),
    ]);
  });

  it('ignores variables that are not settings', () => {
    expect(parseConfig({ ...MINIMAL, AWS_REGION: 'eu-central-1', PATH: '' }).ok).toBe(true);
  });

  it('takes an empty variable for an unset one', () => {
    expect(config({ ...MINIMAL, USER_CLAIM: '', JWT_CLIENT_ID: '', LOG_LEVEL: '' })).toEqual(
      config(MINIMAL),
    );
  });
});

describe('what is missing', () => {
  it('is named all at once', () => {
    expect(problems({})).toEqual([
      'JWT_ISSUER is required (or TRUSTED_ISSUERS)',
      'JWT_AUDIENCE is required (or JWT_CLIENT_ID)',
      'USERS_TABLE_NAME is required',
    ]);
  });

  it.each(['JWT_ISSUER', 'JWT_AUDIENCE', 'USERS_TABLE_NAME'])('includes %s', (name) => {
    expect(problems({ ...MINIMAL, [name]: undefined })).toEqual([
      expect.stringContaining(`${name} is required`),
    ]);
  });
});

it('says that the issuer is missing, and nothing that follows from it', () => {
  const admin = { PLATFORM_ADMIN_EMAIL: 'root', PLATFORM_ADMIN_ISSUER: 'https://i.example.com' };
  const problem = 'JWT_ISSUER is required (or TRUSTED_ISSUERS)';
  expect(problems({ ...MINIMAL, ...admin, JWT_ISSUER: '' })).toEqual([problem]);
  expect(problems({ ...MINIMAL, PLATFORM_ADMIN_EMAIL: 'root', JWT_ISSUER: '' })).toEqual([problem]);
});

describe('each setting', () => {
  it.each([
    ['JWT_TOKEN_USE', 'refresh'],
    ['JWT_ALGORITHMS', 'none'],
    ['JWKS_URI', 'http://issuer.example.com/jwks'],
    ['TRUSTED_ISSUERS', '{}'],
    ['ALLOW_UNVERIFIED_EMAIL', 'yes'],
    ['USER_ID_CASE', 'upper'],
    ['USERS_TABLE_NAME', 'a'],
    ['USERS_TABLE_PERSISTENT', '1'],
    ['REQUIRE_USER_IN_DB', 'ture'],
    ['BOOTSTRAP_EXPIRES_AT', '2030-01-01'],
    ['REQUIRE_JTI', 'on'],
    ['REVOKED_TOKENS_TABLE_NAME', 'a'],
    ['REQUIRED_SCOPES', 'a b'],
    ['REQUIRED_ROLES', 'a b'],
    ['USER_CACHE_TTL_SECONDS', '3601'],
    ['CLOCK_TOLERANCE_SECONDS', '301'],
    ['JWKS_MAX_AGE_SECONDS', '0'],
    ['JWKS_MAX_AGE_SECONDS', '86401'],
    ['JWKS_MAX_STALE_SECONDS', '86401'],
    ['HTTP_RESPONSE_FORMAT', 'iam'],
    ['WEBSOCKET_TOKEN_SOURCE', 'query'],
    ['ALLOW_BOUND_TOKENS', 'maybe'],
    ['LOG_USER_IDS', 'md5'],
    ['LOG_LEVEL', 'TRACE'],
  ])('refuses a bad %s (%s), by name and without the value', (name, value) => {
    const found = problems({ ...MINIMAL, [name]: value });
    expect(found.some((problem) => problem.startsWith(name))).toBe(true);
  });

  it.each([
    'ALLOW_UNVERIFIED_EMAIL',
    'USERS_TABLE_PERSISTENT',
    'REQUIRE_USER_IN_DB',
    'REQUIRE_JTI',
    'ALLOW_BOUND_TOKENS',
  ])('refuses an empty %s: nothing says which side was meant', (name) => {
    expect(problems({ ...MINIMAL, [name]: '' })).toEqual([`${name} must be true or false`]);
  });

  it.each<[string, string, Partial<Config>]>([
    ['USER_CACHE_TTL_SECONDS', '3600', { userCacheTtlSeconds: 3600 }],
    ['CLOCK_TOLERANCE_SECONDS', '300', { clockToleranceSeconds: 300 }],
    ['CLOCK_TOLERANCE_SECONDS', '0', { clockToleranceSeconds: 0 }],
    ['JWKS_MAX_AGE_SECONDS', '1', { jwksMaxAgeSeconds: 1 }],
    ['JWKS_MAX_AGE_SECONDS', '86400', { jwksMaxAgeSeconds: 86_400 }],
    ['JWKS_MAX_STALE_SECONDS', '0', { jwksMaxStaleSeconds: 0 }],
    ['JWKS_MAX_STALE_SECONDS', '86400', { jwksMaxStaleSeconds: 86_400 }],
    ['REQUIRE_USER_IN_DB', 'TRUE', { requireUserInDb: true }],
    ['REQUIRE_JTI', 'true', { requireJti: true }],
    ['REVOKED_TOKENS_TABLE_NAME', 'revoked', { revokedTokensTableName: 'revoked' }],
    ['REQUIRED_SCOPES', 'a, b', { requiredScopes: ['a', 'b'] }],
    ['REQUIRED_ROLES', 'ops', { requiredRoles: ['ops'] }],
    ['HTTP_RESPONSE_FORMAT', 'policy', { httpResponseFormat: 'policy' }],
    ['WEBSOCKET_TOKEN_SOURCE', 'query:t', { webSocketTokenSource: 'query:t' }],
    ['ALLOW_BOUND_TOKENS', 'true', { allowBoundTokens: true }],
    ['LOG_USER_IDS', 'sha256', { logUserIds: 'sha256' }],
    ['LOG_LEVEL', 'DEBUG', { logLevel: 'DEBUG' }],
  ])('accepts %s=%s', (name, value, expected) => {
    expect(config({ ...MINIMAL, [name]: value })).toMatchObject(expected);
  });

  it('reads the table, its key and its persistence', () => {
    const env = { ...MINIMAL, USERS_TABLE_KEY: 'email', USERS_TABLE_PERSISTENT: 'false' };
    expect(config(env).usersTable).toEqual({ name: 'users', key: 'email', persistent: false });
  });

  it.each(['is_active', 'is_admin', 'tokens_valid_after', 'roles'])(
    'refuses %s as the key of the table: it has a meaning of its own',
    (key) => {
      expect(problems({ ...MINIMAL, USERS_TABLE_KEY: key })[0]).toContain('USERS_TABLE_KEY');
    },
  );

  it('refuses one table for users and for revoked tokens', () => {
    expect(problems({ ...MINIMAL, REVOKED_TOKENS_TABLE_NAME: 'users' })).toEqual([
      'REVOKED_TOKENS_TABLE_NAME must not be the users table',
    ]);
  });
});

describe('the key set', () => {
  it.each([
    ['https://issuer.example.com', 'https://issuer.example.com/.well-known/jwks.json'],
    ['https://issuer.example.com/', 'https://issuer.example.com/.well-known/jwks.json'],
    ['https://issuer.example.com/a//', 'https://issuer.example.com/a//.well-known/jwks.json'],
  ])('of %s is at %s', (issuer, jwksUri) => {
    expect(config({ ...MINIMAL, JWT_ISSUER: issuer }).issuers[0]?.jwksUri).toBe(jwksUri);
  });

  it.each(['accounts.google.com', 'http://127.0.0.1:3000', 'https://a.example.com/?x=1'])(
    'of %s has to be named',
    (issuer) => {
      expect(problems({ ...MINIMAL, JWT_ISSUER: issuer })).toEqual([
        'JWKS_URI is required: JWT_ISSUER is not a plain HTTPS URL',
      ]);
    },
  );

  it('of an issuer that is no URL may be named', () => {
    const env = { ...MINIMAL, JWT_ISSUER: 'urn:issuer', JWKS_URI: 'https://a.example.com/jwks' };
    expect(config(env).issuers[0]?.jwksUri).toBe('https://a.example.com/jwks');
  });
});

it('accepts an issuer that is no URL if its keys have a URL', () => {
  const issuers = [
    { issuer: 'urn:example:issuer', audience: 'api', jwksUri: 'https://keys.example.com/set' },
  ];
  expect(config({ USERS_TABLE_NAME: 'users', TRUSTED_ISSUERS: JSON.stringify(issuers) })).toEqual(
    expect.objectContaining({
      issuers: [
        expect.objectContaining({
          issuer: 'urn:example:issuer',
          jwksUri: 'https://keys.example.com/set',
        }),
      ],
    }),
  );
});

describe('several issuers', () => {
  it('take the other settings as their defaults', () => {
    const env = { ...TWO_ISSUERS, USER_CLAIM: 'email', ALLOW_UNVERIFIED_EMAIL: 'true' };
    expect(config(env).issuers).toMatchObject([
      { issuer: 'https://a.example.com', userClaim: 'email', allowUnverifiedEmail: true },
      { issuer: 'https://b.example.com', userClaim: 'email', allowUnverifiedEmail: true },
    ]);
  });

  it.each([
    'JWT_ISSUER',
    'JWT_AUDIENCE',
    'JWT_CLIENT_ID',
    'JWT_TOKEN_USE',
    'JWKS_URI',
    'JWT_ALGORITHMS',
  ])('exclude %s', (name) => {
    const value = { JWT_TOKEN_USE: 'id', JWKS_URI: 'https://a.b/c', JWT_ALGORITHMS: 'ES256' }[name];
    expect(problems({ ...TWO_ISSUERS, [name]: value ?? 'x' })).toEqual([
      `${name} cannot be set together with TRUSTED_ISSUERS`,
    ]);
  });

  it('each need a namespace', () => {
    const members = [
      { issuer: 'https://a.example.com', audience: 'api', userNamespace: 'a' },
      { issuer: 'https://b.example.com', audience: 'api' },
    ];
    expect(problems({ ...TWO_ISSUERS, TRUSTED_ISSUERS: JSON.stringify(members) })).toEqual([
      'TRUSTED_ISSUERS [1].userNamespace is required with several issuers',
    ]);
  });

  it('may share a namespace, and then the people in it', () => {
    const members = ['a', 'b'].map((name) => ({
      issuer: `https://${name}.example.com`,
      audience: 'api',
      userNamespace: 'staff',
    }));
    const env = { ...TWO_ISSUERS, TRUSTED_ISSUERS: JSON.stringify(members) };
    expect(config(env).issuers.map(({ userNamespace }) => userNamespace)).toEqual([
      'staff',
      'staff',
    ]);
  });

  it('need no namespace where there is one only', () => {
    const members = [{ issuer: 'https://a.example.com', audience: 'api' }];
    const env = { ...TWO_ISSUERS, TRUSTED_ISSUERS: JSON.stringify(members) };
    expect(config(env).issuers[0]?.userNamespace).toBeUndefined();
  });

  it('each need an audience or a client, and a key set that can be found', () => {
    const members = [{ issuer: 'urn:a' }];
    expect(problems({ ...TWO_ISSUERS, TRUSTED_ISSUERS: JSON.stringify(members) })).toEqual([
      'TRUSTED_ISSUERS [0].audience is required (or clientId)',
      'TRUSTED_ISSUERS [0].jwksUri is required: its issuer is not a plain HTTPS URL',
    ]);
  });
});

describe('the platform admin', () => {
  it('comes from the one issuer', () => {
    expect(config({ ...MINIMAL, ...ADMIN }).platformAdmin).toEqual({
      userId: 'admin@example.com',
      issuer: 'https://issuer.example.com/',
      expiresAt: undefined,
    });
  });

  it('is folded like every user id', () => {
    const env = { ...MINIMAL, PLATFORM_ADMIN_EMAIL: 'Admin@Example.com', USER_ID_CASE: 'lower' };
    expect(config(env).platformAdmin?.userId).toBe('admin@example.com');
  });

  it('keeps its case otherwise', () => {
    const env = { ...MINIMAL, PLATFORM_ADMIN_EMAIL: 'Admin@Example.com' };
    expect(config(env).platformAdmin?.userId).toBe('Admin@Example.com');
  });

  it('may end by itself', () => {
    const env = { ...MINIMAL, ...ADMIN, BOOTSTRAP_EXPIRES_AT: '2030-01-31T12:00:00Z' };
    expect(config(env).platformAdmin?.expiresAt).toBe(1_896_091_200);
  });

  it('needs an issuer when there are several', () => {
    expect(problems({ ...TWO_ISSUERS, ...ADMIN })).toEqual([
      'PLATFORM_ADMIN_ISSUER is required with several issuers',
    ]);
  });

  it('comes from the issuer that is named', () => {
    const env = { ...TWO_ISSUERS, ...ADMIN, PLATFORM_ADMIN_ISSUER: 'https://b.example.com' };
    expect(config(env).platformAdmin?.issuer).toBe('https://b.example.com');
  });

  it('cannot come from an issuer that is not trusted', () => {
    const env = { ...MINIMAL, ...ADMIN, PLATFORM_ADMIN_ISSUER: 'https://other.example.com' };
    expect(problems(env)).toEqual(['PLATFORM_ADMIN_ISSUER must be one of the trusted issuers']);
  });

  it('cannot be found by an address that nobody has verified', () => {
    const env = { ...MINIMAL, ...ADMIN, USER_CLAIM: 'email', ALLOW_UNVERIFIED_EMAIL: 'true' };
    expect(problems(env)).toEqual([expect.stringContaining('ALLOW_UNVERIFIED_EMAIL')]);
  });

  it('can, in strict mode, where bootstrap is off', () => {
    const env = {
      ...MINIMAL,
      ...ADMIN,
      USER_CLAIM: 'email',
      ALLOW_UNVERIFIED_EMAIL: 'true',
      REQUIRE_USER_IN_DB: 'true',
    };
    expect(parseConfig(env).ok).toBe(true);
  });

  it('is not in danger from unverified addresses of another issuer', () => {
    const members = [
      { issuer: 'https://a.example.com', audience: 'api', userNamespace: 'a' },
      {
        issuer: 'https://b.example.com',
        audience: 'api',
        userNamespace: 'b',
        userClaim: 'email',
        allowUnverifiedEmail: true,
      },
    ];
    const env = {
      ...TWO_ISSUERS,
      ...ADMIN,
      TRUSTED_ISSUERS: JSON.stringify(members),
      PLATFORM_ADMIN_ISSUER: 'https://a.example.com',
    };
    expect(parseConfig(env).ok).toBe(true);
  });
});

describe('strict mode', () => {
  it('cannot be used with a user cache', () => {
    const env = { ...MINIMAL, REQUIRE_USER_IN_DB: 'true', USER_CACHE_TTL_SECONDS: '1' };
    expect(problems(env)).toEqual([
      'USER_CACHE_TTL_SECONDS must be 0 with REQUIRE_USER_IN_DB=true',
    ]);
  });

  it('can be used without one', () => {
    const env = { ...MINIMAL, REQUIRE_USER_IN_DB: 'true', USER_CACHE_TTL_SECONDS: '0' };
    expect(config(env).requireUserInDb).toBe(true);
  });
});

it('reports every problem together and no value', () => {
  const found = problems({
    JWT_ISSUER: 's3cret#',
    JWT_TOKEN_USE: 's3cret',
    JWKS_URI: 'http://s3cret.example.com',
    USER_CACHE_TTL_SECONDS: 's3cret',
    REQUIRE_JTI: 's3cret',
  });
  expect(found).toEqual([
    'JWT_ISSUER must not contain #',
    'JWT_TOKEN_USE must be one of: access, id',
    'JWKS_URI must be an https:// URL without spaces or credentials (http:// only to a loopback address)',
    'REQUIRE_JTI must be true or false',
    'USER_CACHE_TTL_SECONDS must be a whole number from 0 to 3600',
    'JWT_AUDIENCE is required (or JWT_CLIENT_ID)',
    'USERS_TABLE_NAME is required',
  ]);
});

describe('foldUserId', () => {
  it('folds A to Z', () => {
    expect(foldUserId('ABCxyzXYZ@Example.COM', 'lower')).toBe('abcxyzxyz@example.com');
  });

  it.each(['\u212a', 'É', 'İ', 'ſ', 'Σ'])('leaves %s alone', (letter) => {
    expect(foldUserId(letter, 'lower')).toBe(letter);
  });

  it('leaves everything alone when case is preserved', () => {
    expect(foldUserId('ABC', 'preserve')).toBe('ABC');
  });
});

describe('userKey', () => {
  it('is the bare id without a namespace', () => {
    expect(userKey('alice', { userNamespace: undefined })).toBe('alice');
  });

  it('is set apart by a namespace', () => {
    expect(userKey('alice', { userNamespace: 'staff' })).toBe('staff#alice');
  });
});

describe('required claims', () => {
  const required = (text: string) => config({ ...MINIMAL, REQUIRED_CLAIMS: text }).issuers[0];

  it('accept a string or a list of strings', () => {
    expect(required('{"hd":"corp.example","amr":["mfa","hwk"]}')?.requiredClaims).toEqual({
      hd: ['corp.example'],
      amr: ['mfa', 'hwk'],
    });
  });

  it('take a string with a comma as one string', () => {
    expect(required('{"ou":"a,b"}')?.requiredClaims).toEqual({ ou: ['a,b'] });
  });

  it.each(['__proto__', 'constructor'])('may be named %s', (name) => {
    const claims = required(`{"${name}":"x"}`)?.requiredClaims ?? {};
    expect(Object.entries(claims)).toEqual([[name, ['x']]]);
  });

  it('are 16 at most', () => {
    const claims = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, 'x'])));
    expect(Object.keys(required(claims(16))?.requiredClaims ?? {})).toHaveLength(16);
    expect(problems({ ...MINIMAL, REQUIRED_CLAIMS: claims(17) })).toEqual([
      'REQUIRED_CLAIMS must be a JSON object of at most 16 names',
    ]);
  });

  it.each([
    ['no JSON', 'hd=corp.example', 'must be a JSON object'],
    ['a list', '["hd"]', 'must be a JSON object'],
    ['null', 'null', 'must be a JSON object'],
    ['a number', '{"hd":1}', 'has a value that must be a string'],
    ['a boolean', '{"mfa":true}', 'has a value that must be a string'],
    ['an empty string', '{"hd":""}', 'has a value that must be a string'],
    ['an empty list', '{"hd":[]}', 'has a value that must name at least one item'],
    ['a list with a number', '{"hd":["a",1]}', 'has a value that must be a string or a list'],
    ['an empty name', '{"":"x"}', 'has a name that must be one line'],
  ])('are not %s', (_, text, problem) => {
    const [found = ''] = problems({ ...MINIMAL, REQUIRED_CLAIMS: text });
    expect(found).toContain(`REQUIRED_CLAIMS ${problem}`);
  });

  it('repeat no value in a problem', () => {
    const found = problems({ ...MINIMAL, REQUIRED_CLAIMS: '{"s3cret":["s3cret",1]}' });
    expect(found.join()).not.toContain('s3cret');
  });

  it('of an issuer stand in place of those of every issuer', () => {
    const issuers = [
      { issuer: 'https://a.example.com', audience: 'x', userNamespace: 'a' },
      {
        issuer: 'https://b.example.com',
        audience: 'x',
        userNamespace: 'b',
        requiredClaims: { ref: ['refs/heads/main'] },
      },
      { issuer: 'https://c.example.com', audience: 'x', userNamespace: 'c', requiredClaims: {} },
    ];
    const { JWT_ISSUER: _issuer, JWT_AUDIENCE: _audience, ...others } = MINIMAL;
    const env = {
      ...others,
      TRUSTED_ISSUERS: JSON.stringify(issuers),
      REQUIRED_CLAIMS: '{"hd":"corp.example"}',
    };
    expect(config(env).issuers.map(({ requiredClaims }) => requiredClaims)).toEqual([
      { hd: ['corp.example'] },
      { ref: ['refs/heads/main'] },
      {},
    ]);
  });
});

describe('the session claim', () => {
  it('needs the table of revoked tokens', () => {
    expect(problems({ ...MINIMAL, SESSION_CLAIM: 'sid' })).toEqual([
      'SESSION_CLAIM needs REVOKED_TOKENS_TABLE_NAME',
    ]);
    expect(
      problems({ ...MINIMAL, SESSION_CLAIM: 'sid', REVOKED_TOKENS_TABLE_NAME: 'rev' }),
    ).toEqual([]);
  });
});

describe('the longest lifetime', () => {
  it.each(['60', '31622400'])('may be %s seconds', (text) => {
    expect(config({ ...MINIMAL, MAX_TOKEN_LIFETIME_SECONDS: text }).maxTokenLifetimeSeconds).toBe(
      Number(text),
    );
  });

  it.each(['0', '59', '31622401', '1h'])('may not be %s', (text) => {
    expect(problems({ ...MINIMAL, MAX_TOKEN_LIFETIME_SECONDS: text })).toEqual([
      'MAX_TOKEN_LIFETIME_SECONDS must be a whole number from 60 to 31622400',
    ]);
  });
});
