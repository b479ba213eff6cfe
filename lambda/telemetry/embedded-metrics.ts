/**
 * Metrics as members of a log line (CloudWatch embedded metric format). Pure.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { BY_DECISION, BY_FUNCTION, METRIC_NAMESPACE, METRICS, type MetricName } from './metrics.ts';

export type LogMembers = Readonly<Record<string, unknown>>;

/** One value or up to 100 of one metric. */
export type MetricValues = { readonly [N in MetricName]?: number | readonly number[] };

/** Most values of one metric in one line. */
export const MAX_VALUES = 100;

const NAMES = Object.keys(METRICS) as readonly MetricName[];

function definition(Name: MetricName) {
  const metric = METRICS[Name];
  return 'unit' in metric ? { Name, Unit: metric.unit } : { Name };
}

/**
 * `members` with `values`, and with the `_aws` that makes metrics of them. The dimensions are
 * members; a metric whose dimensions are not all there stays a mere member, since CloudWatch
 * would reject it.
 *
 * @param at epoch milliseconds
 */
export function withMetrics(members: LogMembers, values: MetricValues, at: number): LogMembers {
  const directives = [BY_DECISION, BY_FUNCTION].flatMap((dimensions) => {
    const names = NAMES.filter(
      (name) => values[name] !== undefined && METRICS[name].dimensions === dimensions,
    );
    if (names.length === 0 || dimensions.some((member) => !members[member])) return [];
    return [
      {
        Namespace: METRIC_NAMESPACE,
        Dimensions: [dimensions],
        Metrics: names.map(definition),
      },
    ];
  });
  if (directives.length === 0) return { ...members, ...values };
  return {
    ...members,
    ...values,
    _aws: { Timestamp: Math.round(at), CloudWatchMetrics: directives },
  };
}
