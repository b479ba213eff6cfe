/** The props of the construct: the settings of the function, how it runs, and what is around it. */
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
   * The list of users. A table of this app is looked at: it should be retained, recoverable and
   * protected. Where it is encrypted with a customer's key, its `encryptionKey` must say so.
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
   * The revoked tokens; its partition key is `token_id`.
   * @default - tokens cannot be revoked one by one
   */
  readonly revokedTokensTable?: ITable;
  /**
   * Makes the new users table and the log a throwaway, deleted with the stack.
   * @default false
   */
  readonly ephemeral?: boolean;
  /**
   * Key of the customer's that encrypts the new users table.
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
   * From how many on each alarm speaks.
   * @default - the defaults of `AlarmThresholds`
   */
  readonly alarmThresholds?: AlarmThresholds;
  /**
   * Who is told of alarms.
   * @default - nobody
   */
  readonly alarmTopic?: ITopic;
  /**
   * Permissions boundary of every role of the construct.
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;
  /**
   * Where the runbook stands that the alarms refer to.
   * @default 'docs/operations.md'
   */
  readonly runbookUrl?: string;
}
