/** The log group of a function and the role that it runs as, with no right beyond its own log. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

export interface FunctionRole {
  readonly logGroup: LogGroup;
  readonly role: Role;
}

/**
 * A log group, kept when the stack goes unless `removalPolicy` says otherwise, and a role that may
 * write to that group alone.
 */
export function functionRole(
  scope: Construct,
  description: string,
  retention: RetentionDays,
  removalPolicy = RemovalPolicy.RETAIN,
): FunctionRole {
  const logGroup = new LogGroup(scope, 'Logs', { retention, removalPolicy });
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
