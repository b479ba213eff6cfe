/** The DynamoDB client, with the limits that the SDK by itself lacks. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';

/** What 300 ms would fail on is a burst on a busy core. */
const CONNECTION_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 800;
const RETRY_BASE_MS = 25;

/** Tries of one read, the first included. */
export const MAX_ATTEMPTS = 3;

/** An answer to a read that DynamoDB did not write. */
class NotDynamoDbError extends Error {
  override readonly name = 'NotDynamoDbError';
  /** Has the SDK try again, as after a dropped connection. */
  readonly $retryable = {};
}

/**
 * A client whose reads end within a bounded time. The SDK waits seconds before it repeats a
 * throttled read, which an authorizer does not have, so it waits 25 to 75 ms here.
 */
export function createTableClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: MAX_ATTEMPTS,
    retryStrategy: new ConfiguredRetryStrategy(
      MAX_ATTEMPTS,
      (attempt: number) => RETRY_BASE_MS * attempt * (0.5 + Math.random()),
    ),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without it the SDK logs a warning and goes on waiting.
      throwOnRequestTimeout: true,
    },
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      const output = await next(args);
      if (!isJsonAnswer(output.response)) throw new NotDynamoDbError('Not an answer of DynamoDB');
      return output;
    },
    { name: 'refuseForeignAnswers', step: 'deserialize', priority: 'low' },
  );
  return DynamoDBDocumentClient.from(client, {
    // A number too large for JavaScript is a bad row, not a crash of the reader.
    unmarshallOptions: { wrapNumbers: Number },
  });
}

/**
 * The SDK reads an empty body, or any JSON at all, as "no such item". What stands between us and
 * DynamoDB (a proxy, an endpoint under repair) answers in HTML or not at all, and that is not a
 * user who is missing.
 */
function isJsonAnswer(response: unknown): boolean {
  const { statusCode, headers } = response as {
    statusCode?: number;
    headers?: Readonly<Record<string, string>>;
  };
  if (statusCode !== 200) return true;
  const isJson = /^application\/(?:x-amz-)?json/iu.test(headers?.['content-type'] ?? '');
  return isJson && headers?.['content-length'] !== '0';
}
