/**
 * The table of the function's settings: what each is called, how it is written, and what it is
 * when unset. `config.ts` reads a whole environment with it, and the stack and the reference
 * documentation are made from the same table.
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
  oneOf,
  role,
  scope,
  tableName,
  timestamp,
  tokenUse,
  userClaim,
  webSocketTokenSource,
  type Grammar,
  type Parsed,
} from './grammar.ts';
import { trustedIssuers } from './trusted-issuers.ts';

/** A setting that may be left unset, and then has no value. */
interface Optional<T> {
  readonly grammar: Grammar<T>;
}

/** A setting that has a value even when unset: `default`, as an operator would write it. */
interface Defaulted<T> extends Optional<T> {
  readonly default: string;
}

const optional = <T>(grammar: Grammar<T>): Optional<T> => ({ grammar });
const withDefault = <T>(text: string, grammar: Grammar<T>): Defaulted<T> => ({
  grammar,
  default: text,
});

/** Every setting, in the order in which they are documented. */
export const SETTINGS = {
  JWT_ISSUER: optional(issuer),
  JWT_AUDIENCE: optional(acceptedValues),
  JWT_CLIENT_ID: optional(acceptedValues),
  JWT_TOKEN_USE: optional(tokenUse),
  JWKS_URI: optional(jwksUri),
  JWT_ALGORITHMS: withDefault(ALGORITHMS.join(','), algorithms),
  TRUSTED_ISSUERS: optional(trustedIssuers),
  USER_CLAIM: withDefault('sub', userClaim),
  ALLOW_UNVERIFIED_EMAIL: withDefault('false', boolean),
  USER_ID_CASE: withDefault('preserve', oneOf('preserve', 'lower')),
  USERS_TABLE_NAME: optional(tableName),
  USERS_TABLE_KEY: withDefault('user_id', line(255)),
  USERS_TABLE_PERSISTENT: withDefault('true', boolean),
  REQUIRE_USER_IN_DB: withDefault('false', boolean),
  PLATFORM_ADMIN_EMAIL: optional(line(MAX_USER_ID_BYTES)),
  PLATFORM_ADMIN_ISSUER: optional(issuer),
  BOOTSTRAP_EXPIRES_AT: optional(timestamp),
  REQUIRE_JTI: withDefault('false', boolean),
  REVOKED_TOKENS_TABLE_NAME: optional(tableName),
  REQUIRED_SCOPES: optional(listOf(scope)),
  REQUIRED_ROLES: optional(listOf(role)),
  USER_CACHE_TTL_SECONDS: withDefault('0', integer(0, 3600)),
  CLOCK_TOLERANCE_SECONDS: withDefault('5', integer(0, 300)),
  JWKS_MAX_AGE_SECONDS: withDefault('600', integer(1, 86_400)),
  JWKS_MAX_STALE_SECONDS: withDefault('3600', integer(0, 86_400)),
  HTTP_RESPONSE_FORMAT: withDefault('simple', oneOf('simple', 'policy')),
  WEBSOCKET_TOKEN_SOURCE: withDefault('header', webSocketTokenSource),
  ALLOW_BOUND_TOKENS: withDefault('false', boolean),
  LOG_USER_IDS: withDefault('plain', oneOf('plain', 'sha256')),
  LOG_LEVEL: withDefault('INFO', oneOf('DEBUG', 'INFO', 'WARN', 'ERROR')),
} as const;

export type SettingName = keyof typeof SETTINGS;

/** Every name in `SETTINGS`, in its order. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

type ValueOf<S> =
  S extends Defaulted<infer T> ? T : S extends Optional<infer T> ? T | undefined : never;

/** The value of every setting, defaults filled in. */
export type Settings = { readonly [K in SettingName]: ValueOf<(typeof SETTINGS)[K]> };

/** An environment: only strings count, and an empty one is as good as none. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What was read, the problems found, and the names that `env` set, well or badly. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly problems: readonly string[];
  readonly present: ReadonlySet<SettingName>;
}

/**
 * Reads every setting by its own grammar. An empty variable is an unset one, save for a
 * boolean, where it is a mistake: `REQUIRE_USER_IN_DB=` must not quietly mean false. A setting
 * with a problem gets its default, so that later checks can go on and find more.
 */
export function readSettings(env: Environment): ReadSettings {
  const problems: string[] = [];
  const present = new Set<SettingName>();
  const settings: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const { grammar, default: fallback }: Optional<unknown> & { default?: string } = SETTINGS[name];
    const text = env[name];
    let parsed: Parsed<unknown> | undefined;
    if (text !== undefined && (text !== '' || grammar === boolean)) {
      present.add(name);
      parsed = grammar(text);
      if (!parsed.ok) problems.push(`${name} ${parsed.problem}`);
    }
    if (parsed?.ok !== true && fallback !== undefined) parsed = grammar(fallback);
    settings[name] = parsed?.ok === true ? parsed.value : undefined;
  }
  return { settings: settings as Settings, problems, present };
}
