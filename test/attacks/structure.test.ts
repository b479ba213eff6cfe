/** Tokens that are not well formed, whose signature is genuine wherever one can be. */
import { encodePart, signParts, type Claims } from '../support/issuer.ts';
import { Arenas, type Arena, type Attack } from './arena.ts';
import { itAllows, itRefuses } from './matrix.ts';

const arenas = new Arenas();
beforeAll(() => arenas.start());
afterAll(() => arenas.close());

const HEADER = { alg: 'ES256', kid: 'es256', typ: 'JWT' };

/** Signs two parts exactly as they stand. */
function signed({ keys }: Arena, header: string, payload: string): string {
  return `${header}.${payload}.${signParts(`${header}.${payload}`, keys.ES256)}`;
}

function malformed(name: string, token: (arena: Arena) => string): Attack {
  return { name, reason: 'token_malformed', token };
}

/** A change of a whole genuine token. */
function changed(name: string, change: (token: string, parts: string[]) => string): Attack {
  return malformed(name, (arena) => {
    const token = signed(arena, encodePart(HEADER), encodePart(arena.claims()));
    return change(token, token.split('.'));
  });
}

const parts: readonly Attack[] = [
  changed('one part', (_, [header]) => header ?? ''),
  changed('two parts', (_, [header, payload]) => `${header}.${payload}`),
  changed('an empty signature', (_, [header, payload]) => `${header}.${payload}.`),
  changed('an empty payload', (_, [header, , signature]) => `${header}..${signature}`),
  changed('an empty header', (_, [, payload, signature]) => `.${payload}.${signature}`),
  changed('a fourth part', (token) => `${token}.AAAA`),
  changed('an empty fourth part', (token) => `${token}.`),
  changed('a fifth part, as JWE has', (token) => `${token}.AAAA.AAAA`),
  changed('a dot before it', (token) => `.${token}`),
  changed('dots alone', () => '..'),
  changed('a thousand dots', () => '.'.repeat(1000)),
  changed('the parts in another order', (_, [header, payload, signature]) =>
    [payload, header, signature].join('.'),
  ),
  changed('slashes for dots', (token) => token.replaceAll('.', '/')),
  changed('one letter', () => 'a'),
  changed('the text null', () => 'null'),
  changed('the text undefined', () => 'undefined'),
  changed('JSON', () => '{"alg":"none"}'),
  changed('JWS in JSON', (_, [header, payload, signature]) =>
    JSON.stringify({ protected: header, payload, signature }),
  ),
];

const encodings: readonly Attack[] = [0, 1, 2].flatMap((index) => {
  const name = ['header', 'payload', 'signature'][index];
  const edit = (what: string, change: (part: string) => string): Attack =>
    changed(`${what} in the ${name}`, (_, all) =>
      all.map((part, at) => (at === index ? change(part) : part)).join('.'),
    );
  return [
    edit('padding', (part) => `${part}=`),
    edit('two bytes of padding', (part) => `${part}==`),
    edit('a plus sign', (part) => `${part.slice(0, 4)}+${part.slice(5)}`),
    edit('a slash', (part) => `${part.slice(0, 4)}/${part.slice(5)}`),
    edit('a star', (part) => `${part.slice(0, 4)}*${part.slice(5)}`),
    edit('an escaped character', (part) => `%${part}`),
    edit('a zero-width space', (part) => `${part.slice(0, 4)}\u200b${part.slice(4)}`),
    edit('a NUL', (part) => `${part.slice(0, 4)}\u0000${part.slice(4)}`),
    edit('a no-break hyphen', (part) => `${part.slice(0, 4)}\u2011${part.slice(4)}`),
    edit('a full-width letter', (part) => `${part.slice(0, 4)}\uff21${part.slice(5)}`),
    edit('a lone surrogate', (part) => `${part.slice(0, 4)}\ud800${part.slice(5)}`),
    edit('an emoji', (part) => `${part.slice(0, 4)}\u{1f600}${part.slice(5)}`),
    edit('a length that no bytes have', (part) =>
      part.slice(0, part.length - (part.length % 4) - 3),
    ),
  ];
});

/** The same bytes written with other spare bits: a second name for one token. */
const spareBits: readonly Attack[] = [
  malformed('spare bits that are not zero in the header', (arena) =>
    signed(arena, withSpareBits({ ...HEADER }), encodePart(arena.claims())),
  ),
  malformed('spare bits that are not zero in the payload', (arena) =>
    signed(arena, encodePart(HEADER), withSpareBits(arena.claims())),
  ),
  malformed('spare bits that are not zero in the signature', (arena) => {
    const token = signed(arena, encodePart(HEADER), encodePart(arena.claims()));
    return raiseLastCharacter(token);
  }),
];

