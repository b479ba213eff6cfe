/** Where a token may stand in a request, and where it may not: once, alone, and in its place. */
import type { Reason } from '../../lambda/decision.ts';
import type { EventKind } from '../../lambda/request/request.ts';
import { eventOf, EVENT_KINDS, loadEvent } from '../support/events.ts';
import { signToken } from '../support/issuer.ts';
import { ALLOWED, Arenas, decided, matrix, MODES, type Arena } from './arena.ts';

const arenas = new Arenas();
beforeAll(() => arenas.start());
afterAll(() => arenas.close());

const genuine = ({ claims, keys }: Arena): string => signToken(claims(), keys.EdDSA);
const another = ({ claims, keys }: Arena): string =>
  signToken(claims({ sub: 'mallory' }), keys.EdDSA);

interface HeaderAttack {
  readonly name: string;
  readonly reason: Reason;
  /** The whole header value, made from a genuine token. */
  readonly value: (token: string, arena: Arena) => string;
}

const malformed = (name: string, value: HeaderAttack['value']): HeaderAttack => ({
  name,
  reason: 'token_malformed',
  value,
});

const headerValues: readonly HeaderAttack[] = [
  malformed('two tokens after one scheme', (token, arena) => `Bearer ${token} ${another(arena)}`),
  malformed('two values joined', (token, arena) => `Bearer ${token}, Bearer ${another(arena)}`),
  malformed('two values joined tightly', (token) => `Bearer ${token},Bearer ${token}`),
  malformed('a good value after a bad one', (token) => `Basic YTpi, Bearer ${token}`),
  malformed('a comma after it', (token) => `Bearer ${token},`),
  malformed('a comma before it', (token) => `,Bearer ${token}`),
  malformed('two spaces', (token) => `Bearer  ${token}`),
  malformed('a tab', (token) => `Bearer\t${token}`),
  malformed('a no-break space', (token) => `Bearer\u00a0${token}`),
  malformed('a line break', (token) => `Bearer\n${token}`),
  malformed('a space before it', (token) => ` Bearer ${token}`),
  malformed('a space after it', (token) => `Bearer ${token} `),
  malformed('a line break after it', (token) => `Bearer ${token}\n`),
  malformed('a header after a line break', (token) => `Bearer ${token}\r\nX-Admin: true`),
  malformed('quotes', (token) => `Bearer "${token}"`),
  malformed('a parameter', (token) => `Bearer token=${token}`),
  malformed('a semicolon', (token) => `Bearer ${token};`),
  malformed('Basic', (token) => `Basic ${token}`),
  malformed('DPoP', (token) => `DPoP ${token}`),
  malformed('Token', (token) => `Token ${token}`),
  malformed('a scheme like Bearer', (token) => `Bearers ${token}`),
  malformed('Bearer with a Cyrillic letter', (token) => `Be\u0430rer ${token}`),
  malformed('a colon after the scheme', (token) => `Bearer: ${token}`),
  malformed('the scheme twice', (token) => `Bearer Bearer ${token}`),
  malformed('the scheme alone', () => 'Bearer'),
  malformed('the scheme and a space', () => 'Bearer '),
  malformed('a space alone', () => ' '),
  malformed('the text undefined', () => 'undefined'),
  malformed('the text [object Object]', () => '[object Object]'),
  malformed('a megabyte of spaces', () => `Bearer${' '.repeat(8000)}x`),
  { name: 'nothing', reason: 'token_missing', value: () => '' },
];

it.each(matrix(headerValues))(
  'refuses a header with %s (%s, %s)',
  async (_name, kind, mode, attack) => {
    const arena = arenas.of(mode);
    const value = attack.value(genuine(arena), arena);
    const event = eventOf(kind, value);
    const seen = await arenas.send(mode, event, value.length > 16 ? [value] : []);
    expect(seen).toEqual(decided(attack.reason, kind));
  },
);

const schemes = ['Bearer', 'bearer', 'BEARER', 'bEARER'].map((name) => ({ name }));

