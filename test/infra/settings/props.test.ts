import { Duration } from 'aws-cdk-lib';
import { functionEnvironment } from '../../../infra/settings/props.ts';
import type { AuthorizerSettings } from '../../../infra/settings/authorizer-settings.ts';

const ONE = { issuer: 'https://idp.example.com', audience: ['a', 'b'] };

function environment(settings: Partial<AuthorizerSettings> = {}): Record<string, string> {
  return functionEnvironment({ issuers: [ONE], ...settings }, { usersTableName: 'users' });
}

describe('functionEnvironment', () => {
  it('writes what has no default, and nothing else', () => {
    expect(environment()).toEqual({
      JWT_ISSUER: 'https://idp.example.com',
      JWT_AUDIENCE: 'a,b',
      USERS_TABLE_NAME: 'users',
    });
  });

  it('leaves out what repeats a default', () => {
    const repeated = environment({
      userClaim: 'sub',
      allowUnverifiedEmail: false,
      userIdCase: 'preserve',
      requireUserInDb: false,
      requireJti: false,
      userCacheTtl: Duration.seconds(0),
      clockTolerance: Duration.seconds(5),
      jwksMaxAge: Duration.minutes(10),
      jwksMaxStale: Duration.hours(1),
      httpResponseFormat: 'simple',
      webSocketTokenSource: 'header',
      allowBoundTokens: false,
      logUserIds: 'plain',
      logLevel: 'INFO',
    });
    expect(repeated).toEqual(environment());
  });

  it.each<[Partial<AuthorizerSettings>, Record<string, string>]>([
    [{ userClaim: 'email' }, { USER_CLAIM: 'email' }],
    [{ allowUnverifiedEmail: true }, { ALLOW_UNVERIFIED_EMAIL: 'true' }],
    [{ userIdCase: 'lower' }, { USER_ID_CASE: 'lower' }],
    [{ requireUserInDb: true }, { REQUIRE_USER_IN_DB: 'true' }],
    [{ platformAdminEmail: 'admin' }, { PLATFORM_ADMIN_EMAIL: 'admin' }],
    [{ platformAdminIssuer: ONE.issuer }, { PLATFORM_ADMIN_ISSUER: ONE.issuer }],
    [
      { bootstrapExpiresAt: new Date(Date.UTC(2030, 0, 31)) },
      { BOOTSTRAP_EXPIRES_AT: '2030-01-31T00:00:00.000Z' },
    ],
    [{ requireJti: true }, { REQUIRE_JTI: 'true' }],
    [{ requiredScopes: ['a', 'b'] }, { REQUIRED_SCOPES: 'a,b' }],
    [{ requiredRoles: ['r'] }, { REQUIRED_ROLES: 'r' }],
    [{ userCacheTtl: Duration.minutes(1) }, { USER_CACHE_TTL_SECONDS: '60' }],
    [{ clockTolerance: Duration.seconds(0) }, { CLOCK_TOLERANCE_SECONDS: '0' }],
    [{ jwksMaxAge: Duration.days(1) }, { JWKS_MAX_AGE_SECONDS: '86400' }],
    [{ jwksMaxStale: Duration.seconds(0) }, { JWKS_MAX_STALE_SECONDS: '0' }],
    [{ httpResponseFormat: 'policy' }, { HTTP_RESPONSE_FORMAT: 'policy' }],
    [{ webSocketTokenSource: 'query:t' }, { WEBSOCKET_TOKEN_SOURCE: 'query:t' }],
    [{ allowBoundTokens: true }, { ALLOW_BOUND_TOKENS: 'true' }],
    [
      { resourceMetadataUrl: 'https://a.example/m' },
      { ROLLCALL_RESOURCE_METADATA_URL: 'https://a.example/m' },
    ],
    [{ logUserIds: 'sha256' }, { LOG_USER_IDS: 'sha256' }],
    [{ logLevel: 'WARN' }, { LOG_LEVEL: 'WARN' }],
  ])('writes %j', (settings, written) => {
    expect(environment(settings)).toEqual({ ...environment(), ...written });
  });

  it('writes all that one issuer can say in variables of its own', () => {
    const written = environment({
      issuers: [
        {
          issuer: 'urn:i',
          clientId: ['c'],
          tokenUse: 'access',
          jwksUri: 'https://keys.example',
          algorithms: ['ES256'],
        },
      ],
    });
    expect(written).toEqual({
      JWT_ISSUER: 'urn:i',
      JWT_CLIENT_ID: 'c',
      JWT_TOKEN_USE: 'access',
      JWKS_URI: 'https://keys.example',
      JWT_ALGORITHMS: 'ES256',
      USERS_TABLE_NAME: 'users',
    });
  });

  it.each([
    ['a claim of its own', [{ ...ONE, userClaim: 'email' }]],
    ['its own word on unverified addresses', [{ ...ONE, allowUnverifiedEmail: true }]],
    ['a namespace', [{ ...ONE, userNamespace: 'n' }]],
    ['a comma in an audience', [{ issuer: ONE.issuer, audience: ['a,b'] }]],
    ['a comma in a client id', [{ issuer: ONE.issuer, clientId: ['a,b'] }]],
    ['another issuer beside it', [ONE, { issuer: 'https://other.example', clientId: ['c'] }]],
  ])('writes an issuer with %s as TRUSTED_ISSUERS', (_, issuers) => {
    const written = environment({ issuers });
    expect(JSON.parse(written['TRUSTED_ISSUERS'] ?? '')).toEqual(issuers);
    expect(Object.keys(written).sort()).toEqual(['TRUSTED_ISSUERS', 'USERS_TABLE_NAME']);
  });

  it('names the tables', () => {
    const written = functionEnvironment(
      { issuers: [ONE] },
      {
        usersTableName: 'users',
        usersTableKey: 'pk',
        usersTablePersistent: 'false',
        revokedTokensTableName: 'revoked',
      },
    );
    expect(written).toMatchObject({
      USERS_TABLE_NAME: 'users',
      USERS_TABLE_KEY: 'pk',
      USERS_TABLE_PERSISTENT: 'false',
      REVOKED_TOKENS_TABLE_NAME: 'revoked',
    });
  });

  it('leaves out the usual key and a table that lasts', () => {
    const written = functionEnvironment(
      { issuers: [ONE] },
      { usersTableName: 'users', usersTableKey: 'user_id', usersTablePersistent: 'true' },
    );
    expect(written).toEqual(environment());
  });
});
