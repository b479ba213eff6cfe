/**
 * Characters that nobody sees, or that steer a terminal: refused in what an operator types, and
 * escaped in whatever is printed, wherever it came from.
 */

/** Control, format, private-use and filler characters, and what looks like a space and is none. */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;
const EVERY_INVISIBLE = new RegExp(INVISIBLE, 'gu');

/** The first of them as `U+200B`; undefined when there is none. */
export function invisibleIn(text: string): string | undefined {
  const character = INVISIBLE.exec(text)?.[0];
  return character && `U+${hexOf(character).toUpperCase().padStart(4, '0')}`;
}

/** One line for a terminal, with `\u{…}` for each of them. */
export function escapeInvisible(line: string): string {
  return line.replace(EVERY_INVISIBLE, (character) => `\\u{${hexOf(character)}}`);
}

/** The same JSON, in which each of them is written by its escape. */
export function escapeJson(json: string): string {
  return json.replace(EVERY_INVISIBLE, (character) =>
    character === '\n'
      ? character
      : Array.from(
          { length: character.length },
          (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
