import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'dotenv';
import { AuthorizerStack } from '../../infra/authorizer-stack.ts';
import { functionEnvironment } from '../../infra/settings/props.ts';
import { loadSettings, SettingsError } from '../../infra/load-settings.ts';
import { ALL_SETTING_NAMES, ALL_SETTINGS } from '../../infra/settings/stack-settings.ts';
import { parseConfig } from '../../lambda/settings/config.ts';
import type { Environment } from '../../lambda/settings/setting.ts';
import { ROOT, testApp } from './support/synth.ts';

const LEAST = { JWT_ISSUER: 'https://idp.example.com/', JWT_AUDIENCE: 'api' };
const NO_ISSUER = { JWT_ISSUER: '', JWT_AUDIENCE: '' };
const TWO_ISSUERS = JSON.stringify([
  { issuer: 'https://a.example', audience: ['x', 'y,z'], userNamespace: 'a', userClaim: 'email' },
  { issuer: 'urn:b', clientId: 'c', jwksUri: 'https://b.example/keys', userNamespace: 'b' },
]);

/** What the function makes of the environment that these settings become. */
function deployedConfig(env: Environment) {
  const { props } = loadSettings(env);
  return parseConfig(functionEnvironment(props, { usersTableName: 'users' }));
}

describe('the environment of the function', () => {
  // One setting at a time: `settings/every-setting.test.ts`.
  it.each<Record<string, string>>([
    {},
    { JWT_AUDIENCE: 'a, b ,a' },
    { JWT_AUDIENCE: '', JWT_CLIENT_ID: 'app-1,app-2' },
    { JWT_ISSUER: 'urn:issuer', JWKS_URI: 'https://keys.example/jwks' },
    { JWKS_URI: 'http://127.0.0.1:9/jwks' },
    { ...NO_ISSUER, TRUSTED_ISSUERS: TWO_ISSUERS },
    {
      ...NO_ISSUER,
      TRUSTED_ISSUERS: TWO_ISSUERS,
      PLATFORM_ADMIN_EMAIL: 'admin@example.com',
      PLATFORM_ADMIN_ISSUER: 'https://a.example',
      USER_CLAIM: 'upn',
    },
    { ...NO_ISSUER, TRUSTED_ISSUERS: '[{"issuer":"https://a.example","audience":"x"}]' },
    { USER_CLAIM: 'email', USER_ID_CASE: 'lower', PLATFORM_ADMIN_EMAIL: 'Admin@Example.com' },
    { PLATFORM_ADMIN_EMAIL: 'admin', BOOTSTRAP_EXPIRES_AT: '2030-01-31T12:00:00.250+02:00' },
    { WEBSOCKET_TOKEN_SOURCE: 'query:ticket' },
  ])('means the same to the function as %j in .env', (settings) => {
    const env = { ...LEAST, ...settings };
    const asWritten = parseConfig({ ...env, USERS_TABLE_NAME: 'users' });
    expect(asWritten).toMatchObject({ ok: true });
    expect(deployedConfig(env)).toEqual(asWritten);
  });

  it('means the same for any combination of settings that works', () => {
    const seconds = (maximum: number) => fc.integer({ min: 0, max: maximum }).map(String);
    const flag = fc.constantFrom('true', 'false', 'False', 'TRUE');
    const id = fc.stringMatching(/^[A-Za-z0-9@.][A-Za-z0-9@. _-]{0,20}[A-Za-z0-9]$/u);
    const settings = fc.record(
      {
        JWT_AUDIENCE: fc.array(id, { minLength: 1, maxLength: 3 }).map((ids) => ids.join(',')),
        JWT_CLIENT_ID: id,
        JWT_TOKEN_USE: fc.constantFrom('access', 'id'),
        JWT_ALGORITHMS: fc.constantFrom('RS256', 'ES256,EdDSA'),
        USER_CLAIM: fc.constantFrom('sub', 'email', 'upn'),
        ALLOW_UNVERIFIED_EMAIL: flag,
        USER_ID_CASE: fc.constantFrom('preserve', 'lower'),
        REQUIRE_USER_IN_DB: flag,
        PLATFORM_ADMIN_EMAIL: id,
        BOOTSTRAP_EXPIRES_AT: fc
          .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
          .map((date) => date.toISOString()),
        REQUIRE_JTI: flag,
        REQUIRED_SCOPES: fc.constantFrom('a', 'a:b,c'),
        REQUIRED_ROLES: fc.constantFrom('r', 'r.1,s-2'),
        USER_CACHE_TTL_SECONDS: seconds(3600),
        CLOCK_TOLERANCE_SECONDS: seconds(300),
        JWKS_MAX_AGE_SECONDS: seconds(86_400),
        JWKS_MAX_STALE_SECONDS: seconds(86_400),
        HTTP_RESPONSE_FORMAT: fc.constantFrom('simple', 'policy'),
        WEBSOCKET_TOKEN_SOURCE: fc.constantFrom('header', 'subprotocol', 'query:t'),
        ALLOW_BOUND_TOKENS: flag,
        LOG_USER_IDS: fc.constantFrom('plain', 'sha256'),
        LOG_LEVEL: fc.constantFrom('DEBUG', 'INFO', 'WARN', 'ERROR'),
      },
      { requiredKeys: ['JWT_AUDIENCE'] },
    );
    fc.assert(
      fc.property(settings, (chosen) => {
        const env = { JWT_ISSUER: 'https://idp.example.com', USERS_TABLE_NAME: 'users', ...chosen };
        const asWritten = parseConfig(env);
        fc.pre(asWritten.ok);
        expect(deployedConfig(env)).toEqual(asWritten);
      }),
    );
  });
});

