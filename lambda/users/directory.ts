/**
 * The directory of users: whose row the table has, and whether the token or its session has been
 * revoked. What the cache knows is not asked for; what goes wrong at the table is `unavailable`.
 */
import type { Deadline } from '../deadline.ts';
import type { DirectoryEvidence, Revocations, Unavailable, UnavailableCause } from '../decision.ts';
import { ownMember } from '../json.ts';
import type { Config } from '../settings/config.ts';
import { causeOfError } from './directory-errors.ts';
import {
  createTableReader,
  REAL_RETRY_WORLD,
  type Reading,
  type ReadingClient,
  type RetryWorld,
} from './table-reader.ts';
import { tokenIdOf } from './revocation-item.ts';
import { createUserCache, type UserCache } from './user-cache.ts';
import { readRow } from './user-row.ts';

export type DirectorySettings = Pick<
  Config,
  'usersTable' | 'revokedTokensTableName' | 'userCacheTtlSeconds'
>;

/** Whose row to read, and which token and session to look for among the revoked ones. */
export interface DirectoryQuery {
  readonly userId: string;
  readonly issuer: string;
  readonly jti: string | undefined;
  /** As `Claims.session`. */
  readonly session: string | undefined;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export interface Directory {
  /**
   * What goes wrong at the table is `unavailable`; only a mistake of our own rejects.
   *
   * @param onAsked told how long the table took, in milliseconds, if it was asked
   */
  lookUp(
    query: DirectoryQuery,
    deadline: Pick<Deadline, 'signal'>,
    onAsked?: (ms: number) => void,
  ): Promise<DirectoryEvidence>;
}

/** What the outside world does; replaced in tests. */
export interface DirectoryWorld extends RetryWorld {
  /** Epoch seconds, for the cache. */
  readonly now: () => number;
}

const REAL_WORLD: DirectoryWorld = { ...REAL_RETRY_WORLD, now: () => Date.now() / 1000 };

/** The directory of users in `settings.usersTable`. */
export function createDirectory(
  settings: DirectorySettings,
  client: ReadingClient,
  world: DirectoryWorld = REAL_WORLD,
): Directory {
  const { usersTable, revokedTokensTableName } = settings;
  const cache = createUserCache(settings.userCacheTtlSeconds, world.now);
  const readTables = createTableReader(settings, client, world);

  return {
    async lookUp(query, { signal }, onAsked) {
      const tokenIds = revokedTokensTableName === undefined ? [] : tokenIdsOf(query);
      const cached = cachedEvidence(cache, query, tokenIds);
      if (cached !== undefined) return cached;
      const askedAt = performance.now();
      try {
        const asked = readTables({ userId: query.userId, tokenIds }, signal);
        const reading = await orAborted(asked, signal);
        if (reading === undefined) return unavailable('throttled');
        keepNotRevoked(cache, query, tokenIds, reading);
        return evidenceOf(reading, query, usersTable.key, cache);
      } catch (error) {
        const cause = signal.aborted ? 'timeout' : causeOfError(error);
        if (cause === undefined) throw error;
        return unavailable(cause);
      } finally {
        onAsked?.(performance.now() - askedAt);
      }
    },
  };
}

/** Each once: DynamoDB refuses to look for a key twice. */
function tokenIdsOf({ issuer, jti, session }: DirectoryQuery): readonly string[] {
  const names = new Set([jti, session].filter((name) => name !== undefined));
  return [...names].map((name) => tokenIdOf(issuer, name));
}

function revocationsAmong(
  revoked: ReadonlySet<string>,
  { issuer, jti, session }: DirectoryQuery,
): Revocations {
  const isRevoked = (name: string | undefined): boolean =>
    name !== undefined && revoked.has(tokenIdOf(issuer, name));
  return { tokenRevoked: isRevoked(jti), sessionRevoked: isRevoked(session) };
}

function cachedEvidence(
  cache: UserCache,
  { userId }: DirectoryQuery,
  tokenIds: readonly string[],
): DirectoryEvidence | undefined {
  const row = cache.rowOf(userId);
  return row === undefined || !tokenIds.every((tokenId) => cache.isKnownNotRevoked(tokenId))
    ? undefined
    : { status: 'found', row, tokenRevoked: false, sessionRevoked: false };
}

function keepNotRevoked(
  cache: UserCache,
  { expiresAt }: DirectoryQuery,
  tokenIds: readonly string[],
  { revoked }: Reading,
): void {
  for (const tokenId of tokenIds) {
    if (!revoked.has(tokenId)) cache.keepNotRevoked(tokenId, expiresAt);
  }
}

function evidenceOf(
  { user, revoked }: Reading,
  query: DirectoryQuery,
  key: string,
  cache: UserCache,
): DirectoryEvidence {
  const { userId, expiresAt } = query;
  const revocations = revocationsAmong(revoked, query);
  // What was kept of this user is wrong from here on, unless the row turns out to be usable.
  cache.dropRow(userId);
  if (user === undefined) return { status: 'not_found', ...revocations };
  if (ownMember(user, key) !== userId) return unavailable('bad_row', key);
  const parsed = readRow(user);
  if (!parsed.ok) return unavailable('bad_row', parsed.attribute);
  cache.keepRow(userId, parsed.row, expiresAt);
  return { status: 'found', row: parsed.row, ...revocations };
}

function unavailable(cause: UnavailableCause, attribute?: string): Unavailable {
  return {
    status: 'unavailable',
    reason: 'directory_unavailable',
    cause,
    ...(attribute !== undefined && { attribute }),
  };
}

/** Ends when the signal does, even where the work would not listen to it. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new DOMException('The deadline has passed', 'AbortError'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