it.each(matrix(schemes))('allows the scheme %s (%s, %s)', async (scheme, kind, mode) => {
  const seen = await arenas.sendHeader(mode, kind, `${scheme} ${genuine(arenas.of(mode))}`);
  expect(seen).toEqual(decided(ALLOWED[mode], kind));
});

describe('without a scheme', () => {
  const everyKind = EVENT_KINDS.flatMap((kind) => MODES.map((mode) => [kind, mode] as const));

  it.each(everyKind.filter(([kind]) => kind !== 'appsync'))(
    'refuses a bare token (%s, %s)',
    async (kind, mode) => {
      const seen = await arenas.sendHeader(mode, kind, genuine(arenas.of(mode)));
      expect(seen).toEqual(decided('token_malformed', kind));
    },
  );

  it.each(MODES)('allows a bare token (appsync, %s)', async (mode) => {
    const seen = await arenas.sendHeader(mode, 'appsync', genuine(arenas.of(mode)));
    expect(seen).toEqual(decided(ALLOWED[mode], 'appsync'));
  });
});

type Event = Record<string, unknown>;
type HttpKind = 'rest-request' | 'http-v1' | 'http-v2' | 'websocket';
const HTTP_KINDS: readonly HttpKind[] = ['rest-request', 'http-v1', 'http-v2', 'websocket'];
const MULTI_VALUE_KINDS: readonly HttpKind[] = ['rest-request', 'http-v1', 'websocket'];

interface EventAttack {
  readonly name: string;
  readonly reason: Reason;
  readonly kinds?: readonly HttpKind[];
  /** An event with `good`, an Authorization value that would enter, and `bad`, another's. */
  readonly event: (kind: EventKind, good: string, bad: string) => Event;
}

/** The event without the header, with the members of `more` over its own, one level deep. */
function eventWith(kind: EventKind, more: Readonly<Record<string, Event>>): Event {
  const event = eventOf(kind, undefined);
  for (const [name, members] of Object.entries(more)) {
    event[name] = { ...(event[name] as Event), ...members };
  }
  return event;
}

const events: readonly EventAttack[] = [
  {
    name: 'the header twice',
    reason: 'token_malformed',
    kinds: MULTI_VALUE_KINDS,
    event: (kind, good, bad) =>
      eventWith(kind, {
        headers: { Authorization: bad },
        multiValueHeaders: { Authorization: [good, bad] },
      }),
  },
  {
    name: 'the same header twice',
    reason: 'token_malformed',
    kinds: MULTI_VALUE_KINDS,
    event: (kind, good) =>
      eventWith(kind, {
        headers: { Authorization: good },
        multiValueHeaders: { Authorization: [good, good] },
      }),
  },
  {
    name: 'the header in two spellings',
    reason: 'token_malformed',
    event: (kind, good, bad) =>
      eventWith(kind, { headers: { Authorization: good, authorization: bad } }),
  },
  {
    name: 'the header in two spellings, many values each',
    reason: 'token_malformed',
    kinds: MULTI_VALUE_KINDS,
    event: (kind, good, bad) =>
      eventWith(kind, {
        headers: { Authorization: good, AUTHORIZATION: bad },
        multiValueHeaders: { Authorization: [good], AUTHORIZATION: [bad] },
      }),
  },
  {
    name: 'maps that disagree',
    reason: 'token_malformed',
    kinds: MULTI_VALUE_KINDS,
    event: (kind, good, bad) =>
      eventWith(kind, {
        headers: { Authorization: good },
        multiValueHeaders: { Authorization: [bad] },
      }),
  },
  {
    name: 'a list in the map of single values',
    reason: 'token_malformed',
    event: (kind, good) => eventWith(kind, { headers: { Authorization: [good] } }),
  },
  {
    name: 'an object as the value',
    reason: 'token_malformed',
    event: (kind, good) => eventWith(kind, { headers: { Authorization: { value: good } } }),
  },
  {
    name: 'a number as the value',
    reason: 'token_malformed',
    event: (kind) => eventWith(kind, { headers: { Authorization: 7 } }),
  },
  {
    name: 'null as the value',
    reason: 'token_missing',
    event: (kind) => eventWith(kind, { headers: { Authorization: null } }),
  },
  ...[
    'Proxy-Authorization',
    'X-Authorization',
    'X-Forwarded-Authorization',
    'X-Amz-Security-Token',
    'Authorization ',
    'Authorization\u0000',
    'Authorizatıon',
    'Cookie',
    'Sec-WebSocket-Protocol',
  ].map((name): EventAttack => ({
    name: `the token in ${JSON.stringify(name)} alone`,
    reason: 'token_missing',
    event: (kind, good) => eventWith(kind, { headers: { [name]: good } }),
  })),
  {
    name: 'the token in the query alone',
    reason: 'token_missing',
    event: (kind, good) =>
      eventWith(kind, {
        queryStringParameters: { access_token: good, Authorization: good, authorization: good },
      }),
  },
  {
    name: 'the token in members that are not read',
    reason: 'token_missing',
    event: (kind, good) => ({
      ...eventOf(kind, undefined),
      token: good,
      Authorization: good,
      authorizationToken: good,
      cookies: [good],
      body: good,
      stageVariables: { Authorization: good },
      pathParameters: { Authorization: good },
    }),
  },
  {
    name: 'the token on a prototype of the headers',
    reason: 'token_missing',
    event: (kind, good) => {
      const event = eventOf(kind, undefined);
      const headers = JSON.parse(
        `{"__proto__":{"Authorization":${JSON.stringify(good)}}}`,
      ) as Event;
      return { ...event, headers };
    },
  },
  ...[null, [], 'Authorization', 0, true].map((headers): EventAttack => ({
    name: `headers that are ${JSON.stringify(headers)}`,
    reason: 'token_missing',
    event: (kind) => ({ ...eventOf(kind, undefined), headers, multiValueHeaders: headers }),
  })),
];

