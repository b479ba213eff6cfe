/** Escapes control characters and invisible characters in printed lines. */
import { INVISIBLE } from '../lambda/invisible.ts';

const EVERY_INVISIBLE = new RegExp(INVISIBLE, 'gu');

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
