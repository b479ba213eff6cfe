/**
 * Typed settings as the environment of the function. A prop that is left out, or that repeats the
 * default, leaves its variable out too.
 */
import type { Duration } from 'aws-cdk-lib';
import { SETTINGS, type SettingName } from '../../lambda/settings/table.ts';
import type { IssuerEntry } from '../../lambda/settings/trusted-issuers.ts';
import type { AuthorizerSettings } from './authorizer-settings.ts';

/** The tables as the function knows them. */
export interface TableSettings {
  /** Name or ARN. */
  readonly usersTableName: string;
  /** `true`, `false` or nothing, which is `true`; may be a lazy value. */
  readonly usersTablePersistent?: string;
  /** @default 'user_id' */
  readonly usersTableKey?: string;
  /**
   * Name or ARN.
   * @default - revocation is off
   */
  readonly revokedTokensTableName?: string;
}

const flag = String;
const text = String;
const list = (items: readonly string[]) => items.join(',');
const seconds = (duration: Duration) => String(duration.toSeconds());

type Plain = Required<Omit<AuthorizerSettings, 'issuers'>>;

/** Which variable each prop becomes, and how it is written there. */
const VARIABLES: {
  readonly [P in keyof Plain]: readonly [SettingName, (value: Plain[P]) => string];
} = {
  userClaim: ['USER_CLAIM', text],
  allowUnverifiedEmail: ['ALLOW_UNVERIFIED_EMAIL', flag],
  userIdCase: ['USER_ID_CASE', text],
  requireUserInDb: ['REQUIRE_USER_IN_DB', flag],
  platformAdminEmail: ['PLATFORM_ADMIN_EMAIL', text],
  platformAdminIssuer: ['PLATFORM_ADMIN_ISSUER', text],
  bootstrapExpiresAt: ['BOOTSTRAP_EXPIRES_AT', (date) => date.toISOString()],
  requireJti: ['REQUIRE_JTI', flag],
  requiredScopes: ['REQUIRED_SCOPES', list],
  requiredRoles: ['REQUIRED_ROLES', list],
  userCacheTtl: ['USER_CACHE_TTL_SECONDS', seconds],
  clockTolerance: ['CLOCK_TOLERANCE_SECONDS', seconds],
  jwksMaxAge: ['JWKS_MAX_AGE_SECONDS', seconds],
  jwksMaxStale: ['JWKS_MAX_STALE_SECONDS', seconds],
  httpResponseFormat: ['HTTP_RESPONSE_FORMAT', text],
  webSocketTokenSource: ['WEBSOCKET_TOKEN_SOURCE', text],
  allowBoundTokens: ['ALLOW_BOUND_TOKENS', flag],
  logUserIds: ['LOG_USER_IDS', text],
  logLevel: ['LOG_LEVEL', text],
};

/** The function's environment: the variables that differ from their defaults, and no others. */
export function functionEnvironment(
  settings: AuthorizerSettings,
  tables: TableSettings,
): Record<string, string> {
  const environment: Record<string, string> = {};
  const set = (name: SettingName, value: string | undefined) => {
    const { default: fallback }: { grammar: unknown; default?: string } = SETTINGS[name];
    if (value !== undefined && value !== '' && value !== fallback) environment[name] = value;
  };
  for (const [name, value] of issuerVariables(settings.issuers)) set(name, value);
  for (const [prop, [name, write]] of Object.entries(VARIABLES)) {
    const value = settings[prop as keyof Plain];
    if (value !== undefined) set(name, (write as (value: unknown) => string)(value));
  }
  set('USERS_TABLE_NAME', tables.usersTableName);
  set('USERS_TABLE_KEY', tables.usersTableKey);
  set('USERS_TABLE_PERSISTENT', tables.usersTablePersistent);
  set('REVOKED_TOKENS_TABLE_NAME', tables.revokedTokensTableName);
  return environment;
}

/** One issuer is written as the `JWT_*` variables where they can say all that it says. */
function issuerVariables(
  issuers: readonly IssuerEntry[],
): readonly (readonly [SettingName, string | undefined])[] {
  const [only, ...others] = issuers;
  if (only === undefined) return [];
  const { issuer, audience, clientId, tokenUse, jwksUri, algorithms, ...more } = only;
  const lists = [...(audience ?? []), ...(clientId ?? [])];
  const plain = Object.values(more).every((value) => value === undefined);
  if (others.length > 0 || !plain || lists.some((item) => item.includes(','))) {
    return [['TRUSTED_ISSUERS', JSON.stringify(issuers)]];
  }
  return [
    ['JWT_ISSUER', issuer],
    ['JWT_AUDIENCE', audience?.join(',')],
    ['JWT_CLIENT_ID', clientId?.join(',')],
    ['JWT_TOKEN_USE', tokenUse],
    ['JWKS_URI', jwksUri],
    ['JWT_ALGORITHMS', algorithms?.join(',')],
  ];
}
