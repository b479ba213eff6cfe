/**
 * `users import`: checks the whole file, scans the whole table, and only then writes. It is
 * idempotent: after an interruption, run the command again.
 */
import { CliError, EXIT, usageError, type ExitCode } from '../errors.ts';
import { readInputFile } from '../files/input-file.ts';
import { interruptible, throwIfInterrupted } from '../interruption.ts';
import { counted, type CommandResult, type Output } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { adminsLine, runBulk, type BulkFlags, type BulkResult } from '../users/bulk-run.ts';
import { keysOf, linesOf, tallyOf, writtenRows } from '../users/bulk-write.ts';
import { explainMissing } from '../users/missing-users.ts';
import { openUsers } from '../users/open-users.ts';
import { surveyUsers } from '../users/survey.ts';
import { badNewIds, judgeLines, planImport, type BadLine, type ImportItem } from './plan.ts';
import { formatOf, readColumnMap, readRecords, type Format } from './user-lines.ts';

export interface ImportOptions extends BulkFlags {
  readonly format?: Format;
  readonly map?: readonly string[];
  readonly skipBad?: true;
  readonly update?: true;
  readonly existingOnly?: true;
  readonly skipMissing?: true;
}

/** Most bad lines in the JSON document; standard error has all of them. */
const MAX_BAD_LINES_IN_JSON = 1000;

/** `users import`. */
export function importUsers(
  context: CommandContext,
  file: string,
  options: ImportOptions,
): Promise<CommandResult> {
  return interruptible(async (signal) => {
    const { output } = context;
    const map = readColumnMap(options.map);
    if (options.skipMissing === true && options.existingOnly !== true) {
      throw usageError(
        'skip_missing',
        '--skip-missing needs --existing-only',
        'Add --existing-only, or omit --skip-missing: a plain import adds users without a row',
      );
    }
    const { deployment, store } = await openUsers(context, { many: true });
    const { name, text } = await readInputFile(file, signal);
    const format = options.format ?? formatOf(text);
    const judged = judgeLines(readRecords(text, format, map), deployment);
    const found = new Found(name, output);
    found.add(judged.badLines);
    found.require(judged.items.length, options);
    const survey = await surveyUsers(store, {
      keys: new Set(judged.items.map(({ key }) => key)),
    });
    throwIfInterrupted(signal);
    const items = found.without(judged.items, badNewIds(judged.items, survey));
    found.require(items.length, options);
    const existingOnly = options.existingOnly === true;
    const mode = { update: options.update === true || existingOnly, add: !existingOnly };
    const plan = planImport(items, survey, store, mode);
    const planned = tallyOf(plan);
    const obstacle = await explainMissing({
      planned,
      store,
      output,
      skipMissing: options.skipMissing === true,
      action: 'import',
    });
    const result = await runBulk({
      action: 'importing',
      plan,
      survey,
      deployment,
      flags: options,
      question: `Import into ${deployment.name}: add ${planned.added.length}, change ${planned.changed.length}?`,
      withoutTerminal: 'go on',
      obstacle,
      output,
      signal,
    });
    return report(result, found, items.length, options);
  });
}

/** The bad lines of a file, as they are found. */
class Found {
  readonly #name: string;
  readonly #output: Output;
  readonly badLines: BadLine[] = [];

  constructor(name: string, output: Output) {
    this.#name = name;
    this.#output = output;
  }

  add(badLines: readonly BadLine[]): void {
    for (const { line, problem } of badLines) this.#output.note(`line ${line}: ${problem}`);
    this.badLines.push(...badLines);
  }

  /** The items, less those whose lines turn out bad. */
  without(items: readonly ImportItem[], badLines: readonly BadLine[]): readonly ImportItem[] {
    this.add(badLines);
    const bad = new Set(badLines.map(({ line }) => line));
    return items.filter(({ line }) => !bad.has(line));
  }

  data(good: number) {
    const bad = this.badLines.length;
    return { good, bad, bad_lines: this.badLines.slice(0, MAX_BAD_LINES_IN_JSON) };
  }

  /** @throws CliError if a bad line prevents the import, or if there is nothing to import */
  require(good: number, { skipBad }: ImportOptions): void {
    const bad = this.badLines.length;
    const refuse = (code: string, message: string, remedy: string) =>
      new CliError(EXIT.usage, code, message, remedy, {
        action: 'import',
        ...this.data(good),
        written: 0,
      });
    if (good + bad === 0) {
      throw refuse(
        'no_lines',
        `There are no users in ${this.#name}; nothing was written`,
        'Write one line per user; the first line of a CSV file names its columns',
      );
    }
    if (bad > 0 && skipBad !== true) {
      throw refuse(
        'bad_lines',
        `${bad} of ${counted(good + bad, 'line')} of ${this.#name} ${bad === 1 ? 'is' : 'are'} bad; nothing was written`,
        good === 0 ? 'Fix them' : 'Fix them, or skip them with --skip-bad',
      );
    }
    if (good === 0) {
      throw refuse(
        'no_good_lines',
        `${this.#name} has no good line (${counted(bad, 'bad one')}); nothing was written`,
        'Fix them',
      );
    }
  }
}

function report(
  { tally, activeAdmins, postWrite, stopped }: BulkResult,
  found: Found,
  good: number,
  options: ImportOptions,
): CommandResult {
  const dryRun = options.dryRun === true;
  const { added, changed, left_alone: leftAlone, missing, conflict } = tally;
  const would = dryRun ? 'would be ' : '';
  const bad = found.badLines.length;
  const summary = [
    `${counted(added.length, 'row')} ${would}added`,
    ...(changed.length > 0 ? [`${changed.length} existing ${would}updated`] : []),
    ...(leftAlone.length > 0 ? [`${leftAlone.length} existing ${would}unchanged`] : []),
    ...(missing.length > 0 ? [`${missing.length} without a row skipped`] : []),
    ...(conflict.length > 0 ? [`${conflict.length} changed by another write and skipped`] : []),
    ...(bad > 0 ? [`${counted(bad, 'bad line')} skipped`] : []),
  ].join(', ');
  const changesRows = options.update === true || options.existingOnly === true;
  const error = stopped ?? postWrite.error;
  return {
    data: {
      ...stopped?.data,
      action: 'import',
      dry_run: dryRun,
      ...found.data(good),
      ...(dryRun
        ? { would_add: added.length, would_update: changed.length }
        : { added: added.length, updated: changed.length }),
      existing: leftAlone.length,
      written: dryRun ? 0 : writtenRows(tally),
      keys: keysOf(tally),
      active_admins: activeAdmins,
      ...postWrite.data,
    },
    text: [
      ...(dryRun ? linesOf(tally) : conflictLines(conflict)),
      `${summary}${dryRun ? '; nothing was written' : ''}.`,
      ...(changesRows ? [adminsLine(activeAdmins, options)] : []),
      ...postWrite.text,
    ],
    exitCode: exitCodeOf(error, conflict.length),
    error,
  };
}

function conflictLines(conflict: readonly string[]): string[] {
  return conflict.map(
    (key) => `${key} was changed by another write and is unchanged here. Run the command again.`,
  );
}

function exitCodeOf(error: CliError | undefined, conflicts: number): ExitCode {
  return error?.exitCode ?? (conflicts > 0 ? EXIT.refused : EXIT.ok);
}
