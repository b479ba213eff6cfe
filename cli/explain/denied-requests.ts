/** Reads the function's log: the last denials of one user, and rejected tokens of the issuer. */
import { readLogMessages } from '../aws.ts';
import type { Deployment } from '../deployment.ts';
import { toCliError } from '../errors.ts';

export interface Denial {
  /** RFC 3339. */
  readonly time: string;
  readonly reason: string;
  readonly jti?: string;
  readonly source_ip?: string;
  readonly request_id?: string;
}

export interface DeniedRequests {
  /** Latest first. */
  readonly denials: readonly Denial[];
  /** By reason. These events name no user: nothing that an unverified token says is believed. */
  readonly not_authenticated: readonly { readonly reason: string; readonly count: number }[];
  /** Why the log was not read. */
  readonly problem?: string;
}

const MAX_DENIALS = 10;
const FILTER = '{ $.outcome = "forbidden" || $.outcome = "unauthenticated" }';

/**
 * @param userId as the log writes it: printable, or a digest
 * @param issuer whose rejected tokens are counted; undefined for those of every issuer
 */
export async function deniedRequests(
  { logGroup }: Deployment,
  userId: string,
  issuer: string | undefined,
  { sinceMs }: { readonly sinceMs: number },
): Promise<DeniedRequests> {
  const nothing = { denials: [], not_authenticated: [] };
  if (logGroup === undefined) return { ...nothing, problem: 'there is no log group to read' };
  let messages: readonly string[];
  try {
    messages = await readLogMessages(logGroup, FILTER, sinceMs);
  } catch (error) {
    return { ...nothing, problem: toCliError(error).message };
  }
  const events = messages.flatMap((message) => readEvent(message));
  const counts = new Map<string, number>();
  for (const { outcome, reason, issuer: claimed } of events) {
    if (outcome !== 'unauthenticated') continue;
    // A token that claims no trusted issuer has none in its event, and may be hers all the same.
    if (issuer !== undefined && claimed !== undefined && claimed !== issuer) continue;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const denials = events
    .filter((event) => event.outcome === 'forbidden' && event.user_id === userId)
    .map(({ denial }) => denial)
    .sort((a, b) => (a.time < b.time ? 1 : -1));
  return {
    denials: denials.slice(0, MAX_DENIALS),
    not_authenticated: [...counts]
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count),
  };
}

interface LoggedEvent {
  readonly outcome: string;
  readonly reason: string;
  readonly user_id: string | undefined;
  readonly issuer: string | undefined;
  readonly denial: Denial;
}

function readEvent(message: string): readonly LoggedEvent[] {
  let event: Readonly<Record<string, unknown>>;
  try {
    event = JSON.parse(message) as Record<string, unknown>;
  } catch {
    return [];
  }
  const member = (name: string) => {
    const value = event[name];
    return typeof value === 'string' ? value : undefined;
  };
  const optional = (name: 'jti' | 'source_ip' | 'request_id') => {
    const value = member(name);
    return value === undefined ? {} : { [name]: value };
  };
  const [outcome, reason] = [member('outcome'), member('reason')];
  if (outcome === undefined || reason === undefined) return [];
  return [
    {
      outcome,
      reason,
      user_id: member('user_id'),
      issuer: member('issuer'),
      denial: {
        time: member('timestamp') ?? '',
        reason,
        ...optional('jti'),
        ...optional('source_ip'),
        ...optional('request_id'),
      },
    },
  ];
}
