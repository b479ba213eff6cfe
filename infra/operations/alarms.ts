/**
 * The alarms. They watch the function's security metrics, its duration and its throttles, never its
 * `Errors`: on a REST API a rejected token ends in a thrown `Unauthorized`, which Lambda counts as an
 * error.
 */
import { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  Stats,
  TreatMissingData,
  type Alarm,
  type Metric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { SecurityMetrics } from './security-metrics.ts';

/** Alarm thresholds. Counts are per five minutes. */
export interface AlarmThresholds {
  /**
   * Cold starts with an invalid configuration.
   * @default 1
   */
  readonly misconfigured?: number;
  /**
   * Requests that failed because the users table or the revoked-tokens table could not be read.
   * @default 5
   */
  readonly directoryUnavailable?: number;
  /**
   * Requests that failed because the signing keys of an issuer could not be read.
   * @default 5
   */
  readonly keysUnavailable?: number;
  /**
   * Requests that failed because of a bug in the authorizer, or whose event has an unknown form.
   * @default 1
   */
  readonly internalErrors?: number;
  /**
   * Requests whose token was verified by a key set past its maximum age.
   * @default 1
   */
  readonly staleKeys?: number;
  /**
   * Bootstrap entries: requests of the platform admin that were allowed without a row.
   * @default 1
   */
  readonly bootstrapEntries?: number;
  /**
   * Denied requests, for any reason.
   * @default 100
   */
  readonly rejections?: number;
  /**
   * p99 latency, for three consecutive periods.
   * @default Duration.millis(1000)
   */
  readonly latencyP99?: Duration;
  /**
   * Invocations that Lambda throttled. The gateway answers 500, and nothing is logged.
   * @default 1
   */
  readonly throttles?: number;
}

export interface RollcallAlarmsProps {
  readonly function: IFunction;
  readonly metrics: SecurityMetrics;
  /** @default - the defaults of `AlarmThresholds` */
  readonly thresholds?: AlarmThresholds;
  /**
   * SNS topic that is notified when an alarm fires and when it clears.
   * @default - alarms notify no topic
   */
  readonly topic?: ITopic;
  /**
   * Address of the runbook; each alarm adds its anchor.
   * @default 'docs/operations.md'
   */
  readonly runbookUrl?: string;
}

interface Watched {
  readonly metric: Metric;
  readonly threshold: number;
  /** What happened. */
  readonly happened: string;
  /** Heading of the runbook, as an anchor. */
  readonly anchor: string;
  /** @default 1 */
  readonly evaluationPeriods?: number;
}

export class RollcallAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: RollcallAlarmsProps) {
    super(scope, id);
    const runbook = props.runbookUrl ?? 'docs/operations.md';
    this.alarms = Object.entries(watched(props)).map(([name, one]) => {
      const alarm = one.metric.createAlarm(this, name, {
        alarmDescription: `${one.happened} Runbook: ${runbook}#${one.anchor}`,
        threshold: one.threshold,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: one.evaluationPeriods ?? 1,
        // Nothing is published while nothing happens.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      if (props.topic !== undefined) {
        const action = new SnsAction(props.topic);
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
      }
      return alarm;
    });
  }
}

function watched({
  function: lambda,
  metrics,
  thresholds = {},
}: RollcallAlarmsProps): Readonly<Record<string, Watched>> {
  const period = Duration.minutes(5);
  return {
    Misconfigured: {
      metric: metrics.sum('Misconfigured'),
      threshold: thresholds.misconfigured ?? 1,
      happened:
        'The configuration of the authorizer is invalid, and every request fails with 500. The log line authorizer_misconfigured names the settings.',
      anchor: 'authorizer-misconfigured',
    },
    DirectoryUnavailable: {
      metric: metrics.sum('DirectoryUnavailable'),
      threshold: thresholds.directoryUnavailable ?? 5,
      happened:
        'The users table or the revoked-tokens table could not be read, and the requests failed with 500. The field cause says why.',
      anchor: 'directory-unavailable',
    },
    KeysUnavailable: {
      metric: metrics.sum('KeysUnavailable'),
      threshold: thresholds.keysUnavailable ?? 5,
      happened:
        'The signing keys of an issuer could not be read, and the requests failed with 500. The field cause says why.',
      anchor: 'keys-unavailable',
    },
    InternalErrors: {
      metric: metrics.sum('InternalErrors'),
      threshold: thresholds.internalErrors ?? 1,
      happened:
        'A request failed with 500 because of a bug in the authorizer, or because its event has an unknown form.',
      anchor: 'internal-error',
    },
    StaleKeys: {
      metric: metrics.sum('JwksStale'),
      threshold: thresholds.staleKeys ?? 1,
      happened:
        'The signing keys of an issuer cannot be read, and an old key set is in use. If it becomes older than JWKS_MAX_STALE_SECONDS allows, requests fail with 500.',
      anchor: 'stale-keys',
    },
    BootstrapEntries: {
      metric: metrics.sum('BootstrapEntries'),
      threshold: thresholds.bootstrapEntries ?? 1,
      happened:
        'The platform admin was allowed without a row in the users table. This is expected only right after the first deployment.',
      anchor: 'bootstrap-used',
    },
    Rejections: {
      metric: metrics.sum('Rejections'),
      threshold: thresholds.rejections ?? 100,
      happened: 'Many requests were denied: a faulty client, a change at an issuer, or an attack.',
      anchor: 'rejection-spike',
    },
    LatencyP99: {
      metric: lambda.metricDuration({ statistic: Stats.percentile(99), period }),
      threshold: (thresholds.latencyP99 ?? Duration.millis(1000)).toMilliseconds(),
      happened: 'The p99 latency of the authorizer is too high.',
      anchor: 'authorizer-latency',
      evaluationPeriods: 3,
    },
    Throttles: {
      metric: lambda.metricThrottles({ period }),
      threshold: thresholds.throttles ?? 1,
      happened:
        'Lambda throttled the authorizer because its concurrency limit was reached, and the requests failed with 500.',
      anchor: 'authorizer-throttled',
    },
  };
}
