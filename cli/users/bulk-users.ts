/** `users disable`, `enable`, `remove` and `sign-out` with `--from`: the same for every user of a file. */
import type { Deployment } from '../deployment.ts';
import { CliError, EXIT, usageError } from '../errors.ts';
import { readInputFile } from '../files/input-file.ts';
import { interruptible, throwIfInterrupted } from '../interruption.ts';
import { counted, type CommandResult } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { serviceClock } from '../service-clock.ts';
import { adminsLine, runBulk, type BulkResult } from './bulk-run.ts';
import { keysOf, linesOf, tallyOf, writtenRows, type PlannedRow } from './bulk-write.ts';
import { guardPlatformAdmin } from './guards.ts';
import { explainMissing } from './missing-users.ts';
import { openUsers } from './open-users.ts';
import { changedItem, makesDifference, type Item } from './row-update.ts';
import type { UserStore } from './store.ts';
import { surveyUsers, type Survey } from './survey.ts';
import { readUserList, type ListedUser } from './user-list.ts';
import type { WriteOptions } from './write-user.ts';

export type BulkAction = 'disable' | 'enable' | 'remove' | 'sign-out';

interface Action {
  /** `Disable 3 users?` */
  readonly verb: string;
  /** `3 users disabled.` */
  readonly done: string;
  /** `2 users were disabled already.` */
  readonly already: string;
}

const ACTIONS: Readonly<Record<BulkAction, Action>> = {
  disable: { verb: 'Disable', done: 'disabled', already: 'disabled already' },
  enable: { verb: 'Enable', done: 'enabled', already: 'enabled already' },
  remove: { verb: 'Remove', done: 'removed', already: 'removed already' },
  'sign-out': { verb: 'Sign out', done: 'signed out', already: 'signed out already' },
};

export type BulkUserOptions = WriteOptions & { readonly from: string };

/** One of the actions for every user of the file `options.from`. */
export function changeListedUsers(
  context: CommandContext,
  action: BulkAction,
  options: BulkUserOptions,
): Promise<CommandResult> {
  return interruptible(async (signal) => {
    if (options.probe !== undefined) {
      throw usageError(
        'probe_many',
        '--probe uses the token of one user, and --from names many',
        'Omit --probe',
      );
    }
    const { output } = context;
    const { deployment, store } = await openUsers(context, { many: true });
    const { rules } = deployment;
    const file = await readInputFile(options.from, signal);
    const listed = readUserList(file, { rules, namespace: options.namespace, output });
    const survey = await surveyUsers(store, {
      keys: new Set(listed.flatMap(({ key }) => key ?? [])),
      emails: new Set(listed.flatMap(({ email }) => email ?? [])),
    });
    throwIfInterrupted(signal);
    const keys = resolve(listed, survey);
    const plan = planOf(action, keys, survey, store);
    const planned = tallyOf(plan);
    const obstacle = await explainMissing({
      planned,
      store,
      output,
      skipMissing: options.skipMissing === true,
      action,
    });
    if (action === 'remove' && options.force !== true) {
      for (const { key, write } of plan) {
        if (write !== undefined) guardPlatformAdmin(key, deployment);
      }
    }
    const result = await runBulk({
      action,
      plan,
      survey,
      deployment,
      flags: options,
      question: questionOf(action, planned.changed.length, deployment),
      withoutTerminal: 'refuse',
      obstacle,
      output,
      signal,
    });
    return report(action, result, options);
  });
}

/** The keys of the listed users. An address that is not an id is looked up in the rows. */
function resolve(listed: readonly ListedUser[], survey: Survey): ReadonlySet<string> {
  const ambiguous: string[] = [];
  const keys = listed.flatMap(({ key, email, written }) => {
    if (email === undefined || (key !== undefined && survey.rows.has(key))) return key ?? [];
    const found = survey.keysByEmail.get(email) ?? [];
    if (found.length > 1) ambiguous.push(`${written} (${found.join(', ')})`);
    return found[0] ?? written;
  });
  if (ambiguous.length === 0) return new Set(keys);
  throw new CliError(
    EXIT.refused,
    'email_ambiguous',
    `Several rows have the same address: ${ambiguous.join('; ')}; nothing was written`,
    'List the ids in a column user_id',
    { ambiguous, written: false },
  );
}

function planOf(
  action: BulkAction,
  keys: ReadonlySet<string>,
  { rows }: Survey,
  store: UserStore,
): readonly PlannedRow[] {
  // Tokens of the current second must be rejected too: `iat` is usually in whole seconds.
  const from = Math.floor(serviceClock.now()) + 1;
  return [...keys].map((key) => {
    const before = rows.get(key);
    return before === undefined
      ? { key, before, after: undefined }
      : planRow(action, key, before, store, from);
  });
}

function planRow(
  action: BulkAction,
  key: string,
  before: Item,
  store: UserStore,
  from: number,
): PlannedRow {
  switch (action) {
    case 'disable':
    case 'enable': {
      const changes = { set: { is_active: action === 'enable' }, remove: [] };
      if (!makesDifference(before, changes)) return { key, before, after: before };
      const write = () => store.changeSeen(key, changes, before);
      return { key, before, after: changedItem(before, changes), write };
    }
    case 'remove':
      return {
        key,
        before,
        after: undefined,
        // A row that was removed in the meantime needs no error.
        write: async () => {
          await store.remove(key);
          return 'changed';
        },
      };
    case 'sign-out':
      return {
        key,
        before,
        after: before,
        write: async () => {
          const validAfter = await store.raise(key, 'tokens_valid_after', from);
          return validAfter === undefined ? 'missing' : 'changed';
        },
      };
  }
}

function questionOf(action: BulkAction, count: number, { name }: Deployment): string {
  return `${ACTIONS[action].verb} ${counted(count, 'user')} of ${name}?`;
}

function report(
  action: BulkAction,
  { tally, activeAdmins, postWrite, stopped }: BulkResult,
  options: BulkUserOptions,
): CommandResult {
  const dryRun = options.dryRun === true;
  const { done, already } = ACTIONS[action];
  const { changed, left_alone: leftAlone, missing, conflict } = tally;
  const summary = [
    `${counted(changed.length, 'user')} ${dryRun ? 'would be ' : ''}${done}`,
    ...(leftAlone.length > 0 ? [`${leftAlone.length} ${already}`] : []),
    ...(missing.length > 0 ? [`${missing.length} without a row skipped`] : []),
    ...(conflict.length > 0 ? [`${conflict.length} changed by another write and skipped`] : []),
  ].join(', ');
  const error = stopped ?? postWrite.error;
  return {
    data: {
      ...stopped?.data,
      action,
      dry_run: dryRun,
      written: !dryRun && writtenRows(tally) > 0,
      keys: keysOf(tally),
      active_admins: activeAdmins,
      ...postWrite.data,
    },
    text: [
      ...(dryRun ? linesOf(tally) : []),
      `${summary}${dryRun ? '; nothing was written' : ''}.`,
      adminsLine(activeAdmins, options),
      ...conflict.map(
        (key) =>
          `${key} was changed by another write and is unchanged here. Run the command again.`,
      ),
      ...postWrite.text,
    ],
    exitCode: error?.exitCode ?? (conflict.length > 0 ? EXIT.refused : EXIT.ok),
    error,
  };
}
