import { fromPrintable, printable } from '../../../lambda/telemetry/printable.ts';

const E_ACUTE = '\u00E9';

describe('printable', () => {
  it.each([
    ['an id', '3ad9e051-1c77-44d8-94f1-af0434fc14be'],
    ['an address', 'alice+tag@example.com'],
    ['a URL', 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI'],
    ['single spaces between words', 'Alice B. Liddell'],
    ['composed letters', `Ren${E_ACUTE}`],
    ['another script', 'Алиса 爱丽丝 أليس नमस्ते'],
    ['a character outside the BMP', 'a😀b'],
    ['the empty string', ''],
  ])('leaves %s as it is', (_, value) => {
    expect(printable(value)).toBe(value);
  });

  it.each([
    ['a line break', 'a\nb', String.raw`a\u{a}b`],
    ['a carriage return', 'a\rb', String.raw`a\u{d}b`],
    ['NUL', 'a\u0000b', String.raw`a\u{0}b`],
    ['DEL', 'a\u007fb', String.raw`a\u{7f}b`],
    ['an escape sequence', 'a\u001b[31mb', String.raw`a\u{1b}[31mb`],
    ['a C1 control', 'a\u0085b', String.raw`a\u{85}b`],
    ['a line separator', 'a\u2028b', String.raw`a\u{2028}b`],
    ['a paragraph separator', 'a\u2029b', String.raw`a\u{2029}b`],
    ['a right-to-left override', 'a\u202eb', String.raw`a\u{202e}b`],
    ['a zero-width space', 'alice\u200b@example.com', String.raw`alice\u{200b}@example.com`],
    ['a soft hyphen', 'a\u00adb', String.raw`a\u{ad}b`],
    ['a word joiner', 'a\u2060b', String.raw`a\u{2060}b`],
    ['a byte order mark', '\ufeffa', String.raw`\u{feff}a`],
    ['a combining grapheme joiner', 'a\u034fb', String.raw`a\u{34f}b`],
    ['a Hangul filler', 'a\u3164b', String.raw`a\u{3164}b`],
    ['a variation selector', 'a\ufe0fb', String.raw`a\u{fe0f}b`],
    ['a supplementary variation selector', 'a\u{e0100}b', String.raw`a\u{e0100}b`],
    ['a tag', 'a\u{e0041}b', String.raw`a\u{e0041}b`],
    ['a private-use character', 'a\ue000b', String.raw`a\u{e000}b`],
    ['an unassigned character', 'a\u{1fbff}b', String.raw`a\u{1fbff}b`],
    ['a noncharacter', 'a\uffffb', String.raw`a\u{ffff}b`],
    ['the blank braille pattern', 'a\u2800b', String.raw`a\u{2800}b`],
    ['a no-break space', 'a\u00a0b', String.raw`a\u{a0}b`],
    ['an ideographic space', 'a\u3000b', String.raw`a\u{3000}b`],
    ['a space in front', ' a', String.raw`\u{20}a`],
    ['a space at the end', 'a ', String.raw`a\u{20}`],
    ['a second space', 'a  b', String.raw`a \u{20}b`],
    ['a space alone', ' ', String.raw`\u{20}`],
    ['the last code point of Unicode', 'a\u{10ffff}', String.raw`a\u{10ffff}`],
    ['half a surrogate pair at the end', 'a\ud800', String.raw`a\u{d800}`],
    ['half a surrogate pair', 'a\ud800b', String.raw`a\u{d800}b`],
    ['the other half', 'a\udc00b', String.raw`a\u{dc00}b`],
    ['a backslash', String.raw`a\b`, String.raw`a\u{5c}b`],
    ['what looks like an escape', String.raw`\u{200b}`, String.raw`\u{5c}u{200b}`],
    ['an ellipsis', 'a…', String.raw`a\u{2026}`],
    ['a ligature', '\ufb01sh', String.raw`\u{fb01}sh`],
    ['a full-width letter', '\uff41lice', String.raw`\u{ff41}lice`],
    ['the Kelvin sign', '\u212a', String.raw`\u{212a}`],
    ['a letter that is not composed', 'Rene\u0301', String.raw`Rene\u{301}`],
    ['spaces beside a ligature', ' \ufb01  x ', String.raw`\u{20}\u{fb01} \u{20}x\u{20}`],
    ['a single space beside a ligature', '\ufb01 x', String.raw`\u{fb01} x`],
    ['Hangul that is not composed', '\u1100\u1161', String.raw`\u{1100}\u{1161}`],
  ])('escapes %s', (_, value, shown) => {
    expect(printable(value)).toBe(shown);
  });

  it('keeps 1,024 characters, which every user id and every jti has at most', () => {
    expect(printable('a'.repeat(1024))).toBe('a'.repeat(1024));
  });

  it('marks a value that it has cut', () => {
    expect(printable('a'.repeat(1025))).toBe(`${'a'.repeat(1024)}…`);
  });

  it('cuts no character in two', () => {
    expect(printable(`${'a'.repeat(1023)}😀`)).toBe(`${'a'.repeat(1023)}…`);
  });

  it('cuts no more than it has to', () => {
    expect(printable(`a\ud800${'b'.repeat(1023)}`)).toBe(
      `${String.raw`a\u{d800}`}${'b'.repeat(1022)}…`,
    );
  });

  it('counts characters before they are escaped', () => {
    expect(printable('\u0001'.repeat(1024))).toBe(String.raw`\u{1}`.repeat(1024));
  });
});

describe('fromPrintable', () => {
  it.each([
    'alice',
    'alice\u200b@example.com',
    String.raw`\u{200b}`,
    'Rene\u0301',
    'a\ud800b',
    '\u{10ffff}',
    '\u0001'.repeat(512),
    'a'.repeat(1024),
    ' ',
    '',
  ])('finds the value again: %j', (value) => {
    expect(fromPrintable(printable(value))).toBe(value);
  });

  it('finds no value that was cut', () => {
    expect(fromPrintable(printable('a'.repeat(1025)))).toBeUndefined();
  });

  it.each([
    ['a visible character as an escape', String.raw`\u{61}lice`],
    ['an escape beyond Unicode', String.raw`\u{110000}`],
    ['a backslash', String.raw`a\b`],
    ['a character that would be escaped', 'a\u200bb'],
    ['what only a cut value ends with', 'a…'],
    ['more than is ever kept', 'a'.repeat(1025)],
  ])('takes nothing that is never written so: %s', (_, text) => {
    expect(fromPrintable(text)).toBeUndefined();
  });
});
