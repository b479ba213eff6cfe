/** The rows of the users table, as the console shows and changes them. */
import { DeleteCommand, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LocalStack } from '../stack.ts';

/** A row; an attribute that it lacks has its default. */
export interface ListedUser {
  readonly id: string;
  readonly active: boolean;
  readonly admin: boolean;
  readonly fullName: string | undefined;
  readonly roles: readonly string[];
  /** Epoch seconds; tokens issued earlier are denied. */
  readonly tokensValidAfter: number | undefined;
}

export interface UserChange {
  readonly active?: boolean;
  readonly admin?: boolean;
  /** Denies every token issued until now, this second's included. */
  readonly signOut?: boolean;
}

type UsersTable = Pick<LocalStack, 'client' | 'usersTable'>;

/** Which users to show. */
export interface UserQuery {
  /** A part of the id or of the name, in any case; empty for everybody. */
  readonly search: string;
  /** From 1; one past the last means the last. */
  readonly page: number;
}

export interface UserPage {
  readonly users: readonly ListedUser[];
  /** How many the search has found, on all pages. */
  readonly found: number;
  /** How many rows there are. */
  readonly total: number;
  readonly page: number;
  readonly pages: number;
}

const PAGE_SIZE = 10;

export const FIRST_PAGE: UserQuery = { search: '', page: 1 };

/** One page of those with a row, by id. The whole table is read: it is in this machine's memory. */
export async function listUsers(
  { client, usersTable }: UsersTable,
  { search, page }: UserQuery = FIRST_PAGE,
): Promise<UserPage> {
  const all: ListedUser[] = [];
  const scan = { TableName: usersTable.name, ConsistentRead: true };
  for await (const { Items: items = [] } of paginateScan({ client }, scan)) {
    for (const item of items) all.push(listedUser(item, usersTable.key));
  }
  const wanted = search.toLowerCase();
  const found = all
    .filter(({ id, fullName = '' }) => `${id}\n${fullName}`.toLowerCase().includes(wanted))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const shown = Math.min(page, pages);
  return {
    users: found.slice((shown - 1) * PAGE_SIZE, shown * PAGE_SIZE),
    found: found.length,
    total: all.length,
    page: shown,
    pages,
  };
}

function listedUser(item: Readonly<Record<string, unknown>>, key: string): ListedUser {
  return {
    id: String(item[key]),
    active: item['is_active'] !== false,
    admin: item['is_admin'] === true,
    fullName: typeof item['full_name'] === 'string' ? item['full_name'] : undefined,
    roles: rolesOf(item['roles']),
    tokensValidAfter:
      typeof item['tokens_valid_after'] === 'number' ? item['tokens_valid_after'] : undefined,
  };
}

/** Writes a row for somebody who has none. False when there is one. */
export async function addUser({ client, usersTable }: UsersTable, id: string): Promise<boolean> {
  return conditionally(() =>
    client.send(
      new UpdateCommand({
        TableName: usersTable.name,
        Key: { [usersTable.key]: id },
        ConditionExpression: 'attribute_not_exists(#key)',
        UpdateExpression: 'SET is_active = :true, is_admin = :false',
        ExpressionAttributeNames: { '#key': usersTable.key },
        ExpressionAttributeValues: { ':true': true, ':false': false },
      }),
    ),
  );
}

/** Changes a row and leaves its other attributes alone. False when there is none. */
export async function changeUser(
  { client, usersTable }: UsersTable,
  id: string,
  { active, admin, signOut }: UserChange,
): Promise<boolean> {
  const values: Record<string, unknown> = {
    ...(active !== undefined && { is_active: active }),
    ...(admin !== undefined && { is_admin: admin }),
    ...(signOut === true && { tokens_valid_after: Math.floor(Date.now() / 1000) + 1 }),
  };
  const names = Object.keys(values);
  if (names.length === 0) return true;
  return conditionally(() =>
    client.send(
      new UpdateCommand({
        TableName: usersTable.name,
        Key: { [usersTable.key]: id },
        ConditionExpression: 'attribute_exists(#key)',
        UpdateExpression: `SET ${names.map((name) => `${name} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: { '#key': usersTable.key },
        ExpressionAttributeValues: Object.fromEntries(
          names.map((name) => [`:${name}`, values[name]]),
        ),
      }),
    ),
  );
}

/** Removes a row, if there is one. */
export async function removeUser({ client, usersTable }: UsersTable, id: string): Promise<void> {
  await client.send(
    new DeleteCommand({ TableName: usersTable.name, Key: { [usersTable.key]: id } }),
  );
}

async function conditionally(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

function rolesOf(value: unknown): readonly string[] {
  const list: readonly unknown[] =
    value instanceof Set ? [...value] : Array.isArray(value) ? value : [];
  return list.filter((role) => typeof role === 'string');
}
