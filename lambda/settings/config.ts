/**
 * A whole environment as one configuration. `parseConfig` is pure and total: it reports every
 * problem together, by the names of settings and never by their values. A configuration with a
 * problem authorizes nobody.
 */
import { isHttpsUrl, type Algorithm } from './grammar.ts';
import { readSettings, type Environment, type ReadSettings, type Settings } from './table.ts';
import type { IssuerEntry } from './trusted-issuers.ts';

/** What one trusted issuer's tokens must look like. */
export interface IssuerConfig {
  /** The `iss` claim, exactly. */
  readonly issuer: string;
  /** Accepted `aud` values; empty when `aud` is not asked for. */
  readonly audiences: readonly string[];
  /** Accepted `client_id` values; empty when `client_id` is not asked for. */
  readonly clientIds: readonly string[];
  /** Required `token_use`; undefined when it is not asked for. */
  readonly tokenUse: 'access' | 'id' | undefined;
  readonly jwksUri: string;
  readonly algorithms: readonly Algorithm[];
  /** The claim that names the user. */
  readonly userClaim: string;
  readonly allowUnverifiedEmail: boolean;
  /** Sets one issuer's users apart from another's, as `<namespace>#<claim>`. */
  readonly userNamespace: string | undefined;
}

/** The one user who may enter without a row while strict mode is off. */
export interface PlatformAdmin {
  /** The bare user claim, folded by `USER_ID_CASE`, without a namespace. */
  readonly userId: string;
  readonly issuer: string;
  /** Epoch seconds; undefined means that bootstrap does not end by itself. */
  readonly expiresAt: number | undefined;
}

export interface Config {
  /** At least one, no two with the same `issuer`. */
  readonly issuers: readonly IssuerConfig[];
  readonly userIdCase: 'preserve' | 'lower';
  readonly usersTable: {
    /** Name or ARN. */
    readonly name: string;
    /** Partition key attribute. */
    readonly key: string;
    readonly persistent: boolean;
  };
  readonly requireUserInDb: boolean;
  /** Undefined means no bootstrap. */
  readonly platformAdmin: PlatformAdmin | undefined;
  readonly requireJti: boolean;
  /** Name or ARN; undefined means that revocation is off. */
  readonly revokedTokensTableName: string | undefined;
  readonly requiredScopes: readonly string[];
  readonly requiredRoles: readonly string[];
  readonly userCacheTtlSeconds: number;
  readonly clockToleranceSeconds: number;
  readonly jwksMaxAgeSeconds: number;
  readonly jwksMaxStaleSeconds: number;
  readonly httpResponseFormat: 'simple' | 'policy';
  /** `header`, `subprotocol` or `query:<name>`. */
  readonly webSocketTokenSource: string;
  readonly allowBoundTokens: boolean;
  readonly logUserIds: 'plain' | 'sha256';
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Attributes of a row that have a meaning of their own and so cannot be its key. */
const ROW_ATTRIBUTES = new Set(['is_active', 'is_admin', 'tokens_valid_after', 'roles']);

/** Folds A–Z and only those: `toLowerCase` would also turn the Kelvin sign into a k. */
export function foldUserId(userId: string, userIdCase: Config['userIdCase']): string {
  return userIdCase === 'lower'
    ? userId.replace(/[A-Z]/gu, (letter) => letter.toLowerCase())
    : userId;
}

/** The key of a user's row: the folded claim, under its issuer's namespace where it has one. */
export function userKey(userId: string, issuer: Pick<IssuerConfig, 'userNamespace'>): string {
  return issuer.userNamespace === undefined ? userId : `${issuer.userNamespace}#${userId}`;
}

/** Reads the settings of the function from `env`; variables that are not settings are ignored. */
export function parseConfig(env: Environment): ConfigResult {
  const read = readSettings(env);
  const { settings } = read;
  const problems = [...read.problems];
  const issuers = resolveIssuers(read, problems);
  const platformAdmin = resolvePlatformAdmin(settings, issuers, problems);
  checkTables(read, problems);
  checkCombinations(settings, issuers, platformAdmin, problems);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    config: {
      issuers,
      userIdCase: settings.USER_ID_CASE,
      usersTable: {
        name: settings.USERS_TABLE_NAME ?? '',
        key: settings.USERS_TABLE_KEY,
        persistent: settings.USERS_TABLE_PERSISTENT,
      },
      requireUserInDb: settings.REQUIRE_USER_IN_DB,
      platformAdmin,
      requireJti: settings.REQUIRE_JTI,
      revokedTokensTableName: settings.REVOKED_TOKENS_TABLE_NAME,
      requiredScopes: settings.REQUIRED_SCOPES ?? [],
      requiredRoles: settings.REQUIRED_ROLES ?? [],
      userCacheTtlSeconds: settings.USER_CACHE_TTL_SECONDS,
      clockToleranceSeconds: settings.CLOCK_TOLERANCE_SECONDS,
      jwksMaxAgeSeconds: settings.JWKS_MAX_AGE_SECONDS,
      jwksMaxStaleSeconds: settings.JWKS_MAX_STALE_SECONDS,
      httpResponseFormat: settings.HTTP_RESPONSE_FORMAT,
      webSocketTokenSource: settings.WEBSOCKET_TOKEN_SOURCE,
      allowBoundTokens: settings.ALLOW_BOUND_TOKENS,
      logUserIds: settings.LOG_USER_IDS,
      logLevel: settings.LOG_LEVEL,
    },
  };
}

/** The settings that describe the one issuer, and so cannot stand beside `TRUSTED_ISSUERS`. */
const SINGLE_ISSUER_SETTINGS = [
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'JWT_CLIENT_ID',
  'JWT_TOKEN_USE',
  'JWKS_URI',
  'JWT_ALGORITHMS',
] as const;

