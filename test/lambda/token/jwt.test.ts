import { decomposeUnverifiedJwt } from '../../../lambda/token/jwt.ts';
import { ownMember } from '../../../lambda/json.ts';
import { encodePart } from '../../support/issuer.ts';

const HEADER = encodePart({ alg: 'ES256', kid: 'k' });
const PAYLOAD = encodePart({ sub: 'alice' });
const raw = (bytes: readonly number[]): string => Buffer.from(bytes).toString('base64url');

it('takes a token apart', () => {
  expect(decomposeUnverifiedJwt(`${HEADER}.${PAYLOAD}.AAAA`)).toEqual({
    unverifiedHeader: { alg: 'ES256', kid: 'k' },
    unverifiedPayload: { sub: 'alice' },
    headerB64: HEADER,
    payloadB64: PAYLOAD,
    signatureB64: 'AAAA',
  });
});

it.each([
  ['nothing', ''],
  ['one part', HEADER],
  ['two parts', `${HEADER}.${PAYLOAD}`],
  ['four parts', `${HEADER}.${PAYLOAD}.AAAA.AAAA`],
  ['an empty header', `.${PAYLOAD}.AAAA`],
  ['an empty payload', `${HEADER}..AAAA`],
  ['an empty signature', `${HEADER}.${PAYLOAD}.`],
  ['a padded part', `${HEADER}.${PAYLOAD}.AA==`],
  ['a character of plain base64', `${HEADER}.${PAYLOAD}.AA+A`],
  ['a space', `${HEADER}.${PAYLOAD}.AA A`],
  ['a line break at the end', `${HEADER}.${PAYLOAD}.AAAA\n`],
  ['a part of an impossible length', `${HEADER}.${PAYLOAD}.AAAAA`],
  ['bits to spare after two characters', `${HEADER}.${PAYLOAD}.AB`],
  ['bits to spare after three characters', `${HEADER}.${PAYLOAD}.AAB`],
  ['a header that is no JSON', `${encodePart('{')}.${PAYLOAD}.AAAA`],
  ['a payload that is no JSON', `${HEADER}.${encodePart('{')}.AAAA`],
  ['a header that is a list', `${encodePart([])}.${PAYLOAD}.AAAA`],
  ['a payload that is null', `${HEADER}.${encodePart(null)}.AAAA`],
  ['a payload that is a text', `${HEADER}.${encodePart('"alice"')}.AAAA`],
  ['a payload that is not UTF-8', `${HEADER}.${raw([0x7b, 0x22, 0xff, 0x22, 0x7d])}.AAAA`],
  ['a payload after a byte order mark', `${HEADER}.${raw([0xef, 0xbb, 0xbf, 0x7b, 0x7d])}.AAAA`],
])('refuses %s', (_, token) => {
  expect(decomposeUnverifiedJwt(token)).toBeUndefined();
});

it.each(['AA', 'AQ', 'Ag', 'Aw', 'AAA', 'AAE', 'AAw', 'AA8'])(
  'accepts %s, which leaves no bits to spare',
  (signature) => {
    expect(decomposeUnverifiedJwt(`${HEADER}.${PAYLOAD}.${signature}`)).toBeDefined();
  },
);

it('reads a member that the object has itself', () => {
  expect(ownMember({ sub: 'alice' }, 'sub')).toBe('alice');
});

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'does not find %s in a prototype',
  (name) => {
    expect(ownMember({}, name)).toBeUndefined();
  },
);

const encode = (text: string): string => Buffer.from(text).toString('base64url');
/** JSON of three lengths, so that a part ends after four, two and three characters. */
const OBJECTS = ['{}', '{"a":1}', '{"ab":1}', '{"abc":1}'] as const;

function isTakenApart(header: string, payload: string): boolean {
  return decomposeUnverifiedJwt(`${header}.${payload}.AAAA`) !== undefined;
}

it.each(OBJECTS)('takes %s apart as a header and as a payload', (text) => {
  expect([isTakenApart(encode(text), 'e30'), isTakenApart('e30', encode(text))]).toEqual([
    true,
    true,
  ]);
});

it.each([
  ['padding', (part: string) => `${part}=`],
  ['a space', (part: string) => `${part.slice(0, 2)} ${part.slice(2)}`],
  ['a line break', (part: string) => `${part}\n`],
  ['a letter of another alphabet', (part: string) => `${part.slice(0, 2)}é${part.slice(2)}`],
  [
    'a byte order mark',
    (part: string) => encode(`\ufeff${Buffer.from(part, 'base64url').toString()}`),
  ],
])('takes no header and no payload apart that has %s', (_, change) => {
  const part = change(encode('{"a":1}'));
  expect([isTakenApart(part, 'e30'), isTakenApart('e30', part)]).toEqual([false, false]);
});

/** Every last character by which the same bytes could be written once more. */
function rewritten(text: string): readonly string[] {
  const part = encode(text);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet
    .split('')
    .map((character) => part.slice(0, -1) + character)
    .filter((other) => other !== part && Buffer.from(other, 'base64url').toString() === text);
}

it.each([
  [15, '{"a":1}'],
  [3, '{"ab":1}'],
  [0, '{"abc":1}'],
])('takes none of the %i other ways to write %s', (ways, text) => {
  const others = rewritten(text);
  expect(others).toHaveLength(ways);
  expect(others.filter((other) => isTakenApart(other, 'e30'))).toEqual([]);
  expect(others.filter((other) => isTakenApart('e30', other))).toEqual([]);
});