const rows = events.flatMap((attack) =>
  (attack.kinds ?? HTTP_KINDS).flatMap((kind) =>
    MODES.map((mode) => [attack.name, kind, mode, attack] as const),
  ),
);

it.each(rows)('refuses %s (%s, %s)', async (_name, kind, mode, attack) => {
  const arena = arenas.of(mode);
  const [good, bad] = [`Bearer ${genuine(arena)}`, `Bearer ${another(arena)}`];
  const seen = await arenas.send(mode, attack.event(kind, good, bad), [good, bad]);
  expect(seen).toEqual(decided(attack.reason, kind));
});

describe('at an HTTP API whose cache is keyed by something else', () => {
  type Source = (good: string, bad: string) => unknown;
  const sources: readonly (readonly [string, Source])[] = [
    ["another's token", (_, bad) => [bad]],
    ['nothing', () => []],
    ['an empty text', () => ['']],
    ['the empty text', () => ''],
    ['a route', () => ['GET /orders']],
    ['the token less its scheme', (good) => [good.slice(7)]],
    ['the token less its last letter', (good) => [good.slice(0, -1)]],
    ['the token among other letters', (good) => [`x${good}`]],
    ['an object', (good) => ({ 0: good })],
    ['a number', () => 7],
    ['lists in one another', (good) => [[good]]],
  ];
  const cases = sources.flatMap(([name, source]) =>
    (['http-v1', 'http-v2'] as const).flatMap((kind) =>
      MODES.map((mode) => [name, kind, mode, source] as const),
    ),
  );

  it.each(cases)('refuses an identity source of %s (%s, %s)', async (_name, kind, mode, source) => {
    const arena = arenas.of(mode);
    const [good, bad] = [`Bearer ${genuine(arena)}`, `Bearer ${another(arena)}`];
    const event = { ...eventOf(kind, good), identitySource: source(good, bad) };
    const seen = await arenas.send(mode, event, [good, bad]);
    expect(seen).toEqual(decided('token_malformed', kind));
  });

  it.each(MODES)('allows one that holds the token among others (%s)', async (mode) => {
    const good = `Bearer ${genuine(arenas.of(mode))}`;
    const event = { ...eventOf('http-v2', good), identitySource: [good, 'GET /orders'] };
    expect(await arenas.send(mode, event, [good])).toEqual(decided(ALLOWED[mode], 'http-v2'));
  });
});