function withSpareBits(value: Claims): string {
  for (const filler of ['', '.', '..']) {
    const part = encodePart({ ...value, filler });
    if (part.length % 4 !== 0) return raiseLastCharacter(part);
  }
  throw new Error('One of three lengths in a row has bits to spare');
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The next character of the alphabet in place of the last: it differs in the lowest bit alone. */
function raiseLastCharacter(text: string): string {
  return text.slice(0, -1) + ALPHABET.charAt(ALPHABET.indexOf(text.slice(-1)) + 1);
}

/** Bytes that are no UTF-8, inside a text that is otherwise JSON. */
const BROKEN_UTF8 = {
  'a lone continuation byte': '80',
  'an overlong slash': 'c0af',
  'an overlong NUL': 'c080',
  'an encoded surrogate': 'eda080',
  'a code point beyond the last': 'f4908080',
  'a sequence cut short': 'e282',
  'a byte that is never used': 'ff',
} as const;

function bytesAround(json: string, hex: string): string {
  const [before, after] = json.split('@');
  const bytes = [Buffer.from(before ?? ''), Buffer.from(hex, 'hex'), Buffer.from(after ?? '')];
  return Buffer.concat(bytes).toString('base64url');
}

const utf8: readonly Attack[] = [
  ...Object.entries(BROKEN_UTF8).flatMap(([name, hex]) => [
    malformed(`${name} in the header`, (arena) => {
      const header = bytesAround(JSON.stringify({ ...HEADER, note: '@' }), hex);
      return signed(arena, header, encodePart(arena.claims()));
    }),
    malformed(`${name} in the payload`, (arena) => {
      const payload = bytesAround(JSON.stringify(arena.claims({ note: '@' })), hex);
      return signed(arena, encodePart(HEADER), payload);
    }),
  ]),
  malformed('a byte order mark before the payload', (arena) =>
    signed(arena, encodePart(HEADER), encodePart(`\ufeff${JSON.stringify(arena.claims())}`)),
  ),
  malformed('a payload in UTF-16', (arena) =>
    signed(
      arena,
      encodePart(HEADER),
      Buffer.from(JSON.stringify(arena.claims()), 'utf16le').toString('base64url'),
    ),
  ),
];

const NOT_OBJECTS = {
  'a list': '[]',
  'a list of an object': '[{}]',
  null: 'null',
  'a number': '1',
  'a text': '"{}"',
  true: 'true',
  'no JSON': '{',
  'JSON twice': '{}{}',
  'JSON with a comment': '{/**/}',
  'JSON with a comma too many': '{"alg":"ES256","kid":"es256",}',
  'single quotes': "{'alg':'ES256'}",
  'a NUL after it': '{}\u0000',
  'NaN in it': '{"exp":NaN}',
  'Infinity in it': '{"exp":Infinity}',
  'a hexadecimal number': '{"exp":0xffffffff}',
  'a line break within a text': '{"sub":"a\nb"}',
} as const;

const json: readonly Attack[] = Object.entries(NOT_OBJECTS).flatMap(([name, text]) => [
  malformed(`a header that is ${name}`, (arena) =>
    signed(arena, encodePart(text), encodePart(arena.claims())),
  ),
  malformed(`a payload that is ${name}`, (arena) =>
    signed(arena, encodePart(HEADER), encodePart(text)),
  ),
]);

/** 8,192 bytes at most: the filler makes a token as long as asked for, to the byte. */
function tokenOfBytes(arena: Arena, bytes: number, claims: Claims = {}): string {
  for (const header of [HEADER, { ...HEADER, a: 1 }, { ...HEADER, a: 12 }, { ...HEADER, a: 123 }]) {
    const make = (filler: number): string =>
      signed(
        arena,
        encodePart(header),
        encodePart({ ...arena.claims(), ...claims, filler: 'x'.repeat(filler) }),
      );
    const missing = bytes - make(0).length;
    for (let filler = Math.floor((missing * 3) / 4) - 3; filler * 4 <= missing * 3 + 12; filler++) {
      const token = make(filler);
      if (token.length === bytes) return token;
    }
  }
  throw new Error(`No token has ${bytes} bytes`);
}

const sizes: readonly Attack[] = [
  ...[8193, 9000, 100_000].map((bytes): Attack => ({
    name: `a genuine token of ${bytes} bytes`,
    reason: 'token_too_large',
    token: (arena) => tokenOfBytes(arena, bytes),
  })),
  {
    name: 'a megabyte of nothing',
    reason: 'token_too_large',
    token: () => 'A'.repeat(1024 * 1024),
  },
  {
    name: 'characters of more bytes than the token may have',
    reason: 'token_too_large',
    token: () => '\u{1f600}'.repeat(2100),
  },
];

const depth: readonly Attack[] = [
  malformed('a header of 5,000 lists in one another', (arena) =>
    signed(arena, encodePart('['.repeat(5000)), encodePart(arena.claims())),
  ),
  {
    name: 'claims 2,500 levels deep in place of the right ones',
    reason: 'issuer_not_trusted',
    token: (arena) =>
      signed(
        arena,
        encodePart(HEADER),
        encodePart(`{"iss":${'['.repeat(2500)}${']'.repeat(2500)}}`),
      ),
  },
  {
    name: 'a thousand members in the header',
    reason: 'token_malformed',
    token: (arena) => {
      const members = Array.from({ length: 500 }, (_, index) => [`m${index}`, 0] as const);
      return signed(
        arena,
        encodePart({ ...Object.fromEntries(members), alg: 'ES256' }),
        encodePart({}),
      );
    },
  },
];

itRefuses(arenas, [...parts, ...encodings, ...spareBits, ...utf8, ...json, ...sizes, ...depth]);

itAllows(arenas, [
  {
    name: 'a token put together by hand',
    token: (arena) => signed(arena, encodePart(HEADER), encodePart(arena.claims())),
  },
  { name: 'a token of 8,192 bytes', token: (arena) => tokenOfBytes(arena, 8192) },
  {
    name: 'white space in the JSON',
    token: (arena) =>
      signed(
        arena,
        encodePart(JSON.stringify(HEADER, null, 2)),
        encodePart(JSON.stringify(arena.claims(), null, '\t')),
      ),
  },
  {
    name: 'claims 500 levels deep beside the right ones',
    token: (arena) => {
      const [open, close] = ['['.repeat(500), ']'.repeat(500)];
      const claims = JSON.stringify(arena.claims({ deep: '@' })).replace('"@"', open + close);
      return signed(arena, encodePart(HEADER), encodePart(claims));
    },
  },
]);
