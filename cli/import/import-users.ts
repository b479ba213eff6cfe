/**
 * `users import`: judges the whole input, and only then writes. Interrupted, it says how far it
 * came and can go on from there; begun again, it comes to the same.
 */
import { tableClients } from '../aws.ts';
import { requireDeployment, type Deployment } from '../deployment.ts';
import { CliError, EXIT, usageError } from '../errors.ts';
import { guardAdminsOfImport } from '../users/guards.ts';
import type { Counts } from './batches.ts';
import { resumeAfter } from './checkpoint.ts';
import type { Format } from './lines.ts';
import { review, type BadLine, type Review } from './review.ts';
import { countImport, importItems, rowsWritten, runImport } from './writes.ts';
import { openSource, type ImportSource } from './source.ts';
import { interruptible } from './interruption.ts';
import { counted, type CommandResult, type Output } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { createUserStore } from '../users/store.ts';

export interface ImportOptions {
  readonly format?: Format;
  readonly skipBad?: true;
  readonly update?: true;
  readonly force?: true;
  readonly resume?: true;
  readonly checkpoint?: string;
  readonly dryRun?: true;
}

/** Bad lines in the JSON document; all of them are told on standard error. */
const MAX_BAD_LINES_IN_JSON = 1000;

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
  return interruptible(async (signal) => {
    const source = await openSource(file, options.format, signal);
    try {
      const { reviewed, badLines } = await judge(source, deployment, output, signal);
      const found = { good: reviewed.good, bad: reviewed.bad, bad_lines: badLines };
      requireGoodLines(source, found, options);
      const update = options.update === true;
      const after =
        options.resume === true && checkpointFile !== undefined
          ? resumeAfter(checkpointFile, {
              table: deployment.usersTable.name,
              sha256: reviewed.sha256,
              update,
            })
          : 0;
      const job = { source, reviewed, deployment, update, after, checkpointFile, output, signal };
      if (update && options.force !== true) {
        const { documents } = await tableClients();
        const store = createUserStore(documents, deployment.usersTable);
        await guardAdminsOfImport(() => importItems(job), deployment, store);
      }
      if (options.dryRun === true) return planned(await countImport(job), found);
      return imported(await runImport(job), found, after);
    } finally {
      await source.close();
    }
  });
}

async function judge(
  source: ImportSource,
  { usersTable, rules }: Deployment,
  output: Output,
  signal: AbortSignal,
): Promise<{ readonly reviewed: Review; readonly badLines: readonly BadLine[] }> {
  const badLines: BadLine[] = [];
  const onBad = (bad: BadLine) => {
    output.note(`line ${bad.line}: ${bad.problem}`);
    if (badLines.length < MAX_BAD_LINES_IN_JSON) badLines.push(bad);
  };
  return { reviewed: await review(source, { table: usersTable, rules, onBad, signal }), badLines };
}

interface Found {
  readonly good: number;
  readonly bad: number;
  readonly bad_lines: readonly BadLine[];
}

/** @throws CliError when a bad line is in the way, or when there is nothing to import */
function requireGoodLines(source: ImportSource, found: Found, { skipBad }: ImportOptions): void {
  const { good, bad } = found;
  const refuse = (code: string, message: string, remedy: string) => {
    const data = { action: 'import', ...found, written: 0 };
    return new CliError(EXIT.usage, code, message, remedy, data);
  };
  if (good + bad === 0) {
    throw refuse(
      'no_lines',
      `There are no users in ${source.name}; nothing was written`,
      'Write a line for each; a CSV file begins with one that names its columns',
    );
  }
  if (bad > 0 && skipBad !== true) {
    throw refuse(
      'bad_lines',
      `${bad} of ${counted(good + bad, 'line')} of ${source.name} ${bad === 1 ? 'is' : 'are'} bad; nothing was written`,
      good === 0 ? 'Correct them' : 'Correct them, or leave them out with --skip-bad',
    );
  }
  if (good === 0) {
    throw refuse(
      'no_good_lines',
      `${source.name} has no line that is good (${counted(bad, 'bad one')}); nothing was written`,
      'Correct them',
    );
  }
}

function planned(counts: Counts, found: Found): CommandResult {
  const { added, updated, existing } = counts;
  return {
    data: {
      action: 'import',
      dry_run: true,
      ...found,
      would_add: added,
      would_update: updated,
      existing,
      written: 0,
    },
    text: [`${outcome(counts, found, 'would be ')}; nothing was written.`],
  };
}

function imported(counts: Counts, found: Found, after: number): CommandResult {
  return {
    data: {
      action: 'import',
      dry_run: false,
      ...found,
      ...counts,
      written: rowsWritten(counts),
      resumed_after: after,
    },
    text: [`${outcome(counts, found)}.`],
  };
}

function outcome({ added, updated, existing }: Counts, { bad }: Found, would = ''): string {
  return [
    `${counted(added, 'row')} ${would}added`,
    ...(updated > 0 ? [`${updated} existing ${would}updated`] : []),
    ...(existing > 0 ? [`${existing} existing ${would}left alone`] : []),
    ...(bad > 0 ? [`${counted(bad, 'bad line')} left out`] : []),
  ].join(', ');
}
