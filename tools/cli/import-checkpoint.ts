/**
 * How far an import has come: every line up to the noted one is in the table. The note belongs to
 * one file and one table. Losing it costs time and nothing else, since the lines that are done
 * come to the same when they are done again.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { usageError } from './errors.ts';

export interface Checkpoint {
  readonly table: string;
  /** Of the input's bytes. */
  readonly sha256: string;
  /** The last line of which it is certain. */
  readonly line: number;
}

/** The note in `file`; undefined when there is none. */
export function readCheckpoint(file: string): Checkpoint | undefined {
  try {
    const { table, sha256, line } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Checkpoint>;
    return typeof table === 'string' && typeof sha256 === 'string' && Number.isSafeInteger(line)
      ? { table, sha256, line: line ?? 0 }
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
 * @throws CliError when the note is of another file or table, or missing
 */
export function resumeAfter(file: string, { table, sha256 }: Omit<Checkpoint, 'line'>): number {
  const checkpoint = readCheckpoint(file);
  if (checkpoint?.table === table && checkpoint.sha256 === sha256) return checkpoint.line;
  throw usageError(
    'checkpoint_mismatch',
    checkpoint === undefined
      ? 'There is no import to resume'
      : 'The interrupted import was of another file, or into another table',
    'Leave --resume out: what is done already comes to the same',
  );
}
