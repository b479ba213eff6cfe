/** Finds the table of an SDK error, since the error itself does not name it. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

const tables = new WeakMap<object, string>();

/** Remembers, for each error that a request of `client` throws, which table the request named. */
export function rememberTables(client: DynamoDBClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const name = tableOf(args.input);
        if (name !== undefined && error instanceof Error) tables.set(error, name);
        throw error;
      }
    },
    { step: 'initialize', name: 'rememberTables' },
  );
}

/** The table that the request named which threw `error`. */
export function tableOfError(error: unknown): string | undefined {
  return error instanceof Error ? tables.get(error) : undefined;
}

/** Of a request for one table, or of the first item of a batch or a transaction. */
function tableOf(input: object): string | undefined {
  const { TableName, RequestItems, TransactItems } = input as {
    readonly TableName?: unknown;
    readonly RequestItems?: Readonly<Record<string, unknown>>;
    readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName?: unknown }>>[];
  };
  const [item = {}] = TransactItems ?? [];
  const name = TableName ?? Object.keys(RequestItems ?? {})[0] ?? Object.values(item)[0]?.TableName;
  return typeof name === 'string' ? name : undefined;
}
