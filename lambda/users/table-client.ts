/** The DynamoDB client, with the limits that the SDK by itself lacks. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { lambdaCredentials } from './credentials.ts';
import { tableProtocol } from './table-protocol.ts';

/**
 * Of one try, connecting included; 300 ms to connect would fail a burst on a busy core. The SDK's
 * `connectionTimeout` is left alone: its timer outlives a request that is aborted while connecting.
 */
const REQUEST_TIMEOUT_MS = 800;

/** Of the SDK's own, at every read: each takes its time, at a cold start a millisecond. */
const SUPERFLUOUS_MIDDLEWARE = [
  // Filters what was asked and answered for a log that nobody has asked for.
  'loggerMiddleware',
  // Collects which parts of the SDK are in use; `table-protocol.ts` says who asks.
  'getUserAgentMiddleware',
  // Passes a trace on, by which Lambda notices that it calls itself. DynamoDB calls nobody.
  'recursionDetectionMiddleware',
] as const;

/**
 * A client whose every try ends within a bounded time and size. It does not try again by itself:
 * the SDK would wait seconds before it repeats a throttled read, with a timer that nothing stops.
 */
export function createTableClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    credentials: lambdaCredentials,
    protocol: tableProtocol,
    maxAttempts: 1,
    // Said here, or AWS_RETRY_MODE=adaptive would ask for a rate limiter that is not in the bundle.
    retryMode: 'standard',
    requestHandler: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without it the SDK logs a warning and goes on waiting.
      throwOnRequestTimeout: true,
      // For an answer that stops halfway, which the limit above no longer covers.
      socketTimeout: REQUEST_TIMEOUT_MS,
    },
  });
  for (const name of SUPERFLUOUS_MIDDLEWARE) client.middlewareStack.remove(name);
  return DynamoDBDocumentClient.from(client, {
    unmarshallOptions: { wrapNumbers: numberOf },
  });
}

/** One too large for JavaScript is a bad row, not a crash of the reader; nor is no digit a zero. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
