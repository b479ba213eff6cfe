/** The commands that change a single user. */
import { preparePostWrite } from '../post-write.ts';
import { rolesOf, type RoleOptions } from '../command-options.ts';
import { refusal, usageError } from '../errors.ts';
import { guardLastAdmin, guardPlatformAdmin } from './guards.ts';
import { isoTime, type CommandResult } from '../output.ts';
import type { Item, RowChanges } from './row-update.ts';
import { requireKey } from '../user-keys.ts';
import type { CommandContext } from '../run.ts';
import { change, written, type WriteOptions } from './write-user.ts';
import { readUser, toItem } from './record.ts';
import { serviceClock } from '../service-clock.ts';
import { missing, openUsers } from './open-users.ts';
import { userData } from './view.ts';

export interface NewUserOptions extends WriteOptions, RoleOptions {
  readonly email?: string;
  readonly fullName?: string;
  readonly admin?: true;
  readonly disabled?: true;
}

/** `users add`. */
export async function add(
  context: CommandContext,
  user: string,
  options: NewUserOptions,
): Promise<CommandResult> {
  const { deployment, store } = await openUsers(context);
  const { usersTable, rules } = deployment;
  requireKey(user, options.namespace, rules, { isNew: true });
  const roles = rolesOf(options);
  const made = toItem(
    {
      user_id: user,
      ...(options.namespace !== undefined && { namespace: options.namespace }),
      is_active: options.disabled !== true,
      is_admin: options.admin === true,
      ...(options.email !== undefined && { email: options.email }),
      ...(options.fullName !== undefined && { full_name: options.fullName }),
      ...(roles !== undefined && { roles }),
    },
    usersTable,
    rules,
  );
  if (!made.ok) {
    throw usageError('user_invalid', made.problem, 'Fix it; users add --help has an example');
  }
  const postWrite = await preparePostWrite(options, deployment, { key: made.key });
  const added =
    options.dryRun === true
      ? (await store.get(made.key)) === undefined
      : (await store.add(made.item)) !== undefined;
  if (!added) {
    throw refusal(
      'user_exists',
      `${made.key} already has a row`,
      'Show it with users show; change it with users edit, users enable or users set-admin',
    );
  }
  return written('add', made.key, options, await postWrite(), {
    text: `${made.key} was added${options.disabled === true ? ', disabled' : ''}`,
    intent: `${made.key} would be added`,
    user: userData(readUser(made.item, usersTable), rules),
  });
}

/** `users enable`. */
export function enable(
  context: CommandContext,
  user: string,
  options: WriteOptions,
): Promise<CommandResult> {
  return change(context, user, options, {
    action: 'enable',
    changes: setting({ is_active: true }),
    text: (key) => `${key} is enabled`,
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
    changes: setting({ is_active: false }),
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
    changes: setting({ is_admin: isAdmin }),
    ...(!isAdmin && { guard: guardLastAdmin }),
    text: (key) => (isAdmin ? `${key} is an admin` : `${key} is no longer an admin`),
    intent: (key) =>
      isAdmin ? `${key} would become an admin` : `${key} would no longer be an admin`,
  });
}

function setting(attributes: Item): RowChanges {
  return { set: attributes, remove: [] };
}

/** `users remove`. */
export async function remove(
  context: CommandContext,
  user: string,
  options: WriteOptions,
): Promise<CommandResult> {
  const { deployment, store } = await openUsers(context);
  const { usersTable, rules } = deployment;
  const key = requireKey(user, options.namespace, rules);
  const found = await store.get(key);
  if (options.force !== true) {
    guardPlatformAdmin(key, deployment);
    await guardLastAdmin(key, deployment, store);
  }
  const postWrite = await preparePostWrite(options, deployment, { key });
  const before = options.dryRun === true ? found : await store.remove(key);
  if (before === undefined) throw missing(key);
  return written('remove', key, options, await postWrite(), {
    text: `${key} was removed`,
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
  const { deployment, store } = await openUsers(context);
  const key = requireKey(user, options.namespace, deployment.rules);
  const postWrite = await preparePostWrite(options, deployment, { key });
  const item = await store.get(key);
  if (item === undefined) throw missing(key);
  // `iat` is usually in whole seconds: a token from earlier in this second must be rejected too.
  const from = Math.floor(serviceClock.now()) + 1;
  const validAfter =
    options.dryRun === true ? from : await store.raise(key, 'tokens_valid_after', from);
  if (validAfter === undefined) throw missing(key);
  const time = isoTime(validAfter);
  const result = written('sign-out', key, options, await postWrite(), {
    text: `Tokens of ${key} issued before ${time} are rejected`,
    intent: `Tokens of ${key} issued before ${time} would be rejected`,
    user: { key, tokens_valid_after: validAfter },
  });
  const advice =
    'The user can sign in again and get a new token. To deny the user, run users disable.';
  return { ...result, text: [...result.text, advice] };
}
