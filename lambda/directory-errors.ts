/** What the SDK throws, as a cause that an operator can act on. Pure: it goes by names alone. */
import type { UnavailableCause } from './decision.ts';

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
  ['SyntaxError', 'bad_json'],
  ['NotDynamoDbError', 'bad_json'],
]);

/**
 * The cause of a failed read; undefined for an error that neither the service nor the network
 * made. Its message is not looked at: it may quote a key.
 */
export function causeOfError(error: unknown): UnavailableCause | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const {
    name,
    code,
    $metadata: metadata,
  } = error as {
    name?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const cause = CAUSES.get(String(name)) ?? CAUSES.get(String(code));
  if (cause !== undefined) return cause;
  if (code === 'ETIMEDOUT') return 'timeout';
  if (metadata?.httpStatusCode !== undefined) return 'http_status';
  return typeof code === 'string' ? 'connection' : undefined;
}
