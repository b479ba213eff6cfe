/** The users of the local stack, with and without a row, and their roles in the examples. */

/** A row of the users table, less its key. */
export interface UserRow {
  readonly is_active?: boolean;
  readonly is_admin?: boolean;
  readonly tokens_valid_after?: number;
  readonly email?: string;
  readonly full_name?: string;
  readonly roles?: readonly string[];
}

export const KNOWN_USER = 'ada@example.com';
export const UNKNOWN_USER = 'mallory@example.com';
export const DISABLED_USER = 'grace@example.com';
/** Has no row, to demonstrate bootstrap. */
export const PLATFORM_ADMIN = 'admin@example.com';

/** By user id. */
export const DEMO_USERS: Readonly<Record<string, UserRow>> = {
  [KNOWN_USER]: {
    is_active: true,
    is_admin: false,
    email: KNOWN_USER,
    full_name: 'Ada Lovelace',
    roles: ['engineer'],
  },
  [DISABLED_USER]: {
    is_active: false,
    email: DISABLED_USER,
    full_name: 'Grace Hopper',
    roles: ['engineer'],
  },
};
