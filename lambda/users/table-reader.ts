/**
 * The one round trip to the tables: the user's row and, where it is asked for, whether a token has
 * been revoked. Strongly consistent, so that a write is seen by the next request. An attempt that
 * fails in passing is retried within the caller's deadline.
 */
import { BatchGetCommand, GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { ownMember, type JsonObject } from '../json.ts';
import type { Config } from '../settings/config.ts';
import { hasCorrectedClock, isPassing, NotDynamoDbError } from './directory-errors.ts';
import { TOKEN_ID } from './revocation-item.ts';
import { ROW_ATTRIBUTES } from './user-row.ts';

/** Attempts of one read, the first included. */
const MAX_ATTEMPTS = 3;
/** Before the second attempt 13 to 38 ms, before the third 25 to 75: an authorizer has no seconds. */
const RETRY_BASE_MS = 25;

export type TableSettings = Pick<Config, 'usersTable' | 'revokedTokensTableName'>;

export interface TableQuery {
  /** The key of the user's row. */
  readonly userId: string;
  /** Keys to look for among the revoked ones; none asks for the row alone. */
  readonly tokenIds: readonly string[];
}

export interface Reading {
  readonly user: JsonObject | undefined;
  /** Those of `tokenIds` that have been revoked. */
  readonly revoked: ReadonlySet<string>;
}

/** One attempt; undefined when DynamoDB has left something unprocessed. */
type Attempt = (abortSignal: AbortSignal) => Promise<Reading | undefined>;
type Requests = NonNullable<BatchGetCommand['input']['RequestItems']>;
export type ReadingClient = Pick<DynamoDBDocumentClient, 'send'>;

/** What the outside world does; replaced in tests. */
export interface RetryWorld {
  readonly random: () => number;
  /** Rejects when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export const REAL_RETRY_WORLD: RetryWorld = {
  random: Math.random,
  pause: (ms, signal) => pauseFor(ms, undefined, { signal }),
};

/** Reads what a query asks for; undefined when DynamoDB left something unprocessed each time. */
export type ReadTables = (query: TableQuery, signal: AbortSignal) => Promise<Reading | undefined>;

/** A reader of `settings`' tables. It rejects with what the SDK throws. */
export function createTableReader(
  settings: TableSettings,
  client: ReadingClient,
  world: RetryWorld = REAL_RETRY_WORLD,
): ReadTables {
  const { usersTable, revokedTokensTableName: revokedTable } = settings;
  return (query, signal) => {
    const attempt =
      revokedTable === undefined || query.tokenIds.length === 0
        ? readRowAlone(client, usersTable, query.userId)
        : readBoth(client, usersTable, revokedTable, query);
    return retrying(attempt, signal, world);
  };
}

async function retrying(
  attempt: Attempt,
  signal: AbortSignal,
  { random, pause }: RetryWorld,
): Promise<Reading | undefined> {
  let mayCorrectClock = true;
  for (let count = 1; count < MAX_ATTEMPTS; count += 1) {
    try {
      const reading = await attempt(signal);
      if (reading !== undefined) return reading;
    } catch (error) {
      const clockWasWrong = mayCorrectClock && hasCorrectedClock(error);
      if (!clockWasWrong && !isPassing(error)) throw error;
      if (clockWasWrong) mayCorrectClock = false;
    }
    await pause(RETRY_BASE_MS * count * (0.5 + random()), signal);
  }
  return attempt(signal);
}

function readRowAlone(
  client: ReadingClient,
  { name, key }: Config['usersTable'],
  userId: string,
): Attempt {
  return async (abortSignal) => {
    const { Item: user } = await client.send(
      new GetCommand({
        TableName: name,
        Key: { [key]: userId },
        ConsistentRead: true,
        ...projectionOf([key, ...ROW_ATTRIBUTES]),
      }),
      { abortSignal },
    );
    return { user, revoked: new Set() };
  };
}

/** Both tables at once. A further attempt asks only for what was left unprocessed. */
function readBoth(
  client: ReadingClient,
  { name, key }: Config['usersTable'],
  revokedTable: string,
  { userId, tokenIds }: TableQuery,
): Attempt {
  const answered = new Map<string, readonly JsonObject[]>();
  let requests: Requests = {
    [name]: {
      Keys: [{ [key]: userId }],
      ConsistentRead: true,
      ...projectionOf([key, ...ROW_ATTRIBUTES]),
    },
    [revokedTable]: {
      Keys: tokenIds.map((tokenId) => ({ [TOKEN_ID]: tokenId })),
      ConsistentRead: true,
      ...projectionOf([TOKEN_ID]),
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
      answered.set(table, items);
    }
    requests = Object.fromEntries(
      Object.entries(requests).filter(([table]) => !answered.has(table)),
    );
    if (Object.keys(requests).length > 0) return undefined;
    return {
      user: answered.get(name)?.[0],
      revoked: revokedAmong(tokenIds, answered.get(revokedTable) ?? []),
    };
  };
}

/** An item under a key that was not asked for is not an answer. */
function revokedAmong(
  tokenIds: readonly string[],
  items: readonly JsonObject[],
): ReadonlySet<string> {
  const found = items.map((item) =>
    tokenIds.find((tokenId) => tokenId === ownMember(item, TOKEN_ID)),
  );
  const revoked = found.filter((tokenId) => tokenId !== undefined);
  if (revoked.length < items.length) throw new NotDynamoDbError('An item that was not asked for');
  return new Set(revoked);
}

/** Every name by a placeholder: `roles` is one of DynamoDB's reserved words. */
function projectionOf(attributes: readonly string[]) {
  const names = [...new Set(attributes)];
  return {
    ProjectionExpression: names.map((_, index) => `#${index}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
  };
}
