/**
 * Checks that reject a dangerous write without `--force`: one that removes the last active admin, or
 * that opens bootstrap again. The checked rows may change before the write, so two operators can
 * still remove two admins at the same time.
 */
import type { Deployment } from '../deployment.ts';
import { refusal } from '../errors.ts';
import { isoTime } from '../output.ts';
import { serviceClock } from '../service-clock.ts';
import type { UserStore } from './store.ts';
import type { Survey } from './survey.ts';

/**
 * In strict mode the last active admin must stay: without an admin, no user can be added through
 * the API.
 *
 * @throws CliError
 */
export async function guardLastAdmin(
  key: string,
  { rules }: Pick<Deployment, 'rules'>,
  store: UserStore,
): Promise<void> {
  if (!rules.strict) return;
  let isActiveAdmin = false;
  for await (const { key: otherKey, row } of store.scan()) {
    if (row?.isActive !== true || !row.isAdmin) continue;
    if (otherKey !== key) return;
    isActiveAdmin = true;
  }
  if (!isActiveAdmin) return;
  throw refusal(
    'last_admin',
    `${key} is the last active admin, and strict mode is on`,
    'Make another user an admin first (users set-admin), or add --force',
  );
}

/**
 * The same for a command that writes many rows.
 *
 * @param remaining how many active admins there are afterwards
 * @throws CliError
 */
export function guardActiveAdmins(
  { activeAdmins }: Survey,
  remaining: number,
  { rules }: Pick<Deployment, 'rules'>,
): void {
  if (!rules.strict || activeAdmins.size === 0 || remaining > 0) return;
  throw refusal(
    'last_admin',
    'No active admin would remain, and strict mode is on',
    'Remove one admin from the file, or add --force',
  );
}

/**
 * The platform admin's row blocks bootstrap for that user. Call it after the first read, so that the
 * time of AWS is known.
 *
 * @throws CliError
 */
export function guardPlatformAdmin(key: string, { rules }: Pick<Deployment, 'rules'>): void {
  const { adminKey, bootstrapExpiresAt, strict } = rules;
  if (key !== adminKey) return;
  if (bootstrapExpiresAt !== undefined && bootstrapExpiresAt <= serviceClock.now()) return;
  const until =
    bootstrapExpiresAt === undefined ? '' : ` (it ends at ${isoTime(bootstrapExpiresAt)})`;
  throw refusal(
    'platform_admin',
    strict
      ? `${key} is the platform admin, who could enter by bootstrap without a row once strict mode is off${until}`
      : `${key} is the platform admin, who could enter by bootstrap again without a row${until}`,
    'Run users disable instead, which keeps the row, or add --force',
  );
}