describe('at events that are of no known kind', () => {
  const shapes: Readonly<Record<string, (good: string) => unknown>> = {
    null: () => null,
    'a text': (good) => good,
    'a number': () => 1,
    'a list': (good) => [eventOf('rest-token', good)],
    'an empty object': () => ({}),
    'a REST API proxy event': (good) => ({
      resource: '/orders',
      path: '/orders',
      httpMethod: 'GET',
      headers: { Authorization: good },
      requestContext: { apiId: 'abc123', stage: 'prod', authorizer: { principalId: 'alice' } },
      body: null,
      isBase64Encoded: false,
    }),
    'an HTTP API proxy event': (good) => ({
      version: '2.0',
      routeKey: 'GET /orders',
      rawPath: '/orders',
      headers: { authorization: good },
      requestContext: { apiId: 'abc123', stage: 'prod', http: { method: 'GET' } },
    }),
    'a load balancer event': (good) => ({
      requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:x' } },
      httpMethod: 'GET',
      path: '/',
      headers: { authorization: good },
    }),
    'a function URL event': (good) => ({
      version: '2.0',
      headers: { authorization: good },
      requestContext: { domainName: 'x.lambda-url.eu-central-1.on.aws', http: { method: 'GET' } },
    }),
    'an AppSync resolver event': (good) => ({
      arguments: {},
      request: { headers: { authorization: good } },
      info: { fieldName: 'orders' },
    }),
    'an SQS event': (good) => ({ Records: [{ body: good, eventSource: 'aws:sqs' }] }),
    'a scheduled event': () => ({ version: '0', 'detail-type': 'Scheduled Event', detail: {} }),
    'a WebSocket message': (good) => ({
      requestContext: { eventType: 'MESSAGE', routeKey: '$default', connectionId: 'x' },
      headers: { Authorization: good },
      body: 'hello',
    }),
    'TOKEN in lower case': (good) => ({ ...eventOf('rest-token', good), type: 'token' }),
    'TOKEN with a version': (good) => ({ ...eventOf('rest-token', good), version: '1.0' }),
    'TOKEN without an ARN': (good) => ({ type: 'TOKEN', authorizationToken: good }),
    'REQUEST without a method': (good) => ({
      ...eventOf('rest-request', good),
      httpMethod: undefined,
    }),
    'a version nobody knows': (good) => ({ ...eventOf('http-v2', good), version: '3.0' }),
    'a version that is a number': (good) => ({ ...eventOf('http-v2', good), version: 2 }),
    'version 2.0 with a methodArn alone': (good) => ({
      ...eventOf('http-v2', good),
      routeArn: undefined,
      methodArn: loadEvent('http-v2')['routeArn'],
    }),
    'WebSocket CONNECT with a method': (good) => ({
      ...eventOf('websocket', good),
      httpMethod: 'GET',
    }),
    'AppSync with an ARN': (good) => ({
      ...eventOf('appsync', good),
      methodArn: loadEvent('rest-token')['methodArn'],
    }),
    'AppSync with a token that is no string and without headers': (good) => ({
      ...eventOf('appsync', good),
      authorizationToken: [good],
      requestHeaders: undefined,
    }),
    'AppSync without an API': (good) => ({ ...eventOf('appsync', good), requestContext: {} }),
    'an authorizer event in another': (good) => ({ event: eventOf('rest-token', good) }),
    'marks on a prototype': (good) =>
      JSON.parse(`{"__proto__":${JSON.stringify(eventOf('rest-token', good))}}`),
  };
  const cases = Object.entries(shapes).flatMap(([name, shape]) =>
    MODES.map((mode) => [name, mode, shape] as const),
  );

  it.each(cases)('answers nothing to %s (%s)', async (_name, mode, shape) => {
    const good = `Bearer ${genuine(arenas.of(mode))}`;
    expect(await arenas.send(mode, shape(good), [good])).toEqual(
      decided('internal_error', 'rest-token'),
    );
  });
});
