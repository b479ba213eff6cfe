/**
 * The dashboard: who gets in and who does not, and how the table, the keys and the function bear
 * it. The function's own metrics are read from the namespace `Rollcall`, which all deployments of
 * an account and Region share; the counts of events are this deployment's alone.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  MathExpression,
  Metric,
  PeriodOverride,
  Stats,
  TextWidget,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { SecurityMetrics } from './security-metrics.ts';

/** Where the function publishes its metrics. */
export const METRIC_NAMESPACE = 'Rollcall';

export interface RollcallDashboardProps {
  /** The function, as `RollcallAuthorizer.function`. */
  readonly function: IFunction;
  /** What its events are counted by, as `RollcallAuthorizer.metrics`. */
  readonly metrics: SecurityMetrics;
  /**
   * Where the runbook stands.
   * @default 'docs/operations.md'
   */
  readonly runbookUrl?: string;
}

const PERIOD = Duration.minutes(5);
const WIDTH = 12;

export class RollcallDashboard extends Construct {
  constructor(scope: Construct, id: string, props: RollcallDashboardProps) {
    super(scope, id);
    const { function: lambda, metrics } = props;
    const { stackName } = Stack.of(this);
    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: stackName,
      defaultInterval: Duration.hours(12),
      periodOverride: PeriodOverride.AUTO,
    });
    dashboard.addWidgets(
      new TextWidget({
        width: 2 * WIDTH,
        height: 2,
        markdown: `# ${stackName}: Rollcall authorizer\nRunbook: ${props.runbookUrl ?? 'docs/operations.md'}. Decisions, latencies, cold starts and stale keys are of all Rollcall functions in this account and Region; events are of this one.`,
      }),
    );
    dashboard.addWidgets(
      graph('Decisions by outcome', [search('Outcome', 'Decisions')]),
      graph('Decisions by outcome and reason', [search('Outcome,Reason', 'Decisions')]),
    );
    dashboard.addWidgets(
      graph('Time waited for the table (ms)', percentiles('DirectoryLatency')),
      graph('Time waited for signing keys (ms)', percentiles('KeysLatency')),
    );
    dashboard.addWidgets(
      graph('Bootstrap entries and strict rejections', [
        metrics.sum('BootstrapEntries'),
        metrics.sum('StrictRejections'),
      ]),
      graph('Could not be checked', [
        metrics.sum('DirectoryUnavailable'),
        metrics.sum('KeysUnavailable'),
        metrics.sum('InternalErrors'),
        metrics.sum('Misconfigured'),
      ]),
    );
    dashboard.addWidgets(
      graph('Cold starts and stale keys', [published('ColdStart'), published('JwksStale')]),
      graph('Function duration (ms)', [
        lambda.metricDuration({ statistic: Stats.percentile(50), label: 'p50', period: PERIOD }),
        lambda.metricDuration({ statistic: Stats.percentile(99), label: 'p99', period: PERIOD }),
      ]),
    );
    dashboard.addWidgets(
      graph('Invocations', [
        lambda.metricInvocations({ period: PERIOD }),
        lambda.metricThrottles({ period: PERIOD }),
      ]),
      graph('Refused requests', [metrics.sum('Rejections')]),
    );
  }
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: WIDTH, leftYAxis: { min: 0 } });
}

/** One line for every combination of dimensions that has been published. */
function search(dimensions: string, metricName: string): IMetric {
  return new MathExpression({
    expression: `SEARCH('{${METRIC_NAMESPACE},${dimensions}} MetricName="${metricName}"', 'Sum', ${PERIOD.toSeconds()})`,
    label: '',
    period: PERIOD,
    usingMetrics: {},
  });
}

function percentiles(metricName: string): IMetric[] {
  return [50, 99].map(
    (rank) =>
      new Metric({
        namespace: METRIC_NAMESPACE,
        metricName,
        statistic: Stats.percentile(rank),
        label: `p${rank}`,
        period: PERIOD,
      }),
  );
}

function published(metricName: string): IMetric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    statistic: Stats.SUM,
    period: PERIOD,
  });
}
