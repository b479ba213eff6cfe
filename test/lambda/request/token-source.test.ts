import {
  bearerOrBareToken,
  bearerToken,
  headerToken,
  MAX_TOKEN_BYTES,
  queryToken,
  subprotocolToken,
} from '../../../lambda/request/token-source.ts';

const present = (token: string) => ({ status: 'present', token });
const MISSING = { status: 'missing' };
const MALFORMED = { status: 'malformed' };
const TOO_LARGE = { status: 'too_large' };

describe('bearerToken', () => {
  it.each(['Bearer a.b.c', 'bearer a.b.c', 'BEARER a.b.c', 'bEaReR a.b.c'])(
    'reads %j, in any case of the scheme',
    (value) => {
      expect(bearerToken(value)).toEqual(present('a.b.c'));
    },
  );

  it.each([[undefined], [null], ['']])('finds none in %j', (value) => {
    expect(bearerToken(value)).toEqual(MISSING);
  });

  it.each([
    'a.b.c',
    'Bearer',
    'Bearer ',
    'Bearer  a.b.c',
    'Bearer\ta.b.c',
    ' Bearer a.b.c',
    'Bearer a.b.c ',
    'Bearer a.b.c\n',
    'Bearer a b',
    'Bearer a.b.c,Bearer d.e.f',
    'Bearer a.b.c, d.e.f',
    'Basic YTpi',
    'Bearer: a.b.c',
    'Bearer=a.b.c',
    42,
    {},
    ['Bearer a.b.c'],
    true,
  ])('refuses %j', (value) => {
    expect(bearerToken(value)).toEqual(MALFORMED);
  });

  it('accepts a token of 8,192 bytes', () => {
    const token = 'a'.repeat(MAX_TOKEN_BYTES);
    expect(bearerToken(`Bearer ${token}`)).toEqual(present(token));
  });

  it('refuses a token of 8,193 bytes', () => {
    expect(bearerToken(`Bearer ${'a'.repeat(MAX_TOKEN_BYTES + 1)}`)).toEqual(TOO_LARGE);
  });

  it('counts bytes, not characters', () => {
    expect(bearerToken(`Bearer ${'é'.repeat(MAX_TOKEN_BYTES / 2 + 1)}`)).toEqual(TOO_LARGE);
  });
});

describe('bearerOrBareToken', () => {
  it.each(['a.b.c', 'Bearer a.b.c', 'bearer a.b.c'])('reads %j', (value) => {
    expect(bearerOrBareToken(value)).toEqual(present('a.b.c'));
  });

  it.each(['Basic YTpi', 'a.b.c d.e.f', 'a.b.c,d.e.f', ' a.b.c', 42])('refuses %j', (value) => {
    expect(bearerOrBareToken(value)).toEqual(MALFORMED);
  });

  it('accepts a bare token of 8,192 bytes', () => {
    const token = 'a'.repeat(MAX_TOKEN_BYTES);
    expect(bearerOrBareToken(token)).toEqual(present(token));
  });

  it('refuses a bare token of 8,193 bytes', () => {
    expect(bearerOrBareToken('a'.repeat(MAX_TOKEN_BYTES + 1))).toEqual(TOO_LARGE);
  });

  it('finds none in nothing', () => {
    expect(bearerOrBareToken(undefined)).toEqual(MISSING);
  });
});

