/**
 * Reads and writes the users table for operators. Every write is conditional, so that a retry never
 * overwrites a newer change, and records its author and time in the row.
 */
import {
  DeleteCommand,
  GetCommand,
  paginateScan,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { isDeepStrictEqual } from 'node:util';
import { EPOCH_SECONDS_LIMIT } from '../../lambda/epoch-seconds.ts';
import type { Stamp } from '../author.ts';
import type { TableShape } from '../user-keys.ts';
import { readUser, type ReadUser } from './record.ts';
import { makesDifference, updateParts, type Item, type RowChanges } from './row-update.ts';

/** The outcome of a change. `conflict`: another write changed the row, which stays unchanged. */
export type ChangeOutcome = 'changed' | 'missing' | 'conflict';

export interface UserStore {
  get(key: string): Promise<Item | undefined>;
  /** Gives the row as it was written, or undefined when there is one already. */
  add(item: Item): Promise<Item | undefined>;
  /** Changes what is named; gives the row as it was, or undefined when there is none. */
  change(key: string, changes: RowChanges): Promise<Item | undefined>;
  /** Changes what is named, if it is still what it was in `seen`. */
  changeSeen(key: string, changes: RowChanges, seen: Item): Promise<ChangeOutcome>;
  /**
   * Raises a time in epoch seconds, and never lowers one that is usable; gives what it is then, or
   * undefined without a row.
   */
  raise(key: string, attribute: string, value: number): Promise<number | undefined>;
  /** Gives the row as it was, or undefined when there is none. */
  remove(key: string): Promise<Item | undefined>;
  /** Every row, in no order; consistent row by row. `after` is a key to begin after. */
  scan(after?: string): AsyncGenerator<ReadUser, void, undefined>;
}

/** The store of the users in the table `name`, whose partition key is `key`. */
export function createUserStore(
  client: DynamoDBDocumentClient,
  table: TableShape & { readonly name: string },
  stamp: () => Promise<Stamp>,
): UserStore {
  const { name: TableName, key: keyName } = table;
  const exists = 'attribute_exists(#key)';
  const keyNames = { '#key': keyName };

  async function get(key: string): Promise<Item | undefined> {
    const { Item: item } = await client.send(
      new GetCommand({ TableName, Key: { [keyName]: key }, ConsistentRead: true }),
    );
    return item;
  }

  /** Undefined when the conditions do not hold. */
  async function update(
    key: string,
    changes: RowChanges,
    seen?: Item,
  ): Promise<{ readonly before: Item | undefined } | undefined> {
    const { unchanged, ExpressionAttributeNames, ...parts } = updateParts(changes, seen, {
      ...(await stamp()),
    });
    const command = new UpdateCommand({
      TableName,
      Key: { [keyName]: key },
      ...parts,
      ConditionExpression: [exists, ...unchanged].join(' AND '),
      ExpressionAttributeNames: { ...keyNames, ...ExpressionAttributeNames },
      ReturnValues: 'ALL_OLD',
    });
    const output = await unlessConditionFails(client.send(command));
    return output && { before: output.Attributes };
  }

  return {
    get,

    async add(item) {
      const stamped = { ...item, ...(await stamp()) };
      const command = new PutCommand({
        TableName,
        Item: stamped,
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: keyNames,
      });
      if ((await unlessConditionFails(client.send(command))) !== undefined) return stamped;
      // A retry of a write that had arrived meets its own row.
      return isDeepStrictEqual(await get(String(item[keyName])), stamped) ? stamped : undefined;
    },

    async change(key, changes) {
      return (await update(key, changes))?.before;
    },

    async changeSeen(key, changes, seen) {
      if ((await update(key, changes, seen)) !== undefined) return 'changed';
      const row = await get(key);
      if (row === undefined) return 'missing';
      return makesDifference(row, changes) ? 'conflict' : 'changed';
    },

    async raise(key, attribute, value) {
      const { ExpressionAttributeNames, ExpressionAttributeValues, UpdateExpression } = updateParts(
        { set: { [attribute]: value }, remove: [] },
        undefined,
        {
          ...(await stamp()),
        },
      );
      const command = new UpdateCommand({
        TableName,
        Key: { [keyName]: key },
        UpdateExpression,
        // One of another type or form spoils the row, so it is replaced.
        ConditionExpression: `${exists} AND (NOT attribute_type(#a0, :number) OR #a0 < :v0 OR #a0 >= :limit)`,
        ExpressionAttributeNames: { ...keyNames, ...ExpressionAttributeNames },
        ExpressionAttributeValues: {
          ...ExpressionAttributeValues,
          ':limit': EPOCH_SECONDS_LIMIT,
          ':number': 'N',
        },
      });
      if ((await unlessConditionFails(client.send(command))) !== undefined) return value;
      const row = await get(key);
      return row === undefined ? undefined : Number(row[attribute]);
    },

    async remove(key) {
      const command = new DeleteCommand({
        TableName,
        Key: { [keyName]: key },
        ConditionExpression: exists,
        ExpressionAttributeNames: keyNames,
        ReturnValues: 'ALL_OLD',
      });
      return (await unlessConditionFails(client.send(command)))?.Attributes;
    },

    async *scan(after) {
      const pages = paginateScan(
        { client },
        {
          TableName,
          ConsistentRead: true,
          ...(after !== undefined && { ExclusiveStartKey: { [keyName]: after } }),
        },
      );
      for await (const { Items = [] } of pages) {
        for (const item of Items) yield readUser(item, table);
      }
    },
  };
}

/** What was sent, or undefined when its condition did not hold. */
async function unlessConditionFails<T>(sent: Promise<T>): Promise<T | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') {
      return undefined;
    }
    throw error;
  }
}
