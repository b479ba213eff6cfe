/**
 * What a command prints. With `--json`, standard output is exactly one JSON document, `ok` its
 * first member; without, it is for people. Notes and progress go to standard error either way.
 */
import { printable } from '../lambda/telemetry/printable.ts';
import { EXIT, type CliError, type ExitCode } from './errors.ts';

/** What a command found out or did: for programs and, line by line, for people. */
export interface CommandResult {
  /** Members in snake_case. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: readonly string[];
  /** Default: 0. */
  readonly exitCode?: ExitCode;
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

  result({ data, text, exitCode = EXIT.ok }: CommandResult): void {
    this.#clearBar();
    const ok = exitCode === EXIT.ok;
    if (this.json) process.stdout.write(`${JSON.stringify({ ok, ...data }, null, 2)}\n`);
    else if (text.length > 0) process.stdout.write(`${text.join('\n')}\n`);
  }

  error({ code, message, remedy, data }: CliError): void {
    this.#clearBar();
    process.stderr.write(`rollcall: ${message}. ${remedy}.\n`);
    if (this.json) {
      const document = { ok: false, error: { code, message, remedy }, ...data };
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    }
  }

  note(line: string): void {
    this.#clearBar();
    process.stderr.write(`${line}\n`);
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

/** Columns of values that somebody else chose. */
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

/** `1 row`, `2 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Epoch seconds as a time that people and programs can read. */
export function isoTime(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace(/\.000Z$/u, 'Z');
}
