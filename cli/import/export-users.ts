/** `users export`: writes every row as a line for `users import`, in constant memory. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { printable } from '../../lambda/telemetry/printable.ts';
import { EXIT, usageError } from '../errors.ts';
import { csvLine } from '../files/csv.ts';
import { escapeInvisible } from '../invisible.ts';
import { counted, type CommandResult, type Output } from '../output.ts';
import type { CommandContext } from '../run.ts';
import type { Rules } from '../user-keys.ts';
import { openUsers } from '../users/open-users.ts';
import { COLUMNS, toRecord } from '../users/record.ts';
import type { UserStore } from '../users/store.ts';
import { recordLine, type Format } from './user-lines.ts';

export interface ExportOptions {
  readonly format?: Format;
  readonly rawFormulas?: true;
}

interface LineOptions {
  readonly format: Format;
  readonly rawFormulas: boolean;
  readonly toTerminal: boolean;
}

interface Counts {
  exported: number;
  unusable: number;
}

/** `users export`. Invalid rows are reported and skipped. */
export async function exportUsers(
  context: CommandContext,
  file: string | undefined,
  options: ExportOptions,
): Promise<CommandResult> {
  const { output } = context;
  if (file === undefined && output.json) {
    throw usageError(
      'output_taken',
      'With --json, standard output holds the result',
      'Give a file to export to',
    );
  }
  const { deployment, store } = await openUsers(context);
  const format = options.format ?? (file?.endsWith('.csv') === true ? 'csv' : 'jsonl');
  const rawFormulas = options.rawFormulas === true;
  const toTerminal = file === undefined && process.stdout.isTTY;
  const counts: Counts = { exported: 0, unusable: 0 };
  const lines = Readable.from(
    linesOf(store, deployment.rules, { format, rawFormulas, toTerminal }, counts, output),
  );
  if (file === undefined) await pipeline(lines, process.stdout, { end: false });
  else await writeWhole(lines, file);
  const summary = `${counted(counts.exported, 'row')} exported`;
  const rest = counts.unusable === 0 ? '' : `, ${counts.unusable} unusable ones skipped`;
  if (file === undefined) output.note(`${summary}${rest}.`);
  return {
    data: { action: 'export', file, format, ...counts },
    text: file === undefined ? [] : [`${summary}${rest}.`],
    ...(counts.unusable > 0 && { exitCode: EXIT.no }),
  };
}

async function* linesOf(
  store: UserStore,
  rules: Rules,
  { format, rawFormulas, toTerminal }: LineOptions,
  counts: Counts,
  output: Output,
): AsyncGenerator<string, void, undefined> {
  // A file keeps every character; a terminal would do what some of them say.
  const show = toTerminal ? escapeInvisible : (line: string) => line;
  if (format === 'csv') yield `${csvLine(COLUMNS)}\n`;
  for await (const { key, row, badAttributes } of store.scan()) {
    if (row === undefined) {
      counts.unusable += 1;
      for (const name of badAttributes) output.note(`${printable(key)}: ${name} is not valid`);
      continue;
    }
    counts.exported += 1;
    const line = recordLine(toRecord(key, row, rules), format, { rawFormulas });
    yield `${show(line)}\n`;
  }
}

/** Writes a temporary file, readable only by its owner, and renames it, so no file is ever partial. */
async function writeWhole(lines: Readable, file: string): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    await pipeline(lines, createWriteStream(beside, { mode: 0o600 }));
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
