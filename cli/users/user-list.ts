/**
 * The users that `--from` names: one id per line, or a CSV with a column `user_id` or `email`. Other
 * columns are ignored.
 */
import { CliError, EXIT } from '../errors.ts';
import { parseCsv } from '../files/csv.ts';
import type { InputFile } from '../files/input-file.ts';
import type { Output } from '../output.ts';
import { keyOf, type Rules } from '../user-keys.ts';
import { foldEmail } from './survey.ts';

export interface ListedUser {
  readonly line: number;
  /** Of the row, where the file names ids; where it names addresses, if the address is an id. */
  readonly key: string | undefined;
  /** As the file has it. */
  readonly written: string;
  /** Folded; undefined where the file names ids. */
  readonly email: string | undefined;
}

interface Columns {
  readonly id: number;
  readonly namespace: number;
  readonly byEmail: boolean;
}

/** A header as people write it: `User ID`, `E-Mail`. */
const HEADERS: ReadonlyMap<string, 'user_id' | 'email' | 'namespace'> = new Map([
  ['user_id', 'user_id'],
  ['userid', 'user_id'],
  ['email', 'email'],
  ['e_mail', 'email'],
  ['namespace', 'namespace'],
]);

/** @throws CliError if a line has no user, or if the file has none */
export function readUserList(
  { name, text }: InputFile,
  { rules, namespace, output }: { rules: Rules; namespace: string | undefined; output: Output },
): readonly ListedUser[] {
  const users: ListedUser[] = [];
  const badLines: { line: number; problem: string }[] = [];
  let columns: Columns | undefined;
  for (const row of parseCsv(text)) {
    if ('problem' in row) {
      badLines.push(row);
      continue;
    }
    const { line, cells } = row;
    if (columns === undefined) {
      const header = readHeader(cells);
      columns = header ?? { id: 0, namespace: -1, byEmail: false };
      if (header !== undefined) continue;
      if (cells.filter((cell) => cell !== '').length > 1) {
        throw badList(
          `${name} has several columns, and none is called user_id or email`,
          'Name the columns in the first line',
          [],
        );
      }
    }
    const read = readUser(line, cells, columns, { rules, namespace });
    if ('problem' in read) badLines.push(read);
    else users.push(read);
  }
  for (const { line, problem } of badLines) output.note(`line ${line}: ${problem}`);
  if (badLines.length > 0) {
    throw badList(
      `${badLines.length} of ${badLines.length + users.length} lines of ${name} cannot be used; nothing was written`,
      'Fix them',
      badLines,
    );
  }
  if (users.length === 0) {
    throw badList(
      `There are no users in ${name}; nothing was written`,
      'Write one id per line',
      [],
    );
  }
  return users;
}

function readHeader(cells: readonly string[]): Columns | undefined {
  const names = cells.map((cell) => HEADERS.get(cell.toLowerCase().replaceAll(/[\s-]+/gu, '_')));
  const byEmail = !names.includes('user_id');
  const id = names.indexOf(byEmail ? 'email' : 'user_id');
  return id === -1 ? undefined : { id, namespace: names.indexOf('namespace'), byEmail };
}

function readUser(
  line: number,
  cells: readonly string[],
  columns: Columns,
  { rules, namespace }: { rules: Rules; namespace: string | undefined },
): ListedUser | { readonly line: number; readonly problem: string } {
  const written = cells[columns.id] ?? '';
  if (written === '') return { line, problem: 'has no user' };
  const listedNamespace = cells[columns.namespace];
  const key = keyOf(written, listedNamespace || namespace, rules, { isExact: true });
  if (columns.byEmail) {
    return { line, key: key.ok ? key.key : undefined, written, email: foldEmail(written) };
  }
  return key.ok
    ? { line, key: key.key, written, email: undefined }
    : { line, problem: key.problem };
}

function badList(
  message: string,
  remedy: string,
  badLines: readonly { readonly line: number; readonly problem: string }[],
): CliError {
  return new CliError(EXIT.usage, 'bad_lines', message, remedy, {
    bad_lines: badLines,
    written: false,
  });
}
