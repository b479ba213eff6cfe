/** Errors of the SDK, of Node and of nobody, by their marks. */
import { causeOfError, isPassing } from '../../../lambda/users/directory-errors.ts';

const withStatus = (name: string, httpStatusCode: number) => ({
  name,
  $metadata: { httpStatusCode },
});

it.each([
  ['throttled', withStatus('ProvisionedThroughputExceededException', 400)],
  ['throttled', withStatus('ThrottlingException', 400)],
  ['throttled', withStatus('RequestLimitExceeded', 400)],
  ['throttled', withStatus('LimitExceededException', 400)],
  ['throttled', withStatus('TooManyRequestsException', 429)],
  ['timeout', { name: 'TimeoutError', code: 'ETIMEDOUT' }],
  ['timeout', { name: 'AbortError' }],
  ['timeout', { name: 'Error', code: 'ETIMEDOUT' }],
  ['access_denied', withStatus('AccessDeniedException', 400)],
  ['access_denied', withStatus('UnrecognizedClientException', 400)],
  ['access_denied', withStatus('InvalidSignatureException', 400)],
  ['access_denied', withStatus('IncompleteSignatureException', 400)],
  ['access_denied', withStatus('MissingAuthenticationTokenException', 400)],
  ['access_denied', withStatus('ExpiredTokenException', 400)],
  ['access_denied', { name: 'CredentialsProviderError' }],
  ['table_missing', withStatus('ResourceNotFoundException', 400)],
  ['http_status', withStatus('InternalServerError', 500)],
  ['wrong_key', withStatus('ValidationException', 400)],
  ['timeout', { name: 'CredentialsTimeoutError' }],
  ['http_status', withStatus('SyntaxError', 503)],
  ['bad_json', withStatus('SyntaxError', 200)],
  ['bad_json', { name: 'NotDynamoDbError' }],
  ['too_large', { name: 'AnswerTooLargeError' }],
  ['connection', { name: 'Error', code: 'ECONNRESET' }],
  ['connection', { name: 'TimeoutError', code: 'ECONNRESET' }],
  ['connection', { name: 'TimeoutError', code: 'EPIPE' }],
  ['connection', { name: 'Error', code: 'ECONNREFUSED' }],
  ['connection', { name: 'Error', code: 'ENOTFOUND' }],
  ['connection', { name: 'Error', code: 'CERT_HAS_EXPIRED' }],
])('gives %s for %j', (cause, error) => {
  expect(causeOfError(error)).toBe(cause);
});

it.each([
  [new TypeError('x is not a function')],
  [new Error('Region is missing')],
  [undefined],
  [null],
  ['ThrottlingException'],
  [7],
])('gives no cause for %p, which is a mistake of ours', (error) => {
  expect(causeOfError(error)).toBeUndefined();
});

it.each([
  ['throttling', withStatus('ThrottlingException', 400), true],
  ['a time-out', { name: 'TimeoutError' }, true],
  ['a connection reset', { code: 'ECONNRESET' }, true],
  ['an answer of somebody else', { name: 'NotDynamoDbError' }, true],
  ['status 500', withStatus('InternalServerError', 500), true],
  ['status 499', withStatus('Whatever', 499), false],
  ['a refused permission', withStatus('AccessDeniedException', 400), false],
  ['a missing table', withStatus('ResourceNotFoundException', 400), false],
  ['a bad request', withStatus('ValidationException', 400), false],
  ['an answer without end', { name: 'AnswerTooLargeError' }, false],
  ['a mistake of ours', new TypeError('x is not a function'), false],
  ['nothing', undefined, false],
])('after %s, whether another try makes sense is told', (_, error, expected) => {
  expect(isPassing(error)).toBe(expected);
});
