/**
 * What is done with one batch of an import: rows are looked up, added or updated. Whatever DynamoDB
 * leaves unprocessed or throttles is asked for again.
 */
import {
  BatchGetCommand,
  BatchWriteCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { causeOfError } from '../../lambda/users/directory-errors.ts';
import { failure } from '../errors.ts';
import type { Counts, ImportItem } from './batches.ts';
import { updateParts, type Item } from '../users/row-update.ts';
import { ROW_DEFAULTS } from '../users/record.ts';

/** Updates of one batch. With every batch in flight, they stay below the SDK's fifty connections. */
const UPDATES_AT_ONCE = 8;
const BACKOFF_BASE_MS = 50;
const BACKOFF_CAP_MS = 5000;
/** Tries in a row of which none brought anything forward: about a minute. */
const MAX_FRUITLESS_TRIES = 16;
/** The SDK's, of one request. It waits long when throttled, and here that is ours to do. */
export const WRITER_ATTEMPTS = 2;

export interface ImportTable {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
  /** Partition key attribute. */
  readonly key: string;
}

/** What is done with one batch. */
export type BatchWork = (batch: readonly ImportItem[], table: ImportTable) => Promise<Counts>;

/** Counts what `addRows` would do, and writes nothing. */
export const countAdditions: BatchWork = async (batch, table) => {
  const { size: existing } = await existingKeys(batch, table);
  return { added: batch.length - existing, updated: 0, existing };
};

/** Counts what `updateRows` would do, and writes nothing. */
export const countUpdates: BatchWork = async (batch, table) => {
  const { size: updated } = await existingKeys(batch, table);
  return { added: batch.length - updated, updated, existing: 0 };
};

/** Adds the rows that are missing. */
export const addRows: BatchWork = async (batch, table) => {
  const existing = await existingKeys(batch, table);
  const missing = batch.filter(({ key }) => !existing.has(key));
  await putAll(
    missing.map(({ item }) => item),
    table,
  );
  return { added: missing.length, updated: 0, existing: existing.size };
};

/** Adds the rows that are missing, and of the others changes what the lines name. */
export const updateRows: BatchWork = async (batch, table) => {
  const rest = batch.values();
  let updated = 0;
  let hasFailed = false;
  const updateNext = async (): Promise<void> => {
    for (const item of rest) {
      if (hasFailed) return;
      try {
        if (await update(item, table)) updated += 1;
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(
    Array.from({ length: UPDATES_AT_ONCE }, () => updateNext()),
  );
  // Rethrown only when all have ended: what has begun is finished.
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { added: batch.length - updated, updated, existing: 0 };
};

/** Says whether the row existed. */
async function update(
  { key, changes }: ImportItem,
  { client, name, key: keyName }: ImportTable,
): Promise<boolean> {
  const command = new UpdateCommand({
    TableName: name,
    Key: { [keyName]: key },
    ...updateParts(changes, ROW_DEFAULTS),
    ReturnValues: 'ALL_OLD',
  });
  let existed = false;
  await untilDone(async () => {
    existed = (await client.send(command)).Attributes !== undefined;
    return { isDone: true, movedOn: true };
  });
  return existed;
}

type BatchGetKeys = NonNullable<BatchGetCommand['input']['RequestItems']>;

async function existingKeys(
  batch: readonly ImportItem[],
  { client, name, key: keyName }: ImportTable,
): Promise<Set<string>> {
  const found = new Set<string>();
  let requests: BatchGetKeys = {
    [name]: {
      Keys: batch.map(({ key }) => ({ [keyName]: key })),
      ConsistentRead: true,
      ProjectionExpression: '#key',
      ExpressionAttributeNames: { '#key': keyName },
    },
  };
  await untilDone(async () => {
    const before = countOf(requests, ({ Keys }) => Keys);
    const output = await client.send(new BatchGetCommand({ RequestItems: requests }));
    for (const items of Object.values(output.Responses ?? {})) {
      for (const item of items) found.add(String(item[keyName]));
    }
    requests = output.UnprocessedKeys ?? {};
    const after = countOf(requests, ({ Keys }) => Keys);
    return { isDone: after === 0, movedOn: after < before };
  });
  return found;
}

type BatchWriteRequests = NonNullable<BatchWriteCommand['input']['RequestItems']>;

async function putAll(items: readonly Item[], { client, name }: ImportTable): Promise<void> {
  if (items.length === 0) return;
  let requests: BatchWriteRequests = {
    [name]: items.map((item) => ({ PutRequest: { Item: { ...item } } })),
  };
  await untilDone(async () => {
    const before = countOf(requests, (puts) => puts);
    const output = await client.send(new BatchWriteCommand({ RequestItems: requests }));
    requests = output.UnprocessedItems ?? {};
    const after = countOf(requests, (puts) => puts);
    return { isDone: after === 0, movedOn: after < before };
  });
}

function countOf<T>(
  requests: Readonly<Record<string, T>>,
  listOf: (request: T) => readonly unknown[] | undefined,
): number {
  return Object.values(requests).reduce((sum, request) => sum + (listOf(request)?.length ?? 0), 0);
}

/** Tries until it is done, waiting longer each time that nothing has moved. */
async function untilDone(
  attempt: () => Promise<{ readonly isDone: boolean; readonly movedOn: boolean }>,
): Promise<void> {
  let fruitless = 0;
  while (fruitless < MAX_FRUITLESS_TRIES) {
    try {
      const { isDone, movedOn } = await attempt();
      if (isDone) return;
      fruitless = movedOn ? 0 : fruitless + 1;
    } catch (error) {
      if (causeOfError(error) !== 'throttled') throw error;
      fruitless += 1;
    }
    const backoffMs = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** fruitless);
    await sleep(backoffMs * (0.5 + Math.random() / 2));
  }
  throw failure('throttled', 'The table takes no more requests', 'Raise its capacity');
}
