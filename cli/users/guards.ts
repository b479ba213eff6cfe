/**
 * Writes that are refused unless forced, because of whom they would lock out or let in again. What
 * they look at may change before the write: two operators who each keep the other's admin in mind
 * can still remove both.
 */
import { readRow } from '../../lambda/users/user-row.ts';
import type { Deployment } from '../deployment.ts';
import { refusal } from '../errors.ts';
import { isoTime } from '../output.ts';
import { changedItem, type Item, type RowWrite } from './row-update.ts';
import type { UserStore } from './store.ts';

/**
 * In strict mode the last active admin stays: without one, nobody could let anybody in by way of
 * the API.
 *
 * @throws CliError
 */
export async function guardLastAdmin(
  key: string,
  { rules }: Pick<Deployment, 'rules'>,
  store: UserStore,
): Promise<void> {
  if (!rules.strict) return;
  let isActiveAdmin = false;
  for await (const { key: otherKey, row } of store.scan()) {
    if (row?.isActive !== true || !row.isAdmin) continue;
    if (otherKey !== key) return;
    isActiveAdmin = true;
  }
  if (!isActiveAdmin) return;
  throw refusal(
    'last_admin',
    `${key} is the last active admin, and strict mode is on`,
    'Make somebody else an admin first (users set-admin), or add --force',
  );
}

/**
 * The same for an import that changes rows: where there is an active admin before it, there has to
 * be one after it.
 *
 * @param items the lines to be imported, from the first one each time
 * @throws CliError
 */
export async function guardAdminsOfImport(
  items: () => AsyncIterable<RowWrite>,
  { rules }: Pick<Deployment, 'rules'>,
  store: UserStore,
): Promise<void> {
  if (!rules.strict) return;
  /** Rows with `is_admin`, whether they are active and usable or not. */
  const admins = new Map<string, Item>();
  const active = new Set<string>();
  for await (const { key, item } of store.scan()) {
    if (item['is_admin'] === true) admins.set(key, item);
    if (isActiveAdmin(item)) active.add(key);
  }
  if (active.size === 0) return;
  for await (const { key, changes } of items()) {
    const admin = admins.get(key);
    if (admin === undefined) continue;
    if (isActiveAdmin(changedItem(admin, changes))) active.add(key);
    else active.delete(key);
  }
  if (active.size > 0) return;
  for await (const { key, item, changes } of items()) {
    if (changes.set['is_admin'] !== true || admins.has(key)) continue;
    const existing = await store.get(key);
    if (isActiveAdmin(existing === undefined ? item : changedItem(existing, changes))) return;
  }
  throw refusal(
    'last_admin',
    'After this import there would be no active admin, and strict mode is on',
    'Keep one in the file or out of it, or add --force',
  );
}

function isActiveAdmin(item: Item): boolean {
  const result = readRow(item);
  return result.ok && result.row.isActive && result.row.isAdmin;
}

/**
 * The platform admin's row is what keeps bootstrap shut for that person.
 *
 * @throws CliError
 */
export function guardPlatformAdmin(key: string, { rules }: Pick<Deployment, 'rules'>): void {
  const { adminKey, bootstrapExpiresAt, strict } = rules;
  const hasExpired = bootstrapExpiresAt !== undefined && bootstrapExpiresAt <= Date.now() / 1000;
  if (key !== adminKey || hasExpired) return;
  const until =
    bootstrapExpiresAt === undefined ? '' : ` (it ends at ${isoTime(bootstrapExpiresAt)})`;
  throw refusal(
    'platform_admin',
    strict
      ? `${key} is the platform admin, who could enter by bootstrap without a row once strict mode is off${until}`
      : `${key} is the platform admin, who could enter by bootstrap again without a row${until}`,
    'Keep them out with users disable, which keeps the row, or add --force',
  );
}
