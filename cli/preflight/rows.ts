/** Checks the rows of the table: which users they allow, and which rows have no effect. */
import type { Config } from '../../lambda/settings/config.ts';
import { check, type Check } from '../check.ts';
import type { Deployment } from '../deployment.ts';
import { counted } from '../output.ts';
import { flawOfKey } from '../user-keys.ts';
import { REPAIRS } from '../users/record.ts';
import type { UserStore } from '../users/store.ts';

const EXAMPLES = 5;

/** Rows of one kind, with the first few of their keys. */
class Tally {
  count = 0;
  readonly #examples: string[] = [];

  add(key: string): void {
    this.count += 1;
    if (this.#examples.length < EXAMPLES) this.#examples.push(key);
  }

  get examples(): string {
    const rest = this.count - this.#examples.length;
    return this.#examples.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  }
}

/** Reads every row once. */
export async function checkRows(
  { rules }: Deployment,
  config: Config | undefined,
  store: UserStore,
): Promise<readonly Check[]> {
  const active = new Tally();
  const admins = new Tally();
  const unusable = new Tally();
  const spoilers = new Set<string>();
  const unreachable = new Tally();
  const withoutRole = new Tally();
  const requiredRoles = config?.requiredRoles ?? [];
  let rows = 0;
  let adminRow: 'missing' | 'active' | 'disabled' | 'unusable' = 'missing';
  for await (const { key, row, badAttributes } of store.scan()) {
    rows += 1;
    if (key === rules.adminKey) {
      adminRow = row === undefined ? 'unusable' : row.isActive ? 'active' : 'disabled';
    }
    if (flawOfKey(key, rules) !== undefined) unreachable.add(key);
    else if (row === undefined) {
      unusable.add(`${key} (${badAttributes.join(', ')})`);
      for (const name of badAttributes) spoilers.add(name);
    } else if (row.isActive) {
      active.add(key);
      if (row.isAdmin) admins.add(key);
      const hasRole = requiredRoles.some((role) => row.roles.includes(role));
      if (requiredRoles.length > 0 && !hasRole) withoutRole.add(key);
    }
  }
  return [
    active.count > 0
      ? check('rows', 'pass', `${counted(rows, 'row')}, ${active.count} of active users`)
      : check(
          'rows',
          'fail',
          rows === 0 ? 'the table is empty' : `${counted(rows, 'row')}, none of an active user`,
          'Add users first: users add, or users import',
        ),
    admins.count > 0
      ? check('active_admin', 'pass', `active admins: ${admins.examples}`)
      : check(
          'active_admin',
          'fail',
          'there is no active admin',
          'Make a user an admin: users set-admin, or users add --admin',
        ),
    checkAdminRow(rules.adminKey, adminRow),
    unreachable.count === 0
      ? check('folded_keys', 'pass', 'the function can look up every key')
      : check(
          'folded_keys',
          'fail',
          `rows that the function never finds: ${unreachable.examples}`,
          'Add them again with the ids in the tokens (users add folds the case), and remove these',
        ),
    unusable.count === 0
      ? check('usable_rows', 'pass', 'every row can be used')
      : check(
          'usable_rows',
          'fail',
          `rows that cannot be used: ${unusable.examples}`,
          `Until they are fixed, these users get a 500: ${repairsOf(spoilers)}`,
        ),
    ...(withoutRole.count === 0
      ? []
      : [
          check(
            'roles',
            'warn',
            `active users without any of REQUIRED_ROLES, who are denied: ${withoutRole.examples}`,
            'If they need access, give them one: users edit --roles',
          ),
        ]),
  ];
}

function repairsOf(attributes: ReadonlySet<string>): string {
  return [...attributes].map((name) => `to fix ${name}, run ${REPAIRS[name]}`).join('; ');
}

function checkAdminRow(
  adminKey: string | undefined,
  state: 'missing' | 'active' | 'disabled' | 'unusable',
): Check {
  const id = 'platform_admin';
  if (adminKey === undefined) return check(id, 'pass', 'no platform admin is set');
  if (state === 'active') {
    return check(id, 'pass', `the platform admin ${adminKey} has an active row`);
  }
  if (state === 'missing') {
    return check(
      id,
      'fail',
      `the platform admin ${adminKey} has no row, and strict mode ends bootstrap`,
      `Add one: users add ${adminKey} --admin`,
    );
  }
  return check(
    id,
    'fail',
    `the row of the platform admin ${adminKey} is ${state}`,
    state === 'disabled'
      ? `Check it: users show ${adminKey}; to enable the user: users enable`
      : `Check it: users show ${adminKey} names the invalid attributes and the commands that fix them`,
  );
}
