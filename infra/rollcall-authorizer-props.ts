/** The props of the construct: settings, function options, tables and alarms. */
import type { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { AuthorizerFunctionOptions } from './authorizer-function.ts';
import type { AlarmThresholds } from './operations/alarms.ts';
import type { AuthorizerSettings } from './settings/authorizer-settings.ts';

export interface RollcallAuthorizerProps extends AuthorizerSettings, AuthorizerFunctionOptions {
  /**
   * The users table. For a table of this app, synth warns if it is not retained or lacks
   * point-in-time recovery or deletion protection. For an imported table with a customer managed
   * key, set its `encryptionKey`.
   * @default - a new `UsersTable`
   */
  readonly usersTable?: ITable;
  /**
   * Partition key attribute of the users table, a string.
   * @default 'user_id'
   */
  readonly usersTableKey?: string;
  /**
   * Whether the users table outlasts the deployment. If not, a cold start logs
   * `ephemeral_storage_with_bootstrap` while bootstrap is open.
   * @default true
   */
  readonly usersTablePersistent?: boolean;
  /**
   * The revoked-tokens table. Its partition key is the string `token_id`.
   * @default - tokens cannot be revoked individually
   */
  readonly revokedTokensTable?: ITable;
  /**
   * Deletes the new users table and the logs with the stack. For trials only.
   * @default false
   */
  readonly ephemeral?: boolean;
  /**
   * Customer managed key of the new users table.
   * @default - a key that DynamoDB owns
   */
  readonly encryptionKey?: IKey;
  /**
   * Other Regions of the new users table, see `DurableTableProps.replicaRegions`.
   * @default - none
   */
  readonly replicaRegions?: readonly string[];
  /**
   * Longest time for which the gateway's and the function's caches together may keep a revoked
   * access alive. If they exceed it, synth fails (`rollcall:revocation.budget`).
   * @default - no limit
   */
  readonly maxRevocationDelay?: Duration;
  /**
   * Thresholds of the alarms.
   * @default - the defaults of `AlarmThresholds`
   */
  readonly alarmThresholds?: AlarmThresholds;
  /**
   * SNS topic that the alarms notify.
   * @default - alarms notify no topic
   */
  readonly alarmTopic?: ITopic;
  /**
   * Permissions boundary of every role of the construct.
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;
  /**
   * Address of the runbook that the alarm descriptions name.
   * @default 'docs/operations.md'
   */
  readonly runbookUrl?: string;
}
