/**
 * The one table of the function's settings. A row says what a setting is called, how it is
 * written, what it is when unset, and where it goes: its place in `Config`, the member of an
 * issuer that it stands for, and its prop in the construct. `parseConfig`, the props, the
 * function's environment and the documentation are all made from it; what a setting means, in
 * words, is in `descriptions.ts`.
 */
import {
  acceptedValues,
  ALGORITHMS,
  algorithms,
  boolean,
  integer,
  issuer,
  jwksUri,
  line,
  listOf,
  MAX_USER_ID_BYTES,
  metadataUrl,
  oneOf,
  role,
  scope,
  tableName,
  timestamp,
  tokenUse,
  userClaim,
  webSocketTokenSource,
} from './grammar.ts';
import {
  readTable,
  rowsOf,
  type Environment,
  type Read,
  type SettingTable,
  type Values,
} from './setting.ts';
import { identityHeaderPrefix, toolRoles } from './agentcore.ts';
import type { StringsByName } from './json-grammar.ts';
import { requiredClaims, trustedIssuers, type IssuerEntry } from './trusted-issuers.ts';

const NO_CLAIMS: StringsByName = {};

/** Every setting, in the order in which problems name them and pages describe them. */
export const SETTINGS = {
  JWT_ISSUER: { grammar: issuer, member: 'issuer' },
  JWT_AUDIENCE: { grammar: acceptedValues, member: 'audience' },
  JWT_CLIENT_ID: { grammar: acceptedValues, member: 'clientId' },
  JWT_TOKEN_USE: { grammar: tokenUse, member: 'tokenUse' },
  JWKS_URI: { grammar: jwksUri, member: 'jwksUri' },
  JWT_ALGORITHMS: { grammar: algorithms, default: ALGORITHMS.join(','), member: 'algorithms' },
  MAX_TOKEN_LIFETIME_SECONDS: {
    grammar: integer(60, 31_622_400),
    config: 'maxTokenLifetimeSeconds',
    prop: 'maxTokenLifetime',
    unit: 'seconds',
  },
  TRUSTED_ISSUERS: { grammar: trustedIssuers, prop: 'issuers' },
  USER_CLAIM: { grammar: userClaim, default: 'sub', member: 'userClaim', prop: 'userClaim' },
  ALLOW_UNVERIFIED_EMAIL: {
    grammar: boolean,
    default: 'false',
    member: 'allowUnverifiedEmail',
    prop: 'allowUnverifiedEmail',
  },
  USER_ID_CASE: {
    grammar: oneOf('preserve', 'lower'),
    default: 'preserve',
    config: 'userIdCase',
    prop: 'userIdCase',
  },
  USERS_TABLE_NAME: { grammar: tableName, prop: 'usersTableName' },
  USERS_TABLE_KEY: { grammar: line(255), default: 'user_id', prop: 'usersTableKey' },
  USERS_TABLE_PERSISTENT: { grammar: boolean, default: 'true', prop: 'usersTablePersistent' },
  REQUIRE_USER_IN_DB: {
    grammar: boolean,
    default: 'false',
    config: 'requireUserInDb',
    prop: 'requireUserInDb',
  },
  PLATFORM_ADMIN_EMAIL: { grammar: line(MAX_USER_ID_BYTES), prop: 'platformAdminEmail' },
  PLATFORM_ADMIN_ISSUER: { grammar: issuer, prop: 'platformAdminIssuer' },
  BOOTSTRAP_EXPIRES_AT: { grammar: timestamp, prop: 'bootstrapExpiresAt', unit: 'instant' },
  REQUIRE_JTI: { grammar: boolean, default: 'false', config: 'requireJti', prop: 'requireJti' },
  REVOKED_TOKENS_TABLE_NAME: {
    grammar: tableName,
    config: 'revokedTokensTableName',
    prop: 'revokedTokensTableName',
  },
  REQUIRED_CLAIMS: {
    grammar: requiredClaims,
    unset: NO_CLAIMS,
    member: 'requiredClaims',
    prop: 'requiredClaims',
  },
  SESSION_CLAIM: { grammar: userClaim, member: 'sessionClaim', prop: 'sessionClaim' },
  REQUIRED_SCOPES: {
    grammar: listOf(scope),
    unset: [],
    config: 'requiredScopes',
    prop: 'requiredScopes',
  },
  REQUIRED_ROLES: {
    grammar: listOf(role),
    unset: [],
    config: 'requiredRoles',
    prop: 'requiredRoles',
  },
  TOOL_ROLES: { grammar: toolRoles, config: 'toolRoles', prop: 'toolRoles' },
  USER_CACHE_TTL_SECONDS: {
    grammar: integer(0, 3600),
    default: '0',
    config: 'userCacheTtlSeconds',
    prop: 'userCacheTtl',
    unit: 'seconds',
  },
  CLOCK_TOLERANCE_SECONDS: {
    grammar: integer(0, 300),
    default: '5',
    config: 'clockToleranceSeconds',
    prop: 'clockTolerance',
    unit: 'seconds',
  },
  JWKS_MAX_AGE_SECONDS: {
    grammar: integer(1, 86_400),
    default: '600',
    config: 'jwksMaxAgeSeconds',
    prop: 'jwksMaxAge',
    unit: 'seconds',
  },
  JWKS_MAX_STALE_SECONDS: {
    grammar: integer(0, 86_400),
    default: '3600',
    config: 'jwksMaxStaleSeconds',
    prop: 'jwksMaxStale',
    unit: 'seconds',
  },
  HTTP_RESPONSE_FORMAT: {
    grammar: oneOf('simple', 'policy'),
    default: 'simple',
    config: 'httpResponseFormat',
    prop: 'httpResponseFormat',
  },
  WEBSOCKET_TOKEN_SOURCE: {
    grammar: webSocketTokenSource,
    default: 'header',
    config: 'webSocketTokenSource',
    prop: 'webSocketTokenSource',
  },
  ALLOW_BOUND_TOKENS: {
    grammar: boolean,
    default: 'false',
    config: 'allowBoundTokens',
    prop: 'allowBoundTokens',
  },
  IDENTITY_HEADER_PREFIX: {
    grammar: identityHeaderPrefix,
    default: 'X-Rollcall-',
    config: 'identityHeaderPrefix',
    prop: 'identityHeaderPrefix',
  },
  ROLLCALL_RESOURCE_METADATA_URL: {
    grammar: metadataUrl,
    config: 'resourceMetadataUrl',
    prop: 'resourceMetadataUrl',
  },
  LOG_USER_IDS: {
    grammar: oneOf('plain', 'sha256'),
    default: 'plain',
    config: 'logUserIds',
    prop: 'logUserIds',
  },
  LOG_LEVEL: {
    grammar: oneOf('DEBUG', 'INFO', 'WARN', 'ERROR'),
    default: 'INFO',
    config: 'logLevel',
    prop: 'logLevel',
  },
} as const satisfies SettingTable;

