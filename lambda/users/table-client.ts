/** The DynamoDB client, with the limits and the strictness that the SDK by itself lacks. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AnswerTooLargeError, NotDynamoDbError } from './directory-errors.ts';
import { assertAnswerTo, type AnswerHeaders, type ReadOperation } from './table-answer.ts';

/**
 * Of one attempt, connecting included; 300 ms to connect would fail a burst on a busy core. The
 * SDK's `connectionTimeout` is left alone: its timer outlives a request that is aborted while
 * connecting.
 */
const REQUEST_TIMEOUT_MS = 800;
/** An item has at most 400 KB, and two are read. */
const MAX_ANSWER_BYTES = 1024 * 1024;

const OPERATIONS: Readonly<Record<string, ReadOperation>> = {
  GetItemCommand: 'GetItem',
  BatchGetItemCommand: 'BatchGetItem',
};

/** What is used of an HTTP response of the SDK. Its handler gives the body as a stream of Node's. */
interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: AnswerHeaders;
  body: AsyncIterable<Uint8Array> | Uint8Array;
}

/**
 * A client for reads. Each attempt ends within a bounded time and size, and an answer that
 * DynamoDB did not write rejects with `NotDynamoDbError`. It does not retry by itself: the SDK
 * would wait seconds before it repeats a throttled read, with a timer that nothing stops.
 */
export function createTableClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    // Given to the client, so that it keeps them until they expire. In the bundle: credentials.ts.
    credentials: defaultProvider(),
    // Said here, so that the SDK's variables of the same meaning change nothing.
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    requestHandler: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without it the SDK logs a warning and goes on waiting.
      throwOnRequestTimeout: true,
      // For an answer that stops halfway, which the limit above no longer covers.
      socketTimeout: REQUEST_TIMEOUT_MS,
    },
  });
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const result = await next(args);
        await readStrictly(OPERATIONS[commandName], result.response as HttpAnswer);
        return result;
      },
    // Of the deserialize step the last: next to the wire, before the SDK reads the body.
    { name: 'strictAnswers', step: 'deserialize', priority: 'low' },
  );
  return DynamoDBDocumentClient.from(client, {
    unmarshallOptions: { wrapNumbers: numberOf },
  });
}

/** Reads the body, as the SDK would, and leaves it behind for the SDK if it is an answer. */
async function readStrictly(
  operation: ReadOperation | undefined,
  response: HttpAnswer,
): Promise<void> {
  const body = await readBody(response.body);
  response.body = body;
  // What is not OK is an error by whoever wrote it; the SDK gives it its name.
  if (response.statusCode >= 300) return;
  if (operation === undefined || response.statusCode !== 200) {
    throw new NotDynamoDbError('An answer to a read has status 200');
  }
  assertAnswerTo(operation, response.headers, body);
}

async function readBody(body: HttpAnswer['body']): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLargeError('More than an answer can have');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** One too large for JavaScript is a bad row, not a crash of the reader; nor is no digit a zero. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
