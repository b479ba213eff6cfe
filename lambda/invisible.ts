/**
 * Characters that nobody sees, and what looks like a space and is none. Pure. Two values that differ
 * by one of them look alike, so none is let into a setting or a new id.
 */

/** Control, format, private-use and filler characters (UAX #44), and every space but U+0020. */
export const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;

/** The first of them as `U+200B`; undefined when there is none. */
export function invisibleIn(text: string): string | undefined {
  const character = INVISIBLE.exec(text)?.[0];
  if (character === undefined) return undefined;
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `U+${hex.padStart(4, '0')}`;
}
