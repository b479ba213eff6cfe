/** Reads log lines as CloudWatch does (embedded metric format). */
import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export type LogLine = Readonly<Record<string, unknown>>;

export interface PublishedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string | undefined;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

interface Metadata {
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
  }[];
}

const isEmf = new Ajv({ strict: false }).compile(
  JSON.parse(readFileSync(path.join(import.meta.dirname, 'emf-schema.json'), 'utf8')) as object,
);

/**
 * The metrics that CloudWatch makes of `line`; none where it has no `_aws`.
 *
 * @throws Error where it would make none of them, with the reason
 */
export function metricsOf(line: LogLine): readonly PublishedMetric[] {
  if (!('_aws' in line)) return [];
  if (!isEmf(line)) throw new Error(JSON.stringify(isEmf.errors));
  return (line['_aws'] as Metadata).CloudWatchMetrics.flatMap(
    ({ Namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((names) =>
        Metrics.map(({ Name, Unit }) => ({
          namespace: Namespace,
          name: Name,
          unit: Unit,
          dimensions: Object.fromEntries(names.map((name) => [name, dimension(line, name)])),
          values: numbers(line, Name),
        })),
      ),
  );
}

/** Targets are members of the root; a dimension is a string, and a value one number or up to 100. */
function dimension(line: LogLine, name: string): string {
  const value = line[name];
  if (typeof value === 'string' && value !== '' && value.length <= 1024) return value;
  throw new Error(`${name} is no dimension: ${String(value)}`);
}

function numbers(line: LogLine, name: string): readonly number[] {
  const values = [line[name]].flat();
  if (values.length > 0 && values.length <= 100 && values.every(Number.isFinite)) {
    return values as number[];
  }
  throw new Error(`${name} has no values: ${String(line[name])}`);
}
