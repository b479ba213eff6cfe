/**
 * Writes many rows, each with a conditional request, several at a time, with the SDK's retries. It is
 * idempotent: after an interruption, run the command again.
 */
import { toCliError, CliError } from '../errors.ts';
import { interrupted } from '../interruption.ts';
import type { Output } from '../output.ts';
import type { Item } from './row-update.ts';
import { isActiveAdmin, type Survey } from './survey.ts';

/** The outcome for a key. `conflict`: another write changed its row, which stays unchanged. */
export type RowOutcome = 'added' | 'changed' | 'left_alone' | 'missing' | 'conflict';

export interface PlannedRow {
  readonly key: string;
  /** The row as it was found; undefined where there is none. */
  readonly before: Item | undefined;
  /** As it will be; undefined where there will be none. */
  readonly after: Item | undefined;
  /** Undefined where there is nothing to do. */
  readonly write?: () => Promise<RowOutcome>;
}

/** Every key by its outcome, or with a dry run by its expected outcome. */
export type Tally = Readonly<Record<RowOutcome, readonly string[]>>;

/** Requests under way. They stay below the SDK's fifty connections. */
const WRITES_AT_ONCE = 24;

const OUTCOMES: readonly RowOutcome[] = ['added', 'changed', 'left_alone', 'missing', 'conflict'];

/** The expected outcomes of the plan. */
export function tallyOf(plan: readonly PlannedRow[]): Tally {
  return gather(plan.map((row) => [row.key, expectedOutcome(row)]));
}

function expectedOutcome({ before, write }: PlannedRow): RowOutcome {
  if (write === undefined) return before === undefined ? 'missing' : 'left_alone';
  return before === undefined ? 'added' : 'changed';
}

function gather(outcomes: readonly (readonly [string, RowOutcome])[]): Tally {
  const keysWith = (wanted: RowOutcome) =>
    outcomes.filter(([, outcome]) => outcome === wanted).map(([key]) => key);
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, keysWith(outcome)])) as Tally &
    Record<RowOutcome, string[]>;
}

export function writtenRows({ added, changed }: Tally): number {
  return added.length + changed.length;
}

/** The keys for the JSON document. */
export function keysOf({ added, changed, left_alone, missing, conflict }: Tally) {
  return { added, changed, left_alone, missing, ...(conflict.length > 0 && { conflict }) };
}

/** One line for each key, for people. */
export function linesOf(tally: Tally): string[] {
  const LABELS = {
    added: 'added',
    changed: 'changed',
    left_alone: 'unchanged',
    missing: 'missing',
    conflict: 'conflict',
  };
  return OUTCOMES.flatMap((outcome) =>
    tally[outcome].map((key) => `${LABELS[outcome].padEnd(10)}  ${key}`),
  );
}

/** How many active admins there are after the plan. */
export function activeAdminsAfter(plan: readonly PlannedRow[], { activeAdmins }: Survey): number {
  const admins = new Set(activeAdmins);
  for (const { key, after } of plan) {
    if (after !== undefined && isActiveAdmin(after)) admins.add(key);
    else admins.delete(key);
  }
  return admins.size;
}

export interface BulkOptions {
  /** For messages: `import`, `disable`. */
  readonly action: string;
  readonly output: Output;
  /** When it is aborted, no write starts any more; writes in flight complete. */
  readonly signal: AbortSignal;
}

export interface BulkOutcome {
  readonly tally: Tally;
  /** Why it ended early, and what was written before; undefined if it is complete. */
  readonly stopped: CliError | undefined;
}

export async function writeRows(
  plan: readonly PlannedRow[],
  { action, output, signal }: BulkOptions,
): Promise<BulkOutcome> {
  const outcomes: (readonly [string, RowOutcome])[] = [];
  const rest = plan.values();
  let failure: CliError | undefined;
  const writeNext = async (): Promise<void> => {
    for (const row of rest) {
      if (signal.aborted || failure !== undefined) return;
      try {
        outcomes.push([row.key, (await row.write?.()) ?? expectedOutcome(row)]);
        output.progress(action, outcomes.length, plan.length);
      } catch (error) {
        failure ??= toCliError(error);
      }
    }
  };
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writeNext));
  const tally = gather(outcomes);
  const isComplete = outcomes.length === plan.length;
  return { tally, stopped: isComplete ? undefined : stopOf(tally, plan.length, failure) };
}

function stopOf(tally: Tally, planned: number, failure: CliError | undefined): CliError {
  const written = writtenRows(tally);
  const howFar = `after ${written} of ${planned} rows were written`;
  const remedy = 'Run it again with the same file; rows that are already written stay as they are';
  return failure === undefined
    ? interrupted(`Interrupted ${howFar}`, remedy)
    : new CliError(failure.exitCode, failure.code, `Stopped ${howFar}: ${failure.message}`, remedy);
}
