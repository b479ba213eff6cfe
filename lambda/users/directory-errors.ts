/** What the SDK throws, as a cause that an operator can act on. Pure: it goes by names alone. */
import type { UnavailableCause } from '../decision.ts';

/** An answer to a read that DynamoDB did not write. */
export class NotDynamoDbError extends Error {
  override readonly name = 'NotDynamoDbError';
}

/** An answer that is larger than any that could be right. */
export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}

/** The endpoint that hands out credentials does not answer. */
export class CredentialsTimeoutError extends Error {
  override readonly name = 'CredentialsTimeoutError';
}

const CAUSES = new Map<string, UnavailableCause>([
  ['ProvisionedThroughputExceededException', 'throttled'],
  ['ThrottlingException', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['LimitExceededException', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
  ['TimeoutError', 'timeout'],
  ['AbortError', 'timeout'],
  ['CredentialsTimeoutError', 'timeout'],
  ['AccessDeniedException', 'access_denied'],
  ['UnrecognizedClientException', 'access_denied'],
  ['InvalidSignatureException', 'access_denied'],
  ['IncompleteSignatureException', 'access_denied'],
  ['MissingAuthenticationTokenException', 'access_denied'],
  ['ExpiredTokenException', 'access_denied'],
  ['CredentialsProviderError', 'access_denied'],
  ['ResourceNotFoundException', 'table_missing'],
  ['ValidationException', 'wrong_key'],
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
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    /** The SDK's mark. */
    readonly clockSkewCorrected?: boolean;
  };
}

/**
 * The cause of a failed read; undefined for an error that neither the service nor the network
 * made.
 */
export function causeOfError(error: unknown): UnavailableCause | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { name, code } = error as ErrorMarks;
  const { httpStatusCode: status } = metadataOf(error);
  if (CONNECTION_CODES.has(code)) return 'connection';
  const cause = CAUSES.get(String(name)) ?? CAUSES.get(String(code));
  if (cause !== undefined) return cause;
  if (code === 'ETIMEDOUT') return 'timeout';
  if (status === 200) return 'bad_json';
  if (status !== undefined) return 'http_status';
  return typeof code === 'string' ? 'connection' : undefined;
}

/** Whether the same read may succeed when it is retried at once. */
export function isPassing(error: unknown): boolean {
  const cause = causeOfError(error);
  if (PASSING_CAUSES.has(cause)) return true;
  return cause === 'http_status' && (metadataOf(error).httpStatusCode ?? 0) >= 500;
}

/**
 * Whether the service has rejected our clock and the SDK has corrected it by the `date` of the
 * answer: the next request is signed with the service's time.
 */
export function hasCorrectedClock(error: unknown): boolean {
  return metadataOf(error).clockSkewCorrected === true;
}

function metadataOf(error: unknown): NonNullable<ErrorMarks['$metadata']> {
  return (error as ErrorMarks | undefined)?.$metadata ?? {};
}
