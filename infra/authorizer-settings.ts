/**
 * The function's settings as typed props, and their way into its environment. Every prop stands
 * for one variable of the function; a prop that is left out, or that repeats the default, leaves
 * its variable out too.
 */
import type { Duration } from 'aws-cdk-lib';
import { Token } from 'aws-cdk-lib';
import { parseConfig, type Config } from '../lambda/config.ts';
import { SETTINGS, type SettingName } from '../lambda/settings.ts';
import type { IssuerEntry } from '../lambda/trusted-issuers.ts';

export interface AuthorizerSettings {
  /**
   * Whose tokens are accepted, at least one. Each names `issuer` and at least one of `audience`
   * and `clientId`; several need a `userNamespace` each. May hold tokens of the CDK, such as a
   * user pool's `userPoolProviderUrl`.
   */
  readonly issuers: readonly IssuerEntry[];
  /**
   * Claim that names the user, where an issuer does not say otherwise.
   * @default 'sub'
   */
  readonly userClaim?: string;
  /**
   * Whether an `email` claim counts without `email_verified`, where an issuer does not say
   * otherwise.
   * @default false
   */
  readonly allowUnverifiedEmail?: boolean;
  /**
   * Whether user ids are folded to lower case (A–Z only) before they are compared.
   * @default 'preserve'
   */
  readonly userIdCase?: 'preserve' | 'lower';
  /**
   * Strict mode: a user without a row is denied, always.
   * @default false
   */
  readonly requireUserInDb?: boolean;
  /**
   * User id of the platform admin, who may enter without a row while strict mode is off.
   * @default - nobody enters without a row
   */
  readonly platformAdminEmail?: string;
  /**
   * The issuer whose tokens can name the platform admin.
   * @default - the one issuer; required with several
   */
  readonly platformAdminIssuer?: string;
  /**
   * When the platform admin's entry without a row ends.
   * @default - it does not end by itself
   */
  readonly bootstrapExpiresAt?: Date;
  /**
   * Whether a token must carry a `jti`.
   * @default false
   */
  readonly requireJti?: boolean;
  /**
   * Scopes that every token must carry.
   * @default - none
   */
  readonly requiredScopes?: readonly string[];
  /**
   * Roles of which a user's row must have one.
   * @default - none
   */
  readonly requiredRoles?: readonly string[];
  /**
   * How long the function remembers a user's row, up to an hour. Not together with strict mode.
   * @default Duration.seconds(0)
   */
  readonly userCacheTtl?: Duration;
  /**
   * Tolerated difference between the issuer's clock and ours, up to five minutes.
   * @default Duration.seconds(5)
   */
  readonly clockTolerance?: Duration;
  /**
   * Age at which a set of signing keys is read again, up to a day.
   * @default Duration.minutes(10)
   */
  readonly jwksMaxAge?: Duration;
  /**
   * How much longer an old key set serves while its issuer is down, up to a day.
   * @default Duration.hours(1)
   */
  readonly jwksMaxStale?: Duration;
  /**
   * What an HTTP API is answered with: a yes or no, or an IAM policy.
   * @default 'simple'
   */
  readonly httpResponseFormat?: 'simple' | 'policy';
  /**
   * Where a WebSocket client puts its token: `header`, `subprotocol` or `query:<name>`.
   * @default 'header'
   */
  readonly webSocketTokenSource?: string;
  /**
   * Whether a token that is bound to a key of its sender (`cnf`) is accepted as a bearer token.
   * @default false
   */
  readonly allowBoundTokens?: boolean;
  /**
   * How user ids appear in the log.
   * @default 'plain'
   */
  readonly logUserIds?: 'plain' | 'sha256';
  /**
   * Least level of diagnostics. Security events and metrics are always written.
   * @default 'INFO'
   */
  readonly logLevel?: Config['logLevel'];
}

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

/**
 * The configuration that the function will make of these settings. Values that are known only at
 * deployment are replaced by stand-ins of the right form.
 *
 * @throws Error that names every problem and its remedy
 */
export function resolvedConfig(settings: AuthorizerSettings, tables: TableSettings): Config {
  const issuerStandIn = standIns((index) => `https://issuer-${index}.invalid`);
  const { platformAdminIssuer } = settings;
  const environment = functionEnvironment(
    {
      ...settings,
      issuers: settings.issuers.map((entry) => ({
        ...entry,
        issuer: issuerStandIn(entry.issuer),
        ...(entry.jwksUri !== undefined && {
          jwksUri: standIns((index) => `https://keys-${index}.invalid`)(entry.jwksUri),
        }),
      })),
      ...(platformAdminIssuer !== undefined && {
        platformAdminIssuer: issuerStandIn(platformAdminIssuer),
      }),
    },
    {
      ...tables,
      usersTableName: standIns(() => 'users-table')(tables.usersTableName),
      ...(tables.revokedTokensTableName !== undefined && {
        revokedTokensTableName: standIns(() => 'revoked-tokens-table')(
          tables.revokedTokensTableName,
        ),
      }),
    },
  );
  // A lazy value is a matter of the deployment, and says `true` or `false` by construction.
  if (Token.isUnresolved(environment['USERS_TABLE_PERSISTENT'])) {
    delete environment['USERS_TABLE_PERSISTENT'];
  }
  const result = parseConfig(mapValues(environment, (value) => value.replace(TOKEN, 'unresolved')));
  if (!result.ok) {
    throw new Error(`Rollcall cannot be configured like this:\n- ${result.problems.join('\n- ')}`);
  }
  return result.config;
}

/** How the CDK writes a value that it does not know yet into a string. */
const TOKEN = /\$\{Token\[[^\]]*\]\}/gu;

/** Replaces a text that is one unresolved value, the same text always by the same stand-in. */
function standIns(make: (index: number) => string): (text: string) => string {
  const made = new Map<string, string>();
  return (text) => {
    if (text.replace(TOKEN, '') !== '' || text === '') return text;
    const standIn = made.get(text) ?? make(made.size);
    made.set(text, standIn);
    return standIn;
  };
}

function mapValues(
  record: Readonly<Record<string, string>>,
  map: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
