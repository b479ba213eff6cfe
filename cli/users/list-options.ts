/** What `users list` can be asked for. */
import type { RoleOptions } from '../command-options.ts';

export const STATES = ['active', 'disabled', 'unusable'] as const;
export type State = (typeof STATES)[number];

export const LIST_COLUMNS = [
  'key',
  'user_id',
  'namespace',
  'is_active',
  'is_admin',
  'roles',
  'email',
  'full_name',
  'tokens_valid_after',
  'updated_at',
  'updated_by',
  'unusable',
] as const;
export type ListColumn = (typeof LIST_COLUMNS)[number];

export interface ListOptions extends RoleOptions {
  readonly limit: string;
  readonly after?: string;
  readonly prefix?: string;
  readonly state?: State;
  readonly admins?: true;
  readonly disabled?: true;
  readonly columns?: string;
}
