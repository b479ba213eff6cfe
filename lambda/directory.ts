/**
 * Reads a user's row and, where revocation is on, whether the token has been revoked: one round
 * trip, strongly consistent, so that a write is seen by the next request.
 */
import { BatchGetCommand, GetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Config } from './config.ts';
import type { Deadline } from './deadline.ts';
import type { DirectoryEvidence, Unavailable, UnavailableCause } from './decision.ts';
import { causeOfError } from './directory-errors.ts';
import { MAX_ATTEMPTS } from './table-client.ts';
import { createUserCache } from './user-cache.ts';
import { readRow, ROW_ATTRIBUTES } from './user-row.ts';

/** The partition key of the revocation table. */
const TOKEN_ID = 'token_id';

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
type ReadResult =
  | { readonly status: 'read'; readonly user: Item | undefined; readonly revoked: boolean }
  | Unavailable;

/**
 * The directory of users in `settings.usersTable`.
 *
 * @param now epoch seconds, for the cache
 */
export function createDirectory(
  settings: DirectorySettings,
  client: Pick<DynamoDBDocumentClient, 'send'>,
  now: () => number,
): Directory {
  const { usersTable, revokedTokensTableName } = settings;
  const cache = createUserCache(settings.userCacheTtlSeconds, now);
  const projection = projectionOf(usersTable.key);

  async function readUser(userId: string, abortSignal: AbortSignal): Promise<ReadResult> {
    const { Item: user } = await client.send(
      new GetCommand({
        TableName: usersTable.name,
        Key: { [usersTable.key]: userId },
        ConsistentRead: true,
        ...projection,
      }),
      { abortSignal },
    );
    return { status: 'read', user, revoked: false };
  }

  /** Both tables at once. What DynamoDB leaves unanswered is asked for again, then given up. */
  async function readUserAndRevocation(
    userId: string,
    tokenId: string,
    revokedTable: string,
    abortSignal: AbortSignal,
  ): Promise<ReadResult> {
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
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const output = await client.send(new BatchGetCommand({ RequestItems: requests }), {
        abortSignal,
      });
      for (const table of Object.keys(requests)) {
        const items = output.Responses?.[table];
        const isUnprocessed = Object.hasOwn(output.UnprocessedKeys ?? {}, table);
        if (items !== undefined && !isUnprocessed) answered.set(table, items[0]);
      }
      if (answered.has(usersTable.name) && answered.has(revokedTable)) {
        const revoked = answered.get(revokedTable) !== undefined;
        return { status: 'read', user: answered.get(usersTable.name), revoked };
      }
      requests = Object.fromEntries(
        Object.entries(requests).filter(([table]) => !answered.has(table)),
      );
    }
    return unavailable('throttled');
  }

  function read({ userId, issuer, jti }: DirectoryQuery, signal: AbortSignal): Promise<ReadResult> {
    return revokedTokensTableName === undefined || jti === undefined
      ? readUser(userId, signal)
      : readUserAndRevocation(userId, tokenIdOf(issuer, jti), revokedTokensTableName, signal);
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

  function interpret(query: DirectoryQuery, result: ReadResult): DirectoryEvidence {
    if (result.status === 'unavailable') return result;
    const { user, revoked } = result;
    if (!revoked && revokedTokensTableName !== undefined && query.jti !== undefined) {
      cache.keepNotRevoked(tokenIdOf(query.issuer, query.jti), query.expiresAt);
    }
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
        return interpret(query, await orAborted(read(query, signal), signal));
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

/** Every name by a placeholder: `roles` is one of DynamoDB's reserved words. */
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
