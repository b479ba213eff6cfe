/** `users import` and `users export`: their arguments, options and examples. */
import { Option, type Command } from 'commander';
import { collect, example, flushes, writes } from '../command-options.ts';
import { run } from '../run.ts';
import type { ExportOptions } from './export-users.ts';
import type { ImportOptions } from './import-users.ts';

const FORMATS = ['csv', 'jsonl'] as const;

const FILE_HELP = `
Columns, or members: user_id (without its namespace), namespace, is_active, is_admin,
tokens_valid_after (epoch seconds), email, full_name, roles (in CSV separated by ;).
Only user_id is required. A CSV file begins with a line that names its columns; it is separated
by commas, semicolons or tabs. Files are UTF-8, or UTF-16 with a byte order mark.`;

const EXPORT_HELP = `

Attributes of your own are not written, so this is no backup of them; the table's backups are.
In CSV, a cell that begins like a formula (=, +, -, @) gets an apostrophe in front, which
users import takes away again.`;

const UPDATE_HELP = `

A row that exists stays as it is. With --update, what its line names is changed, and the rest
is kept (is_active and is_admin are filled in where a row lacks them): a column that the file does not have, an empty cell, a member that is not there and
attributes of your own leave the row's value alone. "roles": [] in JSON Lines takes the roles
away. A column that is there counts: is_active and tokens_valid_after from an old export let
users in again who were disabled or signed out since.
A new row is active and no admin, unless its line says otherwise.`;

export function defineImportAndExport(users: Command): void {
  example(
    flushes(
      writes(
        users
          .command('import <file>')
          .description('add users from a CSV or JSON Lines file, or from standard input (-)'),
      ),
    ).addHelpText('after', FILE_HELP + UPDATE_HELP),
    'users import users.csv --dry-run',
    'users import roles.csv --update',
    'users import hr.csv --map "User ID=user_id" --map "Department="',
    'users import - --format jsonl < users.jsonl',
  )
    .addOption(
      new Option('--format <format>', 'default: detected from the content').choices(FORMATS),
    )
    .option('--skip-bad', 'skip bad lines; otherwise nothing is written')
    .option(
      '--map <name=column>',
      'the column that a name in the file stands for; may be repeated',
      collect,
    )
    .option('--update', 'also change existing rows; otherwise they stay unchanged')
    .option('--existing-only', 'change existing rows, and add none')
    .option(
      '--skip-missing',
      'with --existing-only, skip users without a row; otherwise nothing is written',
    )
    .option('--force', 'even if no active admin remains in strict mode')
    .option('--yes', 'write without confirmation on a terminal')
    .action((file: string, options: ImportOptions, command: Command) =>
      run(command, async (context) =>
        (await import('./import-users.ts')).importUsers(context, file, options),
      ),
    );

  example(
    users
      .command('export [file]')
      .description('write every row to a file, or to standard output')
      .addHelpText('after', FILE_HELP + EXPORT_HELP),
    'users export users.csv',
    'users export --format jsonl > users.jsonl',
  )
    .addOption(
      new Option(
        '--format <format>',
        "default: from the file's extension, otherwise jsonl",
      ).choices(FORMATS),
    )
    .option('--raw-formulas', 'keep cells that begin with =, +, - or @ unchanged')
    .action((file: string | undefined, options: ExportOptions, command: Command) =>
      run(command, async (context) =>
        (await import('./export-users.ts')).exportUsers(context, file, options),
      ),
    );
}
