/**
 * What the table said, for a while (`USER_CACHE_TTL_SECONDS`): rows by user, and "not revoked" by
 * token. A user who is missing or a token that is revoked is never kept, so that a user who has
 * just been added enters at once. No entry outlives the token that it was read for.
 */
import type { UserRow } from '../decision.ts';

/** Entries of each kind; a row takes some 300 bytes. */
const MAX_ENTRIES = 10_000;

interface Entry<T> {
  readonly value: T;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export interface UserCache {
  rowOf(userId: string): UserRow | undefined;
  isKnownNotRevoked(tokenId: string): boolean;
  /** @param tokenExpiresAt epoch seconds */
  keepRow(userId: string, row: UserRow, tokenExpiresAt: number): void;
  keepNotRevoked(tokenId: string, tokenExpiresAt: number): void;
  dropRow(userId: string): void;
}

/**
 * @param ttlSeconds 0 keeps nothing
 * @param now epoch seconds
 */
export function createUserCache(
  ttlSeconds: number,
  now: () => number,
  maxEntries = MAX_ENTRIES,
): UserCache {
  const rows = new LruMap<UserRow>(maxEntries);
  const notRevoked = new LruMap<true>(maxEntries);
  const until = (tokenExpiresAt: number): number => Math.min(now() + ttlSeconds, tokenExpiresAt);
  return {
    rowOf: (userId) => rows.get(userId, now()),
    isKnownNotRevoked: (tokenId) => notRevoked.get(tokenId, now()) ?? false,
    keepRow: (userId, row, tokenExpiresAt) => {
      if (ttlSeconds > 0) rows.set(userId, { value: row, expiresAt: until(tokenExpiresAt) });
    },
    keepNotRevoked: (tokenId, tokenExpiresAt) => {
      if (ttlSeconds > 0)
        notRevoked.set(tokenId, { value: true, expiresAt: until(tokenExpiresAt) });
    },
    dropRow: (userId) => rows.delete(userId),
  };
}

/** A `Map` iterates in the order of insertion, so its first key is the one longest unused. */
class LruMap<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(key: string, now: number): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (now >= entry.expiresAt) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  set(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#maxEntries) return;
    for (const longestUnused of this.#entries.keys()) {
      this.#entries.delete(longestUnused);
      break;
    }
  }
}