describe('loadSettings', () => {
  const load = (shell: Environment, dotenv: string) => loadSettings(shell, dotenv);
  const DOTENV = 'JWT_ISSUER=https://idp.example.com/\nJWT_AUDIENCE=api\n';

  it('reads .env', () => {
    expect(load({}, DOTENV).props.issuers[0]).toMatchObject({ audience: ['api'] });
  });

  it('prefers the shell', () => {
    expect(load({ JWT_AUDIENCE: 'other' }, DOTENV).props.issuers[0]).toMatchObject({
      audience: ['other'],
    });
  });

  it("lets an empty variable of the shell unset the file's", () => {
    const { props } = load({ PLATFORM_ADMIN_EMAIL: '' }, `${DOTENV}PLATFORM_ADMIN_EMAIL=admin\n`);
    expect(props).not.toHaveProperty('platformAdminEmail');
  });

  it('leaves process.env alone', () => {
    const before = { ...process.env };
    load(process.env, `${DOTENV}REQUIRE_JTI=true\n`);
    expect(process.env).toEqual(before);
  });

  it('names the settings that the shell overrides', () => {
    const loaded = load({ JWT_AUDIENCE: 'other', JWT_ISSUER: LEAST.JWT_ISSUER }, DOTENV);
    expect(loaded.overriddenNames).toEqual(['JWT_AUDIENCE']);
  });

  it('names the settings that only the shell makes', () => {
    expect(load({ REQUIRE_JTI: 'true', PATH: '/bin' }, DOTENV).shellNames).toEqual(['REQUIRE_JTI']);
  });

  it.each([
    'REQUIRE_USER_IN_DBB',
    'REQUIRED_ROLE',
    'REVOKED_TOKENS_TABLE',
    'JWT_AUDIENCES',
    'JWKS_URL',
    'USER_CLAIMS',
    'USERS_TABLE',
    'BOOTSTRAP_EXPIRY',
    'PLATFORM_ADMIN',
    'TRUSTED_ISSUER',
    'ROLLCALL_HTTPAPI',
  ])('finds %s suspicious, in the shell and in .env', (name) => {
    expect(load({ [name]: 'x' }, DOTENV).unknownNames).toEqual([name]);
    expect(load({}, `${DOTENV}${name}=x\n`).unknownNames).toEqual([name]);
  });

  it.each(ALL_SETTING_NAMES)('does not find %s suspicious', (name) => {
    expect(load({ [name]: undefined }, DOTENV).unknownNames).not.toContain(name);
  });

  it.each(['LOG_USER_ID', 'CLOCK_TOLERANCE', 'ALLOW_UNVERIFIED_EMAILS', 'WEBSOCKET_SOURCE'])(
    'finds %s suspicious in .env, though not in a shell that many share',
    (name) => {
      expect(load({ [name]: 'x' }, DOTENV).unknownNames).toEqual([]);
      expect(load({}, `${DOTENV}${name}=x\n`).unknownNames).toEqual([name]);
    },
  );

  it("does not find the command line's own variable suspicious", () => {
    expect(load({ ROLLCALL_DEBUG: '1' }, `${DOTENV}ROLLCALL_DEBUG=1\n`).unknownNames).toEqual([]);
  });

  it('does not find unrelated names suspicious', () => {
    expect(
      load({ USER: 'me', HOME: '/', AWS_REGION: 'x', JWTS: '1' }, DOTENV).unknownNames,
    ).toEqual([]);
  });

  it('fails on a bad setting by its name and never by its value', () => {
    expect(() => load({ REQUIRE_USER_IN_DB: 'yes-secret' }, DOTENV)).toThrow(SettingsError);
    expect(() => load({ REQUIRE_USER_IN_DB: 'yes-secret' }, DOTENV)).toThrow(
      /REQUIRE_USER_IN_DB must be true or false/u,
    );
    expect(() => load({ REQUIRE_USER_IN_DB: 'yes-secret' }, DOTENV)).not.toThrow(/yes-secret/u);
  });

  it('says of a bad setting that the shell has set it', () => {
    expect(() => load({ LOG_LEVEL: 'info' }, DOTENV)).toThrow(
      /LOG_LEVEL must .* \(set by the shell\)/u,
    );
    expect(() => load({}, `${DOTENV}LOG_LEVEL=info\n`)).not.toThrow(/shell/u);
  });

  it.each([
    'PLATFORM_ADMIN_EMAIL=ada_gmail.com#EXT#@example.com',
    'PLATFORM_ADMIN_EMAIL = a#b',
    'export PLATFORM_ADMIN_EMAIL=a#b # and a comment',
    'PLATFORM_ADMIN_EMAIL: a#b',
    "PLATFORM_ADMIN_EMAIL='tis#b",
    'PLATFORM_ADMIN_EMAIL=#ada@example.com',
  ])('fails on a line that # would cut short: %s', (line) => {
    expect(() => load({}, `${DOTENV}${line}\n`)).toThrow(
      /PLATFORM_ADMIN_EMAIL has a # in its line, .* quotes/u,
    );
  });

  it.each([
    ['a#b', 'PLATFORM_ADMIN_EMAIL="a#b"'],
    ['a#b', "PLATFORM_ADMIN_EMAIL='a#b' # a comment"],
    ['ab', 'PLATFORM_ADMIN_EMAIL=ab # a comment'],
    ['ab', '#PLATFORM_ADMIN_EMAIL=a#b\nPLATFORM_ADMIN_EMAIL=ab'],
    ['a#b', "PLATFORM_ADMIN_EMAIL=a#b\nPLATFORM_ADMIN_EMAIL='a#b'"],
    ['ab', 'PLATFORM_ADMIN_EMAIL=ab\r\n# no comment#ends\r\n'],
  ])('reads %s of %s', (expected, line) => {
    expect(load({}, `${DOTENV}${line}\n`).props.platformAdminEmail).toBe(expected);
  });

  it('fails on all bad settings together, those of the stack included', () => {
    const failing = () => load({ REQUIRE_JTI: '', ROLLCALL_HTTP_API: '', LOG_LEVEL: 'x' }, DOTENV);
    expect(failing).toThrow(/REQUIRE_JTI must/u);
    expect(failing).toThrow(/LOG_LEVEL must/u);
    expect(failing).toThrow(/ROLLCALL_HTTP_API must/u);
  });

  it('fails without an issuer', () => {
    expect(() => load({}, '')).toThrow(/JWT_ISSUER is required/u);
  });

  it('does without a users table, which the stack makes', () => {
    expect(load({}, DOTENV).props).toMatchObject({ ephemeral: false });
    expect(load({}, DOTENV).props).not.toHaveProperty('usersTableName');
  });

  it('makes a throwaway of a table of its own that need not last', () => {
    expect(load({ USERS_TABLE_PERSISTENT: 'false' }, DOTENV).props).toMatchObject({
      ephemeral: true,
    });
  });

  it('never makes a throwaway of a table that exists', () => {
    const { props } = load({ USERS_TABLE_NAME: 'u-1', USERS_TABLE_PERSISTENT: 'false' }, DOTENV);
    expect(props).toMatchObject({ usersTableName: 'u-1', usersTablePersistent: false });
    expect(props).not.toHaveProperty('ephemeral');
  });

  it.each([
    ['USERS_TABLE_KMS_KEY_ARN', 'arn:aws:kms:eu-west-1:111122223333:key/k-1'],
    ['ROLLCALL_CORS_ORIGIN', 'https://app.example.com'],
    ['ROLLCALL_RESOURCE_METADATA_URL', 'https://api.example.com/.well-known/x'],
    ['ROLLCALL_ALARM_TOPIC_ARN', 'arn:aws:sns:eu-west-1:111122223333:alarms'],
  ])('passes %s on as it is', (name, value) => {
    expect(Object.values(load({ [name]: value }, DOTENV).props)).toContain(value);
  });

  it.each([
    ['ROLLCALL_REST_AUTHORIZER', 'request', { restAuthorizerType: 'request' }],
    ['ROLLCALL_HTTP_API', 'true', { httpApi: true }],
    ['ROLLCALL_PROTECTED_RESOURCE', 'true', { protectedResource: true }],
    ['ROLLCALL_WEBSOCKET_API', 'true', { webSocketApi: true }],
    ['ROLLCALL_DENIED_STATUS_CODE', '403', { deniedStatusCode: 403 }],
    ['ROLLCALL_CLOUDWATCH_ROLE', 'false', { cloudWatchRole: false }],
  ])('passes %s on as a prop', (name, value, prop) => {
    expect(load({ [name]: value }, DOTENV).props).toMatchObject(prop);
  });

  it('passes times on as durations', () => {
    const { props } = load(
      { ROLLCALL_CACHE_TTL_SECONDS: '30', ROLLCALL_MAX_REVOCATION_DELAY_SECONDS: '60' },
      DOTENV,
    );
    expect(props.resultsCacheTtl?.toSeconds()).toBe(30);
    expect(props.maxRevocationDelay?.toSeconds()).toBe(60);
  });

  it('deploys to the Region of the key, which could not serve another one', () => {
    const key = 'arn:aws:kms:eu-north-1:111122223333:key/k-1';
    const { props } = load({ USERS_TABLE_KMS_KEY_ARN: key }, DOTENV);
    const stack = new AuthorizerStack(testApp(), 'Rollcall', props);
    Template.fromStack(stack).allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: [{ Region: 'eu-north-1', SSESpecification: { KMSMasterKeyId: key } }],
    });
  });

  it('names the stack', () => {
    expect(load({}, DOTENV).stackName).toBe('Rollcall');
    expect(load({ ROLLCALL_STACK_NAME: 'Staging' }, DOTENV).stackName).toBe('Staging');
  });
});

describe('.env.example', () => {
  const text = readFileSync(path.join(ROOT, '.env.example'), 'utf8');
  const uncommented = parse(text.replaceAll(/^#(?=[A-Z_]+=)/gmu, ''));

  it('works as it stands', () => {
    expect(loadSettings({}, text).unknownNames).toEqual([]);
  });

  it('names every setting and no other', () => {
    expect(Object.keys(uncommented)).toEqual(expect.arrayContaining([...ALL_SETTING_NAMES]));
    expect(Object.keys(uncommented)).toHaveLength(ALL_SETTING_NAMES.length);
  });

  it.each(ALL_SETTINGS)('shows the default of $name, or a value that is accepted', (setting) => {
    const { name, default: fallback, grammar } = setting;
    expect(uncommented[name]).toBe(fallback ?? uncommented[name]);
    expect(grammar(uncommented[name] ?? '')).toMatchObject({ ok: true });
  });
});
