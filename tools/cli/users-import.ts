/**
 * `users import`: judges the whole input, and only then writes. Interrupted, it says how far it
 * came and can go on from there; begun again, it finds the rows that exist and leaves them alone.
 */
import { tableClients } from './aws.ts';
import { requireDeployment, type Deployment } from './context.ts';
import { CliError, EXIT, toCliError, usageError } from './errors.ts';
import { removeCheckpoint, resumeAfter, writeCheckpoint } from './import-checkpoint.ts';
import type { Format } from './import-lines.ts';
import { createJudge, review, type BadLine, type Review } from './import-review.ts';
import { openSource, type ImportSource } from './import-source.ts';
import {
  WRITER_ATTEMPTS,
  writeItems,
  type ImportItem,
  type ImportProgress,
} from './import-writer.ts';
import type { CommandResult, Output } from './output.ts';
import type { CommandContext } from './run.ts';

export interface ImportOptions {
  readonly format?: Format;
  readonly skipBad?: true;
  readonly replace?: true;
  readonly resume?: true;
  readonly checkpoint?: string;
  readonly dryRun?: true;
}

/** Bad lines in the JSON document; all of them are told on standard error. */
const MAX_BAD_LINES_IN_JSON = 1000;
/** Between two notes of how far it has come. */
const CHECKPOINT_INTERVAL_MS = 500;

/** `users import`. */
export async function importUsers(
  { where, output }: CommandContext,
  file: string,
  options: ImportOptions,
): Promise<CommandResult> {
  const deployment = await requireDeployment(where);
  const checkpointFile = options.checkpoint ?? (file === '-' ? undefined : `${file}.checkpoint`);
  if (options.resume === true && checkpointFile === undefined) {
    throw usageError(
      'checkpoint_missing',
      'An import from standard input is resumed by --checkpoint',
      'Name the file that the interrupted import was given',
    );
  }
  const source = await openSource(file, options.format);
  try {
    const { usersTable, rules } = deployment;
    const badLines: BadLine[] = [];
    const reviewed = await review(source, usersTable, rules, (bad) => {
      output.note(`line ${bad.line}: ${bad.problem}`);
      if (badLines.length < MAX_BAD_LINES_IN_JSON) badLines.push(bad);
    });
    const found = { good: reviewed.good, bad: reviewed.bad, bad_lines: badLines };
    if (reviewed.bad > 0 && options.skipBad !== true) {
      throw new CliError(
        EXIT.usage,
        'bad_lines',
        `${reviewed.bad} of ${reviewed.good + reviewed.bad} lines of ${source.name} are bad; nothing was written`,
        'Correct them, or leave them out with --skip-bad',
        { action: 'import', ...found, written: 0 },
      );
    }
    const after =
      options.resume === true && checkpointFile !== undefined
        ? resumeAfter(checkpointFile, { table: usersTable.name, sha256: reviewed.sha256 })
        : 0;
    if (options.dryRun === true) {
      return {
        data: { action: 'import', dry_run: true, ...found, written: 0 },
        text: [`${reviewed.good} rows would be written; nothing was.`],
      };
    }
    const job = { source, reviewed, deployment, after, checkpointFile, output };
    const { written, existing } = await write(job, options.replace === true);
    return {
      data: { action: 'import', dry_run: false, ...found, written, existing, resumed_after: after },
      text: [
        `${written} rows written${existing > 0 ? `, ${existing} existed and were left as they are` : ''}` +
          `${reviewed.bad > 0 ? `, ${reviewed.bad} bad lines left out` : ''}.`,
      ],
    };
  } finally {
    await source.close();
  }
}

interface Job {
  readonly source: ImportSource;
  readonly reviewed: Review;
  readonly deployment: Deployment;
  /** The line after which to begin. */
  readonly after: number;
  readonly checkpointFile: string | undefined;
  readonly output: Output;
}

async function write(job: Job, replace: boolean): Promise<ImportProgress> {
  const { reviewed, deployment, after, checkpointFile, output } = job;
  const { usersTable } = deployment;
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  // The second time, the signal does what it always does.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);

  let latest: ImportProgress = { line: after, written: 0, existing: 0 };
  let notedAt = performance.now();
  const note = () => {
    if (checkpointFile === undefined) return;
    const { sha256 } = reviewed;
    writeCheckpoint(checkpointFile, { table: usersTable.name, sha256, line: latest.line });
    notedAt = performance.now();
  };
  const { documents } = await tableClients(WRITER_ATTEMPTS);
  const goodBefore = after === 0 ? 0 : await countUpTo(job);
  output.progress('importing', goodBefore, reviewed.good);
  try {
    const items = itemsOf(job);
    await writeItems(items, {
      client: documents,
      table: usersTable,
      replace,
      signal: interruption.signal,
      onProgress: (progress) => {
        latest = progress;
        const done = goodBefore + progress.written + progress.existing;
        output.progress('importing', done, reviewed.good);
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
      `${remedy}; then go on with --resume`,
      { action: 'import', line: latest.line, written: latest.written },
    );
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
  const isComplete = goodBefore + latest.written + latest.existing === reviewed.good;
  if (interruption.signal.aborted && !isComplete) {
    note();
    throw new CliError(
      EXIT.interrupted,
      'interrupted',
      `Interrupted after line ${latest.line}; ${latest.written} rows were written`,
      'Go on with --resume',
      { action: 'import', line: latest.line, written: latest.written },
    );
  }
  if (checkpointFile !== undefined) removeCheckpoint(checkpointFile);
  return latest;
}

/** The items to write: judged again, since a file may have changed since it was reviewed. */
async function* itemsOf({
  source,
  reviewed,
  deployment,
  after,
}: Job): AsyncGenerator<ImportItem, void, undefined> {
  const judge = createJudge(deployment.usersTable, deployment.rules);
  for await (const judged of judge(source)) {
    const isWanted = judged.line > after && !reviewed.repeated.has(judged.line);
    if (isWanted && !('problem' in judged)) yield judged;
  }
}

/** How many rows the interrupted import has seen to, for the bar. */
async function countUpTo({ source, reviewed, deployment, after }: Job): Promise<number> {
  let count = 0;
  const judge = createJudge(deployment.usersTable, deployment.rules);
  for await (const judged of judge(source)) {
    if (judged.line > after) break;
    if (!('problem' in judged) && !reviewed.repeated.has(judged.line)) count += 1;
  }
  return count;
}
