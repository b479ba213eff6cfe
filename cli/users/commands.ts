/** The commands that show and change users: their arguments, options and examples. */
import { Option, type Command } from 'commander';
import {
  example,
  flushes,
  namespaceOption,
  probes,
  takesRoles,
  writes,
} from '../command-options.ts';
import { usageError } from '../errors.ts';
import type { CommandResult } from '../output.ts';
import { run, type CommandContext } from '../run.ts';
import type { BulkAction } from './bulk-users.ts';
import type { WriteOptions } from './write-user.ts';
import type { NewUserOptions } from './actions.ts';
import type { EditOptions } from './edit.ts';
import { LIST_COLUMNS, STATES, type ListOptions } from './list-options.ts';
import type { ShowOptions } from './view.ts';

const actions = () => import('./actions.ts');
const views = () => import('./view.ts');

/** Runs `one` for the named user, or the same for every user of `--from`. */
async function oneOrMany(
  context: CommandContext,
  user: string | undefined,
  options: WriteOptions,
  action: BulkAction,
  one: (user: string) => Promise<CommandResult>,
): Promise<CommandResult> {
  const { from } = options;
  if ((user === undefined) === (from === undefined)) {
    throw usageError(
      'users_named',
      user === undefined ? 'No user is given' : 'A user and --from exclude each other',
      'Give one user, or --from and a file',
    );
  }
  if (from !== undefined) {
    return (await import('./bulk-users.ts')).changeListedUsers(context, action, {
      ...options,
      from,
    });
  }
  return one(user ?? '');
}

/** For a command that does the same for many users. */
function takesFile(command: Command): Command {
  return command
    .option('--from <file>', 'one id per line, or CSV with a column user_id or email; - is stdin')
    .option('--skip-missing', 'with --from, skip users without a row; otherwise nothing is written')
    .option('--yes', 'with --from, write without confirmation');
}

export function defineUsers(users: Command): void {
  example(users, 'users list', 'users add alice@example.com --role engineer');
  const define = (name: string, description: string) =>
    users.command(name).description(description).addOption(namespaceOption());

  example(
    takesRoles(
      flushes(writes(define('add <user>', 'add a row; fails if the user has one'))),
      'the roles, separated by commas; may be repeated',
    ),
    'users add alice@example.com --full-name "Alice Liddell" --role engineer',
  )
    .option('--email <address>', 'handed to the API as it is')
    .option('--full-name <name>', 'handed to the API as it is')
    .option('--admin', 'is_admin = true')
    .option('--disabled', 'is_active = false')
    .action((user: string, options: NewUserOptions, command: Command) =>
      run(command, async (context) => (await actions()).add(context, user, options)),
    );

  example(define('show <user>', 'show one row'), 'users show alice@example.com --json').action(
    (user: string, options: ShowOptions, command: Command) =>
      run(command, async (context) => (await views()).show(context, user, options)),
  );

  example(
    takesRoles(
      users.command('list').description('list rows, unsorted'),
      'only users with one of these roles',
    ),
    'users list --admins --limit 20',
    'users list --state disabled --columns key,email,updated_at,updated_by',
  )
    .option('--limit <rows>', 'at most this many rows; users export has no limit', '1000')
    .option('--after <key>', 'continue after this key, which the previous list printed')
    .option('--prefix <text>', 'only keys with this prefix')
    .addOption(new Option('--state <state>', 'only users in this state').choices(STATES))
    .option('--admins', 'only admins')
    .option('--disabled', 'the same as --state disabled')
    .option('--columns <names>', `columns to show, of ${LIST_COLUMNS.join(', ')}`)
    .action((options: ListOptions, command: Command) =>
      run(command, async (context) => (await import('./list.ts')).list(context, options)),
    );

  example(
    takesRoles(
      flushes(writes(define('edit <user>', 'change attributes of a row, and keep the others'))),
      "all the roles, separated by commas; '' for none",
    ).addHelpText(
      'after',
      "\nOther attributes stay unchanged; '' removes an attribute. users enable, disable,\nset-admin and sign-out change the remaining attributes.",
    ),
    'users edit alice@example.com --roles engineer,ops',
    "users edit alice@example.com --roles '' --full-name 'Alice Liddell'",
  )
    .option('--email <address>', 'handed to the API as it is')
    .option('--full-name <name>', 'handed to the API as it is')
    .action((user: string, options: EditOptions, command: Command) =>
      run(command, async (context) => (await import('./edit.ts')).edit(context, user, options)),
    );

  example(
    takesFile(flushes(writes(define('enable [user]', 'enable a disabled user')))),
    'users enable alice@example.com --flush',
  ).action((user: string | undefined, options: WriteOptions, command: Command) =>
    run(command, (context) =>
      oneOrMany(context, user, options, 'enable', async (one) =>
        (await actions()).enable(context, one, options),
      ),
    ),
  );

  example(
    takesFile(
      probes(flushes(writes(define('disable [user]', 'disable a user, and keep the row')))),
    ),
    'users disable alice@example.com --flush',
    'users disable --from leavers.csv --dry-run',
    'users disable alice@example.com --probe "$API_URL/whoami" < token.txt',
  )
    .option('--force', 'even the last active admin in strict mode')
    .action((user: string | undefined, options: WriteOptions, command: Command) =>
      run(command, (context) =>
        oneOrMany(context, user, options, 'disable', async (one) =>
          (await actions()).disable(context, one, options),
        ),
      ),
    );

  example(
    takesFile(probes(flushes(writes(define('remove [user]', 'delete a row'))))),
    'users remove alice@example.com --dry-run',
  )
    .option('--force', 'even the last active admin, or the platform admin')
    .action((user: string | undefined, options: WriteOptions, command: Command) =>
      run(command, (context) =>
        oneOrMany(context, user, options, 'remove', async (one) =>
          (await actions()).remove(context, one, options),
        ),
      ),
    );

  example(
    flushes(writes(define('set-admin <user>', 'make a user an admin, or with --off no longer'))),
    'users set-admin alice@example.com',
    'users set-admin alice@example.com --off',
  )
    .option('--off', 'is_admin = false')
    .option('--force', 'even the last active admin in strict mode')
    .action((user: string, options: WriteOptions & { off?: true }, command: Command) =>
      run(command, async (context) => (await actions()).setAdmin(context, user, options)),
    );

  example(
    probes(
      takesFile(
        flushes(writes(define('sign-out [user]', 'reject all tokens that were issued before now'))),
      ),
    ).addHelpText(
      'after',
      '\nThe user can sign in again and get a new token. To deny the user, run users disable.',
    ),
    'users sign-out alice@example.com --flush',
  ).action((user: string | undefined, options: WriteOptions, command: Command) =>
    run(command, (context) =>
      oneOrMany(context, user, options, 'sign-out', async (one) =>
        (await actions()).signOut(context, one, options),
      ),
    ),
  );

  example(
    define('digest <user>', 'print the digest that stands for a user id in the log'),
    'users digest alice@example.com',
  )
    .addHelpText(
      'after',
      '\nWith LOG_USER_IDS=sha256, log lines hold the SHA-256 of the key in hexadecimal. The key is\nthe user id, folded as USER_ID_CASE says, after its namespace.',
    )
    .action((user: string, options: ShowOptions, command: Command) =>
      run(command, async (context) => (await views()).digest(context, user, options)),
    );
}
