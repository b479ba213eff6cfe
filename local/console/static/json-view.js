/** JSON as people read it: indented, its names and values told apart. */
import { el } from './dom.js';

/** Strings, then names, literals and numbers, in text that `JSON.stringify` made. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/giu;

/** In characters: what fits on one line stands on one. */
const LINE_LENGTH = 48;

/** Indented JSON in which what is short is not spread over lines. */
export function printed(value, indent = '') {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => printed(item, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => `${JSON.stringify(name)}: ${printed(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const pad = parts.length > 0 && open === '{' ? ' ' : '';
  const line = `${open}${pad}${parts.join(', ')}${pad}${close}`;
  if (parts.length === 0 || (indent.length + line.length <= LINE_LENGTH && !line.includes('\n')))
    return line;
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

/** A scrollable block of code that the keyboard reaches. */
export function codeBlock(label, ...children) {
  return el(
    'pre',
    { tabindex: 0, role: 'group', 'aria-label': label },
    el('code', {}, ...children),
  );
}

export function jsonBlock(label, value) {
  return codeBlock(label, ...highlighted(printed(value)));
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
