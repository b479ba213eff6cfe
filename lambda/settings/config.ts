/**
 * A whole environment as one configuration. `parseConfig` is pure and total: it reports every
 * problem together, by the names of settings and never by their values. A configuration with a
 * problem authorizes nobody.
 */
import { isHttpsUrl } from './grammar.ts';
import { sdkSwitchProblems } from './sdk-switches.ts';
import { rowsOf, type Environment } from './setting.ts';
import {
  issuerEntries,
  ONE_ISSUER,
  readSettings,
  SETTINGS,
  type ConfigOfTable,
  type ReadSettings,
  type SettingName,
  type Settings,
} from './table.ts';
import type { IssuerEntry } from './trusted-issuers.ts';

/** The members of an issuer that settings give, where the issuer itself does not. */
type MemberDefaults = {
  readonly [
    N in SettingName as (typeof SETTINGS)[N] extends { member: infer M extends string } ? M : never
  ]: Settings[N];
};

type Resolved = {
  readonly [M in keyof IssuerEntry]-?: M extends keyof MemberDefaults
    ? MemberDefaults[M]
    : IssuerEntry[M] | undefined;
};

/**
 * What one trusted issuer's tokens must look like: the members of `IssuerEntry`, with what the
 * settings say of every issuer in place of those that were left out.
 */
export interface IssuerConfig extends Omit<Resolved, 'issuer' | 'audience' | 'clientId'> {
  /** The `iss` claim, exactly. */
  readonly issuer: string;
  /** Accepted `aud` values; empty when `aud` is not asked for. */
  readonly audiences: readonly string[];
  /** Accepted `client_id` values; empty when `client_id` is not asked for. */
  readonly clientIds: readonly string[];
  readonly jwksUri: string;
}

/** The one user who may enter without a row while strict mode is off. */
export interface PlatformAdmin {
  /** The bare user claim, folded by `USER_ID_CASE`, without a namespace. */
  readonly userId: string;
  readonly issuer: string;
  /** Epoch seconds; undefined means that bootstrap does not end by itself. */
  readonly expiresAt: number | undefined;
}

/** What the function runs by. Settings that have a place of their own here say so in the table. */
export interface Config extends ConfigOfTable {
  /** At least one, no two with the same `issuer`. */
  readonly issuers: readonly IssuerConfig[];
  readonly usersTable: {
    /** Name or ARN. */
    readonly name: string;
    /** Partition key attribute. */
    readonly key: string;
    readonly persistent: boolean;
  };
  /** Undefined means no bootstrap. */
  readonly platformAdmin: PlatformAdmin | undefined;
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
  const problems = [...read.problems, ...sdkSwitchProblems(env)];
  const issuers = resolveIssuers(read, problems);
  const platformAdmin = resolvePlatformAdmin(settings, issuers, problems);
  checkTables(read, problems);
  checkCombinations(settings, issuers, platformAdmin, problems);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    config: {
      ...configOfTable(settings),
      issuers,
      usersTable: {
        name: settings.USERS_TABLE_NAME ?? '',
        key: settings.USERS_TABLE_KEY,
        persistent: settings.USERS_TABLE_PERSISTENT,
      },
      platformAdmin,
    },
  };
}

function configOfTable(settings: Settings): ConfigOfTable {
  const members = rowsOf(SETTINGS).flatMap(([name, { config }]) =>
    config === undefined ? [] : [[config, settings[name as SettingName]] as const],
  );
  return Object.fromEntries(members) as unknown as ConfigOfTable;
}

function resolveIssuers(read: ReadSettings, problems: string[]): IssuerConfig[] {
  const { settings, present } = read;
  const entries = issuerEntries(read);
  if (present.has('TRUSTED_ISSUERS')) {
    for (const [name] of ONE_ISSUER) {
      if (present.has(name)) problems.push(`${name} cannot be set together with TRUSTED_ISSUERS`);
    }
    for (const [index, entry] of entries.entries()) {
      checkEntry(entry, `TRUSTED_ISSUERS [${index}]`, entries.length, problems);
    }
  } else {
    if (!present.has('JWT_ISSUER')) problems.push('JWT_ISSUER is required (or TRUSTED_ISSUERS)');
    if (!present.has('JWT_AUDIENCE') && !present.has('JWT_CLIENT_ID')) {
      problems.push('JWT_AUDIENCE is required (or JWT_CLIENT_ID)');
    }
    const [only] = entries;
    if (only !== undefined && !present.has('JWKS_URI') && !isHttpsUrl(only.issuer)) {
      problems.push('JWKS_URI is required: JWT_ISSUER is not a plain HTTPS URL');
    }
  }
  return entries.map((entry) => resolveIssuer(entry, settings));
}

function checkEntry(entry: IssuerEntry, where: string, count: number, problems: string[]): void {
  if (entry.audience === undefined && entry.clientId === undefined) {
    problems.push(`${where}.audience is required (or clientId)`);
  }
  if (entry.jwksUri === undefined && !isHttpsUrl(entry.issuer)) {
    problems.push(`${where}.jwksUri is required: its issuer is not a plain HTTPS URL`);
  }
  if (count > 1 && entry.userNamespace === undefined) {
    problems.push(`${where}.userNamespace is required with several issuers`);
  }
}

/** Where an issuer's key set is unless `JWKS_URI` says otherwise. */
export function defaultJwksUri(issuer: string): string {
  return `${issuer.replace(/\/$/u, '')}/.well-known/jwks.json`;
}

function resolveIssuer(entry: IssuerEntry, settings: Settings): IssuerConfig {
  const given = rowsOf(SETTINGS).flatMap(([name, { member }]) =>
    member === undefined ? [] : [[member, settings[name as SettingName]] as const],
  );
  const resolved = { ...Object.fromEntries(given), ...entry } as unknown as Resolved;
  const { audience, clientId, jwksUri, ...others } = resolved;
  return {
    ...others,
    issuer: entry.issuer,
    audiences: audience ?? [],
    clientIds: clientId ?? [],
    jwksUri: jwksUri ?? defaultJwksUri(entry.issuer),
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
  if (
    issuers.some(({ sessionClaim }) => sessionClaim !== undefined) &&
    settings.REVOKED_TOKENS_TABLE_NAME === undefined
  ) {
    problems.push('SESSION_CLAIM needs REVOKED_TOKENS_TABLE_NAME');
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
