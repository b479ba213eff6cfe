/** `users list`: rows that match the options, fitted to the terminal. */
import { fromPrintable } from '../../lambda/telemetry/printable.ts';
import { rolesOf } from '../command-options.ts';
import { usageError } from '../errors.ts';
import { counted, fitTable, type CommandResult } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { LIST_COLUMNS, type ListColumn, type ListOptions, type State } from './list-options.ts';
import { openUsers } from './open-users.ts';
import type { ReadUser } from './record.ts';
import { stampOf, textOf, userData } from './view.ts';

const DEFAULT_COLUMNS: readonly ListColumn[] = [
  'key',
  'is_active',
  'is_admin',
  'roles',
  'full_name',
  'unusable',
];

/** `users list`. */
export async function list(context: CommandContext, options: ListOptions): Promise<CommandResult> {
  if (!/^[1-9]\d{0,5}$/u.test(options.limit)) {
    throw usageError(
      'limit',
      '--limit must be a whole number, at least 1',
      'users export has no limit',
    );
  }
  const limit = Number(options.limit);
  const columns = readColumns(options.columns);
  const isWanted = filterOf(options);
  const { deployment, store } = await openUsers(context);
  const after = options.after === undefined ? undefined : asKey(options.after);
  const users: Record<string, unknown>[] = [];
  let last: string | undefined;
  let more = false;
  for await (const user of store.scan(after)) {
    if (!isWanted(user)) continue;
    more = users.length === limit;
    if (more) break;
    last = user.key;
    const stamp = options.columns === undefined ? {} : stampOf(user.item);
    users.push({ ...userData(user, deployment.rules), ...stamp });
  }
  const rows = users.map((user) => columns.map((name) => textOf(name, user[name])));
  const next = more ? last : undefined;
  return {
    data: { users, more, ...(next !== undefined && { next }) },
    text: [
      ...(rows.length === 0 ? [] : fitTable([columns, ...rows], process.stdout.columns)),
      ...(next === undefined
        ? [`${counted(rows.length, 'row')}.`]
        : [
            `There are more than ${counted(limit, 'row')}.`,
            `Continue with --after '${next.replaceAll("'", String.raw`'\''`)}'`,
          ]),
    ],
  };
}

/** A key may be given as the list shows it. */
function asKey(text: string): string {
  return fromPrintable(text) ?? text;
}

function readColumns(text: string | undefined): readonly ListColumn[] {
  if (text === undefined) return DEFAULT_COLUMNS;
  const names = text.split(',').map((name) => name.trim());
  const columns = LIST_COLUMNS.filter((column) => names.includes(column));
  const isKnown = (name: string): name is ListColumn =>
    (LIST_COLUMNS as readonly string[]).includes(name);
  if (columns.length > 0 && names.every((name) => isKnown(name))) return names.filter(isKnown);
  throw usageError(
    'columns',
    `--columns takes names of: ${LIST_COLUMNS.join(', ')}`,
    'Separate them by commas',
  );
}

function filterOf(options: ListOptions): (user: ReadUser) => boolean {
  const { admins, disabled, prefix = '' } = options;
  const roles = rolesOf(options);
  const state: State | undefined = disabled === true ? 'disabled' : options.state;
  const begin = asKey(prefix);
  return ({ key, row }) =>
    key.startsWith(begin) &&
    (admins !== true || row?.isAdmin === true) &&
    (state === undefined || stateOf(row) === state) &&
    (roles === undefined || roles.some((role) => row?.roles.includes(role) === true));
}

function stateOf(row: ReadUser['row']): State {
  if (row === undefined) return 'unusable';
  return row.isActive ? 'active' : 'disabled';
}
