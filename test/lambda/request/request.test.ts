import { parseRequest, type EventKind } from '../../../lambda/request/request.ts';
import { EVENT_KINDS, eventOf, loadEvent } from '../../support/events.ts';

const OPTIONS = { webSocketTokenSource: 'header' };
const AUTHORIZATION = 'Bearer a.b.c';
const STAGE = 'arn:aws:execute-api:eu-central-1:111122223333:abc123defg';

function parse(event: unknown, options = OPTIONS): ReturnType<typeof parseRequest> {
  return parseRequest(event, options);
}

describe('each kind of event', () => {
  it.each<[EventKind, Record<string, unknown>]>([
    ['rest-token', { resource: `${STAGE}/prod/*`, apiId: 'abc123defg' }],
    [
      'rest-request',
      {
        resource: `${STAGE}/prod/*`,
        requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
        sourceIp: '203.0.113.9',
      },
    ],
    [
      'http-v1',
      {
        resource: `${STAGE}/$default/*`,
        requestId: 'JKJaXmPLvHcESHA=',
        sourceIp: '203.0.113.9',
      },
    ],
    [
      'http-v2',
      {
        resource: `${STAGE}/$default/*`,
        requestId: 'JKJaXmPLvHcESHA=',
        sourceIp: '203.0.113.9',
      },
    ],
    [
      'websocket',
      {
        resource: `${STAGE}/prod/*`,
        requestId: 'JKJaXmPLvHcESHA=',
        sourceIp: '203.0.113.9',
      },
    ],
    [
      'appsync',
      {
        resource: '',
        apiId: 'abcdefghijklmnopqrstuvwxyz',
        requestId: 'f4081827-1111-4444-5555-5cf4695f339f',
      },
    ],
  ])('%s is recognised, with its token, stage and origin', (kind, expected) => {
    expect(parse(eventOf(kind, AUTHORIZATION))).toMatchObject({
      kind,
      token: { status: 'present', token: 'a.b.c' },
      ...expected,
    });
  });

  it.each(EVENT_KINDS)('%s is recognised without a token', (kind) => {
    expect(parse(eventOf(kind, undefined))).toMatchObject({ kind, token: { status: 'missing' } });
  });

  it.each(EVENT_KINDS)('%s is refused with two tokens in one value', (kind) => {
    const event = eventOf(kind, 'Bearer a.b.c,Bearer d.e.f');
    expect(parse(event)?.token).toEqual({ status: 'malformed' });
  });

  it.each(EVENT_KINDS.filter((kind) => kind !== 'appsync'))(
    '%s is refused with an ARN that is not one',
    (kind) => {
      const name = kind === 'http-v2' ? 'routeArn' : 'methodArn';
      expect(
        parse({ ...eventOf(kind, AUTHORIZATION), [name]: 'arn:aws:s3:::bucket' }),
      ).toBeUndefined();
    },
  );
});

describe('an AppSync event', () => {
  const { requestHeaders: _, ...bare } = eventOf('appsync', AUTHORIZATION);

  it('is recognised by its API and its token alone', () => {
    expect(parse(bare)).toMatchObject({
      kind: 'appsync',
      token: { status: 'present', token: 'a.b.c' },
    });
  });

  it('is recognised by its API and its headers alone', () => {
    const event = { ...eventOf('appsync', undefined), authorizationToken: null };
    expect(parse(event)).toMatchObject({ kind: 'appsync', token: { status: 'missing' } });
  });

  it('has an empty token that is missing, not an unknown event', () => {
    expect(parse({ ...bare, authorizationToken: '' })).toMatchObject({
      token: { status: 'missing' },
    });
  });
});

