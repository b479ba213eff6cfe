/**
 * Every metric of the function, and what a decision counts as. Pure. Alarms and the dashboard are
 * made from this list; each name with each value of its dimensions is a custom metric that is
 * paid for in every hour in which it is published.
 */
import type { Decision, UnavailableReason } from '../decision.ts';

export const METRIC_NAMESPACE = 'Rollcall';

/** Members of the log line. */
export const BY_DECISION = ['outcome', 'reason'] as const;
export const BY_FUNCTION = ['function_name'] as const;

// A count has no unit: CloudWatch sums it all the same, and every line would be longer.
const decisions = { dimensions: BY_DECISION } as const;
const count = { dimensions: BY_FUNCTION } as const;
const latency = { unit: 'Milliseconds', dimensions: BY_FUNCTION } as const;

export const METRICS = {
  /** Every invocation. */
  Decisions: decisions,
  /** How long the table and the keys were waited for, when they were. */
  DirectoryLatency: latency,
  KeysLatency: latency,
  ColdStart: count,
  /** Tokens that were verified by keys past their maximum age. */
  JwksStale: count,
  /** Cold starts with a bad configuration. */
  Misconfigured: count,
  // An alarm cannot sum `Decisions` over reasons, so what alarms watch is counted in one number.
  DirectoryUnavailable: count,
  KeysUnavailable: count,
  InternalErrors: count,
  BootstrapEntries: count,
  Rejections: count,
} as const;

export type MetricName = keyof typeof METRICS;
/** What is counted, of one function. */
export type CountName = {
  [N in MetricName]: (typeof METRICS)[N] extends typeof latency
    ? never
    : (typeof METRICS)[N] extends typeof count
      ? N
      : never;
}[MetricName];
/** What is measured in milliseconds, of one function. */
export type LatencyName = {
  [N in MetricName]: (typeof METRICS)[N] extends typeof latency ? N : never;
}[MetricName];

const UNAVAILABLE: Readonly<Record<UnavailableReason, CountName>> = {
  directory_unavailable: 'DirectoryUnavailable',
  keys_unavailable: 'KeysUnavailable',
  internal_error: 'InternalErrors',
};

/** What a decision counts as, beside `Decisions`; nothing when a user with a row enters. */
export function countOf(decision: Decision): CountName | undefined {
  switch (decision.outcome) {
    case 'unauthenticated':
    case 'forbidden':
      return 'Rejections';
    case 'allow':
      return decision.reason === 'platform_admin_bootstrap' ? 'BootstrapEntries' : undefined;
    case 'unavailable':
      return UNAVAILABLE[decision.reason];
  }
}

/** As exact as a time in milliseconds is of use, and no longer than that: logs are paid for. */
export function inHundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
