/** The same for the settings that only the stack reads. */
import type { StackSettingName } from '../../infra/settings/stack-settings.ts';

export interface StackSettingDescription {
  /** What it does. Markdown. */
  readonly meaning: string;
  /** In place of a default. */
  readonly unset?: string;
}

export const STACK_SETTING_DESCRIPTIONS: Readonly<
  Record<StackSettingName, StackSettingDescription>
> = {
  USERS_TABLE_KMS_KEY_ARN: {
    meaning:
      "The customer's key of the users table, which the function may then use to decrypt. It also encrypts the tables that the stack makes.",
    unset: 'keys that DynamoDB owns',
  },
  ROLLCALL_STACK_NAME: { meaning: 'Name of the CloudFormation stack.' },
  ROLLCALL_REST_AUTHORIZER: {
    meaning:
      "Kind of the REST API's authorizer. `token` refuses junk without calling the function; `request` lets security events have the caller's address (`source_ip`).",
  },
  ROLLCALL_HTTP_API: { meaning: 'Whether the stack makes an HTTP API as well.' },
  ROLLCALL_WEBSOCKET_API: { meaning: 'Whether the stack makes a WebSocket API as well.' },
  ROLLCALL_CACHE_TTL_SECONDS: {
    meaning:
      'How long the REST and the HTTP API reuse an answer for the same token. A user who is disabled keeps access meanwhile.',
  },
  ROLLCALL_MAX_REVOCATION_DELAY_SECONDS: {
    meaning:
      "Longest time for which the gateway's and the function's caches together may keep a revoked access alive. What exceeds it fails synth (`rollcall:revocation.budget`).",
    unset: 'no limit',
  },
  ROLLCALL_DENIED_STATUS_CODE: {
    meaning: 'Status of the REST API for a caller who is known and not let in.',
  },
  ROLLCALL_CORS_ORIGIN: {
    meaning: 'The one origin whose pages may read the answers, or `*`.',
    unset: 'no CORS headers',
  },
  ROLLCALL_RESOURCE_METADATA_URL: {
    meaning:
      'Address of the metadata of the protected resource, named in the `WWW-Authenticate` challenge (RFC 9728 §5.1).',
    unset: 'not named',
  },
  ROLLCALL_ALARM_TOPIC_ARN: {
    meaning: 'The SNS topic that is told of alarms.',
    unset: 'nobody is told',
  },
  ROLLCALL_CLOUDWATCH_ROLE: {
    meaning:
      'Whether to give API Gateway the role that it logs with, for the account and Region. `false` where that has been done.',
  },
};
