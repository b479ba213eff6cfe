/**
 * The output of a command. With `--json`, standard output is exactly one JSON document, whose first
 * member is `ok`; otherwise it is lines for people. Notes and progress always go to standard error.
 */
import { printable } from '../lambda/telemetry/printable.ts';
import { escapeInvisible, escapeJson } from './invisible.ts';
import { EXIT, type CliError, type ExitCode } from './errors.ts';

/** The result of a command: data for programs, and lines for people. */
export interface CommandResult {
  /** Members in snake_case. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: readonly string[];
  /** Default: 0. */
  readonly exitCode?: ExitCode;
  /** A step that failed although the rest succeeded. */
  readonly error?: CliError | undefined;
}

const PROGRESS_WIDTH = 24;
/** Between two plain lines of progress, where there is no terminal to draw a bar on. */
const PLAIN_PROGRESS_INTERVAL_MS = 2000;

export class Output {
  readonly json: boolean;
  #lastProgressAt = 0;
  #barIsDrawn = false;

  constructor(json: boolean) {
    this.json = json;
  }

  result({ data, text, exitCode = EXIT.ok, error }: CommandResult): void {
    this.#clearBar();
    const ok = exitCode === EXIT.ok;
    if (this.json) {
      writeDocument({ ok, ...(error !== undefined && { error: membersOf(error) }), ...data });
    } else if (text.length > 0) process.stdout.write(`${text.map(escapeInvisible).join('\n')}\n`);
    if (error !== undefined) this.#complain(error);
  }

  error(error: CliError): void {
    this.#clearBar();
    this.#complain(error);
    if (this.json) writeDocument({ ok: false, error: membersOf(error), ...error.data });
  }

  #complain({ message, remedy }: CliError): void {
    process.stderr.write(`rollcall: ${escapeInvisible(`${message}. ${remedy}.`)}\n`);
  }

  note(line: string): void {
    this.#clearBar();
    process.stderr.write(`${escapeInvisible(line)}\n`);
  }

  /** A bar on a terminal; elsewhere a plain line now and then. */
  progress(label: string, done: number, total: number): void {
    const share = total === 0 ? 1 : done / total;
    const counts = `${done.toLocaleString('en')}/${total.toLocaleString('en')}`;
    if (process.stderr.isTTY) {
      const filled = Math.round(share * PROGRESS_WIDTH);
      const bar = '#'.repeat(filled) + '-'.repeat(PROGRESS_WIDTH - filled);
      process.stderr.write(`\r${label} [${bar}] ${counts} ${Math.floor(share * 100)} %`);
      this.#barIsDrawn = true;
      return;
    }
    if (done === 0) return;
    const now = performance.now();
    if (now - this.#lastProgressAt < PLAIN_PROGRESS_INTERVAL_MS && done < total) return;
    this.#lastProgressAt = now;
    process.stderr.write(`${label} ${counts}\n`);
  }

  #clearBar(): void {
    if (this.#barIsDrawn) process.stderr.write('\r\u001B[K');
    this.#barIsDrawn = false;
  }
}

function membersOf({ code, message, remedy }: CliError) {
  return { code, message, remedy };
}

function writeDocument(document: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${escapeJson(JSON.stringify(document, null, 2))}\n`);
}

/** Columns of values that may hold any character. */
export function table(rows: readonly (readonly string[])[]): string[] {
  return columns(rows.map((row) => row.map(printable)));
}

/** Columns as wide as their widest cell, of what can be printed as it is. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const MIN_COLUMN_WIDTH = 8;
const GAP = 2;

/** As `table`, with the widest columns cut until a line has at most `width` characters. */
export function fitTable(
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string[] {
  const printed = rows.map((row) => row.map(printable));
  const widths = (printed[0] ?? []).map((_, column) =>
    Math.max(...printed.map((row) => row[column]?.length ?? 0)),
  );
  const total = () => widths.reduce((sum, cell) => sum + cell, GAP * (widths.length - 1));
  const limit = width ?? Infinity;
  while (total() > limit && Math.max(...widths) > MIN_COLUMN_WIDTH) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  const cut = (cell: string, to: number) => (cell.length > to ? `${cell.slice(0, to - 1)}…` : cell);
  return columns(printed.map((row) => row.map((cell, at) => cut(cell, widths[at] ?? 0))));
}

/** `1 row`, `2 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Epoch seconds as a time that people and programs can read. */
export function isoTime(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace(/\.000Z$/u, 'Z');
}