describe("the client's certificate", () => {
  const clientCert = { clientCertPem: 'PEM', subjectDN: 'CN=alice' };
  const inIdentity = { identity: { clientCert } };
  const inAuthentication = { authentication: { clientCert } };

  function certificateIn(kind: EventKind, context: object): string | undefined {
    const event = eventOf(kind, AUTHORIZATION);
    return parse({
      ...event,
      requestContext: { ...(event['requestContext'] as object), ...context },
    })?.clientCertificate;
  }

  it.each<[EventKind, object]>([
    ['rest-request', inIdentity],
    ['http-v1', inIdentity],
    ['http-v2', inAuthentication],
  ])('is found in %s', (kind, context) => {
    expect(certificateIn(kind, context)).toBe('PEM');
  });

  it.each<[EventKind, object]>([
    ['rest-request', inAuthentication],
    ['http-v1', inAuthentication],
    ['http-v2', inIdentity],
    ['appsync', { ...inIdentity, ...inAuthentication }],
    ['websocket', { ...inIdentity, ...inAuthentication }],
  ])('is not looked for elsewhere in %s', (kind, context) => {
    expect(certificateIn(kind, context)).toBeUndefined();
  });

  it.each([null, 'PEM', { clientCertPem: '' }, { clientCertPem: ['PEM'] }, {}])(
    'is none where there is %j',
    (odd) => {
      expect(certificateIn('rest-request', { identity: { clientCert: odd } })).toBeUndefined();
    },
  );
});

describe('an event of no known kind', () => {
  const rest = loadEvent('rest-request');
  const httpV1 = loadEvent('http-v1');
  const httpV2 = loadEvent('http-v2');
  const webSocket = loadEvent('websocket');
  const appSync = loadEvent('appsync');

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'TOKEN'],
    ['a list', []],
    ['an empty object', {}],
    ['a TOKEN event without an ARN', { type: 'TOKEN', authorizationToken: AUTHORIZATION }],
    ['a TOKEN event with a version', { ...loadEvent('rest-token'), version: '1.0' }],
    ['an event of another type', { ...rest, type: 'COGNITO' }],
    ['a REST proxy event', { ...rest, type: undefined, methodArn: undefined }],
    ['a REST event whose type is missing', { ...rest, type: undefined }],
    ['a REST event without a method', { ...rest, httpMethod: undefined }],
    ['an HTTP proxy event of payload 2.0', { ...httpV2, type: undefined, routeArn: undefined }],
    ['an HTTP event of a later version', { ...httpV2, version: '3.0' }],
    ['an HTTP 1.0 event without an ARN', { ...httpV1, methodArn: undefined }],
    [
      'an HTTP 1.0 event that says CONNECT',
      { ...httpV1, requestContext: { eventType: 'CONNECT' } },
    ],
    ['a version that is a number', { ...httpV2, version: 2 }],
    ['a WebSocket message', { ...webSocket, requestContext: { eventType: 'MESSAGE' } }],
    ['a WebSocket event with a method', { ...webSocket, httpMethod: 'GET' }],
    [
      'a WebSocket $connect without an ARN',
      { ...webSocket, methodArn: undefined, type: undefined },
    ],
    ['an AppSync event with an ARN', { ...appSync, methodArn: rest['methodArn'] }],
    ['an AppSync event with a type', { ...appSync, type: 'REQUEST' }],
    [
      'an AppSync event without a token and without headers',
      { requestContext: appSync['requestContext'] },
    ],
    [
      'an AppSync event with a token that is no text',
      { ...appSync, authorizationToken: 7, requestHeaders: null },
    ],
    ['an AppSync event without an API', { ...appSync, requestContext: {} }],
  ])('is not taken for one: %s', (_, event) => {
    expect(parse(JSON.parse(JSON.stringify(event)) as unknown)).toBeUndefined();
  });
});

