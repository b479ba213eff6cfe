/**
 * Where in an event the token is, and whether it is there once and alone. Two tokens, or one
 * hidden among other values, are refused: two readers of such a request may not agree on who
 * is asking.
 */
import type { JsonObject } from '../json.ts';

/** A token in bytes of UTF-8; RFC 7519 has no limit, API Gateway takes 10,240 for all headers. */
export const MAX_TOKEN_BYTES = 8192;

const BEARER = /^Bearer ([^\s,]+)$/iu;
const BARE = /^[^\s,]+$/u;
const SCHEME_BYTES = 'Bearer '.length;
const SUBPROTOCOL = 'rollcall';
const SUBPROTOCOL_TOKEN = 'bearer.';

export type TokenSource =
  /** `token` is well placed, not yet well formed, and far from verified. */
  | { readonly status: 'present'; readonly token: string }
  | { readonly status: 'missing' | 'too_large' | 'malformed' };

const MISSING: TokenSource = { status: 'missing' };
const MALFORMED: TokenSource = { status: 'malformed' };

/** The value of an `Authorization` header: any case of `Bearer`, one space (RFC 6750 §2.1). */
export function bearerToken(value: unknown): TokenSource {
  return readToken(value, BEARER, SCHEME_BYTES);
}

/** As AppSync passes it on: with the scheme, or the bare token. */
export function bearerOrBareToken(value: unknown): TokenSource {
  return typeof value === 'string' && BARE.test(value)
    ? readToken(value, BARE, 0)
    : bearerToken(value);
}

/** The one `Authorization` header of a request. */
export function headerToken(event: JsonObject): TokenSource {
  return single(headerValues(event, 'authorization'), bearerToken);
}

/** The one value of the query parameter `name`, as the bare token. */
export function queryToken(event: JsonObject, name: string): TokenSource {
  const values = namedValues(
    event['queryStringParameters'],
    event['multiValueQueryStringParameters'],
    (candidate) => candidate === name,
  );
  return single(values, (value) => readToken(value, BARE, 0));
}

/**
 * The token among the offered subprotocols, `rollcall, bearer.<jwt>`: the only header that a
 * browser lets a page set on a WebSocket. `rollcall` is what the server answers with, and so
 * has to be offered too (RFC 6455 §4.1).
 */
export function subprotocolToken(event: JsonObject): TokenSource {
  const values = headerValues(event, 'sec-websocket-protocol');
  if (!values.every((value) => typeof value === 'string')) return MALFORMED;
  const offered = values.flatMap((value) => value.split(',')).map((part) => part.trim());
  const tokens = offered.filter((protocol) => protocol.startsWith(SUBPROTOCOL_TOKEN));
  if (tokens.length > 0 && !offered.includes(SUBPROTOCOL)) return MALFORMED;
  return single(tokens, (protocol) => readToken(protocol.slice(SUBPROTOCOL_TOKEN.length), BARE, 0));
}

function single<T>(values: readonly T[], read: (value: T) => TokenSource): TokenSource {
  const [value, ...others] = values;
  if (value === undefined) return MISSING;
  return others.length > 0 ? MALFORMED : read(value);
}

/** `pattern` captures the token, or is the token as a whole. */
function readToken(value: unknown, pattern: RegExp, schemeBytes: number): TokenSource {
  if (value === undefined || value === null || value === '') return MISSING;
  if (typeof value !== 'string') return MALFORMED;
  // Sizes are bounded before any pattern runs; a string has no fewer bytes than characters.
  if (value.length - schemeBytes > MAX_TOKEN_BYTES) return { status: 'too_large' };
  const [whole, token = whole] = pattern.exec(value) ?? [];
  if (token === undefined) return MALFORMED;
  return Buffer.byteLength(token) > MAX_TOKEN_BYTES
    ? { status: 'too_large' }
    : { status: 'present', token };
}

function headerValues(event: JsonObject, lowerCaseName: string): readonly unknown[] {
  return namedValues(
    event['headers'],
    event['multiValueHeaders'],
    (candidate) => candidate.toLowerCase() === lowerCaseName,
  );
}

/**
 * Every value of one name. The multi-value map has them all and the plain map the last one, so
 * the plain map adds a value only if the other lacks it, as when the console's test sends null.
 */
function namedValues(
  plain: unknown,
  multi: unknown,
  isNamed: (name: string) => boolean,
): readonly unknown[] {
  const values = entries(multi)
    .filter(([name]) => isNamed(name))
    .flatMap(([, list]) => (Array.isArray(list) ? (list as readonly unknown[]) : [list]));
  const further = entries(plain)
    .filter(([name, value]) => isNamed(name) && !values.includes(value))
    .map(([, value]) => value);
  return [...values, ...further];
}

function entries(map: unknown): readonly (readonly [string, unknown])[] {
  return typeof map === 'object' && map !== null ? Object.entries(map) : [];
}
