/** `users export`: every row as a line that `users import` reads, in memory that does not grow. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { printable } from '../../lambda/telemetry/printable.ts';
import { tableClients } from '../aws.ts';
import { requireDeployment } from '../deployment.ts';
import { EXIT, usageError } from '../errors.ts';
import { toCsvLine, type Format } from './lines.ts';
import { counted, type CommandResult, type Output } from '../output.ts';
import type { Rules } from '../user-keys.ts';
import type { CommandContext } from '../run.ts';
import { COLUMNS, toRecord } from '../users/record.ts';
import { createUserStore, type UserStore } from '../users/store.ts';

export interface ExportOptions {
  readonly format?: Format;
}

interface Counts {
  exported: number;
  unusable: number;
}

/** `users export`. Rows that the function cannot use are named, and left out. */
export async function exportUsers(
  { where, output }: CommandContext,
  file: string | undefined,
  options: ExportOptions,
): Promise<CommandResult> {
  if (file === undefined && output.json) {
    throw usageError(
      'output_taken',
      'With --json, standard output is for the result',
      'Name a file to export to',
    );
  }
  const { usersTable, rules } = await requireDeployment(where);
  const { documents } = await tableClients();
  const store = createUserStore(documents, usersTable);
  const format = options.format ?? (file?.endsWith('.csv') === true ? 'csv' : 'jsonl');
  const counts: Counts = { exported: 0, unusable: 0 };
  const lines = Readable.from(linesOf(store, rules, format, counts, output));
  if (file === undefined) await pipeline(lines, process.stdout, { end: false });
  else await writeWhole(lines, file);
  const summary = `${counted(counts.exported, 'row')} exported`;
  const rest = counts.unusable === 0 ? '' : `, ${counts.unusable} unusable ones left out`;
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
  format: Format,
  counts: Counts,
  output: Output,
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') yield `${COLUMNS.join(',')}\n`;
  for await (const { key, row, badAttributes } of store.scan()) {
    if (row === undefined) {
      counts.unusable += 1;
      for (const name of badAttributes) output.note(`${printable(key)}: ${name} is not valid`);
      continue;
    }
    const record = toRecord(key, row, rules);
    const line = format === 'csv' ? toCsvLine(record) : JSON.stringify(record);
    if (line === undefined) {
      counts.unusable += 1;
      output.note(`${printable(key)}: has a line break in a value; --format jsonl can hold it`);
      continue;
    }
    counts.exported += 1;
    yield `${line}\n`;
  }
}

/** Never half a file: it is written beside, readable by its owner alone, and then moved. */
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
