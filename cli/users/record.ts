/**
 * Converts a user between a file or arguments and a row of the table. It accepts exactly what the
 * function accepts: the row is read back with the function's own reader.
 */
import type { UserRow } from '../../lambda/decision.ts';
import { readRow, ROW_ATTRIBUTES } from '../../lambda/users/user-row.ts';
import { changedItem, type Item, type RowChanges } from './row-update.ts';
import { keyOf, splitKey, type IdOptions, type Rules, type TableShape } from '../user-keys.ts';

/** The columns of a file, in this order. `user_id` is without its namespace, whatever the key's name. */
export const COLUMNS = [
  'user_id',
  'namespace',
  'is_active',
  'is_admin',
  'tokens_valid_after',
  'email',
  'full_name',
  'roles',
] as const;

export type Column = (typeof COLUMNS)[number];

export function isColumn(name: string): name is Column {
  return (COLUMNS as readonly string[]).includes(name);
}

/** As read from a file: nothing is known yet of its values. */
export type UserRecord = Readonly<Partial<Record<Column, unknown>>>;

export type ItemResult =
  | {
      readonly ok: true;
      readonly key: string;
      /** The row that the record makes where there is none. */
      readonly item: Item;
      /** What the record changes in an existing row. */
      readonly changes: RowChanges;
    }
  | { readonly ok: false; readonly problem: string };

/** The defaults of a new row. */
export const ROW_DEFAULTS: Item = { is_active: true, is_admin: false };

const MAX_TEXT_BYTES = 1024;
const EXPECTED: Readonly<Record<string, string>> = {
  is_active: 'is_active must be true or false',
  is_admin: 'is_admin must be true or false',
  tokens_valid_after: 'tokens_valid_after must be a time in epoch seconds',
  roles: 'every role must be 1 to 64 of A-Z, a-z, 0-9 and :._-',
};

/** The item of a record, or its first problem. */
export function toItem(
  record: UserRecord,
  { key: keyName }: TableShape,
  rules: Rules,
  options?: IdOptions,
): ItemResult {
  const { user_id: id, namespace, ...attributes } = record;
  if (typeof id !== 'string' || id === '') return bad('user_id is missing');
  if (namespace !== undefined && typeof namespace !== 'string') {
    return bad('namespace must be a string');
  }
  const key = keyOf(id, namespace, rules, options);
  if (!key.ok) return bad(key.problem);
  const result = toChanges(attributes);
  if (!result.ok) return result;
  const { changes } = result;
  const item = changedItem({ [keyName]: key.key, ...ROW_DEFAULTS }, changes);
  return { ok: true, key: key.key, item, changes };
}

export type ChangesResult =
  | { readonly ok: true; readonly changes: RowChanges }
  | { readonly ok: false; readonly problem: string };

/** The changes that the attributes make to a row, or their first problem. */
export function toChanges({
  email,
  full_name: fullName,
  roles,
  ...rest
}: Omit<UserRecord, 'user_id' | 'namespace'>): ChangesResult {
  for (const [name, value] of Object.entries({ email, full_name: fullName })) {
    if (value !== undefined && !isText(value)) {
      return bad(`${name} must be a string of at most ${MAX_TEXT_BYTES} bytes`);
    }
  }
  const set = {
    ...rest,
    ...(email !== undefined && { email }),
    ...(fullName !== undefined && { full_name: fullName }),
    ...(roles !== undefined && !isEmptyList(roles) && { roles }),
  };
  const row = readRow(set);
  if (!row.ok) return bad(EXPECTED[row.attribute] ?? `${row.attribute} is not valid`);
  return { ok: true, changes: { set, remove: isEmptyList(roles) ? ['roles'] : [] } };
}

function bad(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

function isText(value: unknown): boolean {
  return (
    typeof value === 'string' && value.isWellFormed() && Buffer.byteLength(value) <= MAX_TEXT_BYTES
  );
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The command that replaces an invalid attribute. */
export const REPAIRS: Readonly<Record<string, string>> = {
  is_active: 'users enable, or users disable',
  is_admin: 'users set-admin, with --off or without',
  tokens_valid_after: 'users sign-out',
  roles: 'users edit --roles',
};

/** A row that the function can use, or the names of its invalid attributes. */
export type ReadUser = { readonly key: string; readonly item: Item } & (
  | { readonly row: UserRow; readonly badAttributes?: undefined }
  | { readonly row?: undefined; readonly badAttributes: readonly string[] }
);

/** Reads an item as the function does. */
export function readUser(item: Item, { key: keyName }: TableShape): ReadUser {
  const key = String(item[keyName]);
  const result = readRow(item);
  if (result.ok) return { key, item, row: result.row };
  const badAttributes = ROW_ATTRIBUTES.filter(
    (name) => Object.hasOwn(item, name) && !readRow({ [name]: item[name] }).ok,
  );
  return { key, item, badAttributes };
}

/** A row as a record of a file, which `toItem` makes the same row of again. */
export function toRecord(key: string, row: UserRow, rules: Rules): UserRecord {
  const { id, namespace } = splitKey(key, rules);
  // An id that begins like a namespace would be taken for a whole key.
  const isPlain = splitKey(id, rules).namespace === undefined;
  return {
    user_id: isPlain ? id : key,
    ...(namespace !== undefined && { namespace }),
    is_active: row.isActive,
    is_admin: row.isAdmin,
    ...(row.tokensValidAfter !== undefined && { tokens_valid_after: row.tokensValidAfter }),
    ...(row.email !== undefined && { email: row.email }),
    ...(row.fullName !== undefined && { full_name: row.fullName }),
    ...(row.roles.length > 0 && { roles: row.roles }),
  };
}
