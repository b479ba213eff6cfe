/** The log group of a function, and a role that can only write to it. */
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type LogGroupClass, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

export interface FunctionRole {
  readonly logGroup: LogGroup;
  readonly role: Role;
}

export interface LogOptions {
  readonly retention: RetentionDays;
  /** @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** @default - a key that CloudWatch Logs owns */
  readonly encryptionKey?: IKey | undefined;
  /** @default LogGroupClass.STANDARD */
  readonly logGroupClass?: LogGroupClass | undefined;
  /** @default - CloudFormation makes a name */
  readonly logGroupName?: string;
}

/** A log group. By default it is retained when the stack is deleted. */
export function logGroupOf(scope: Construct, id: string, options: LogOptions): LogGroup {
  const { encryptionKey, logGroupClass, logGroupName } = options;
  if (encryptionKey !== undefined) allowLogs(encryptionKey, scope);
  return new LogGroup(scope, id, {
    retention: options.retention,
    removalPolicy: options.removalPolicy ?? RemovalPolicy.RETAIN,
    ...(encryptionKey && { encryptionKey }),
    ...(logGroupClass !== undefined && { logGroupClass }),
    ...(logGroupName !== undefined && { logGroupName }),
  });
}

/** A log group, and a role that may write only to that group. */
export function functionRole(
  scope: Construct,
  description: string,
  options: LogOptions,
): FunctionRole {
  const logGroup = logGroupOf(scope, 'Logs', options);
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description,
  });
  role.addToPolicy(
    new PolicyStatement({
      sid: 'WriteOwnLogs',
      effect: Effect.ALLOW,
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  );
  return { logGroup, role };
}

/**
 * The key policy statement that CloudWatch Logs needs. A key of another app must have it already. The statement is for every log group of the account: named by the group, key and group
 * would depend on each other.
 */
function allowLogs(key: IKey, scope: Construct): void {
  const stack = Stack.of(scope);
  const anyLogGroup = stack.formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: `Logs${stack.node.addr.slice(-8)}`,
      principals: [new ServicePrincipal(`logs.${stack.region}.${stack.urlSuffix}`)],
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey*',
        'kms:ReEncrypt*',
      ],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': anyLogGroup } },
    }),
    true,
  );
}
