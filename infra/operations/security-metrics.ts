/**
 * What one function publishes about itself (`lambda/telemetry/security-counts.ts`). All deployments of an
 * account share the namespace; the function's name tells them apart, so that an alarm never
 * speaks of another deployment.
 */
import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { SecurityCount } from '../../lambda/telemetry/security-counts.ts';

/** Where the function publishes its metrics. */
export const METRIC_NAMESPACE = 'Rollcall';

/** What is counted, beside the starts of execution environments. */
export type SecurityMetricName = SecurityCount | 'ColdStart';
/** Milliseconds that the table or the keys were waited for. */
export type LatencyMetricName = 'DirectoryLatency' | 'KeysLatency';

const PERIOD = Duration.minutes(5);

export class SecurityMetrics {
  private readonly lambda: IFunction;

  constructor(lambda: IFunction) {
    this.lambda = lambda;
  }

  /** The sum of one count over five minutes. */
  sum(metricName: SecurityMetricName): Metric {
    return this.metric(metricName, Stats.SUM);
  }

  /** What `rank` of a hundred stayed below, over five minutes. */
  percentile(metricName: LatencyMetricName, rank: number): Metric {
    return this.metric(metricName, Stats.percentile(rank)).with({ label: `p${rank}` });
  }

  private metric(metricName: string, statistic: string): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { FunctionName: this.lambda.functionName },
      statistic,
      period: PERIOD,
    });
  }
}
