/**
 * The settings of the stack itself, beside those of the function: what is built around the
 * authorizer. They never reach the function. Written and read like the function's own.
 */
import {
  boolean,
  integer,
  line,
  matching,
  oneOf,
  type Grammar,
  type Parsed,
} from '../../lambda/settings/grammar.ts';
import type { Environment } from '../../lambda/settings/table.ts';

const arnOf = (pattern: RegExp, what: string) => matching(pattern, `the ARN of ${what}`);

const origin: Grammar<string> = (text) =>
  text === '*' || (URL.canParse(text) && new URL(text).origin === text)
    ? { ok: true, value: text }
    : { ok: false, problem: 'must be * or an origin such as https://app.example.com' };

const httpsUrl: Grammar<string> = (text) => {
  const written = line(1024)(text);
  if (!written.ok) return written;
  return /^https:\/\/[^\s"'\\]+$/u.test(text) && URL.canParse(text)
    ? written
    : { ok: false, problem: 'must be an https:// URL' };
};

interface StackSetting<T> {
  readonly grammar: Grammar<T>;
  /** As an operator would write it; without one, the setting has no value when unset. */
  readonly default?: string;
}

const setting = <T>(grammar: Grammar<T>, fallback?: string): StackSetting<T> => ({
  grammar,
  ...(fallback !== undefined && { default: fallback }),
});

/** Every setting of the stack, in the order in which they are documented. */
export const STACK_SETTINGS = {
  USERS_TABLE_KMS_KEY_ARN: setting(
    arnOf(/^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/u, 'a KMS key'),
  ),
  ROLLCALL_STACK_NAME: setting(
    matching(/^[A-Za-z][A-Za-z0-9-]{0,127}$/u, 'letters, digits and -, a letter first'),
    'Rollcall',
  ),
  ROLLCALL_REST_AUTHORIZER: setting(oneOf('token', 'request'), 'token'),
  ROLLCALL_HTTP_API: setting(boolean, 'false'),
  ROLLCALL_WEBSOCKET_API: setting(boolean, 'false'),
  ROLLCALL_CACHE_TTL_SECONDS: setting(integer(0, 3600), '0'),
  ROLLCALL_MAX_REVOCATION_DELAY_SECONDS: setting(integer(0, 86_400)),
  ROLLCALL_DENIED_STATUS_CODE: setting(oneOf('401', '403'), '401'),
  ROLLCALL_CORS_ORIGIN: setting(origin),
  ROLLCALL_RESOURCE_METADATA_URL: setting(httpsUrl),
  ROLLCALL_ALARM_TOPIC_ARN: setting(
    arnOf(/^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$/u, 'an SNS topic'),
  ),
  ROLLCALL_CLOUDWATCH_ROLE: setting(boolean, 'true'),
} as const;

export type StackSettingName = keyof typeof STACK_SETTINGS;

export const STACK_SETTING_NAMES = Object.keys(STACK_SETTINGS) as readonly StackSettingName[];

type ValueOf<S> = S extends { grammar: Grammar<infer T> } ? T : never;
type Defaulted =
  | 'ROLLCALL_STACK_NAME'
  | 'ROLLCALL_REST_AUTHORIZER'
  | 'ROLLCALL_HTTP_API'
  | 'ROLLCALL_WEBSOCKET_API'
  | 'ROLLCALL_CACHE_TTL_SECONDS'
  | 'ROLLCALL_DENIED_STATUS_CODE'
  | 'ROLLCALL_CLOUDWATCH_ROLE';

export type StackSettings = {
  readonly [K in StackSettingName]: K extends Defaulted
    ? ValueOf<(typeof STACK_SETTINGS)[K]>
    : ValueOf<(typeof STACK_SETTINGS)[K]> | undefined;
};

/**
 * Reads every setting of the stack. As for the function, an empty variable is an unset one, save
 * for a boolean, where it is a mistake.
 */
export function readStackSettings(env: Environment): {
  readonly settings: StackSettings;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const name of STACK_SETTING_NAMES) {
    const { grammar, default: fallback }: StackSetting<unknown> = STACK_SETTINGS[name];
    const text = env[name];
    let parsed: Parsed<unknown> | undefined;
    if (text !== undefined && (text !== '' || grammar === boolean)) {
      parsed = grammar(text);
      if (!parsed.ok) problems.push(`${name} ${parsed.problem}`);
    }
    if (parsed?.ok !== true && fallback !== undefined) parsed = grammar(fallback);
    settings[name] = parsed?.ok === true ? parsed.value : undefined;
  }
  return { settings: settings as StackSettings, problems };
}
