/**
 * The grammars that settings are written in. Each is total: any text gives a value or the
 * problem with it. A problem says what was expected and never repeats the text, since a
 * setting may hold something private.
 */

import { invisibleIn } from '../invisible.ts';

/** What a grammar makes of a text: its value, or what was expected instead. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export type Grammar<T> = (text: string) => Parsed<T>;

const ok = <T>(value: T): Parsed<T> => ({ ok: true, value });
const fail = (problem: string): Parsed<never> => ({ ok: false, problem });

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u;
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-](\d{2}):(\d{2}))$/u;

/**
 * Whether nobody between can read or change what is sent to `url`: HTTPS, or plain HTTP to a
 * loopback address.
 */
export function isPrivateConnection({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOST.test(hostname));
}

/** `true` or `false` in any case, and nothing else: a mistyped switch must not pick a side. */
export const boolean: Grammar<boolean> = (text) => {
  const folded = text.toLowerCase();
  return folded === 'true' || folded === 'false'
    ? ok(folded === 'true')
    : fail('must be true or false');
};

/** A decimal integer between two bounds, both included. No sign, exponent, hex or leading zero. */
export const integer =
  (minimum: number, maximum: number): Grammar<number> =>
  (text) => {
    const value = /^(?:0|[1-9]\d{0,9})$/u.test(text) ? Number(text) : Number.NaN;
    return value >= minimum && value <= maximum
      ? ok(value)
      : fail(`must be a whole number from ${minimum} to ${maximum}`);
  };

export const oneOf =
  <const T extends string>(...choices: readonly T[]): Grammar<T> =>
  (text) => {
    const choice = choices.find((candidate) => candidate === text);
    return choice === undefined ? fail(`must be one of: ${choices.join(', ')}`) : ok(choice);
  };

/** A text that `pattern` matches as a whole. */
export const matching =
  (pattern: RegExp, expected: string): Grammar<string> =>
  (text) =>
    pattern.test(text) ? ok(text) : fail(`must be ${expected}`);

/**
 * One line of at most `maxBytes` bytes of UTF-8, with no white space around it and no character in it
 * that nobody sees.
 */
export const line =
  (maxBytes: number): Grammar<string> =>
  (text) => {
    const invisible = invisibleIn(text);
    if (invisible !== undefined) return fail(`must not have the invisible character ${invisible}`);
    return text !== '' &&
      text === text.trim() &&
      text.isWellFormed() &&
      Buffer.byteLength(text) <= maxBytes
      ? ok(text)
      : fail(`must be one line of 1 to ${maxBytes} bytes without white space around it`);
  };

/** Comma-separated items, each trimmed and none empty; a repeated item counts once. */
export const listOf =
  <T>(item: Grammar<T>): Grammar<readonly T[]> =>
  (text) =>
    everyItem(
      text.split(',').map((part) => part.trim()),
      item,
    );

/** Items that are already separate, each of them valid; at least one. */
export function everyItem<T>(parts: readonly string[], item: Grammar<T>): Parsed<readonly T[]> {
  const values = new Set<T>();
  for (const part of parts) {
    const parsed = item(part);
    if (!parsed.ok) return fail(`every item ${parsed.problem}`);
    values.add(parsed.value);
  }
  return values.size === 0 ? fail('must name at least one item') : ok([...values]);
}

/**
 * An RFC 3339 `date-time` (§5.6), as epoch seconds. Leap seconds are refused: the clock that
 * the time is compared with has none.
 */
export const timestamp: Grammar<number> = (text) => {
  const [, year, month, day, hour, minute, second, offsetHour = '0', offsetMinute = '0'] =
    RFC_3339.exec(text) ?? [];
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const inRange =
    inside(month, 1, 12) &&
    inside(day, 1, lastDay) &&
    inside(hour, 0, 23) &&
    inside(minute, 0, 59) &&
    inside(second, 0, 59) &&
    inside(offsetHour, 0, 23) &&
    inside(offsetMinute, 0, 59);
  const milliseconds = inRange ? Date.parse(text.toUpperCase()) : Number.NaN;
  return Number.isNaN(milliseconds)
    ? fail('must be an RFC 3339 time such as 2030-01-31T12:00:00Z')
    : ok(milliseconds / 1000);
};

/**
 * Where a key set is read from: HTTPS, or plain HTTP to a loopback address, where nobody
 * between could answer with keys of their own.
 */
export const jwksUri: Grammar<string> = (text) => {
  // The parser would take white space out, here and there.
  const url = !/\s/u.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && isPrivateConnection(url) && url.username === '' && url.password === ''
    ? ok(text)
    : fail(
        'must be an https:// URL without spaces or credentials (http:// only to a loopback address)',
      );
};

/** An address for clients that can stand in a header, between quotes of either kind. */
export const metadataUrl: Grammar<string> = (text) => {
  const written = /^[\u0021\u0023-\u0026\u0028-\u005b\u005d-\u007e]{1,1024}$/u.test(text);
  return written
    ? jwksUri(text)
    : fail('must be an https:// URL of printable ASCII without quotes');
};

/** An `iss` value. `#` is what separates an issuer from a token id in the revocation table. */
export const issuer: Grammar<string> = (text) => {
  const parsed = line(1024)(text);
  if (!parsed.ok) return parsed;
  return text.includes('#') ? fail('must not contain #') : parsed;
};

/** Whether `issuerText` can serve as the base of a key set's address without being told one. */
export function isHttpsUrl(issuerText: string): boolean {
  if (!URL.canParse(issuerText)) return false;
  const { protocol, username, password } = new URL(issuerText);
  // Not `search`, which is empty also for an address that ends in a bare question mark.
  return protocol === 'https:' && !issuerText.includes('?') && username === '' && password === '';
}

function inside(digits: string | undefined, minimum: number, maximum: number): boolean {
  const value = Number(digits);
  return value >= minimum && value <= maximum;
}

/** The signature algorithms that can be allowed (RFC 7518 §3.1, RFC 8037 §3.1). */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A user id as it stands in a token or a row: 1 to 1,024 bytes. */
export const MAX_USER_ID_BYTES = 1024;

export const algorithms = listOf(oneOf(...ALGORITHMS));
export const tokenUse = oneOf('access', 'id');
export const acceptedValues = listOf(line(1024));
export const userClaim = line(256);
export const userNamespace = matching(/^[a-z0-9-]{1,32}$/u, '1 to 32 of a-z, 0-9 and -');
/** A scope token (RFC 6749 §3.3), less the comma that separates the items of a list. */
export const scope = matching(/^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/u, 'a scope without commas');
/** A role's name, in a setting and in a row. */
export const ROLE = /^[A-Za-z0-9:._-]{1,64}$/u;
export const role = matching(ROLE, '1 to 64 of A-Z, a-z, 0-9 and :._-');
export const tableName = matching(
  /^(?:[A-Za-z0-9_.-]{3,255}|arn:[a-z0-9-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/[A-Za-z0-9_.-]{3,255})$/u,
  'the name or the ARN of a DynamoDB table',
);
export const webSocketTokenSource = matching(
  /^(?:header|subprotocol|query:[A-Za-z0-9_.~-]{1,128})$/u,
  'header, subprotocol or query:<name>',
);
