/**
 * Numbers drawn from the security events of one function's log. The function's own metrics share
 * one namespace in an account; these have a namespace of their own, so that an alarm never speaks
 * of another deployment.
 */
import { Duration, Names } from 'aws-cdk-lib';
import { Stats, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, type JsonPattern } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** Each metric and the log lines that it counts. */
const COUNTED = {
  Misconfigured: event('authorizer_misconfigured'),
  DirectoryUnavailable: reason('directory_unavailable'),
  KeysUnavailable: reason('keys_unavailable'),
  InternalErrors: reason('internal_error'),
  StaleKeys: event('jwks_stale'),
  BootstrapEntries: event('platform_admin_bootstrap'),
  StrictRejections: event('user_not_in_db_rejected'),
  Rejections: FilterPattern.any(outcome('unauthenticated'), outcome('forbidden')),
} as const satisfies Record<string, JsonPattern>;

export type SecurityMetricName = keyof typeof COUNTED;

export class SecurityMetrics extends Construct {
  /** Of these metrics; unique in the account and Region. */
  readonly namespace: string;

  private readonly metrics: Readonly<Record<SecurityMetricName, Metric>>;

  constructor(scope: Construct, id: string, logGroup: ILogGroup) {
    super(scope, id);
    this.namespace = `Rollcall/${Names.uniqueResourceName(scope, { maxLength: 200, separator: '-' })}`;
    this.metrics = Object.fromEntries(
      Object.entries(COUNTED).map(([metricName, filterPattern]) => [
        metricName,
        logGroup
          .addMetricFilter(metricName, {
            filterPattern,
            metricNamespace: this.namespace,
            metricName,
            metricValue: '1',
          })
          .metric({ statistic: Stats.SUM, period: Duration.minutes(5) }),
      ]),
    ) as Record<SecurityMetricName, Metric>;
  }

  /** The sum of one metric over five minutes. */
  sum(name: SecurityMetricName): Metric {
    return this.metrics[name];
  }
}

function event(name: string): JsonPattern {
  return FilterPattern.stringValue('$.security_event', '=', name);
}

function reason(name: string): JsonPattern {
  return FilterPattern.stringValue('$.reason', '=', name);
}

function outcome(name: string): JsonPattern {
  return FilterPattern.stringValue('$.outcome', '=', name);
}
