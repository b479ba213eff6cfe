/**
 * The metrics of one function (`lambda/telemetry/metrics.ts`). All deployments of an account share
 * the namespace. The function's name is a dimension, so an alarm never fires for another deployment.
 * Only decisions are counted for all deployments together.
 */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Decision, Outcome } from '../../lambda/decision.ts';
import {
  BY_DECISION,
  METRIC_NAMESPACE,
  type CountName,
  type LatencyName,
} from '../../lambda/telemetry/metrics.ts';

const PERIOD = Duration.minutes(5);

export class SecurityMetrics {
  private readonly lambda: IFunction;

  constructor(lambda: IFunction) {
    this.lambda = lambda;
  }

  /** The sum of one count over five minutes. */
  sum(metricName: CountName): Metric {
    return this.ofFunction(metricName, Stats.SUM);
  }

  /** A percentile of one latency over five minutes. */
  percentile(metricName: LatencyName, rank: number): Metric {
    return this.ofFunction(metricName, Stats.percentile(rank)).with({ label: `p${rank}` });
  }

  /** Decisions of one kind over five minutes, of all functions in the account and Region. */
  decisions({ outcome, reason }: Pick<Decision, 'outcome' | 'reason'>): Metric {
    return metric('Decisions', { outcome, reason }, Stats.SUM).with({ label: reason });
  }

  /** Decisions of all functions, one line per published reason. */
  decisionsByReason(): MathExpression {
    return expression(search(''), '');
  }

  /** Decisions of all functions with one outcome, for any reason. */
  decisionsOf(outcome: Outcome): MathExpression {
    return expression(`SUM(${search(` outcome="${outcome}"`)})`, outcome);
  }

  private ofFunction(metricName: CountName | LatencyName, statistic: string): Metric {
    return metric(metricName, { function_name: this.lambda.functionName }, statistic);
  }
}

function metric(
  metricName: string,
  dimensionsMap: Readonly<Record<string, string>>,
  statistic: string,
): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { ...dimensionsMap },
    statistic,
    period: PERIOD,
  });
}

/** One line for every combination of dimensions that has been published. */
function search(filter: string): string {
  const schema = `{${[METRIC_NAMESPACE, ...BY_DECISION].join(',')}}`;
  return `SEARCH('${schema} MetricName="Decisions"${filter}', 'Sum', ${PERIOD.toSeconds()})`;
}

function expression(text: string, label: string): MathExpression {
  return new MathExpression({ expression: text, label, period: PERIOD, usingMetrics: {} });
}
