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
