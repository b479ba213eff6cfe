/**
 * Goes through the good lines of an import: writes them, or only counts what it would do. It notes
 * how far it has come, and when it stops it says so and how to go on.
 */
import { tableClients } from '../aws.ts';
import type { Deployment } from '../deployment.ts';
import { CliError, toCliError } from '../errors.ts';
import { inBatches, type Counts, type ImportItem, type ImportProgress } from './batches.ts';
import { removeCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { createJudge, type Review } from './review.ts';
import type { ImportSource } from './source.ts';
import { addRows, countAdditions, countUpdates, updateRows, WRITER_ATTEMPTS } from './writer.ts';
import { interrupted, throwIfInterrupted } from './interruption.ts';
import type { Output } from '../output.ts';

export interface ImportJob {
  readonly source: ImportSource;
  readonly reviewed: Review;
  readonly deployment: Deployment;
  /** Whether rows that exist are updated, instead of left as they are. */
  readonly update: boolean;
  /** The line after which to begin. */
  readonly after: number;
  /** Undefined for an import that cannot be resumed. */
  readonly checkpointFile: string | undefined;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Between two notes of how far it has come. */
const CHECKPOINT_INTERVAL_MS = 500;

/** What the import would do, without writing. */
export async function countImport(job: ImportJob): Promise<Counts> {
  const { reviewed, deployment, update, output, signal } = job;
  const { documents: client } = await tableClients(WRITER_ATTEMPTS);
  const table = { client, ...deployment.usersTable };
  const work = update ? countUpdates : countAdditions;
  const counts = await inBatches(importItems(job), (batch) => work(batch, table), {
    signal,
    onProgress: (progress) => output.progress('looking', linesDone(progress), reviewed.good),
  });
  throwIfInterrupted(signal);
  return counts;
}

/** @throws CliError that says how far it came, when it fails or is interrupted */
export async function runImport(job: ImportJob): Promise<Counts> {
  const { reviewed, deployment, update, after, checkpointFile, output, signal } = job;
  const { usersTable } = deployment;
  let latest: ImportProgress = { line: after, added: 0, updated: 0, existing: 0 };
  let notedAt = performance.now();
  const note = () => {
    if (checkpointFile === undefined) return;
    const { sha256 } = reviewed;
    writeCheckpoint(checkpointFile, { table: usersTable.name, sha256, update, line: latest.line });
    notedAt = performance.now();
  };
  const { documents: client } = await tableClients(WRITER_ATTEMPTS);
  const table = { client, ...usersTable };
  const work = update ? updateRows : addRows;
  const doneBefore = after === 0 ? 0 : await countUpTo(job);
  output.progress('importing', doneBefore, reviewed.good);
  try {
    await inBatches(importItems(job), (batch) => work(batch, table), {
      signal,
      onProgress: (progress) => {
        latest = progress;
        output.progress('importing', doneBefore + linesDone(progress), reviewed.good);
        if (performance.now() - notedAt >= CHECKPOINT_INTERVAL_MS) note();
      },
    });
  } catch (error) {
    note();
    const { exitCode, code, message, remedy } = toCliError(error);
    throw new CliError(
      exitCode,
      code,
      `The import stopped after line ${latest.line}: ${message}`,
      `${remedy}; then ${howToGoOn(job)}`,
      stoppedAt(latest),
    );
  }
  const isComplete = doneBefore + linesDone(latest) === reviewed.good;
  if (signal.aborted && !isComplete) {
    note();
    const remedy = howToGoOn(job);
    throw interrupted(
      `Interrupted after line ${latest.line}; rows written: ${rowsWritten(latest)}`,
      remedy.charAt(0).toUpperCase() + remedy.slice(1),
      stoppedAt(latest),
    );
  }
  if (checkpointFile !== undefined) removeCheckpoint(checkpointFile);
  const { added, updated, existing } = latest;
  return { added, updated, existing };
}

/** The items still to do: judged again, since a file may have changed since it was reviewed. */
export async function* importItems({
  source,
  reviewed,
  deployment,
  after,
}: Pick<ImportJob, 'source' | 'reviewed' | 'deployment' | 'after'>): AsyncGenerator<
  ImportItem,
  void,
  undefined
> {
  const judge = createJudge(deployment.usersTable, deployment.rules);
  for await (const judged of judge(source)) {
    const isWanted = judged.line > after && !reviewed.repeated.has(judged.line);
    if (isWanted && !('problem' in judged)) yield judged;
  }
}

export function rowsWritten({ added, updated }: Counts): number {
  return added + updated;
}

function linesDone({ added, updated, existing }: Counts): number {
  return added + updated + existing;
}

/** How many rows the interrupted import has seen to, for the bar. */
async function countUpTo(job: ImportJob): Promise<number> {
  let count = 0;
  for await (const { line } of importItems({ ...job, after: 0 })) {
    if (line > job.after) break;
    count += 1;
  }
  return count;
}

function howToGoOn({ checkpointFile, update }: ImportJob): string {
  if (checkpointFile !== undefined) return 'go on with --resume';
  return update
    ? 'run it again with the same input: what is done already comes to the same'
    : 'run it again with the same input: rows that exist already are left as they are';
}

function stoppedAt(progress: ImportProgress): Readonly<Record<string, unknown>> {
  return { action: 'import', line: progress.line, written: rowsWritten(progress) };
}
