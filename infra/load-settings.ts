/**
 * From the shell's variables and `.env` to the props of the stack. The function's settings are
 * read by its own grammar and its own `parseConfig`, so that what synthesizes also starts.
 */
import { Arn, ArnFormat, Duration } from 'aws-cdk-lib';
import { parse } from 'dotenv';
import { parseConfig } from '../lambda/settings/config.ts';
import {
  readSettings,
  SETTING_NAMES,
  type Environment,
  type ReadSettings,
} from '../lambda/settings/table.ts';
import type { AuthorizerStackProps } from './authorizer-stack.ts';
import type { AuthorizerSettings } from './settings/authorizer-settings.ts';
import {
  readStackSettings,
  STACK_SETTING_NAMES,
  type StackSettings,
} from './settings/stack-settings.ts';

/** Names of the shell that begin like this and are no setting are probably mistyped ones. */
const PREFIXES = [
  'REQUIRE_',
  'REQUIRED_',
  'REVOKED_',
  'JWT_',
  'JWKS_',
  'USER_',
  'USERS_',
  'BOOTSTRAP_',
  'PLATFORM_',
  'TRUSTED_',
  'ROLLCALL_',
];

/** The command line's own. */
const NAMES_OF_OTHERS: ReadonlySet<string> = new Set(['ROLLCALL_DEBUG']);

/** In place of the table that the stack makes, whose name is not known yet. */
const TABLE_TO_BE_MADE = 'table-to-be-made';

export interface LoadedSettings {
  readonly stackName: string;
  readonly props: AuthorizerStackProps;
  /** Names that begin like a setting and are none: of the shell, and of `.env`. */
  readonly unknownNames: readonly string[];
  /** Settings that both the shell and `.env` set, differently; the shell's value holds. */
  readonly overriddenNames: readonly string[];
  /** Settings that only the shell sets. */
  readonly shellNames: readonly string[];
}

/** Settings that nothing can be deployed with: every problem, by names and without values. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings from `shell`, else from the text of a `.env` file. An empty variable of the
 * shell unsets the file's.
 *
 * @throws SettingsError
 */
export function loadSettings(shell: Environment, dotenvText = ''): LoadedSettings {
  const file: Environment = parse(dotenvText);
  const known: readonly string[] = [...SETTING_NAMES, ...STACK_SETTING_NAMES];
  const env: Environment = Object.fromEntries(
    known.map((name) => [name, shell[name] ?? file[name]]),
  );
  const read = readSettings(env);
  const stack = readStackSettings(env);
  const result = parseConfig({
    ...env,
    USERS_TABLE_NAME: read.present.has('USERS_TABLE_NAME')
      ? env['USERS_TABLE_NAME']
      : TABLE_TO_BE_MADE,
  });
  const fromShell = known.filter((name) => shell[name] !== undefined);
  const problems = [
    ...(result.ok ? [] : result.problems),
    ...stack.problems,
    ...namesCutShort(dotenvText, file)
      .filter((name) => known.includes(name) && !fromShell.includes(name))
      .map((name) => `${name} has a # in its line, which ends it there: put the value in quotes`),
  ].map((problem) =>
    fromShell.some((name) => problem.startsWith(`${name} `))
      ? `${problem} (set by the shell)`
      : problem,
  );
  if (problems.length > 0) {
    throw new SettingsError(`The settings have problems:\n- ${problems.join('\n- ')}`);
  }
  return {
    stackName: stack.settings.ROLLCALL_STACK_NAME,
    props: stackProps(read, stack.settings),
    unknownNames: [
      ...new Set([
        ...namesLike(PREFIXES, shell, known),
        // All of the file is meant for us; a shell has HTTP_PROXY and the like.
        ...namesLike(known.map(firstWord), file, known),
      ]),
    ],
    overriddenNames: fromShell.filter(
      (name) => file[name] !== undefined && file[name] !== shell[name],
    ),
    shellNames: fromShell.filter((name) => file[name] === undefined),
  };
}

/** Names that begin like one of `prefixes` and are not among `known`. */
function namesLike(
  prefixes: readonly string[],
  env: Environment,
  known: readonly string[],
): readonly string[] {
  return Object.keys(env)
    .filter((name) => !known.includes(name) && !NAMES_OF_OTHERS.has(name))
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)))
    .sort();
}

/** `JWKS_` of `JWKS_URI`. */
function firstWord(name: string): string {
  return name.slice(0, name.indexOf('_') + 1);
}

/** In place of `#`: a character that nobody uses. */
const NO_COMMENT = '\uE000';

/**
 * What `.env` sets to less than its line says: without quotes, `#` begins a comment even within a
 * word, and an id like `ada#EXT#@example.com` would quietly become somebody else's. So the file is
 * read once more, without a `#` that could be part of a value.
 */
