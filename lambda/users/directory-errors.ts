/** What the SDK throws, as a cause that an operator can act on. Pure: it goes by names alone. */
import type { UnavailableCause } from '../decision.ts';

/** An answer to a read that DynamoDB did not write. */
export class NotDynamoDbError extends Error {
  override readonly name = 'NotDynamoDbError';
}

const CAUSES = new Map<string, UnavailableCause>([
  ['ProvisionedThroughputExceededException', 'throttled'],
  ['ThrottlingException', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['LimitExceededException', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
  ['TimeoutError', 'timeout'],
  ['AbortError', 'timeout'],
  ['AccessDeniedException', 'access_denied'],
  ['UnrecognizedClientException', 'access_denied'],
  ['InvalidSignatureException', 'access_denied'],
  ['IncompleteSignatureException', 'access_denied'],
  ['MissingAuthenticationTokenException', 'access_denied'],
  ['ExpiredTokenException', 'access_denied'],
  ['CredentialsProviderError', 'access_denied'],
  ['ResourceNotFoundException', 'table_missing'],
  ['NotDynamoDbError', 'bad_json'],
  ['AnswerTooLargeError', 'too_large'],
]);

/** The SDK calls these time-outs too; they are dropped connections. */
const CONNECTION_CODES: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/** Those that another try may not meet again. */
const PASSING_CAUSES: ReadonlySet<UnavailableCause | undefined> = new Set([
  'throttled',
  'timeout',
  'connection',
  'bad_json',
]);

/** What is looked at of an error. Its message is not: it may quote a key. */
interface ErrorMarks {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * The cause of a failed read; undefined for an error that neither the service nor the network
 * made.
 */
export function causeOfError(error: unknown): UnavailableCause | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { name, code } = error as ErrorMarks;
  const status = statusOf(error);
  if (CONNECTION_CODES.has(code)) return 'connection';
  const cause = CAUSES.get(String(name)) ?? CAUSES.get(String(code));
  if (cause !== undefined) return cause;
  if (code === 'ETIMEDOUT') return 'timeout';
  if (status === 200) return 'bad_json';
  if (status !== undefined) return 'http_status';
  return typeof code === 'string' ? 'connection' : undefined;
}

/** Whether the same read may succeed when it is tried again at once. */
export function isPassing(error: unknown): boolean {
  const cause = causeOfError(error);
  return PASSING_CAUSES.has(cause) || (cause === 'http_status' && (statusOf(error) ?? 0) >= 500);
}

function statusOf(error: unknown): number | undefined {
  return (error as ErrorMarks).$metadata?.httpStatusCode;
}
