/** JSON Lines: one object per line. A member that occurs twice is an error. */
import { isJsonObject, type JsonObject } from '../../lambda/json.ts';

export type JsonLine =
  | { readonly line: number; readonly value: JsonObject }
  | { readonly line: number; readonly problem: string };

/** Every line that is not empty. */
export function* parseJsonLines(text: string): Generator<JsonLine, void, undefined> {
  let isFirst = true;
  for (const [index, part] of text.split('\n').entries()) {
    const line = index + 1;
    const source = part.trim();
    if (source === '') continue;
    if (isFirst && source.startsWith('[')) {
      yield { line, problem: 'is a JSON array; write one object per line' };
      return;
    }
    isFirst = false;
    yield { line, ...parseObject(source) };
  }
}

function parseObject(source: string): { value: JsonObject } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    // The parser's own message would quote the line.
    return { problem: 'is not JSON' };
  }
  if (!isJsonObject(value)) return { problem: 'is not a JSON object' };
  return hasRepeatedMember(source) ? { problem: 'names a member twice' } : { value };
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gu;

/** Whether an object in `source`, which is JSON, has two members of one name. */
function hasRepeatedMember(source: string): boolean {
  const objects: Set<string>[] = [];
  const tokens = source.match(TOKEN) ?? [];
  for (const [index, token] of tokens.entries()) {
    if (token === '{') objects.push(new Set());
    else if (token === '}') objects.pop();
    else if (token.startsWith('"') && tokens[index + 1] === ':') {
      // Escapes may spell one name in two ways.
      const name = JSON.parse(token) as string;
      const names = objects.at(-1);
      if (names?.has(name) === true) return true;
      names?.add(name);
    }
  }
  return false;
}
