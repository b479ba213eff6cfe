/** What the commands on single users do. */
import { tableClients } from './aws.ts';
import { prepareAftermath, type AftermathOptions } from './aftermath.ts';
import { requireDeployment, type Deployment } from './context.ts';
import { refusal, usageError, type CliError } from './errors.ts';
import { guardLastAdmin, guardPlatformAdmin } from './guards.ts';
import { isoTime, table, type CommandResult } from './output.ts';
import { requireKey, type Rules } from './rules.ts';
import type { CommandContext } from './run.ts';
import { readUser, toItem, toRecord, type Item, type ReadUser } from './user-record.ts';
import { createUserStore, type UserStore } from './user-store.ts';

export interface WriteOptions extends AftermathOptions {
  readonly namespace?: string;
  readonly force?: true;
}

export interface NewUserOptions extends WriteOptions {
  readonly email?: string;
  readonly fullName?: string;
  readonly role?: readonly string[];
  readonly admin?: true;
  readonly disabled?: true;
}

export interface ListOptions {
  readonly limit: string;
  readonly admins?: true;
  readonly disabled?: true;
}

interface Session {
  readonly deployment: Deployment;
  readonly store: UserStore;
}

async function open({ where }: CommandContext): Promise<Session> {
  const deployment = await requireDeployment(where);
  const { documents } = await tableClients();
  return { deployment, store: createUserStore(documents, deployment.usersTable) };
}

/** `users add`. */
export async function add(
  context: CommandContext,
  user: string,
  options: NewUserOptions,
): Promise<CommandResult> {
  const { deployment, store } = await open(context);
  const { usersTable, rules } = deployment;
  requireKey(user, options.namespace, rules);
  const made = toItem(
    {
      user_id: user,
      ...(options.namespace !== undefined && { namespace: options.namespace }),
      is_active: options.disabled !== true,
      is_admin: options.admin === true,
      ...(options.email !== undefined && { email: options.email }),
      ...(options.fullName !== undefined && { full_name: options.fullName }),
      ...(options.role !== undefined && { roles: options.role }),
    },
    usersTable,
    rules,
  );
  if (!made.ok) {
    throw usageError('user_invalid', made.problem, 'Correct it; users add --help has an example');
  }
  const aftermath = await prepareAftermath(options, deployment);
  const added =
    options.dryRun === true
      ? (await store.get(made.key)) === undefined
      : await store.add(made.item);
  if (!added) {
    throw refusal(
      'user_exists',
      `${made.key} has a row already`,
      'Look at it with users show; users enable and users set-admin change it',
    );
  }
  return written('add', made.key, options, await aftermath(), {
    text: `${made.key} is on the list${options.disabled === true ? ', disabled' : ''}`,
    intent: `${made.key} would be added`,
    user: userData(readUser(made.item, usersTable), rules),
  });
}

/** `users show`. */
export async function show(
  context: CommandContext,
  user: string,
  options: WriteOptions,
): Promise<CommandResult> {
  const { deployment, store } = await open(context);
  const { usersTable, rules } = deployment;
  const key = requireKey(user, options.namespace, rules);
  const item = await store.get(key);
  if (item === undefined) throw missing(key);
  const data = userData(readUser(item, usersTable), rules);
  return {
    data: { user: data },
    text: table(Object.entries(data).map(([name, value]) => [name, textOf(name, value)])),
  };
}

/** `users list`. */
export async function list(context: CommandContext, options: ListOptions): Promise<CommandResult> {
  if (!/^[1-9]\d{0,5}$/u.test(options.limit)) {
    throw usageError('limit', '--limit must be a whole number from 1', 'users export has no limit');
  }
  const limit = Number(options.limit);
  const { deployment, store } = await open(context);
  const users: Record<string, unknown>[] = [];
  let more = false;
  for await (const user of store.scan()) {
    if (options.admins === true && user.row?.isAdmin !== true) continue;
    if (options.disabled === true && user.row?.isActive !== false) continue;
    more = users.length === limit;
    if (more) break;
    users.push(userData(user, deployment.rules));
  }
  const columns = ['key', 'is_active', 'is_admin', 'roles', 'full_name', 'unusable'];
  const rows = users.map((user) => columns.map((name) => textOf(name, user[name])));
  return {
    data: { users, more },
    text: [
      ...(rows.length === 0 ? [] : table([columns, ...rows])),
      more ? `There are more than ${limit} rows.` : `${rows.length} rows.`,
    ],
  };
}

/** `users enable`. */
export function enable(
  context: CommandContext,
  user: string,
  options: WriteOptions,
): Promise<CommandResult> {
  return change(context, user, options, {
    action: 'enable',
    attributes: { is_active: true },
    text: (key) => `${key} may enter again`,
    intent: (key) => `${key} would be enabled`,
  });
}

/** `users disable`. */
export function disable(
  context: CommandContext,
  user: string,
  options: WriteOptions,
): Promise<CommandResult> {
  return change(context, user, options, {
    action: 'disable',
    attributes: { is_active: false },
    guard: guardLastAdmin,
    text: (key) => `${key} is disabled`,
    intent: (key) => `${key} would be disabled`,
  });
}

