/**
 * Judges every line of an input before anything is written: what it says must make a row that the
 * function can use, and no two lines may speak of one user.
 */
import { createHash, type Hash } from 'node:crypto';
import { DuplicateFinder } from './duplicate-keys.ts';
import type { ImportItem } from './batches.ts';
import { readLines } from './lines.ts';
import type { ImportSource } from './source.ts';
import { throwIfInterrupted } from './interruption.ts';
import type { Rules, TableShape } from '../user-keys.ts';
import { toItem } from '../users/record.ts';

export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

export interface Review {
  /** Lines that make a row. */
  readonly good: number;
  readonly bad: number;
  /** Lines that repeat a user; they count as bad. */
  readonly repeated: ReadonlySet<number>;
  /** Of the input's bytes. */
  readonly sha256: string;
}

export type Judge = (source: ImportSource) => AsyncGenerator<ImportItem | BadLine, void, undefined>;

/** What makes items of lines, for one table under one set of rules. */
export function createJudge(table: TableShape, rules: Rules, hash?: Hash): Judge {
  return async function* (source) {
    const input = hash === undefined ? source.read() : hashed(source.read(), hash);
    for await (const line of readLines(input, source.format)) {
      if ('problem' in line) {
        yield line;
        continue;
      }
      const made = toItem(line.record, table, rules);
      yield made.ok
        ? { line: line.line, key: made.key, item: made.item, changes: made.changes }
        : { line: line.line, problem: made.problem };
    }
  };
}

export interface ReviewOptions {
  readonly table: TableShape;
  readonly rules: Rules;
  /** Hears of every bad line; of those that repeat a user at the end. */
  readonly onBad: (bad: BadLine) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads the whole input.
 *
 * @throws CliError when the signal is aborted meanwhile
 */
export async function review(
  source: ImportSource,
  { table, rules, onBad, signal }: ReviewOptions,
): Promise<Review> {
  const hash = createHash('sha256');
  const duplicates = new DuplicateFinder();
  let good = 0;
  let bad = 0;
  for await (const judged of createJudge(table, rules, hash)(source)) {
    throwIfInterrupted(signal);
    if ('problem' in judged) {
      bad += 1;
      onBad(judged);
    } else {
      good += 1;
      duplicates.note(judged.key);
    }
  }
  const repeated = new Set<number>();
  if (duplicates.hasSuspects) {
    for await (const judged of createJudge(table, rules)(source)) {
      if ('problem' in judged) continue;
      const earlier = duplicates.earlierLine(judged.key, judged.line);
      if (earlier === undefined) continue;
      repeated.add(judged.line);
      onBad({ line: judged.line, problem: `repeats the user of line ${earlier}` });
    }
  }
  return {
    good: good - repeated.size,
    bad: bad + repeated.size,
    repeated,
    sha256: hash.digest('hex'),
  };
}

async function* hashed(input: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of input) {
    hash.update(chunk);
    yield chunk;
  }
}
