/** JSON as people read it: indented, its names and values told apart. */
import { el } from './dom.js';

/** Strings, then names, literals and numbers, in text that `JSON.stringify` made. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/giu;

/** A scrollable block of code that the keyboard reaches. */
export function codeBlock(label, ...children) {
  return el(
    'pre',
    { tabindex: 0, role: 'group', 'aria-label': label },
    el('code', {}, ...children),
  );
}

export function jsonBlock(label, value) {
  return codeBlock(label, ...highlighted(JSON.stringify(value, null, 2)));
}

export function highlighted(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const [whole, string, colon, literal] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (colon !== undefined) parts.push(el('span', { class: 'json-name' }, string), colon);
    else parts.push(el('span', { class: kindOf(string, literal) }, whole));
  }
  return [...parts, text.slice(end)];
}

function kindOf(string, literal) {
  if (string !== undefined) return 'json-string';
  return literal === undefined ? 'json-number' : 'json-literal';
}