export type SettingName = keyof typeof SETTINGS;

/** Every name in `SETTINGS`, in its order. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The value of every setting, defaults filled in. */
export type Settings = Values<typeof SETTINGS>;

/** The settings that `Config` has as they are, under the names that their rows give them. */
export type ConfigOfTable = {
  readonly [
    N in SettingName as (typeof SETTINGS)[N] extends { config: infer C extends string } ? C : never
  ]: Settings[N];
};

export type ReadSettings = Read<typeof SETTINGS>;

/** Reads the settings of the function. */
export function readSettings(env: Environment): ReadSettings {
  return readTable(SETTINGS, env);
}

/** The settings that describe the one issuer, each with the member of an issuer that it gives. */
export const ONE_ISSUER: readonly (readonly [SettingName, keyof IssuerEntry])[] = rowsOf(
  SETTINGS,
).flatMap(([name, { member, prop }]) =>
  member !== undefined && prop === undefined ? [[name as SettingName, member] as const] : [],
);

/** The trusted issuers as written, in one setting or in those of the one issuer; none at worst. */
export function issuerEntries({ settings, present }: ReadSettings): readonly IssuerEntry[] {
  if (present.has('TRUSTED_ISSUERS')) return settings.TRUSTED_ISSUERS ?? [];
  if (settings.JWT_ISSUER === undefined) return [];
  const members = ONE_ISSUER.map(([name, member]) => [member, settings[name]] as const);
  const entry = Object.fromEntries(members.filter(([, value]) => value !== undefined));
  return [entry as unknown as IssuerEntry];
}