function namesCutShort(dotenvText: string, file: Environment): readonly string[] {
  const whole = parse(dotenvText.replaceAll(/(?<=[^\s'"`#])#/gu, NO_COMMENT));
  return Object.entries(whole)
    .filter(([name, value]) => value.replaceAll(NO_COMMENT, '#') !== file[name])
    .map(([name]) => name);
}

function stackProps(read: ReadSettings, stack: StackSettings): AuthorizerStackProps {
  const { settings } = read;
  const existing = settings.USERS_TABLE_NAME !== undefined;
  const persistent = settings.USERS_TABLE_PERSISTENT;
  const keyArn = stack.USERS_TABLE_KMS_KEY_ARN;
  return {
    ...authorizerSettings(read),
    usersTableKey: settings.USERS_TABLE_KEY,
    ...(existing
      ? { usersTableName: settings.USERS_TABLE_NAME, usersTablePersistent: persistent }
      : // A table that the stack makes is as persistent as it is asked to be.
        { ephemeral: !persistent }),
    ...defined({
      revokedTokensTableName: settings.REVOKED_TOKENS_TABLE_NAME,
      usersTableEncryptionKeyArn: keyArn,
      corsOrigin: stack.ROLLCALL_CORS_ORIGIN,
      resourceMetadataUrl: stack.ROLLCALL_RESOURCE_METADATA_URL,
      alarmTopicArn: stack.ROLLCALL_ALARM_TOPIC_ARN,
      maxRevocationDelay:
        stack.ROLLCALL_MAX_REVOCATION_DELAY_SECONDS === undefined
          ? undefined
          : Duration.seconds(stack.ROLLCALL_MAX_REVOCATION_DELAY_SECONDS),
    }),
    // A key serves its own Region, and a table with a key of the customer's has to know which.
    ...(keyArn !== undefined && {
      env: { region: Arn.split(keyArn, ArnFormat.SLASH_RESOURCE_NAME).region ?? '' },
    }),
    restAuthorizerType: stack.ROLLCALL_REST_AUTHORIZER,
    httpApi: stack.ROLLCALL_HTTP_API,
    webSocketApi: stack.ROLLCALL_WEBSOCKET_API,
    resultsCacheTtl: Duration.seconds(stack.ROLLCALL_CACHE_TTL_SECONDS),
    deniedStatusCode: stack.ROLLCALL_DENIED_STATUS_CODE === '403' ? 403 : 401,
    cloudWatchRole: stack.ROLLCALL_CLOUDWATCH_ROLE,
  };
}

/** The settings of the function as props; table names are the stack's business. */
export function authorizerSettings({ settings }: ReadSettings): AuthorizerSettings {
  const expiresAt = settings.BOOTSTRAP_EXPIRES_AT;
  return {
    issuers: settings.TRUSTED_ISSUERS ?? [
      {
        issuer: settings.JWT_ISSUER ?? '',
        ...defined({
          audience: settings.JWT_AUDIENCE,
          clientId: settings.JWT_CLIENT_ID,
          tokenUse: settings.JWT_TOKEN_USE,
          jwksUri: settings.JWKS_URI,
        }),
        algorithms: settings.JWT_ALGORITHMS,
      },
    ],
    userClaim: settings.USER_CLAIM,
    allowUnverifiedEmail: settings.ALLOW_UNVERIFIED_EMAIL,
    userIdCase: settings.USER_ID_CASE,
    requireUserInDb: settings.REQUIRE_USER_IN_DB,
    ...defined({
      platformAdminEmail: settings.PLATFORM_ADMIN_EMAIL,
      platformAdminIssuer: settings.PLATFORM_ADMIN_ISSUER,
      bootstrapExpiresAt:
        expiresAt === undefined ? undefined : new Date(Math.round(expiresAt * 1000)),
      requiredScopes: settings.REQUIRED_SCOPES,
      requiredRoles: settings.REQUIRED_ROLES,
    }),
    requireJti: settings.REQUIRE_JTI,
    userCacheTtl: Duration.seconds(settings.USER_CACHE_TTL_SECONDS),
    clockTolerance: Duration.seconds(settings.CLOCK_TOLERANCE_SECONDS),
    jwksMaxAge: Duration.seconds(settings.JWKS_MAX_AGE_SECONDS),
    jwksMaxStale: Duration.seconds(settings.JWKS_MAX_STALE_SECONDS),
    httpResponseFormat: settings.HTTP_RESPONSE_FORMAT,
    webSocketTokenSource: settings.WEBSOCKET_TOKEN_SOURCE,
    allowBoundTokens: settings.ALLOW_BOUND_TOKENS,
    logUserIds: settings.LOG_USER_IDS,
    logLevel: settings.LOG_LEVEL,
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that have a value: an optional prop is left out, not set to `undefined`. */
function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
