/**
 * How far an import has come: every line up to the noted one is in the table. The note belongs to
 * one file, one table and one way of importing. Losing it costs time and nothing else, since the lines that are done
 * come to the same when they are done again.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { usageError } from '../errors.ts';

export interface Checkpoint {
  readonly table: string;
  /** Of the input's bytes. */
  readonly sha256: string;
  /** Whether rows that existed were updated. */
  readonly update: boolean;
  /** The last line of which it is certain. */
  readonly line: number;
}

/** The note in `file`; undefined when there is none. */
export function readCheckpoint(file: string): Checkpoint | undefined {
  try {
    const { table, sha256, update, line } = JSON.parse(
      readFileSync(file, 'utf8'),
    ) as Partial<Checkpoint>;
    return typeof table === 'string' &&
      typeof sha256 === 'string' &&
      typeof update === 'boolean' &&
      Number.isSafeInteger(line)
      ? { table, sha256, update, line: line ?? 0 }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Never half a note: it is written beside, and then moved. */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  const beside = `${file}.${process.pid}.tmp`;
  writeFileSync(beside, `${JSON.stringify(checkpoint)}\n`, { mode: 0o600 });
  renameSync(beside, file);
}

export function removeCheckpoint(file: string): void {
  rmSync(file, { force: true });
}

/**
 * The line after which to go on; 0 is the beginning.
 *
 * @throws CliError when the note is of another file, table or way of importing, or missing
 */
export function resumeAfter(file: string, wanted: Omit<Checkpoint, 'line'>): number {
  const checkpoint = readCheckpoint(file);
  const { table, sha256, update } = wanted;
  if (checkpoint?.table !== table || checkpoint.sha256 !== sha256) {
    throw usageError(
      'checkpoint_mismatch',
      checkpoint === undefined
        ? 'There is no import to resume'
        : 'The interrupted import was of another file, or into another table',
      'Leave --resume out: what is done already comes to the same',
    );
  }
  if (checkpoint.update !== update) {
    throw usageError(
      'checkpoint_mismatch',
      `The interrupted import was ${update ? 'without' : 'with'} --update`,
      'Resume it the same way, or leave --resume out to begin again',
    );
  }
  return checkpoint.line;
}
