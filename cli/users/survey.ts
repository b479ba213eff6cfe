/** Scans the whole table before a bulk write: which rows exist, and which users are admins. */
import { readRow } from '../../lambda/users/user-row.ts';
import type { Item } from './row-update.ts';
import type { UserStore } from './store.ts';

export interface Survey {
  /** Of the wanted keys, those that exist. */
  readonly rows: ReadonlyMap<string, Item>;
  readonly activeAdmins: ReadonlySet<string>;
  /** Wanted e-mail address, folded → keys of the rows that have it. */
  readonly keysByEmail: ReadonlyMap<string, readonly string[]>;
}

export interface Wanted {
  readonly keys: ReadonlySet<string>;
  readonly emails?: ReadonlySet<string>;
}

/** @param emails folded with `foldEmail` */
export async function surveyUsers(store: UserStore, { keys, emails }: Wanted): Promise<Survey> {
  const rows = new Map<string, Item>();
  const activeAdmins = new Set<string>();
  const keysByEmail = new Map<string, string[]>();
  for await (const { key, item } of store.scan()) {
    if (isActiveAdmin(item)) activeAdmins.add(key);
    const email = typeof item['email'] === 'string' ? foldEmail(item['email']) : undefined;
    const isWantedEmail = email !== undefined && emails?.has(email) === true;
    if (isWantedEmail) keysByEmail.set(email, [...(keysByEmail.get(email) ?? []), key]);
    if (keys.has(key) || isWantedEmail) rows.set(key, item);
  }
  return { rows, activeAdmins, keysByEmail };
}

/** Mail systems and people ignore the case of an address. */
export function foldEmail(email: string): string {
  return email.trim().toLowerCase();
}

export function isActiveAdmin(item: Item): boolean {
  const result = readRow(item);
  return result.ok && result.row.isActive && result.row.isAdmin;
}

const MAX_DISTANCE = 2;

/** For each id without a row, the key that was probably meant: another case, or a typing error. */
export async function findSimilarKeys(
  store: UserStore,
  missing: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const best = new Map<string, { readonly key: string; readonly distance: number }>();
  for await (const { key } of store.scan()) {
    for (const id of missing) {
      const distance = distanceOf(id.toLowerCase(), key.toLowerCase());
      if (distance > MAX_DISTANCE || distance >= (best.get(id)?.distance ?? Infinity)) continue;
      best.set(id, { key, distance });
    }
  }
  return new Map([...best].map(([id, { key }]) => [id, key]));
}

/** How many letters are to be changed, added or left out (Levenshtein); only small ones are exact. */
function distanceOf(a: string, b: string): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) > MAX_DISTANCE) return Infinity;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min(
        replaced,
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
      );
    }
    if (Math.min(...current) > MAX_DISTANCE) return Infinity;
    previous = current;
  }
  return previous[b.length] ?? Infinity;
}
