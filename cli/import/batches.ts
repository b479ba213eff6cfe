/**
 * The lines of an import in batches, several at a time. They are finished in the order of the file:
 * what has been reported as done is done, whatever becomes of the rest.
 */
import { inGroups } from './in-groups.ts';
import type { RowWrite } from '../users/row-update.ts';

/** One line that makes a row. */
export interface ImportItem extends RowWrite {
  readonly line: number;
}

/** Rows by what became of them, or with a dry run what would. */
export interface Counts {
  readonly added: number;
  readonly updated: number;
  /** Rows that were there already, and were left as they are. */
  readonly existing: number;
}

export interface ImportProgress extends Counts {
  /** Every line up to this one is done. */
  readonly line: number;
}

export interface BatchOptions {
  /** Nothing is begun once it is aborted; what has begun is finished. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
}

interface Batch {
  readonly lastLine: number;
  readonly work: Promise<Counts>;
}

/** Of `BatchWriteItem`. */
const BATCH_ITEMS = 25;
export const BATCHES_IN_FLIGHT = 6;

/** Does `work` with every batch of `items`, or until the signal is aborted; gives how far it came. */
export async function inBatches(
  items: AsyncIterable<ImportItem>,
  work: (batch: readonly ImportItem[]) => Promise<Counts>,
  { signal, onProgress }: BatchOptions,
): Promise<ImportProgress> {
  let progress: ImportProgress = { line: 0, added: 0, updated: 0, existing: 0 };
  const inFlight: Batch[] = [];

  /** Waits for the oldest batch, since lines are finished in order. */
  async function finishOldest(): Promise<void> {
    const [oldest] = inFlight;
    if (oldest === undefined) return;
    const { added, updated, existing } = await oldest.work;
    inFlight.shift();
    progress = {
      line: oldest.lastLine,
      added: progress.added + added,
      updated: progress.updated + updated,
      existing: progress.existing + existing,
    };
    onProgress(progress);
  }

  try {
    for await (const batch of inGroups(items, BATCH_ITEMS)) {
      if (signal.aborted) break;
      const begun = work(batch);
      // It is awaited in its turn; until then, a failure must not count as unhandled.
      begun.catch(() => undefined);
      inFlight.push({ lastLine: batch.at(-1)?.line ?? 0, work: begun });
      if (inFlight.length >= BATCHES_IN_FLIGHT) await finishOldest();
    }
    while (inFlight.length > 0) await finishOldest();
    return progress;
  } finally {
    // After a failure, those that were under way still end before the process does.
    await Promise.allSettled(inFlight.map((batch) => batch.work));
  }
}
