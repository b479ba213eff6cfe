/**
 * The dashboard: decisions, and the latency and errors of the table, the keys and the function.
 * Decisions by outcome and reason, strict rejections included, cover all deployments in the account
 * and Region; all other graphs cover only this deployment.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  PeriodOverride,
  Stats,
  TextWidget,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { LatencyName } from '../../lambda/telemetry/metrics.ts';
import type { SecurityMetrics } from './security-metrics.ts';

export interface RollcallDashboardProps {
  /** The function, as `RollcallAuthorizer.function`. */
  readonly function: IFunction;
  /** The metrics of the function, as `RollcallAuthorizer.metrics`. */
  readonly metrics: SecurityMetrics;
  /**
   * Address of the runbook.
   * @default 'docs/operations.md'
   */
  readonly runbookUrl?: string;
}

const PERIOD = Duration.minutes(5);
const OUTCOMES = ['allow', 'forbidden', 'unauthenticated', 'unavailable'] as const;
const WIDTH = 12;

/**
 * A dashboard. Dashboards are global in an account, so its name consists of the stack's name, its id
 * in the stack, and the Region: `Rollcall-Monitoring-eu-west-1`.
 */
export class RollcallDashboard extends Construct {
  constructor(scope: Construct, id: string, props: RollcallDashboardProps) {
    super(scope, id);
    const { function: lambda, metrics } = props;
    const { stackName, region } = Stack.of(this);
    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: [stackName, ...idsInStack(this), region].join('-'),
      defaultInterval: Duration.hours(12),
      periodOverride: PeriodOverride.AUTO,
    });
    dashboard.addWidgets(
      new TextWidget({
        width: 2 * WIDTH,
        height: 2,
        markdown: `# ${stackName}: Rollcall authorizer\nRunbook: ${props.runbookUrl ?? 'docs/operations.md'}. Decisions and strict rejections cover all Rollcall functions in this account and Region; all other graphs cover only this one.`,
      }),
    );
    dashboard.addWidgets(
      graph(
        'Decisions by outcome',
        OUTCOMES.map((outcome) => metrics.decisionsOf(outcome)),
      ),
      graph('Decisions by outcome and reason', [metrics.decisionsByReason()]),
    );
    dashboard.addWidgets(
      graph('Latency of the table (ms)', percentiles(metrics, 'DirectoryLatency')),
      graph('Latency of the signing keys (ms)', percentiles(metrics, 'KeysLatency')),
    );
    dashboard.addWidgets(
      graph('Bootstrap entries and strict rejections', [
        metrics.sum('BootstrapEntries'),
        metrics.decisions({ outcome: 'forbidden', reason: 'user_not_in_db' }),
      ]),
      graph('Could not be checked', [
        metrics.sum('DirectoryUnavailable'),
        metrics.sum('KeysUnavailable'),
        metrics.sum('InternalErrors'),
        metrics.sum('Misconfigured'),
      ]),
    );
    dashboard.addWidgets(
      graph('Cold starts and stale keys', [metrics.sum('ColdStart'), metrics.sum('JwksStale')]),
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
      graph('Denied requests', [metrics.sum('Rejections')]),
    );
  }
}

/** The ids below the stack, in the characters of a dashboard's name. */
function idsInStack(construct: Construct): readonly string[] {
  const { scopes } = construct.node;
  const below = scopes.slice(scopes.indexOf(Stack.of(construct)) + 1);
  return below.map(({ node }) => node.id.replaceAll(/[^A-Za-z0-9_-]/gu, ''));
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: WIDTH, leftYAxis: { min: 0 } });
}

function percentiles(metrics: SecurityMetrics, name: LatencyName): IMetric[] {
  return [50, 99].map((rank) => metrics.percentile(name, rank));
}
