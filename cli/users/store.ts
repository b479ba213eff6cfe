/**
 * The users table as operators change it. Every write is conditional: one that adds refuses a row
 * that exists, and one that changes or removes refuses a row that does not.
 */
import {
  DeleteCommand,
  GetCommand,
  paginateScan,
  PutCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { updateParts, type Item, type RowChanges } from './row-update.ts';
import { MAX_EPOCH_SECONDS } from '../../lambda/users/user-row.ts';
import type { TableShape } from '../user-keys.ts';
import { readUser, type ReadUser } from './record.ts';

export interface UserStore {
  get(key: string): Promise<Item | undefined>;
  /** False when there is a row already. */
  add(item: Item): Promise<boolean>;
  /** Changes what is named; gives the row as it was, or undefined when there is none. */
  change(key: string, changes: RowChanges): Promise<Item | undefined>;
  /** Raises a time in epoch seconds, and never lowers one that is usable; gives what it is then, or undefined without a row. */
  raise(key: string, attribute: string, value: number): Promise<number | undefined>;
  /** Gives the row as it was, or undefined when there is none. */
  remove(key: string): Promise<Item | undefined>;
  /** Every row, in no order; consistent row by row. */
  scan(): AsyncGenerator<ReadUser, void, undefined>;
}

/** The store of the users in the table `name`, whose partition key is `key`. */
export function createUserStore(
  client: DynamoDBDocumentClient,
  table: TableShape & { readonly name: string },
): UserStore {
  const { name: TableName, key: keyName } = table;
  const exists = 'attribute_exists(#key)';
  const keyNames = { '#key': keyName };

  return {
    async get(key) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName, Key: { [keyName]: key }, ConsistentRead: true }),
      );
      return item;
    },

    async add(item) {
      const command = new PutCommand({
        TableName,
        Item: item,
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: keyNames,
      });
      return (await unlessConditionFails(client.send(command))) !== undefined;
    },

    async change(key, changes) {
      const { ExpressionAttributeNames: names, ...parts } = updateParts(changes);
      const command = new UpdateCommand({
        TableName,
        Key: { [keyName]: key },
        ...parts,
        ConditionExpression: exists,
        ExpressionAttributeNames: { ...keyNames, ...names },
        ReturnValues: 'ALL_OLD',
      });
      return (await unlessConditionFails(client.send(command)))?.Attributes;
    },

    async raise(key, attribute, value) {
      const command = new UpdateCommand({
        TableName,
        Key: { [keyName]: key },
        UpdateExpression: 'SET #attribute = :value',
        // One of another type or form spoils the row, so it is replaced.
        ConditionExpression: `${exists} AND (NOT attribute_type(#attribute, :number) OR #attribute < :value OR #attribute >= :limit)`,
        ExpressionAttributeNames: { ...keyNames, '#attribute': attribute },
        ExpressionAttributeValues: { ':value': value, ':limit': MAX_EPOCH_SECONDS, ':number': 'N' },
      });
      if ((await unlessConditionFails(client.send(command))) !== undefined) return value;
      const row = await this.get(key);
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

    async *scan() {
      for await (const { Items = [] } of paginateScan(
        { client },
        { TableName, ConsistentRead: true },
      )) {
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
