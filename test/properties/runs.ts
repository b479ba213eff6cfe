/**
 * How often each property is tried. `npm test` tries a few hundred cases of each;
 * `npm run test:long` shares a million among them, by weight.
 */
import * as fc from 'fast-check';

/** Of each hundred cases in a long run. */
const WEIGHTS = {
  'any token': 12,
  'a changed token': 12,
  'any header map': 10,
  'any event': 8,
  'any intercepted request': 2,
  'any tool call': 2,
  'any claims': 8,
  'any path': 6,
  'any evidence': 8,
  'any environment': 8,
  'trusted issuers': 4,
  'a log value': 5,
  'a user id': 5,
  'a row': 4,
  'an answer': 4,
  'an interceptor': 2,
} as const;

export type PropertyName = keyof typeof WEIGHTS;

const SHORT_RUNS = 500;
/** The sum of all runs; unset in `npm test`. */
const TOTAL_RUNS = Number(process.env['PROPERTY_RUNS'] ?? 0);
/** A long run takes minutes. */
export const LONG_TIMEOUT_MS = TOTAL_RUNS > 0 ? 3_600_000 : 60_000;

export function runsOf(name: PropertyName): number {
  return TOTAL_RUNS > 0 ? Math.ceil((TOTAL_RUNS * WEIGHTS[name]) / 100) : SHORT_RUNS;
}

/** Tries `property` as often as its weight says; a long run reports how often that was. */
export async function holds<T>(
  name: PropertyName,
  property: fc.IAsyncProperty<T> | fc.IProperty<T>,
): Promise<void> {
  const numRuns = runsOf(name);
  const result = await fc.check(property, { numRuns });
  if (result.failed) throw new Error(await fc.asyncDefaultReportMessage(result));
  if (TOTAL_RUNS > 0) process.stdout.write(`${name}: ${result.numRuns} cases\n`);
}
