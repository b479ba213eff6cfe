/**
 * Reads a user's row and, where revocation is on, whether the token has been revoked: one round
 * trip, strongly consistent, so that a write is seen by the next request.
 */
import { BatchGetCommand, GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as pauseFor } from 'node:timers/promises';
import type { Config } from '../settings/config.ts';
import type { Deadline } from '../deadline.ts';
import type { DirectoryEvidence, Unavailable, UnavailableCause } from '../decision.ts';
import { causeOfError, isPassing, NotDynamoDbError } from './directory-errors.ts';
import { createUserCache } from './user-cache.ts';
import { readRow, ROW_ATTRIBUTES } from './user-row.ts';

/** The partition key of the revocation table. */
const TOKEN_ID = 'token_id';
/** Tries of one read, the first included. */
const MAX_ATTEMPTS = 3;
/** Before the second try 13 to 38 ms, before the third 25 to 75: an authorizer has no seconds. */
const RETRY_BASE_MS = 25;

export type DirectorySettings = Pick<
  Config,
  'usersTable' | 'revokedTokensTableName' | 'userCacheTtlSeconds'
>;

/** Whose row to read, and which token to look for among the revoked ones. */
export interface DirectoryQuery {
  readonly userId: string;
  readonly issuer: string;
  readonly jti: string | undefined;
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

type Item = Readonly<Record<string, unknown>>;
interface Reading {
  readonly user: Item | undefined;
  readonly revoked: boolean;
}
/** One try: undefined when something was left unanswered. */
type Read = (abortSignal: AbortSignal) => Promise<Reading | undefined>;

/** What the outside world does; replaced in tests. */
export interface DirectoryWorld {
  /** Epoch seconds, for the cache. */
  readonly now: () => number;
  readonly random: () => number;
  /** Rejects when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const REAL_WORLD: DirectoryWorld = {
  now: () => Date.now() / 1000,
  random: Math.random,
  pause: (ms, signal) => pauseFor(ms, undefined, { signal }),
};

/** The directory of users in `settings.usersTable`. */
export function createDirectory(
  settings: DirectorySettings,
  client: Pick<DynamoDBDocumentClient, 'send'>,
  { now, random, pause }: DirectoryWorld = REAL_WORLD,
): Directory {
  const { usersTable, revokedTokensTableName } = settings;
  const cache = createUserCache(settings.userCacheTtlSeconds, now);
  const projection = projectionOf(usersTable.key);

  function readUser(userId: string): Read {
    return async (abortSignal) => {
      const { Item: user } = await client.send(
        new GetCommand({
          TableName: usersTable.name,
          Key: { [usersTable.key]: userId },
          ConsistentRead: true,
          ...projection,
        }),
        { abortSignal },
      );
      return { user, revoked: false };
    };
  }

  /** Both tables at once. A further try asks for what DynamoDB has left unanswered. */
  function readUserAndRevocation(userId: string, tokenId: string, revokedTable: string): Read {
    const answered = new Map<string, Item | undefined>();
    let requests: NonNullable<BatchGetCommand['input']['RequestItems']> = {
      [usersTable.name]: {
        Keys: [{ [usersTable.key]: userId }],
        ConsistentRead: true,
        ...projection,
      },
      [revokedTable]: {
        Keys: [{ [TOKEN_ID]: tokenId }],
        ConsistentRead: true,
        ...projectionOf(TOKEN_ID, []),
      },
    };
    return async (abortSignal) => {
      const { Responses: responses = {}, UnprocessedKeys: unprocessed = {} } = await client.send(
        new BatchGetCommand({ RequestItems: requests }),
        { abortSignal },
      );
      for (const table of Object.keys(requests)) {
        if (unprocessed[table] !== undefined) continue;
        const items = responses[table];
        if (items === undefined) throw new NotDynamoDbError('Says nothing of a table');
        answered.set(table, items[0]);
      }
      requests = Object.fromEntries(
        Object.entries(requests).filter(([table]) => !answered.has(table)),
      );
      if (Object.keys(requests).length > 0) return undefined;
      return {
        user: answered.get(usersTable.name),
        revoked: answered.get(revokedTable) !== undefined,
      };
    };
  }

  /** The reading, or undefined when DynamoDB left something unanswered each time. */
  async function tryToRead(
    { userId, issuer, jti }: DirectoryQuery,
    signal: AbortSignal,
  ): Promise<Reading | undefined> {
    const read =
      revokedTokensTableName === undefined || jti === undefined
        ? readUser(userId)
        : readUserAndRevocation(userId, tokenIdOf(issuer, jti), revokedTokensTableName);
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
      try {
        const reading = await read(signal);
        if (reading !== undefined) return reading;
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      await pause(RETRY_BASE_MS * attempt * (0.5 + random()), signal);
    }
    return read(signal);
  }

  function fromCache({ userId, issuer, jti }: DirectoryQuery): DirectoryEvidence | undefined {
    const row = cache.rowOf(userId);
    const mayBeRevoked =
      revokedTokensTableName !== undefined &&
      jti !== undefined &&
      !cache.isKnownNotRevoked(tokenIdOf(issuer, jti));
    return row === undefined || mayBeRevoked
      ? undefined
      : { status: 'found', row, tokenRevoked: false };
  }

  function interpret(query: DirectoryQuery, reading: Reading | undefined): DirectoryEvidence {
    if (reading === undefined) return unavailable('throttled');
    const { user, revoked } = reading;
    if (!revoked && revokedTokensTableName !== undefined && query.jti !== undefined) {
      cache.keepNotRevoked(tokenIdOf(query.issuer, query.jti), query.expiresAt);
    }
    // What was kept of this user is wrong from here on, unless the row turns out to be usable.
    cache.dropRow(query.userId);
    if (user === undefined) return { status: 'not_found', tokenRevoked: revoked };
    if (user[usersTable.key] !== query.userId) return unavailable('bad_row', usersTable.key);
    const parsed = readRow(user);
    if (!parsed.ok) return unavailable('bad_row', parsed.attribute);
    cache.keepRow(query.userId, parsed.row, query.expiresAt);
    return { status: 'found', row: parsed.row, tokenRevoked: revoked };
  }

  return {
    async lookUp(query, { signal }, onAsked) {
      const cached = fromCache(query);
      if (cached !== undefined) return cached;
      const askedAt = performance.now();
      try {
        return interpret(query, await orAborted(tryToRead(query, signal), signal));
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

/** A `jti` is unique only within its issuer (RFC 7519 §4.1.7). */
export function tokenIdOf(issuer: string, jti: string): string {
  return `${issuer}#${jti}`;
}

function unavailable(cause: UnavailableCause, attribute?: string): Unavailable {
  return {
    status: 'unavailable',
    reason: 'directory_unavailable',
    cause,
    ...(attribute !== undefined && { attribute }),
  };
}

/** Every name by a stand-in: `roles` is one of DynamoDB's reserved words. */
function projectionOf(key: string, attributes: readonly string[] = ROW_ATTRIBUTES) {
  const names = [...new Set([key, ...attributes])];
  return {
    ProjectionExpression: names.map((_, index) => `#${index}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
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
