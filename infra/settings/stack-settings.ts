/**
 * The settings of the stack: the resources around the authorizer. They never reach the function.
 */
import { boolean, integer, matching, oneOf, type Grammar } from '../../lambda/settings/grammar.ts';
import {
  SETTING_DESCRIPTIONS,
  STACK_GROUP,
  type Description,
  type SettingDescription,
} from '../../lambda/settings/descriptions.ts';
import {
  readTable,
  type Environment,
  type Read,
  type Setting,
} from '../../lambda/settings/setting.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from '../../lambda/settings/table.ts';

const arnOf = (pattern: RegExp, what: string) => matching(pattern, `the ARN of ${what}`);

const origin: Grammar<string> = (text) =>
  text === '*' || (URL.canParse(text) && new URL(text).origin === text)
    ? { ok: true, value: text }
    : { ok: false, problem: 'must be * or an origin such as https://app.example.com' };

const deniedStatusCode: Grammar<401 | 403> = (text) => {
  const parsed = oneOf('401', '403')(text);
  return parsed.ok ? { ok: true, value: parsed.value === '403' ? 403 : 401 } : parsed;
};

/** Every setting of the stack, in the order in which they are documented. */
export const STACK_SETTINGS = {
  USERS_TABLE_KMS_KEY_ARN: {
    grammar: arnOf(/^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/u, 'a KMS key'),
    prop: 'usersTableEncryptionKeyArn',
    summary:
      'ARN of the customer managed KMS key of the users table. It also encrypts the tables that the stack makes.',
    details:
      'The function may then use it to decrypt. The stack is deployed to the Region of the key.',
    whenUnset: 'keys that DynamoDB owns',
    example: 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555',
  },
  ROLLCALL_STACK_NAME: {
    grammar: matching(/^[A-Za-z][A-Za-z0-9-]{0,127}$/u, 'letters, digits and -, a letter first'),
    default: 'Rollcall',
    summary: 'Name of the CloudFormation stack.',
    example: 'Staging',
  },
  ROLLCALL_REST_AUTHORIZER: {
    grammar: oneOf('token', 'request'),
    default: 'token',
    prop: 'restAuthorizerType',
    summary:
      "Type of the REST API's authorizer. `token` rejects malformed headers without calling the function; `request` gives security events the caller's address (`source_ip`).",
    example: 'request',
  },
  ROLLCALL_HTTP_API: {
    grammar: boolean,
    default: 'false',
    prop: 'httpApi',
    summary: 'Adds an HTTP API.',
    example: 'true',
  },
  ROLLCALL_WEBSOCKET_API: {
    grammar: boolean,
    default: 'false',
    prop: 'webSocketApi',
    summary: 'Adds a WebSocket API.',
    example: 'true',
  },
  ROLLCALL_CACHE_TTL_SECONDS: {
    grammar: integer(0, 3600),
    default: '0',
    prop: 'resultsCacheTtl',
    unit: 'seconds',
    summary:
      'How long the REST API and the HTTP API cache an answer for the same token, up to an hour. A disabled user keeps access meanwhile.',
    example: '30',
  },
  ROLLCALL_MAX_REVOCATION_DELAY_SECONDS: {
    grammar: integer(0, 86_400),
    prop: 'maxRevocationDelay',
    unit: 'seconds',
    summary:
      "Longest time for which the gateway's and the function's caches together may keep a revoked access alive. If they exceed it, synth fails (`rollcall:revocation.budget`).",
    details:
      'What is open already is not a cache: a WebSocket connection stays open for up to two hours, a streamed answer of a REST API for up to 15 minutes.',
    whenUnset: 'no limit',
    example: '60',
  },
  ROLLCALL_DENIED_STATUS_CODE: {
    grammar: deniedStatusCode,
    default: '401',
    prop: 'deniedStatusCode',
    summary: 'Status of the REST API for a known user who is denied: 401 or 403.',
    example: '403',
  },
  ROLLCALL_CORS_ORIGIN: {
    grammar: origin,
    prop: 'corsOrigin',
    summary: 'The one origin whose pages may read the responses, or `*`.',
    whenUnset: 'no CORS headers',
    example: 'https://app.example.com',
  },
  ROLLCALL_PROTECTED_RESOURCE: {
    grammar: boolean,
    default: 'false',
    prop: 'protectedResource',
    summary:
      'Serves protected resource metadata (RFC 9728) for OAuth and MCP clients, and names them in the challenge. A known user who is denied gets a 403 then.',
    details:
      'On the REST API and the HTTP API, at `/.well-known/oauth-protected-resource`. See [MCP servers and OAuth clients](mcp.md).',
    example: 'true',
  },
  ROLLCALL_ALARM_TOPIC_ARN: {
    grammar: arnOf(/^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$/u, 'an SNS topic'),
    prop: 'alarmTopicArn',
    summary: 'ARN of the SNS topic that alarms notify.',
    whenUnset: 'no notification',
    example: 'arn:aws:sns:eu-west-1:111122223333:alarms',
  },
  ROLLCALL_CLOUDWATCH_ROLE: {
    grammar: boolean,
    default: 'true',
    prop: 'cloudWatchRole',
    summary:
      'Gives API Gateway the role that it logs with, for the account and Region. Set it to false if that has been done.',
    example: 'false',
  },
} as const satisfies Readonly<Record<string, Setting & Description>>;

export type StackSettingName = keyof typeof STACK_SETTINGS;

/** Reads the settings of the stack. */
export function readStackSettings(env: Environment): Read<typeof STACK_SETTINGS> {
  return readTable(STACK_SETTINGS, env);
}

/** A setting with its name and what is said of it. */
export interface DescribedSetting extends Setting, SettingDescription {
  readonly name: SettingName | StackSettingName;
}

const described = (
  name: DescribedSetting['name'],
  row: Setting,
  description: SettingDescription,
): DescribedSetting => ({ name, ...row, ...description });

/** Every setting that can be set for a deployment: the function's, then the stack's own. */
export const ALL_SETTINGS: readonly DescribedSetting[] = [
  ...SETTING_NAMES.map((name) => described(name, SETTINGS[name], SETTING_DESCRIPTIONS[name])),
  ...(Object.keys(STACK_SETTINGS) as StackSettingName[]).map((name) => {
    const row = STACK_SETTINGS[name];
    return described(name, row, { group: STACK_GROUP, ...row });
  }),
];

export const ALL_SETTING_NAMES: readonly string[] = ALL_SETTINGS.map(({ name }) => name);
