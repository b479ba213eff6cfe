/** Finds recent bootstrap entries: strict mode locks those users out unless they have a row. */
import { fromPrintable, printable } from '../../lambda/telemetry/printable.ts';
import { readLogMessages } from '../aws.ts';
import { check, type Check } from '../check.ts';
import type { Deployment } from '../deployment.ts';
import { toCliError } from '../errors.ts';
import { counted, isoTime } from '../output.ts';
import { serviceClock } from '../service-clock.ts';
import { readUser } from '../users/record.ts';
import type { UserStore } from '../users/store.ts';

const FILTER = '{ $.security_event = "platform_admin_bootstrap" }';
const DAY_MS = 86_400_000;
const ID = 'bootstrap_entries';

/** Looks through the function's log for the last `days`. */
export async function checkBootstrapEntries(
  { logGroup, usersTable, settings }: Deployment,
  store: UserStore,
  days: number,
): Promise<Check> {
  if (logGroup === undefined) {
    return check(
      ID,
      'warn',
      'bootstrap entries are not known: there is no log group to read',
      'Search the log of the function for platform_admin_bootstrap',
    );
  }
  let messages: readonly string[];
  try {
    messages = await readLogMessages(logGroup, FILTER, serviceClock.now() * 1000 - days * DAY_MS);
  } catch (error) {
    const { message, remedy } = toCliError(error);
    return check(ID, 'warn', `bootstrap entries are not known: ${message}`, remedy);
  }
  const entries = messages.flatMap((message) => readEntry(message));
  if (entries.length === 0) {
    return check(ID, 'pass', `no user entered by bootstrap in the last ${counted(days, 'day')}`);
  }
  const latest =
    entries
      .map(({ time }) => time)
      .sort()
      .at(-1) ?? isoTime(0);
  const since = `in the last ${counted(days, 'day')}, latest ${latest}`;
  if (settings['LOG_USER_IDS'] === 'sha256') {
    return check(
      ID,
      'warn',
      `${counted(entries.length, 'entry', 'entries')} by bootstrap ${since}; the log does not name users`,
      'It is the platform admin, whose row is checked above',
    );
  }
  const users = [...new Set(entries.map(({ userId }) => userId))];
  const without: string[] = [];
  for (const userId of users) {
    const item = await store.get(userId);
    const row = item === undefined ? undefined : readUser(item, usersTable).row;
    if (row?.isActive !== true) without.push(userId);
  }
  return without.length === 0
    ? check(ID, 'pass', `the users who entered by bootstrap ${since} have active rows`)
    : check(
        ID,
        'fail',
        `users who entered by bootstrap ${since} and have no active row: ${without.map(printable).join(', ')}`,
        'Add a row for each user who needs access: users add',
      );
}

function readEntry(message: string): readonly { userId: string; time: string }[] {
  try {
    const { user_id: userId, timestamp } = JSON.parse(message) as Record<string, unknown>;
    return typeof userId === 'string'
      ? [
          {
            userId: fromPrintable(userId) ?? userId,
            time: typeof timestamp === 'string' ? timestamp : '',
          },
        ]
      : [];
  } catch {
    return [];
  }
}
