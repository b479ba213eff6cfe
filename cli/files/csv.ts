/**
 * CSV as spreadsheets write and read it (RFC 4180 and its common extensions): separated by commas,
 * semicolons or tabs, with quoted line breaks, rows that hold only separators, and cells that begin
 * like a formula. The problem of a row is reported with its line, and the next rows are still read.
 */

export type CsvRow =
  /** `line` is the one that it begins on. */
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly problem: string };

const SEPARATORS = [',', ';', '\t'] as const;
/** Excel's own first line. */
const SEPARATOR_LINE = /^sep=(.)$/iu;
/**
 * In characters. A quoted cell that is longer and has a line break was meant to end earlier: no
 * column holds so much.
 */
const MAX_QUOTED_LENGTH = 1024;
const STRAY_QUOTE = 'is not CSV (a quote is out of place)';

/** Every row that is not empty. Cells are trimmed, unless they are quoted. */
export function* parseCsv(text: string): Generator<CsvRow, void, undefined> {
  let line = 1;
  let position = 0;
  let separator: string | undefined;
  while (position < text.length) {
    const end = endOfLine(text, position);
    const firstLine = text.slice(position, end);
    const declared = separator === undefined ? SEPARATOR_LINE.exec(firstLine)?.[1] : undefined;
    if (firstLine.trim() === '' || declared !== undefined) {
      separator = declared ?? separator;
      position = skipLineEnd(text, end);
      line += 1;
      continue;
    }
    separator ??= separatorOf(firstLine);
    const row = readRow(text, position, separator);
    if (row === undefined) {
      yield { line, problem: STRAY_QUOTE };
      position = skipLineEnd(text, end);
      line += 1;
      continue;
    }
    if (row.cells.some((cell) => cell !== '')) yield { line, cells: row.cells };
    line += 1 + countLineBreaks(text.slice(position, row.end));
    position = skipLineEnd(text, row.end);
  }
}

/** The one that the header has most of; quoted ones do not count. */
function separatorOf(header: string): string {
  const plain = header.replaceAll(/"[^"]*"/gu, '');
  const count = (separator: string) => plain.split(separator).length;
  return [...SEPARATORS].sort((a, b) => count(b) - count(a))[0] ?? ',';
}

interface Row {
  readonly cells: readonly string[];
  /** Of its last character. */
  readonly end: number;
}

/** Undefined when a quote is out of place. */
function readRow(text: string, start: number, separator: string): Row | undefined {
  const cells: string[] = [];
  let position = start;
  for (;;) {
    const cell = readQuoted(text, position, separator) ?? readPlain(text, position, separator);
    if (cell === 'bad') return undefined;
    cells.push(unescapeFormula(cell.text));
    if (text[cell.end] !== separator) return { cells, end: cell.end };
    position = cell.end + 1;
  }
}

interface Cell {
  readonly text: string;
  readonly end: number;
}

/** Undefined for a cell that does not begin with a quote. */
function readQuoted(text: string, start: number, separator: string): Cell | 'bad' | undefined {
  const opening = skipBlanks(text, start, separator);
  if (text[opening] !== '"') return undefined;
  let from = opening + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return 'bad';
    if (text[quote + 1] === '"') {
      from = quote + 2;
      continue;
    }
    const content = text.slice(opening + 1, quote).replaceAll('""', '"');
    const end = skipBlanks(text, quote + 1, separator);
    const isEnd = end >= text.length || text[end] === separator || isLineEnd(text[end]);
    const isTooLong = content.length > MAX_QUOTED_LENGTH && /[\r\n]/u.test(content);
    return isEnd && !isTooLong ? { text: content, end } : 'bad';
  }
}

function readPlain(text: string, start: number, separator: string): Cell {
  let end = start;
  while (end < text.length && text[end] !== separator && !isLineEnd(text[end])) end += 1;
  return { text: text.slice(start, end).trim(), end };
}

function skipBlanks(text: string, start: number, separator: string): number {
  let position = start;
  while ((text[position] === ' ' || text[position] === '\t') && text[position] !== separator) {
    position += 1;
  }
  return position;
}

function isLineEnd(character: string | undefined): boolean {
  return character === '\n' || character === '\r';
}

function endOfLine(text: string, start: number): number {
  let end = start;
  while (end < text.length && !isLineEnd(text[end])) end += 1;
  return end;
}

/** After `\n`, `\r\n` or `\r`. */
function skipLineEnd(text: string, end: number): number {
  return text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
}

function countLineBreaks(text: string): number {
  return text.match(/\r\n|\r|\n/gu)?.length ?? 0;
}

/** Cells that a spreadsheet would evaluate as a formula. */
const FORMULA = /^[=+\-@\t\r]/u;
const ESCAPED = /^'['=+\-@\t\r]/u;

/**
 * One line, as `parseCsv` reads it. A cell that begins like a formula gets an apostrophe in front,
 * which spreadsheets hide and `parseCsv` takes away.
 */
export function csvLine(cells: readonly string[], { rawFormulas = false } = {}): string {
  return cells
    .map((cell) => {
      const isEscaped = ESCAPED.test(cell) || (!rawFormulas && FORMULA.test(cell));
      const text = isEscaped ? `'${cell}` : cell;
      return /[",;\t\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}

function unescapeFormula(cell: string): string {
  return ESCAPED.test(cell) ? cell.slice(1) : cell;
}
