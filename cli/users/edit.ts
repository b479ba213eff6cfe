/** `users edit`: changes roles, e-mail address and full name, and no attribute that decides access. */
import { rolesOf, type RoleOptions } from '../command-options.ts';
import { usageError } from '../errors.ts';
import type { CommandResult } from '../output.ts';
import type { RowChanges } from './row-update.ts';
import type { CommandContext } from '../run.ts';
import { change, type WriteOptions } from './write-user.ts';
import { toChanges } from './record.ts';

/** An empty string removes the attribute. */
export interface EditOptions extends WriteOptions, RoleOptions {
  readonly email?: string;
  readonly fullName?: string;
}

const LABELS: Readonly<Record<string, string>> = {
  roles: 'roles',
  email: 'email',
  full_name: 'full name',
};

/** `users edit`. An attribute that the function cannot use is replaced like any other. */
export function edit(
  context: CommandContext,
  user: string,
  options: EditOptions,
): Promise<CommandResult> {
  const changes = readChanges(options);
  const what = describe(changes);
  return change(context, user, options, {
    action: 'edit',
    changes,
    text: (key) => `${key} has ${what}`,
    intent: (key) => `${key} would have ${what}`,
  });
}

function readChanges({ email, fullName, ...options }: EditOptions): RowChanges {
  const roles = rolesOf(options);
  if (roles === undefined && email === undefined && fullName === undefined) {
    throw usageError(
      'nothing_to_edit',
      'There is nothing to change',
      'Give --roles, --email or --full-name',
    );
  }
  const result = toChanges({
    ...(roles !== undefined && { roles }),
    ...(email && { email }),
    ...(fullName && { full_name: fullName }),
  });
  if (!result.ok) {
    throw usageError('user_invalid', result.problem, 'Fix it; users edit --help has an example');
  }
  const { set, remove } = result.changes;
  return {
    set,
    remove: [
      ...remove,
      ...(email === '' ? ['email'] : []),
      ...(fullName === '' ? ['full_name'] : []),
    ],
  };
}

/** `the given roles and no email`. */
function describe({ set, remove }: RowChanges): string {
  const labelOf = (name: string) => LABELS[name] ?? name;
  const parts = [
    ...Object.keys(set).map((name) => `the given ${labelOf(name)}`),
    ...remove.map((name) => `no ${labelOf(name)}`),
  ];
  return parts.join(' and ');
}
