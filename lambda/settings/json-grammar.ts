/**
 * Grammars for settings, or parts of settings, that are written in JSON. As everywhere, a problem
 * says what was expected and never repeats the value.
 */
import { isJsonObject } from '../json.ts';
import { everyItem, type Grammar, type Parsed } from './grammar.ts';

/** Reads a value that is already JSON. */
export type JsonGrammar<T = unknown> = (value: unknown) => Parsed<T>;

/** The grammar of a setting that is written as JSON for `grammar`. */
export function json<T>(grammar: JsonGrammar<T>): Grammar<T> {
  return (text) => grammar(parseJson(text));
}

/** `text` as a value; undefined if it is not JSON. The parser's own message would quote it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A string that `grammar` reads. */
export function stringOf<T>(grammar: Grammar<T>): JsonGrammar<T> {
  return (value) =>
    typeof value === 'string' && value !== ''
      ? grammar(value)
      : { ok: false, problem: 'must be a string' };
}

/** A string that `ofString` reads, or a list of strings that `item` reads; at least one. */
export function stringOrList<T>(
  ofString: Grammar<readonly T[]>,
  item: Grammar<T>,
): JsonGrammar<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return stringOf(ofString)(value);
    const strings = value.filter((part) => typeof part === 'string');
    return strings.length === value.length
      ? everyItem(strings, item)
      : { ok: false, problem: 'must be a string or a list of strings' };
  };
}

/** Names with one string or several each. A name may be any that an object can have. */
export type StringsByName = Readonly<Record<string, readonly string[]>>;

/** An object of at most `maxNames` names, each with a string or a list of strings. */
export function stringsByName(
  name: Grammar<string>,
  item: Grammar<string>,
  maxNames: number,
): JsonGrammar<StringsByName> {
  const strings = stringOrList((text) => everyItem([text], item), item);
  return (value) => {
    if (!isJsonObject(value) || Object.keys(value).length > maxNames) {
      return { ok: false, problem: `must be a JSON object of at most ${maxNames} names` };
    }
    const entries: (readonly [string, readonly string[]])[] = [];
    for (const [key, member] of Object.entries(value)) {
      const parsedName = name(key);
      if (!parsedName.ok) return { ok: false, problem: `has a name that ${parsedName.problem}` };
      const parsed = strings(member);
      if (!parsed.ok) return { ok: false, problem: `has a value that ${parsed.problem}` };
      entries.push([key, parsed.value]);
    }
    // Not by assignment: `__proto__` is a name like any other.
    return { ok: true, value: Object.fromEntries(entries) };
  };
}