/** `users set-admin`. */
export function setAdmin(
  context: CommandContext,
  user: string,
  options: WriteOptions & { readonly off?: true },
): Promise<CommandResult> {
  const isAdmin = options.off !== true;
  return change(context, user, options, {
    action: 'set-admin',
    attributes: { is_admin: isAdmin },
    ...(!isAdmin && { guard: guardLastAdmin }),
    text: (key) => (isAdmin ? `${key} is an admin` : `${key} is no longer an admin`),
    intent: (key) =>
      isAdmin ? `${key} would become an admin` : `${key} would no longer be an admin`,
  });
}

interface Change {
  readonly action: string;
  readonly attributes: Item;
  readonly guard?: (key: string, deployment: Deployment, store: UserStore) => Promise<void>;
  readonly text: (key: string) => string;
  readonly intent: (key: string) => string;
}

async function change(
  context: CommandContext,
  user: string,
  options: WriteOptions,
  { action, attributes, guard, text, intent }: Change,
): Promise<CommandResult> {
  const { deployment, store } = await open(context);
  const { usersTable, rules } = deployment;
  const key = requireKey(user, options.namespace, rules);
  if (options.force !== true) await guard?.(key, deployment, store);
  const aftermath = await prepareAftermath(options, deployment);
  const before =
    options.dryRun === true ? await store.get(key) : await store.change(key, attributes);
  if (before === undefined) throw missing(key);
  return written(action, key, options, await aftermath(), {
    text: text(key),
    intent: intent(key),
    user: userData(readUser({ ...before, ...attributes }, usersTable), rules),
    changed: Object.entries(attributes).some(([name, value]) => before[name] !== value),
  });
}

/** `users remove`. */
export async function remove(
  context: CommandContext,
  user: string,
  options: WriteOptions,
): Promise<CommandResult> {
  const { deployment, store } = await open(context);
  const { usersTable, rules } = deployment;
  const key = requireKey(user, options.namespace, rules);
  if (options.force !== true) {
    guardPlatformAdmin(key, deployment);
    await guardLastAdmin(key, deployment, store);
  }
  const aftermath = await prepareAftermath(options, deployment);
  const before = options.dryRun === true ? await store.get(key) : await store.remove(key);
  if (before === undefined) throw missing(key);
  return written('remove', key, options, await aftermath(), {
    text: `${key} is off the list`,
    intent: `${key} would be removed`,
    user: userData(readUser(before, usersTable), rules),
  });
}

/** `users sign-out`. */
export async function signOut(
  context: CommandContext,
  user: string,
  options: WriteOptions,
): Promise<CommandResult> {
  const { deployment, store } = await open(context);
  const key = requireKey(user, options.namespace, deployment.rules);
  const aftermath = await prepareAftermath(options, deployment);
  // `iat` is in whole seconds as a rule: a token from earlier in this second has to go too.
  const from = Math.floor(Date.now() / 1000) + 1;
  const item = options.dryRun === true ? await store.get(key) : undefined;
  const validAfter =
    options.dryRun === true ? item && from : await store.raise(key, 'tokens_valid_after', from);
  if (validAfter === undefined) throw missing(key);
  const time = isoTime(validAfter);
  const result = written('sign-out', key, options, await aftermath(), {
    text: `Tokens of ${key} from before ${time} are refused`,
    intent: `Tokens of ${key} from before ${time} would be refused`,
    user: { key, tokens_valid_after: validAfter },
  });
  const advice = 'Whoever signs in again enters again: users disable is what keeps somebody out.';
  return { ...result, text: [...result.text, advice] };
}

function written(
  action: string,
  key: string,
  { dryRun = false }: { readonly dryRun?: boolean },
  aftermath: Awaited<ReturnType<Awaited<ReturnType<typeof prepareAftermath>>>>,
  outcome: {
    readonly text: string;
    readonly intent: string;
    readonly user: Readonly<Record<string, unknown>>;
    /** Default: true. */
    readonly changed?: boolean;
  },
): CommandResult {
  const { text, intent, user, changed = true } = outcome;
  const line = dryRun ? `${intent}; nothing was written.` : `${text}${changed ? '' : ' already'}.`;
  return {
    data: { action, key, dry_run: dryRun, changed: changed && !dryRun, user, ...aftermath.data },
    text: [line, ...aftermath.text],
    ...(aftermath.exitCode !== undefined && { exitCode: aftermath.exitCode }),
  };
}

function missing(key: string): CliError {
  return refusal('user_missing', `${key} has no row`, 'Add it with users add, or check the id');
}

/** A row for programs: what the function makes of it, or what spoils it. */
function userData(user: ReadUser, rules: Rules): Record<string, unknown> {
  return user.row === undefined
    ? { key: user.key, unusable: user.badAttribute }
    : { key: user.key, ...toRecord(user.key, user.row, rules) };
}

function textOf(name: string, value: unknown): string {
  if (name === 'tokens_valid_after') return isoTime(Number(value));
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'boolean' ? String(value) : ((value as string | undefined) ?? '');
}
