/** Changes a single existing user, and reports what was written. */
import { preparePostWrite, type PostWrite, type PostWriteOptions } from '../post-write.ts';
import type { Deployment } from '../deployment.ts';
import type { CommandResult } from '../output.ts';
import { changedItem, makesDifference, type RowChanges } from './row-update.ts';
import { requireKey } from '../user-keys.ts';
import type { CommandContext } from '../run.ts';
import { readUser } from './record.ts';
import { missing, openUsers } from './open-users.ts';
import type { UserStore } from './store.ts';
import { userData } from './view.ts';

export interface WriteOptions extends PostWriteOptions {
  readonly namespace?: string;
  readonly force?: true;
  /** A file of users, in place of one user. */
  readonly from?: string;
  readonly skipMissing?: true;
  readonly yes?: true;
}

export interface Change {
  readonly action: string;
  readonly changes: RowChanges;
  readonly guard?: (key: string, deployment: Deployment, store: UserStore) => Promise<void>;
  /** The line after the write. */
  readonly text: (key: string) => string;
  /** The line of a dry run. */
  readonly intent: (key: string) => string;
}

/** @throws CliError if there is no row, or if `guard` rejects the change */
export async function change(
  context: CommandContext,
  user: string,
  options: WriteOptions,
  { action, changes, guard, text, intent }: Change,
): Promise<CommandResult> {
  const { deployment, store } = await openUsers(context);
  const { usersTable, rules } = deployment;
  const key = requireKey(user, options.namespace, rules);
  if (options.force !== true) await guard?.(key, deployment, store);
  const postWrite = await preparePostWrite(options, deployment, { key });
  const found = await store.get(key);
  if (found === undefined) throw missing(key);
  const isWanted = options.dryRun !== true && makesDifference(found, changes);
  const before = isWanted ? await store.change(key, changes) : found;
  if (before === undefined) throw missing(key);
  return written(action, key, options, await postWrite(), {
    text: text(key),
    intent: intent(key),
    user: userData(readUser(changedItem(before, changes), usersTable), rules),
    changed: makesDifference(before, changes),
  });
}

/** Reports what was written, or with a dry run what would be. */
export function written(
  action: string,
  key: string,
  { dryRun = false }: { readonly dryRun?: boolean },
  postWrite: PostWrite,
  outcome: {
    readonly text: string;
    readonly intent: string;
    readonly user: Readonly<Record<string, unknown>>;
    /** Default: true. */
    readonly changed?: boolean;
  },
): CommandResult {
  const { text, intent, user, changed = true } = outcome;
  const line = dryRun ? `${intent}; nothing was written.` : `${text}${changed ? '' : ' already'}.`;
  return {
    data: {
      action,
      key,
      dry_run: dryRun,
      changed: changed && !dryRun,
      written: changed && !dryRun,
      user,
      ...postWrite.data,
    },
    text: [line, ...postWrite.text],
    ...(postWrite.exitCode !== undefined && { exitCode: postWrite.exitCode }),
    error: postWrite.error,
  };
}
