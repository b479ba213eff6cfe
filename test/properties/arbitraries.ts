/** What an outsider could think of, and then some: sources of random tokens, headers and events. */
import * as fc from 'fast-check';
import { EVENT_KINDS, eventOf } from '../support/events.ts';
import { AUDIENCE, encodePart } from '../support/issuer.ts';
import { ISSUER, NOW } from './doorway.ts';

/** Any text, broken pairs and control characters included. */
export const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
);

const literal = (...values: unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...values);

const claimValue = fc.oneof(
  { weight: 3, arbitrary: literal(ISSUER, AUDIENCE, 'alice', NOW, NOW + 600, NOW - 600, true) },
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: literal('', null, [], {}, 0, -1, 1e308, [ISSUER], [AUDIENCE]) },
);

/** Claims that are right more often than not, so that every check is reached. */
export const someClaims = fc.record(
  {
    iss: fc.oneof({ weight: 9, arbitrary: fc.constant(ISSUER) }, claimValue),
    aud: fc.oneof({ weight: 9, arbitrary: fc.constant(AUDIENCE) }, claimValue),
    exp: fc.oneof({ weight: 9, arbitrary: fc.constant(NOW + 600) }, claimValue),
    sub: fc.oneof({ weight: 9, arbitrary: fc.constant('alice') }, claimValue, anyText),
    iat: claimValue,
    nbf: claimValue,
    jti: claimValue,
    scope: claimValue,
    scp: claimValue,
    cnf: claimValue,
    client_id: claimValue,
    token_use: claimValue,
    email_verified: claimValue,
    ['__proto__']: claimValue,
  },
  { requiredKeys: [] },
);

const someHeader = fc.record(
  {
    alg: fc.oneof(
      { weight: 9, arbitrary: fc.constant('ES256') },
      literal('none', 'HS256'),
      fc.jsonValue(),
    ),
    kid: fc.oneof({ weight: 9, arbitrary: fc.constant('known') }, anyText, fc.jsonValue()),
    typ: fc.oneof(literal('JWT', 'at+jwt'), fc.jsonValue()),
    crit: fc.jsonValue(),
    jwk: fc.jsonValue(),
    jku: fc.webUrl(),
  },
  { requiredKeys: [] },
);

const base64Url = fc.uint8Array({ maxLength: 200 }).map((bytes) => encode(bytes));
const signature = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(encode) },
  fc.uint8Array({ maxLength: 300 }).map(encode),
  fc.constantFrom('A'.repeat(86), encode(new Uint8Array(64).fill(255)), ''),
);

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** Tokens that nobody signed, from noise to all but right. */
export const forgedToken = fc.oneof(
  anyText,
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.tuple(base64Url, base64Url, base64Url).map((parts) => parts.join('.')),
  fc.array(base64Url, { maxLength: 6 }).map((parts) => parts.join('.')),
  fc
    .tuple(fc.json(), fc.json(), signature)
    .map(([header, payload, signed]) => `${encodePart(header)}.${encodePart(payload)}.${signed}`),
  {
    weight: 4,
    arbitrary: fc
      .tuple(someHeader, someClaims, signature)
      .map(([header, claims, signed]) => `${encodePart(header)}.${encodePart(claims)}.${signed}`),
  },
  fc.integer({ min: 8190, max: 8200 }).map((length) => 'A'.repeat(length)),
);

/** Ways to spoil a text, each of which may leave it as it was. */
export const change: fc.Arbitrary<(text: string) => string> = fc.oneof(
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 5 })).map(([at, bit]) => (text: string) => {
    const index = at % text.length;
    const flipped = String.fromCharCode(text.charCodeAt(index) ^ (1 << bit));
    return text.slice(0, index) + flipped + text.slice(index + 1);
  }),
  fc.tuple(fc.nat(), base64Character()).map(([at, character]) => (text: string) => {
    const index = at % text.length;
    return text.slice(0, index) + character + text.slice(index + 1);
  }),
  fc.tuple(fc.nat(), anyText).map(([at, inserted]) => (text: string) => {
    const index = at % (text.length + 1);
    return text.slice(0, index) + inserted + text.slice(index);
  }),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 })).map(([at, length]) => (text: string) => {
    const index = at % text.length;
    return text.slice(0, index) + text.slice(index + length);
  }),
  fc.nat().map((at) => (text: string) => text.slice(0, at % text.length)),
  fc.nat().map((at) => (text: string) => text.slice(at % text.length)),
  fc.constantFrom(
    (text: string) => text.toUpperCase(),
    (text: string) => text.toLowerCase(),
    (text: string) => text + text,
    (text: string) => text.split('.').toReversed().join('.'),
    (text: string) => text.replaceAll('.', '%2E'),
  ),
);

function base64Character(): fc.Arbitrary<string> {
  const all = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return fc.constantFrom(...all.split(''));
}

export const kind = fc.constantFrom(...EVENT_KINDS);

const headerName = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'Authorization',
      'authorization',
      'AUTHORIZATION',
      'authorization ',
      'Sec-WebSocket-Protocol',
      'Cookie',
      '__proto__',
    ),
  },
  anyText,
);

const headerValue = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('Bearer ', 'bearer ', 'Basic ', '', 'Bearer  ', 'rollcall, bearer.'),
        forgedToken,
      )
      .map(([scheme, token]) => scheme + token),
  },
  fc.jsonValue(),
);

/** A map as gateways send it, or as none ever would. */
export const headerMap = fc.oneof(
  { weight: 5, arbitrary: fc.dictionary(headerName, headerValue, { maxKeys: 5 }) },
  fc.jsonValue(),
);

export const multiValueMap = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.dictionary(headerName, fc.array(headerValue, { maxLength: 3 }), { maxKeys: 4 }),
  },
  fc.jsonValue(),
);

const MEMBERS = [
  'type',
  'version',
  'methodArn',
  'routeArn',
  'authorizationToken',
  'identitySource',
  'headers',
  'multiValueHeaders',
  'queryStringParameters',
  'multiValueQueryStringParameters',
  'httpMethod',
  'requestContext',
  'requestHeaders',
] as const;

const memberValue = fc.oneof(
  literal('TOKEN', 'REQUEST', '1.0', '2.0', 'GET', null, undefined, {}, []),
  literal({ eventType: 'CONNECT' }, { apiId: 'api' }, { identity: { sourceIp: '::1' } }),
  forgedToken.map((token) => `Bearer ${token}`),
  anyText.map((path) => `arn:aws:execute-api:eu-central-1:111122223333:abc/prod/GET/${path}`),
  headerMap,
  fc.jsonValue(),
);

/** Any JSON, or a gateway's event with a forged token and some members replaced. */
export const anyEvent = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom(...MEMBERS), memberValue),
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        kind,
        forgedToken,
        fc.dictionary(fc.constantFrom(...MEMBERS), memberValue, { maxKeys: 3 }),
      )
      .map(([of, token, members]) => Object.assign(eventOf(of, `Bearer ${token}`), members)),
  },
);
