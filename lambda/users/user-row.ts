/**
 * A users-table item as a `UserRow`. Pure. A decision never rests on a value that had to be
 * guessed at: one of another type or form makes the whole row unusable.
 */
import type { UserRow } from '../decision.ts';
import { isEpochSeconds } from '../epoch-seconds.ts';
import { ROLE } from '../settings/grammar.ts';

/** The attributes that are read, beside the key. */
export const ROW_ATTRIBUTES = [
  'is_active',
  'is_admin',
  'tokens_valid_after',
  'roles',
  'email',
  'full_name',
] as const;

export type RowResult =
  { readonly ok: true; readonly row: UserRow } | { readonly ok: false; readonly attribute: string };

type Item = Readonly<Record<string, unknown>>;

/**
 * Reads an item: `is_active` and `is_admin` are booleans (missing: active, no admin),
 * `tokens_valid_after` epoch seconds, `roles` a list or set of role names. `email` and
 * `full_name` decide nothing, so one that is not a string is left out. Only the item's own members
 * count: the SDK makes a prototype of an attribute that is named `__proto__`.
 */
export function readRow(item: Item): RowResult {
  const own = (attribute: string, missing?: unknown): unknown =>
    Object.hasOwn(item, attribute) ? item[attribute] : missing;
  // Defaults stand for what is missing only: DynamoDB's NULL arrives as null, and is a mistake.
  const isActive = own('is_active', true);
  const isAdmin = own('is_admin', false);
  const tokensValidAfter = own('tokens_valid_after');
  const roles = readRoles(own('roles'));

  if (typeof isActive !== 'boolean') return bad('is_active');
  if (typeof isAdmin !== 'boolean') return bad('is_admin');
  if (tokensValidAfter !== undefined && !isTime(tokensValidAfter)) {
    return bad('tokens_valid_after');
  }
  if (roles === undefined) return bad('roles');
  return {
    ok: true,
    row: {
      isActive,
      isAdmin,
      tokensValidAfter,
      roles,
      email: textOrNothing(own('email')),
      fullName: textOrNothing(own('full_name')),
    },
  };
}

function bad(attribute: string): RowResult {
  return { ok: false, attribute };
}

function isTime(value: unknown): value is number {
  return isEpochSeconds(value) && value >= 0;
}

/** A DynamoDB list is an array here and a string set a `Set`. */
function readRoles(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value) && !(value instanceof Set)) return undefined;
  const roles: readonly unknown[] = [...value];
  return roles.every((role) => typeof role === 'string' && ROLE.test(role))
    ? (roles as readonly string[])
    : undefined;
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
