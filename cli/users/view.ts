/** `users show` and `users list`, and how a row is shown. */
import { readRow } from '../../lambda/users/user-row.ts';
import { usageError } from '../errors.ts';
import { counted, isoTime, table, type CommandResult } from '../output.ts';
import type { Item } from './row-update.ts';
import { requireKey, type Rules } from '../user-keys.ts';
import type { CommandContext } from '../run.ts';
import { readUser, REPAIRS, toRecord, type ReadUser } from './record.ts';
import { missing, openUsers } from './open-users.ts';

export interface ShowOptions {
  readonly namespace?: string;
}

export interface ListOptions {
  readonly limit: string;
  readonly admins?: true;
  readonly disabled?: true;
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
    (name) => `${name} cannot be used; it is mended by ${REPAIRS[name]}.`,
  );
  return {
    data: { user: data },
    text: [
      ...table(Object.entries(data).map(([name, value]) => [name, textOf(name, value)])),
      ...repairs,
    ],
  };
}

/** `users list`. */
export async function list(context: CommandContext, options: ListOptions): Promise<CommandResult> {
  if (!/^[1-9]\d{0,5}$/u.test(options.limit)) {
    throw usageError('limit', '--limit must be a whole number from 1', 'users export has no limit');
  }
  const limit = Number(options.limit);
  const { deployment, store } = await openUsers(context);
  const users: Record<string, unknown>[] = [];
  let more = false;
  for await (const user of store.scan()) {
    if (options.admins === true && user.row?.isAdmin !== true) continue;
    if (options.disabled === true && user.row?.isActive !== false) continue;
    more = users.length === limit;
    if (more) break;
    users.push(userData(user, deployment.rules));
  }
  const columns = ['key', 'is_active', 'is_admin', 'roles', 'full_name', 'unusable'];
  const rows = users.map((user) => columns.map((name) => textOf(name, user[name])));
  return {
    data: { users, more },
    text: [
      ...(rows.length === 0 ? [] : table([columns, ...rows])),
      more ? `There are more than ${counted(limit, 'row')}.` : `${counted(rows.length, 'row')}.`,
    ],
  };
}

/** A row for programs: what the function makes of it, or what spoils it beside what does not. */
export function userData(user: ReadUser, rules: Rules): Record<string, unknown> {
  const { key, item, row, badAttributes = [] } = user;
  if (row !== undefined) return { key, ...toRecord(key, row, rules) };
  const bad = new Set(badAttributes);
  const usable = readRow(without(item, bad));
  const record = usable.ok ? without(toRecord(key, usable.row, rules), bad) : {};
  return { key, ...record, unusable: badAttributes };
}

/** Who wrote the row last, where the tools did. */
function stampOf(item: Item): Item {
  return Object.fromEntries(
    ['updated_at', 'updated_by'].flatMap((name) =>
      typeof item[name] === 'string' ? [[name, item[name]]] : [],
    ),
  );
}

function without(members: Item, names: ReadonlySet<string>): Item {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.has(name)));
}

function textOf(name: string, value: unknown): string {
  if (name === 'tokens_valid_after') return isoTime(Number(value));
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'boolean' ? String(value) : ((value as string | undefined) ?? '');
}
