/**
 * Writes items in batches, several at a time, and asks again for whatever DynamoDB leaves
 * unprocessed. The lines of a file are finished in its order: what has been reported as done is
 * in the table, whatever happens to the rest.
 */
import {
  BatchGetCommand,
  BatchWriteCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { causeOfError } from '../../lambda/directory-errors.ts';
import { failure } from './errors.ts';
import type { Item } from './user-record.ts';

/** Of `BatchWriteItem`. */
const BATCH_ITEMS = 25;
const BATCHES_IN_FLIGHT = 6;
const BACKOFF_BASE_MS = 50;
const BACKOFF_CAP_MS = 5000;
/** Tries in a row of which none brought anything forward: about a minute. */
const MAX_FRUITLESS_TRIES = 16;
/** The SDK's, of one request. It waits long when throttled, and here that is ours to do. */
export const WRITER_ATTEMPTS = 2;

export interface ImportItem {
  readonly line: number;
  readonly key: string;
  readonly item: Item;
}

export interface WriterOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: { readonly name: string; readonly key: string };
  /** Whether rows that exist are replaced. */
  readonly replace: boolean;
  /** Nothing is begun once it is aborted; what has begun is finished. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
}

export interface ImportProgress {
  /** Every line up to this one is done. */
  readonly line: number;
  readonly written: number;
  /** Rows that were there already, and were left as they are. */
  readonly existing: number;
}

interface Batch {
  readonly lastLine: number;
  readonly work: Promise<{ readonly written: number; readonly existing: number }>;
}

/** Writes all of `items`, or until the signal is aborted; gives how far it came. */
export async function writeItems(
  items: AsyncIterable<ImportItem>,
  options: WriterOptions,
): Promise<ImportProgress> {
  let progress: ImportProgress = { line: 0, written: 0, existing: 0 };
  const inFlight: Batch[] = [];

  /** Waits for the oldest batch, since lines are finished in order. */
  async function finishOldest(): Promise<void> {
    const [oldest] = inFlight;
    if (oldest === undefined) return;
    const { written, existing } = await oldest.work;
    inFlight.shift();
    progress = {
      line: oldest.lastLine,
      written: progress.written + written,
      existing: progress.existing + existing,
    };
    options.onProgress(progress);
  }

  try {
    for await (const batch of inBatches(items)) {
      if (options.signal.aborted) break;
      const work = writeBatch(batch, options);
      // It is awaited in its turn; until then, a failure must not count as unhandled.
      work.catch(() => undefined);
      inFlight.push({ lastLine: batch.at(-1)?.line ?? 0, work });
      if (inFlight.length >= BATCHES_IN_FLIGHT) await finishOldest();
    }
    while (inFlight.length > 0) await finishOldest();
    return progress;
  } finally {
    // After a failure, those that were under way still end before the process does.
    await Promise.allSettled(inFlight.map(({ work }) => work));
  }
}

async function* inBatches(
  items: AsyncIterable<ImportItem>,
): AsyncGenerator<readonly ImportItem[], void, undefined> {
  let batch: ImportItem[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === BATCH_ITEMS) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

async function writeBatch(
  batch: readonly ImportItem[],
  options: WriterOptions,
): Promise<{ written: number; existing: number }> {
  const existing = options.replace ? new Set<string>() : await existingKeys(batch, options);
  const fresh = batch.filter(({ key }) => !existing.has(key));
  await putAll(
    fresh.map(({ item }) => item),
    options,
  );
  return { written: fresh.length, existing: existing.size };
}

type BatchGetKeys = NonNullable<BatchGetCommand['input']['RequestItems']>;

async function existingKeys(
  batch: readonly ImportItem[],
  { client, table }: WriterOptions,
): Promise<Set<string>> {
  const found = new Set<string>();
  let requests: BatchGetKeys = {
    [table.name]: {
      Keys: batch.map(({ key }) => ({ [table.key]: key })),
      ConsistentRead: true,
      ProjectionExpression: '#key',
      ExpressionAttributeNames: { '#key': table.key },
    },
  };
  await untilDone(async () => {
    const before = countOf(requests, ({ Keys }) => Keys);
    const output = await client.send(new BatchGetCommand({ RequestItems: requests }));
    for (const items of Object.values(output.Responses ?? {})) {
      for (const item of items) found.add(String(item[table.key]));
    }
    requests = output.UnprocessedKeys ?? {};
    const after = countOf(requests, ({ Keys }) => Keys);
    return { isDone: after === 0, movedOn: after < before };
  });
  return found;
}

type BatchWriteRequests = NonNullable<BatchWriteCommand['input']['RequestItems']>;

async function putAll(items: readonly Item[], { client, table }: WriterOptions): Promise<void> {
  if (items.length === 0) return;
  let requests: BatchWriteRequests = {
    [table.name]: items.map((item) => ({ PutRequest: { Item: { ...item } } })),
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
  throw failure(
    'throttled',
    'The table takes no more writes',
    'Raise its capacity, then go on with --resume',
  );
}
