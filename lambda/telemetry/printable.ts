/**
 * Values that somebody else chose, written so that nobody is deceived by them: one line, every
 * character visible, and no value looks like another. Pure. For the log and for the command line.
 */

/**
 * In UTF-16 code units. A user id has at most 1,024 bytes and a `jti` at most 512, so what the log
 * shows of either is whole, and can be looked up, disabled or revoked.
 */
const MAX_CHARACTERS = 1024;

/** Compatibility normalization changes this character, so it is escaped wherever a value has it. */
const CUT_MARK = '…';

/**
 * What stands for itself in any case. Compiling the expressions below takes a millisecond of a cold
 * start under Lambda's share of a processor, and ids of the usual kind never need them.
 */
const PLAIN = /^[\x21-\x5b\x5d-\x7e]*$/u;

/**
 * Control, format, private-use, unassigned and surrogate characters; separators and spaces other
 * than single ones in the middle; whatever a font draws as nothing (UAX #44,
 * Default_Ignorable_Code_Point, and the blank braille pattern); the backslash, for what is escaped.
 */
const INVISIBLE = /^ | $|(?<= ) |[^\P{Z} ]|[\p{C}\p{Default_Ignorable_Code_Point}\u2800\\]/gu;

const BEYOND_ASCII = /^ | $|(?<= ) |[^\x20-\x5b\x5d-\x7e]/gu;

const ESCAPE = /\\u\{([0-9a-f]{1,6})\}/gu;

/**
 * `value` with `\u{…}` for every character that cannot be seen, and for the backslash; cut after
 * 1,024 characters, with `…` as the mark. A value that another one is equivalent to (NFKC: composed
 * or not, ligatures, full width) has all its characters beyond ASCII escaped. Apply it once.
 */
export function printable(value: string): string {
  const kept = cut(value);
  const mark = kept.length < value.length ? CUT_MARK : '';
  if (PLAIN.test(kept)) return kept + mark;
  const hidden = kept.normalize('NFKC') === kept ? INVISIBLE : BEYOND_ASCII;
  return kept.replace(hidden, escape) + mark;
}

/** The value that `printable` writes as `text`; undefined when it writes no whole value so. */
export function fromPrintable(text: string): string | undefined {
  const value = text.replace(ESCAPE, (written, hex: string) => {
    const codePoint = Number.parseInt(hex, 16);
    return codePoint > 0x10_ff_ff ? written : String.fromCodePoint(codePoint);
  });
  return printable(value) === text && value.length <= MAX_CHARACTERS ? value : undefined;
}

/** Never between the halves of a pair. */
function cut(value: string): string {
  if (value.length <= MAX_CHARACTERS) return value;
  const kept = value.slice(0, MAX_CHARACTERS);
  return /[\uD800-\uDBFF]$/u.test(kept) ? kept.slice(0, -1) : kept;
}

function escape(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
