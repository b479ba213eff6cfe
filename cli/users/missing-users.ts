/** Users of a file who have no row: a wrong id in a list of leavers must not look like success. */
import { CliError, EXIT } from '../errors.ts';
import { counted, type Output } from '../output.ts';
import { keysOf, type Tally } from './bulk-write.ts';
import type { UserStore } from './store.ts';
import { findSimilarKeys } from './survey.ts';

/** For more of them, the file is of something else, and nothing is looked for. */
const MAX_LOOKED_FOR = 50;

export interface MissingContext {
  /** What the file would do. */
  readonly planned: Tally;
  readonly store: UserStore;
  readonly output: Output;
  readonly skipMissing: boolean;
  readonly action: string;
}

/**
 * Prints each of them with the key that was probably meant. Returns the error, or undefined if they
 * may be skipped.
 */
export async function explainMissing({
  planned,
  store,
  output,
  skipMissing,
  action,
}: MissingContext): Promise<CliError | undefined> {
  const { missing } = planned;
  if (missing.length === 0) return undefined;
  const similar =
    missing.length > MAX_LOOKED_FOR
      ? new Map<string, string>()
      : await findSimilarKeys(store, missing);
  for (const key of missing) {
    const meant = similar.get(key);
    output.note(`${key} has no row${meant === undefined ? '' : `; did you mean ${meant}?`}`);
  }
  if (skipMissing) return undefined;
  return new CliError(
    EXIT.refused,
    'users_missing',
    `${counted(missing.length, 'user has', 'users have')} no row, and nothing was written`,
    'Fix the file, or skip them with --skip-missing',
    { action, written: false, keys: keysOf(planned), did_you_mean: Object.fromEntries(similar) },
  );
}
