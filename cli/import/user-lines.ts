/** The users in a CSV or JSON Lines file, and how an exported row is written in either. */
import { printable } from '../../lambda/telemetry/printable.ts';
import { usageError } from '../errors.ts';
import { csvLine, parseCsv } from '../files/csv.ts';
import { parseJsonLines } from '../files/json-lines.ts';
import { escapeJson } from '../invisible.ts';
import { counted } from '../output.ts';
import { COLUMNS, isColumn, type Column, type UserRecord } from '../users/record.ts';

export type Format = 'csv' | 'jsonl';

export type RecordLine =
  | { readonly line: number; readonly record: UserRecord }
  | { readonly line: number; readonly problem: string };

/** A column or member of the file → the column that it means, or undefined to leave it out. */
export type ColumnMap = ReadonlyMap<string, Column | undefined>;

const MAX_SHOWN_NAME = 40;
const ROLE_SEPARATOR = ';';

/** Detects the format from the first character. A JSON array counts as JSON, and is rejected later. */
export function formatOf(text: string): Format {
  return /^\s*[{[]/u.test(text) ? 'jsonl' : 'csv';
}

/**
 * Reads `<name in the file>=<column>`, or several with commas between. An empty column
 * name skips the column.
 *
 * @throws CliError
 */
export function readColumnMap(options: readonly string[] = []): ColumnMap {
  return new Map(
    options.flatMap(splitMap).map((option) => {
      const at = option.lastIndexOf('=');
      const [name, column] = [option.slice(0, at).trim(), option.slice(at + 1).trim()];
      if (at > 0 && column === '') return [name, undefined];
      if (at > 0 && isColumn(column)) return [name, column];
      // The other way round it can mean nothing else.
      if (at > 0 && isColumn(name)) return [column, name];
      throw usageError(
        'map_invalid',
        `--map needs a name in the file, an equals sign and one of: ${COLUMNS.join(', ')}`,
        'Write it like --map "User ID=user_id"; --map "Department=" skips a column',
      );
    }),
  );
}

/** A name in a file may have a comma: only what is a mapping by itself is one. */
function splitMap(option: string): readonly string[] {
  const parts = option.split(',');
  return parts.every((part) => part.includes('=')) ? parts : [option];
}

export function readRecords(
  text: string,
  format: Format,
  map: ColumnMap = new Map(),
): Generator<RecordLine, void, undefined> {
  return format === 'csv' ? readCsv(text, map) : readJsonLines(text, map);
}

function* readJsonLines(text: string, map: ColumnMap): Generator<RecordLine, void, undefined> {
  for (const line of parseJsonLines(text)) {
    if ('problem' in line) {
      yield line;
      continue;
    }
    const names = Object.keys(line.value);
    const columns = readNames(names, map, 'member');
    yield typeof columns === 'string'
      ? { line: line.line, problem: columns }
      : { line: line.line, record: recordOf(columns, Object.values(line.value)) };
  }
}

function* readCsv(text: string, map: ColumnMap): Generator<RecordLine, void, undefined> {
  let header: readonly (Column | undefined)[] | undefined;
  for (const row of parseCsv(text)) {
    const { line } = row;
    if ('problem' in row) {
      yield row;
    } else if (header === undefined) {
      const columns = readHeader(row.cells, map);
      if (typeof columns === 'string') {
        yield { line, problem: columns };
        return;
      }
      header = columns;
    } else {
      yield { line, ...readCsvRecord(row.cells, header) };
    }
  }
}

/** The columns, or their problem: a mistyped name would silently mean its default. */
function readHeader(
  cells: readonly string[],
  map: ColumnMap,
): readonly (Column | undefined)[] | string {
  const names = cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
  const empty = names.indexOf('');
  if (empty !== -1) return `has no name for column ${empty + 1}`;
  const columns = readNames(names, map, 'column');
  if (typeof columns === 'string') return columns;
  return columns.includes('user_id')
    ? columns
    : 'does not name the column user_id (map another one to it with --map)';
}

function readNames(
  names: readonly string[],
  map: ColumnMap,
  kind: 'column' | 'member',
): readonly (Column | undefined)[] | string {
  const columns: (Column | undefined)[] = [];
  for (const name of names) {
    const column = map.has(name) ? map.get(name) : name;
    if (column !== undefined && !isColumn(column)) {
      return `names a ${kind}${quoted(name)} that is not one of: ${COLUMNS.join(', ')} (map it with --map)`;
    }
    if (column !== undefined && columns.includes(column)) {
      return `names the ${kind} ${column} twice`;
    }
    columns.push(column);
  }
  return columns;
}

/** A name to be shown, with a space before it; nothing when it is long, and may be a token. */
function quoted(name: string): string {
  return name.length <= MAX_SHOWN_NAME ? ` ${printable(JSON.stringify(name))}` : '';
}

function recordOf(
  columns: readonly (Column | undefined)[],
  values: readonly unknown[],
): UserRecord {
  const entries = columns.map((column, index) => [column, values[index]] as const);
  return Object.fromEntries(
    entries.filter(([column, value]) => column !== undefined && value !== undefined),
  );
}

function readCsvRecord(
  cells: readonly string[],
  header: readonly (Column | undefined)[],
): { record: UserRecord } | { problem: string } {
  const isPadded = cells.slice(header.length).every((cell) => cell === '');
  if (cells.length < header.length || !isPadded) {
    return { problem: `has ${counted(cells.length, 'cell')} instead of ${header.length}` };
  }
  const values = header.map((column, index) => {
    const cell = cells[index] ?? '';
    return column === undefined || cell === '' ? undefined : readCell(column, cell);
  });
  return { record: recordOf(header, values) };
}

/** A cell as the value it stands for; one that stands for none goes on as it is, to be refused. */
function readCell(column: Column, cell: string): unknown {
  switch (column) {
    case 'is_active':
    case 'is_admin':
      return { true: true, false: false }[cell.toLowerCase()] ?? cell;
    case 'tokens_valid_after':
      return /^\d{1,11}(?:\.\d+)?$/u.test(cell) ? Number(cell) : cell;
    case 'roles':
      return cell.split(/[;,]/u).map((role) => role.trim());
    case 'user_id':
    case 'namespace':
    case 'email':
    case 'full_name':
      return cell;
  }
}

/** One line, or several for a value with line breaks, that `readRecords` reads as `record` again. */
export function recordLine(
  record: UserRecord,
  format: Format,
  options?: { readonly rawFormulas: boolean },
): string {
  if (format === 'jsonl') return escapeJson(JSON.stringify(record));
  const cells = COLUMNS.map((column) => {
    const value = record[column];
    return Array.isArray(value)
      ? value.join(ROLE_SEPARATOR)
      : String((value as string | number | boolean | undefined) ?? '');
  });
  return csvLine(cells, options);
}
