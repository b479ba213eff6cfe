/** Users of a file who have no row: a wrong id among those who leave must not look like success. */
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
 * Names every one of them, with the key that was probably meant. Gives the error that they are;
 * undefined when they may be left out.
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
    'Correct the file, or leave them out with --skip-missing',
    { action, written: false, keys: keysOf(planned), did_you_mean: Object.fromEntries(similar) },
  );
}
