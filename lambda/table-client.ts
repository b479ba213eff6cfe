/** The DynamoDB client, with the limits that the SDK by itself lacks. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { IncomingMessage } from 'node:http';
import { lambdaCredentials } from './credentials.ts';

/**
 * Of one try, connecting included; 300 ms to connect would fail a burst on a busy core. The SDK's
 * `connectionTimeout` is left alone: its timer outlives a request that is aborted while connecting.
 */
const REQUEST_TIMEOUT_MS = 800;
/** An item has at most 400 KB, and two are read. */
const MAX_ANSWER_BYTES = 1024 * 1024;
/** The members of an answer to GetItem or BatchGetItem. */
const ANSWER_MEMBERS = new Set(['Item', 'Responses', 'UnprocessedKeys', 'ConsumedCapacity']);

/** An answer to a read that DynamoDB did not write. */
class NotDynamoDbError extends Error {
  override readonly name = 'NotDynamoDbError';
}

/** An answer that is larger than any that could be right. */
class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}

/** What is used of a response of the SDK's; the body is Node's, not yet read. */
interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: IncomingMessage | Uint8Array;
}

/**
 * A client whose every try ends within a bounded time and size. It does not try again by itself:
 * the SDK would wait seconds before it repeats a throttled read, with a timer that nothing stops.
 */
export function createTableClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    credentials: lambdaCredentials,
    maxAttempts: 1,
    requestHandler: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without it the SDK logs a warning and goes on waiting.
      throwOnRequestTimeout: true,
      // For an answer that stops halfway, which the limit above no longer covers.
      socketTimeout: REQUEST_TIMEOUT_MS,
    },
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      const output = await next(args);
      const answer = output.response as HttpAnswer;
      const body = await readBody(answer.body as IncomingMessage);
      if (answer.statusCode === 200) assertIsAnswer(answer.headers, body);
      answer.body = body;
      return output;
    },
    { name: 'refuseForeignAnswers', step: 'deserialize', priority: 'low' },
  );
  return DynamoDBDocumentClient.from(client, {
    // A number too large for JavaScript is a bad row, not a crash of the reader.
    unmarshallOptions: { wrapNumbers: Number },
  });
}

async function readBody(body: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLargeError('More than an answer can have');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/**
 * The SDK reads an empty body, or any JSON at all, as "no such item". What stands between us and
 * DynamoDB (a proxy, an endpoint under repair) answers in HTML, in JSON of its own or not at all,
 * and that is not a user who is missing.
 */
function assertIsAnswer(headers: HttpAnswer['headers'], body: Buffer): void {
  const isJson = /^application\/(?:x-amz-)?json/iu.test(headers['content-type'] ?? '');
  if (!isJson || !hasAnswerMembersOnly(body)) {
    throw new NotDynamoDbError('Not an answer of DynamoDB');
  }
}

function hasAnswerMembersOnly(body: Buffer): boolean {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    return (
      typeof answer === 'object' &&
      answer !== null &&
      !Array.isArray(answer) &&
      Object.entries(answer).every(
        ([name, value]) => ANSWER_MEMBERS.has(name) && typeof value === 'object' && value !== null,
      )
    );
  } catch {
    return false;
  }
}