describe('the identity source of an HTTP API', () => {
  const malformed = { status: 'malformed' };
  const present = { status: 'present', token: 'a.b.c' };

  it.each<[EventKind, unknown]>([
    ['http-v1', 'Bearer a.b.c'],
    ['http-v1', 'Bearer a.b.c,GET /orders'],
    ['http-v1', undefined],
    ['http-v1', null],
    ['http-v2', ['Bearer a.b.c']],
    ['http-v2', ['GET /orders', 'bearer a.b.c']],
    ['http-v2', undefined],
    ['http-v2', null],
  ])('%s may be %j', (kind, identitySource) => {
    expect(parse({ ...eventOf(kind, AUTHORIZATION), identitySource })?.token).toEqual(present);
  });

  it.each<[EventKind, unknown]>([
    ['http-v1', ''],
    ['http-v1', 'GET /orders'],
    ['http-v1', 'Bearer a.b.cd'],
    ['http-v1', 42],
    ['http-v2', []],
    ['http-v2', ['']],
    ['http-v2', ['GET /orders']],
    ['http-v2', ['Bearer d.e.f']],
    ['http-v2', [['Bearer a.b.c']]],
  ])('%s may not be %j: another caller would get this answer', (kind, identitySource) => {
    expect(parse({ ...eventOf(kind, AUTHORIZATION), identitySource })?.token).toEqual(malformed);
  });

  it('does not make up for a missing token', () => {
    const event = { ...eventOf('http-v2', undefined), identitySource: [AUTHORIZATION] };
    expect(parse(event)?.token).toEqual({ status: 'missing' });
  });
});

describe('the token source of a WebSocket', () => {
  const event = {
    ...eventOf('websocket', 'Bearer a.b.c'),
    queryStringParameters: { t: 'd.e.f' },
    multiValueQueryStringParameters: { t: ['d.e.f'] },
  };
  const withProtocol = {
    ...event,
    headers: { 'Sec-WebSocket-Protocol': 'rollcall, bearer.g.h.i' },
    multiValueHeaders: { 'Sec-WebSocket-Protocol': ['rollcall, bearer.g.h.i'] },
  };

  it.each([
    ['header', event, 'a.b.c'],
    ['query:t', event, 'd.e.f'],
    ['subprotocol', withProtocol, 'g.h.i'],
  ])('%s is the only place that is looked at', (webSocketTokenSource, given, token) => {
    expect(parse(given, { webSocketTokenSource })?.token).toEqual({ status: 'present', token });
  });

  it.each([
    ['header', withProtocol],
    ['query:other', event],
    ['subprotocol', event],
  ])('%s ignores a token elsewhere', (webSocketTokenSource, given) => {
    expect(parse(given, { webSocketTokenSource })?.token).toEqual({ status: 'missing' });
  });
});

it('is not misled by a path that looks like an ARN', () => {
  const methodArn = `${STAGE}/prod/GET/a:b/../*`;
  expect(parse({ ...eventOf('rest-token', AUTHORIZATION), methodArn })?.resource).toBe(
    `${STAGE}/prod/*`,
  );
});

it.each(EVENT_KINDS.filter((kind) => kind !== 'appsync'))('takes no bare token (%s)', (kind) => {
  const token = parse(eventOf(kind, 'a.b.c'))?.token;
  expect(token).toEqual({ status: 'malformed' });
});

it('reads no authorizationToken where the header is what counts', () => {
  const event = { ...eventOf('rest-request', undefined), authorizationToken: 'Bearer a.b.c' };
  expect(parse(event)?.token).toEqual({ status: 'missing' });
});

it.each([
  ['an HTTP event of another type', { ...loadEvent('http-v2'), type: 'COGNITO' }],
  ['an HTTP 1.0 event of another type', { ...loadEvent('http-v1'), type: 'COGNITO' }],
  ['a REST event with a version nobody knows', { ...loadEvent('rest-request'), version: '3.0' }],
  ['an AppSync event with a routeArn', { ...loadEvent('appsync'), routeArn: `${STAGE}/prod/GET/` }],
  ['an AppSync event with a version', { ...loadEvent('appsync'), version: '3.0' }],
])('is not misled by %s', (_, event) => {
  expect(parse(event)).toBeUndefined();
});

it('has no API id where AppSync says an empty one', () => {
  const event = { ...loadEvent('appsync'), requestContext: { apiId: '' } };
  expect(parse(event)?.apiId).toBe('');
});

it.each([
  ['', undefined],
  [7, undefined],
  [null, undefined],
  ['id', 'id'],
])('reads a request id and an address of %j as %j', (value, expected) => {
  const requestContext = { requestId: value, identity: { sourceIp: value } };
  const request = parse({ ...loadEvent('rest-request'), requestContext });
  expect([request?.requestId, request?.sourceIp]).toEqual([expected, expected]);
});
