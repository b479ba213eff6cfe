/** Who has entered by bootstrap lately: strict mode locks them out, unless they have a row by now. */
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
      'who entered by bootstrap is not known: there is no log group to read',
      'Look for platform_admin_bootstrap where the function logs',
    );
  }
  let messages: readonly string[];
  try {
    messages = await readLogMessages(logGroup, FILTER, serviceClock.now() * 1000 - days * DAY_MS);
  } catch (error) {
    const { message, remedy } = toCliError(error);
    return check(ID, 'warn', `who entered by bootstrap is not known: ${message}`, remedy);
  }
  const entries = messages.flatMap((message) => readEntry(message));
  if (entries.length === 0) {
    return check(ID, 'pass', `nobody entered by bootstrap in the last ${counted(days, 'day')}`);
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
      'It is the platform admin, whose row is looked at above',
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
    ? check(ID, 'pass', `whoever entered by bootstrap ${since} has an active row by now`)
    : check(
        ID,
        'fail',
        `entered by bootstrap ${since}, and without an active row: ${without.map(printable).join(', ')}`,
        'Add a row for each who should go on entering: users add',
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
