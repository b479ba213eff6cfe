/**
 * The alarms. They watch the security events as the function counts them, the duration and the
 * throttles, never the function's `Errors`: on a REST API a request with a bad token ends in a
 * thrown `Unauthorized`, which counts as an error and is none.
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

/** From how many on an alarm speaks. Counts are of five minutes. */
export interface AlarmThresholds {
  /**
   * Cold starts that found a bad configuration.
   * @default 1
   */
  readonly misconfigured?: number;
  /**
   * Requests that could not be decided because the users table did not answer.
   * @default 5
   */
  readonly directoryUnavailable?: number;
  /**
   * Requests that could not be decided because an issuer's keys could not be read.
   * @default 5
   */
  readonly keysUnavailable?: number;
  /**
   * Requests that failed by a mistake of the authorizer's own, or came in an unknown form.
   * @default 1
   */
  readonly internalErrors?: number;
  /**
   * Requests whose token was verified by a key set past its maximum age.
   * @default 1
   */
  readonly staleKeys?: number;
  /**
   * Entries of the platform admin without a row.
   * @default 1
   */
  readonly bootstrapEntries?: number;
  /**
   * Requests that were refused, for whatever reason.
   * @default 100
   */
  readonly rejections?: number;
  /**
   * The slowest hundredth of the invocations, three times in a row.
   * @default Duration.millis(1000)
   */
  readonly latencyP99?: Duration;
  /**
   * Invocations that Lambda refused; the gateway answers 500 and nothing is logged.
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
   * Who is told, when an alarm speaks and when it falls silent.
   * @default - nobody
   */
  readonly topic?: ITopic;
  /**
   * Where the runbook stands; each alarm adds its anchor.
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
        'The authorizer found a bad configuration and refuses every request with 500. The log line authorizer_misconfigured names the settings.',
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
        'A request failed with 500 by a mistake of the authorizer itself, or because its event has a form that the authorizer does not know.',
      anchor: 'internal-error',
    },
    StaleKeys: {
      metric: metrics.sum('JwksStale'),
      threshold: thresholds.staleKeys ?? 1,
      happened:
        'An issuer does not give out its signing keys, and an old set is in use. When it grows older than JWKS_MAX_STALE_SECONDS allows, requests fail with 500.',
      anchor: 'stale-keys',
    },
    BootstrapEntries: {
      metric: metrics.sum('BootstrapEntries'),
      threshold: thresholds.bootstrapEntries ?? 1,
      happened:
        'The platform admin entered without a row in the users table. Expected right after a first deployment, and at no other time.',
      anchor: 'bootstrap-used',
    },
    Rejections: {
      metric: metrics.sum('Rejections'),
      threshold: thresholds.rejections ?? 100,
      happened:
        'Many requests were refused: a client gone wrong, a change at an issuer, or a probe.',
      anchor: 'rejection-spike',
    },
    LatencyP99: {
      metric: lambda.metricDuration({ statistic: Stats.percentile(99), period }),
      threshold: (thresholds.latencyP99 ?? Duration.millis(1000)).toMilliseconds(),
      happened: 'The slowest hundredth of the authorizations takes too long.',
      anchor: 'authorizer-latency',
      evaluationPeriods: 3,
    },
    Throttles: {
      metric: lambda.metricThrottles({ period }),
      threshold: thresholds.throttles ?? 1,
      happened:
        'Lambda refused to run the authorizer for want of concurrency, and the requests failed with 500.',
      anchor: 'authorizer-throttled',
    },
  };
}
