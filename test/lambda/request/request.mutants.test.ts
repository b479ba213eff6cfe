/** Facts about `request.ts` that changes to it once got past the tests with. */
import { parseRequest } from '../../../lambda/request/request.ts';
import { EVENT_KINDS, eventOf, loadEvent } from '../../support/events.ts';

const OPTIONS = { webSocketTokenSource: 'header' };
const STAGE = 'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/prod';

it.each(EVENT_KINDS.filter((kind) => kind !== 'appsync'))('takes no bare token (%s)', (kind) => {
  const token = parseRequest(eventOf(kind, 'a.b.c'), OPTIONS)?.token;
  expect(token).toEqual({ status: 'malformed' });
});

it('reads no authorizationToken where the header is what counts', () => {
  const event = { ...eventOf('rest-request', undefined), authorizationToken: 'Bearer a.b.c' };
  expect(parseRequest(event, OPTIONS)?.token).toEqual({ status: 'missing' });
});

it.each([
  ['an HTTP event of another type', { ...loadEvent('http-v2'), type: 'COGNITO' }],
  ['an HTTP 1.0 event of another type', { ...loadEvent('http-v1'), type: 'COGNITO' }],
  ['a REST event with a version nobody knows', { ...loadEvent('rest-request'), version: '3.0' }],
  ['an AppSync event with a routeArn', { ...loadEvent('appsync'), routeArn: `${STAGE}/GET/` }],
  ['an AppSync event with a version', { ...loadEvent('appsync'), version: '3.0' }],
])('is not misled by %s', (_, event) => {
  expect(parseRequest(event, OPTIONS)).toBeUndefined();
});

it('has no API id where AppSync says an empty one', () => {
  const event = { ...loadEvent('appsync'), requestContext: { apiId: '' } };
  expect(parseRequest(event, OPTIONS)?.apiId).toBe('');
});

it.each([
  ['', undefined],
  [7, undefined],
  [null, undefined],
  ['id', 'id'],
])('reads a request id and an address of %j as %j', (value, expected) => {
  const requestContext = { requestId: value, identity: { sourceIp: value } };
  const request = parseRequest({ ...loadEvent('rest-request'), requestContext }, OPTIONS);
  expect([request?.requestId, request?.sourceIp]).toEqual([expected, expected]);
});
