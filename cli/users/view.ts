/** `users show` and `users digest`, and how a row is shown. */
import { readRow } from '../../lambda/users/user-row.ts';
import { digestOf } from '../../lambda/telemetry/digest.ts';
import { requireDeployment } from '../deployment.ts';
import { isoTime, table, type CommandResult } from '../output.ts';
import type { Item } from './row-update.ts';
import { requireKey, type Rules } from '../user-keys.ts';
import type { CommandContext } from '../run.ts';
import { readUser, REPAIRS, toRecord, type ReadUser } from './record.ts';
import { missing, openUsers } from './open-users.ts';

export interface ShowOptions {
  readonly namespace?: string;
}

/** `users show`. */
export async function show(
  context: CommandContext,
  user: string,
  options: ShowOptions,
): Promise<CommandResult> {
  const { deployment, store } = await openUsers(context);
  const { usersTable, rules } = deployment;
  const key = requireKey(user, options.namespace, rules);
  const item = await store.get(key);
  if (item === undefined) throw missing(key);
  const read = readUser(item, usersTable);
  const data = { ...userData(read, rules), ...stampOf(item) };
  const repairs = (read.badAttributes ?? []).map(
    (name) => `${name} is not valid; to fix it, run ${REPAIRS[name]}.`,
  );
  return {
    data: { user: data },
    text: [
      ...table(Object.entries(data).map(([name, value]) => [name, textOf(name, value)])),
      ...repairs,
    ],
  };
}

/** `users digest`. The row need not exist. */
export async function digest(
  { where }: CommandContext,
  user: string,
  options: ShowOptions,
): Promise<CommandResult> {
  const { rules } = await requireDeployment(where);
  const key = requireKey(user, options.namespace, rules);
  const sha256 = digestOf(key);
  return { data: { key, sha256 }, text: [sha256] };
}

/** A row for programs, as the function reads it, or with the names of its invalid attributes. */
export function userData(user: ReadUser, rules: Rules): Record<string, unknown> {
  const { key, item, row, badAttributes = [] } = user;
  if (row !== undefined) return { key, ...toRecord(key, row, rules) };
  const bad = new Set(badAttributes);
  const usable = readRow(without(item, bad));
  const record = usable.ok ? without(toRecord(key, usable.row, rules), bad) : {};
  return { key, ...record, unusable: badAttributes };
}

/** Who wrote the row last, where the tools did. */
export function stampOf(item: Item): Item {
  return Object.fromEntries(
    ['updated_at', 'updated_by'].flatMap((name) =>
      typeof item[name] === 'string' ? [[name, item[name]]] : [],
    ),
  );
}

function without(members: Item, names: ReadonlySet<string>): Item {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.has(name)));
}

export function textOf(name: string, value: unknown): string {
  if (name === 'tokens_valid_after') return isoTime(Number(value));
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'boolean' ? String(value) : ((value as string | undefined) ?? '');
}
