/** Facts about `jwt.ts` that changes to it once got past the tests with. */
import { decomposeUnverifiedJwt } from '../../../lambda/token/jwt.ts';

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