function resolveIssuers({ settings, present }: ReadSettings, problems: string[]): IssuerConfig[] {
  if (!present.has('TRUSTED_ISSUERS')) {
    if (!present.has('JWT_ISSUER')) {
      problems.push('JWT_ISSUER is required (or TRUSTED_ISSUERS)');
    }
    if (!present.has('JWT_AUDIENCE') && !present.has('JWT_CLIENT_ID')) {
      problems.push('JWT_AUDIENCE is required (or JWT_CLIENT_ID)');
    }
    if (settings.JWT_ISSUER === undefined) return [];
    const entry = {
      issuer: settings.JWT_ISSUER,
      ...(settings.JWT_AUDIENCE && { audience: settings.JWT_AUDIENCE }),
      ...(settings.JWT_CLIENT_ID && { clientId: settings.JWT_CLIENT_ID }),
      ...(settings.JWT_TOKEN_USE && { tokenUse: settings.JWT_TOKEN_USE }),
      ...(settings.JWKS_URI !== undefined && { jwksUri: settings.JWKS_URI }),
    };
    const needsJwksUri = !present.has('JWKS_URI') && !isHttpsUrl(entry.issuer);
    if (needsJwksUri) problems.push('JWKS_URI is required: JWT_ISSUER is not a plain HTTPS URL');
    return [resolveIssuer(entry, settings)];
  }
  for (const name of SINGLE_ISSUER_SETTINGS) {
    if (present.has(name)) problems.push(`${name} cannot be set together with TRUSTED_ISSUERS`);
  }
  const entries = settings.TRUSTED_ISSUERS ?? [];
  for (const [index, entry] of entries.entries()) {
    const where = `TRUSTED_ISSUERS [${index}]`;
    if (entry.audience === undefined && entry.clientId === undefined) {
      problems.push(`${where}.audience is required (or clientId)`);
    }
    if (entry.jwksUri === undefined && !isHttpsUrl(entry.issuer)) {
      problems.push(`${where}.jwksUri is required: its issuer is not a plain HTTPS URL`);
    }
    if (entries.length > 1 && entry.userNamespace === undefined) {
      problems.push(`${where}.userNamespace is required with several issuers`);
    }
  }
  return entries.map((entry) => resolveIssuer(entry, settings));
}

function resolveIssuer(entry: IssuerEntry, settings: Settings): IssuerConfig {
  return {
    issuer: entry.issuer,
    audiences: entry.audience ?? [],
    clientIds: entry.clientId ?? [],
    tokenUse: entry.tokenUse,
    jwksUri: entry.jwksUri ?? `${entry.issuer.replace(/\/$/u, '')}/.well-known/jwks.json`,
    algorithms: entry.algorithms ?? settings.JWT_ALGORITHMS,
    userClaim: entry.userClaim ?? settings.USER_CLAIM,
    allowUnverifiedEmail: entry.allowUnverifiedEmail ?? settings.ALLOW_UNVERIFIED_EMAIL,
    userNamespace: entry.userNamespace,
  };
}

function resolvePlatformAdmin(
  settings: Settings,
  issuers: readonly IssuerConfig[],
  problems: string[],
): PlatformAdmin | undefined {
  const issuer =
    settings.PLATFORM_ADMIN_ISSUER ?? (issuers.length === 1 ? issuers[0]?.issuer : undefined);
  if (
    settings.PLATFORM_ADMIN_ISSUER !== undefined &&
    issuers.length > 0 &&
    !issuers.some((trusted) => trusted.issuer === settings.PLATFORM_ADMIN_ISSUER)
  ) {
    problems.push('PLATFORM_ADMIN_ISSUER must be one of the trusted issuers');
  }
  if (settings.PLATFORM_ADMIN_EMAIL === undefined) return undefined;
  if (issuer === undefined) {
    if (issuers.length > 1) problems.push('PLATFORM_ADMIN_ISSUER is required with several issuers');
    return undefined;
  }
  return {
    userId: foldUserId(settings.PLATFORM_ADMIN_EMAIL, settings.USER_ID_CASE),
    issuer,
    expiresAt: settings.BOOTSTRAP_EXPIRES_AT,
  };
}

function checkTables({ settings, present }: ReadSettings, problems: string[]): void {
  if (!present.has('USERS_TABLE_NAME')) problems.push('USERS_TABLE_NAME is required');
  if (ROW_ATTRIBUTES.has(settings.USERS_TABLE_KEY)) {
    problems.push('USERS_TABLE_KEY must not be an attribute that has another meaning');
  }
  if (
    settings.REVOKED_TOKENS_TABLE_NAME !== undefined &&
    settings.REVOKED_TOKENS_TABLE_NAME === settings.USERS_TABLE_NAME
  ) {
    problems.push('REVOKED_TOKENS_TABLE_NAME must not be the users table');
  }
}

function checkCombinations(
  settings: Settings,
  issuers: readonly IssuerConfig[],
  platformAdmin: PlatformAdmin | undefined,
  problems: string[],
): void {
  if (settings.REQUIRE_USER_IN_DB && settings.USER_CACHE_TTL_SECONDS > 0) {
    problems.push('USER_CACHE_TTL_SECONDS must be 0 with REQUIRE_USER_IN_DB=true');
  }
  const adminIssuer = issuers.find(({ issuer }) => issuer === platformAdmin?.issuer);
  if (
    adminIssuer?.userClaim === 'email' &&
    adminIssuer.allowUnverifiedEmail &&
    !settings.REQUIRE_USER_IN_DB
  ) {
    problems.push(
      'ALLOW_UNVERIFIED_EMAIL cannot be true for the issuer of PLATFORM_ADMIN_EMAIL: anybody who enters that address would become the admin',
    );
  }
}
