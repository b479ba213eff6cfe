/**
 * What one function counts and measures of itself, until a line takes it along. Naming the
 * function and its metrics makes a line longer by a third, so a busy environment publishes
 * latencies together, once a minute: CloudWatch keeps no finer time. Counts are never held back,
 * and neither are the latencies of an environment that has been quiet for a minute.
 */
import { MAX_VALUES, type MetricValues } from './embedded-metrics.ts';
import { inHundredths, type CountName, type LatencyName } from './metrics.ts';

const PUBLISHING_INTERVAL_MS = 60_000;

export interface Measurements {
  /** Takes the next line along, whatever the time. */
  count(name: CountName): void;
  measure(name: LatencyName, ms: number | undefined): void;
  /** What the line that is being written has to publish; empty while it is too early. */
  take(): MetricValues;
}

/** @param now epoch milliseconds */
export function createMeasurements(now: () => number): Measurements {
  let counts: Partial<Record<CountName, number>> = {};
  let latencies: Partial<Record<LatencyName, number[]>> = {};
  let publishedAt = Number.NEGATIVE_INFINITY;

  function isDue(): boolean {
    const held = Object.values(latencies).map(({ length }) => length);
    return (
      Object.keys(counts).length > 0 ||
      Math.max(0, ...held) >= MAX_VALUES ||
      (held.length > 0 && now() - publishedAt >= PUBLISHING_INTERVAL_MS)
    );
  }

  return {
    count(name) {
      counts[name] = (counts[name] ?? 0) + 1;
    },
    measure(name, ms) {
      if (ms !== undefined) (latencies[name] ??= []).push(inHundredths(ms));
    },
    take() {
      if (!isDue()) return {};
      const values = { ...counts, ...singleValues(latencies) };
      counts = {};
      latencies = {};
      publishedAt = now();
      return values;
    },
  };
}

function singleValues(latencies: Partial<Record<LatencyName, number[]>>): MetricValues {
  return Object.fromEntries(
    Object.entries(latencies).map(([name, values]) => [
      name,
      values.length === 1 ? values[0] : values,
    ]),
  );
}