describe('headerToken', () => {
  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'finds a header named %s',
    (name) => {
      expect(headerToken({ headers: { [name]: 'Bearer a.b.c' } })).toEqual(present('a.b.c'));
    },
  );

  it('takes a value that both maps hold for one', () => {
    const event = {
      headers: { Authorization: 'Bearer a.b.c' },
      multiValueHeaders: { Authorization: ['Bearer a.b.c'] },
    };
    expect(headerToken(event)).toEqual(present('a.b.c'));
  });

  it.each([
    ['no maps', {}],
    ['maps that are null', { headers: null, multiValueHeaders: null }],
    ['other headers', { headers: { Accept: '*/*' } }],
    ['an empty list', { multiValueHeaders: { Authorization: [] } }],
    ['a map that is a text', { headers: 'Authorization' }],
  ])('finds none in %s', (_, event) => {
    expect(headerToken(event)).toEqual(MISSING);
  });

  it.each([
    ['two values', { multiValueHeaders: { Authorization: ['Bearer a.b.c', 'Bearer d.e.f'] } }],
    ['one value twice', { multiValueHeaders: { Authorization: ['Bearer a.b.c', 'Bearer a.b.c'] } }],
    [
      'two spellings of the name',
      { headers: { Authorization: 'Bearer a.b.c', authorization: 'Bearer d.e.f' } },
    ],
    [
      'maps that disagree',
      {
        headers: { Authorization: 'Bearer a.b.c' },
        multiValueHeaders: { Authorization: ['Bearer d.e.f'] },
      },
    ],
    [
      'one value under two spellings of the name',
      { headers: { Authorization: 'Bearer a.b.c', authorization: 'Bearer a.b.c' } },
    ],
    ['joined values', { headers: { authorization: 'Bearer a.b.c,Bearer d.e.f' } }],
    ['a value that is no text', { headers: { Authorization: 42 } }],
  ])('refuses %s', (_, event) => {
    expect(headerToken(event)).toEqual(MALFORMED);
  });
});

describe('queryToken', () => {
  it('reads the parameter as the bare token', () => {
    expect(queryToken({ queryStringParameters: { t: 'a.b.c' } }, 't')).toEqual(present('a.b.c'));
  });

  it('is particular about the case of its name', () => {
    expect(queryToken({ queryStringParameters: { T: 'a.b.c' } }, 't')).toEqual(MISSING);
  });

  it.each(['constructor', '__proto__', 'toString'])('finds no %s in a prototype', (name) => {
    expect(queryToken({ queryStringParameters: {} }, name)).toEqual(MISSING);
  });

  it('refuses two values', () => {
    const event = { multiValueQueryStringParameters: { t: ['a.b.c', 'd.e.f'] } };
    expect(queryToken(event, 't')).toEqual(MALFORMED);
  });

  it('refuses a value with a scheme', () => {
    expect(queryToken({ queryStringParameters: { t: 'Bearer a.b.c' } }, 't')).toEqual(MALFORMED);
  });
});

describe('subprotocolToken', () => {
  const offering = (...values: string[]) => ({
    multiValueHeaders: { 'Sec-WebSocket-Protocol': values },
  });

  it('reads the token that is offered beside rollcall', () => {
    expect(subprotocolToken(offering('rollcall, bearer.a.b.c'))).toEqual(present('a.b.c'));
  });

  it('reads it in any order and from two headers', () => {
    expect(subprotocolToken(offering('bearer.a.b.c', 'rollcall'))).toEqual(present('a.b.c'));
  });

  it.each([
    ['no header', {}],
    ['rollcall alone', offering('rollcall')],
    ['other protocols', offering('graphql-ws, mqtt')],
  ])('finds none in %s', (_, event) => {
    expect(subprotocolToken(event)).toEqual(MISSING);
  });

  it.each([
    ['a token without rollcall', offering('bearer.a.b.c')],
    ['two tokens', offering('rollcall, bearer.a.b.c, bearer.d.e.f')],
    ['a value that is no text', { headers: { 'sec-websocket-protocol': 42 } }],
  ])('refuses %s', (_, event) => {
    expect(subprotocolToken(event)).toEqual(MALFORMED);
  });

  it('finds none where the token is empty', () => {
    expect(subprotocolToken(offering('rollcall, bearer.'))).toEqual(MISSING);
  });
});

it('counts a value of the multi-value map that is no list', () => {
  const multiValueHeaders = { Authorization: 'Bearer a.b.c' };
  expect(headerToken({ multiValueHeaders })).toEqual(present('a.b.c'));
  expect(headerToken({ multiValueHeaders, headers: { Authorization: 'Bearer d.e.f' } })).toEqual(
    MALFORMED,
  );
});
