/**
 * The records of a CSV or JSON Lines file, one at a time with their line numbers. What cannot be
 * read becomes a problem at its line, and the lines after it are read all the same: so a record is
 * one line in CSV too, where a quoted value could otherwise swallow the rest of the file.
 */
import { isJsonObject } from '../../lambda/json.ts';
import { parse } from 'csv-parse/sync';
import { printable } from '../../lambda/telemetry/printable.ts';
import { counted } from '../output.ts';
import { inGroups } from './in-groups.ts';
import { COLUMNS, type Column, type UserRecord } from '../users/record.ts';

export type Format = 'csv' | 'jsonl';

export type Line =
  | { readonly line: number; readonly record: UserRecord }
  | { readonly line: number; readonly problem: string };

type Bytes = AsyncIterable<Buffer>;

/** In bytes. A row's own limits keep it far below. */
const MAX_LINE_BYTES = 64 * 1024;
/** Of CSV, parsed together. */
const BLOCK_LINES = 256;
const MAX_SHOWN_NAME = 40;
const NEW_LINE = 0x0a;
const ROLE_SEPARATOR = ';';

export function readLines(input: Bytes, format: Format): AsyncGenerator<Line, void, undefined> {
  return format === 'csv' ? readCsv(input) : readJsonLines(input);
}

/** The format that the beginning of a file speaks of. A JSON array is refused as JSON. */
export function formatOf(beginning: Buffer): Format {
  return /^\uFEFF?\s*[{[]/u.test(beginning.toString('utf8')) ? 'jsonl' : 'csv';
}

async function* readJsonLines(input: Bytes): AsyncGenerator<Line, void, undefined> {
  let isFirst = true;
  for await (const line of textLines(input)) {
    if (isFirst && 'text' in line && line.text.startsWith('[')) {
      yield { line: line.line, problem: 'is a JSON array; write one object a line, not an array' };
      return;
    }
    isFirst = false;
    yield 'text' in line ? { line: line.line, ...readJsonRecord(line.text) } : line;
  }
}

function readJsonRecord(text: string): { record: UserRecord } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the line.
    return { problem: 'is not JSON' };
  }
  if (!isJsonObject(value)) {
    return { problem: 'is not a JSON object' };
  }
  const unknown = Object.keys(value).find((name) => !isColumn(name));
  return unknown === undefined
    ? { record: value }
    : { problem: `has a member${quoted(unknown)} that is not one of: ${COLUMNS.join(', ')}` };
}

type TextLine =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly problem: string };

/** Every line that is not empty, trimmed. */
async function* textLines(input: Bytes): AsyncGenerator<TextLine, void, undefined> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  for await (const bytes of splitLines(input)) {
    line += 1;
    if (bytes === undefined) {
      yield { line, problem: `is longer than ${MAX_LINE_BYTES} bytes` };
      continue;
    }
    let text: string;
    try {
      text = utf8.decode(bytes).trim();
    } catch {
      yield { line, problem: 'is not UTF-8' };
      continue;
    }
    if (text !== '') yield { line, text };
  }
}

/** Lines without their ends; undefined stands for one that is too long to keep. */
async function* splitLines(input: Bytes): AsyncGenerator<Buffer | undefined, void, undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): Buffer | undefined => {
    const bytes = length > MAX_LINE_BYTES ? undefined : Buffer.concat(parts, length);
    parts = [];
    length = 0;
    return bytes;
  };
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length <= MAX_LINE_BYTES) parts.push(part);
    else parts = [];
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(NEW_LINE); end !== -1; end = chunk.indexOf(NEW_LINE, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (length > 0) yield take();
}

async function* readCsv(input: Bytes): AsyncGenerator<Line, void, undefined> {
  let header: readonly Column[] | undefined;
  for await (const block of inGroups(textLines(input), BLOCK_LINES)) {
    for (const { line, ...parsed } of parseBlock(block)) {
      if ('problem' in parsed) {
        yield { line, problem: parsed.problem };
      } else if (header === undefined) {
        const columns = readHeader(parsed.cells);
        if (typeof columns === 'string') {
          yield { line, problem: columns };
          return;
        }
        header = columns;
      } else {
        yield { line, ...readCsvRecord(parsed.cells, header) };
      }
    }
  }
}

type CsvLine =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly problem: string };

/** Many lines at once, since a parser costs more to make than to use; a bad block line by line. */
function parseBlock(block: readonly TextLine[]): readonly CsvLine[] {
  const good = block.filter((line) => 'text' in line);
  const records = parseCsv(good.map(({ text }) => text).join('\n'));
  const isSound = records?.length === good.length;
  let index = 0;
  return block.map((line) => {
    if (!('text' in line)) return line;
    const cells = isSound ? records[index] : parseCsv(line.text)?.[0];
    index += 1;
    return cells === undefined
      ? { line: line.line, problem: 'is not CSV (a quote is out of place)' }
      : { line: line.line, cells };
  });
}

function parseCsv(text: string): readonly (readonly string[])[] | undefined {
  try {
    return parse(text, { trim: true, relax_column_count: true, record_delimiter: '\n' });
  } catch {
    return undefined;
  }
}

/** The columns, or what is wrong with them: a mistyped one would quietly mean its default. */
function readHeader(names: readonly string[]): readonly Column[] | string {
  const columns: Column[] = [];
  for (const [index, name] of names.entries()) {
    if (name === '') return `has no name for column ${index + 1}`;
    if (!isColumn(name)) {
      return `names a column${quoted(name)} that is not one of: ${COLUMNS.join(', ')}`;
    }
    if (columns.includes(name)) return `names the column ${name} twice`;
    columns.push(name);
  }
  return columns.includes('user_id') ? columns : 'does not name the column user_id';
}

/** A name to be shown, with a space before it; nothing when it is long, and may be a token. */
function quoted(name: string): string {
  return name.length <= MAX_SHOWN_NAME ? ` ${printable(JSON.stringify(name))}` : '';
}

function readCsvRecord(
  cells: readonly string[],
  header: readonly Column[],
): { record: UserRecord } | { problem: string } {
  if (cells.length !== header.length) {
    return { problem: `has ${counted(cells.length, 'cell')} instead of ${header.length}` };
  }
  const record: Partial<Record<Column, unknown>> = {};
  header.forEach((column, index) => {
    const cell = cells[index] ?? '';
    if (cell !== '') record[column] = readCell(column, cell);
  });
  return { record };
}

/** A cell as the value it stands for; one that stands for none goes on as it is, to be refused. */
function readCell(column: Column, cell: string): unknown {
  switch (column) {
    case 'is_active':
    case 'is_admin':
      return { true: true, false: false }[cell.toLowerCase()] ?? cell;
    case 'tokens_valid_after':
      return /^\d{1,11}$/u.test(cell) ? Number(cell) : cell;
    case 'roles':
      return cell.split(ROLE_SEPARATOR).map((role) => role.trim());
    case 'user_id':
    case 'namespace':
    case 'email':
    case 'full_name':
      return cell;
  }
}

function isColumn(name: string): name is Column {
  return (COLUMNS as readonly string[]).includes(name);
}

/** One line of CSV, as `readLines` reads it; undefined for a value that does not fit on one. */
export function toCsvLine(record: UserRecord): string | undefined {
  const cells = COLUMNS.map((column) => {
    const value = record[column];
    const text = Array.isArray(value)
      ? value.join(ROLE_SEPARATOR)
      : String((value as string | number | boolean | undefined) ?? '');
    return /[",]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return cells.some((cell) => /[\r\n]/u.test(cell)) ? undefined : cells.join(',');
}
