/**
 * The one security event of an invocation. Pure. There is no field that a token, a header map or
 * a claim set could go in, and what came from a token is bounded and cleaned.
 */
import type { Decision, Outcome, Reason, UnavailableCause } from '../decision.ts';
import type { AuthorizationRequest, EventKind } from '../request/request.ts';

export type Level = 'INFO' | 'WARN' | 'ERROR';

export interface DecisionEvent {
  readonly security_event: string;
  readonly level: Level;
  readonly message: string;
  readonly outcome: Outcome;
  readonly reason: Reason;
  readonly user_id: string | undefined;
  readonly issuer: string | undefined;
  readonly jti: string | undefined;
  readonly event_kind: EventKind | 'unknown';
  readonly api_id: string | undefined;
  readonly request_id: string | undefined;
  readonly source_ip: string | undefined;
  readonly duration_ms: number;
  readonly cause: UnavailableCause | undefined;
  readonly attribute: string | undefined;
}

export interface DecisionRecord {
  readonly decision: Decision;
  /** Undefined when the event was of no known kind. */
  readonly request: AuthorizationRequest | undefined;
  /** Trusted, and named by the token; not known to be its issuer before the token is verified. */
  readonly issuer?: string | undefined;
  /** Of the invocation, where the event has no id of its own. */
  readonly invocationId: string | undefined;
  readonly durationMs: number;
}

/** In characters. Longer than any real id, shorter than what floods a log. */
const MAX_VALUE_CHARACTERS = 256;

/** Control, format and separator characters, and halves of pairs: what forges or hides a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A value that somebody else chose, as it may stand in a log. */
export function cleanValue(value: string): string {
  const printable = value.slice(0, 4 * MAX_VALUE_CHARACTERS).replace(UNPRINTABLE, '');
  // The cut may fall between the halves of a pair.
  return printable.slice(0, MAX_VALUE_CHARACTERS).replace(/\p{Cs}$/u, '');
}

/** As exact as a time in milliseconds is of use, and no longer than that: logs are paid for. */
export function inHundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** @param showUserId how a user id is written: as it is, or as its digest */
export function decisionEvent(
  { decision, request, issuer, invocationId, durationMs }: DecisionRecord,
  showUserId: (userId: string) => string,
): DecisionEvent {
  const token = decision.outcome === 'unauthenticated' ? undefined : decision.token;
  const unavailable = decision.outcome === 'unavailable' ? decision : undefined;
  const userId = token === undefined ? undefined : cleanValue(showUserId(token.userId));
  const { name, level, message } = kindOfEvent(decision, userId);
  return {
    security_event: name,
    level,
    message,
    outcome: decision.outcome,
    reason: decision.reason,
    user_id: userId,
    issuer: clean(token?.issuer ?? issuer),
    jti: clean(token?.jti),
    event_kind: request?.kind ?? 'unknown',
    api_id: clean(request?.apiId),
    request_id: clean(request?.requestId ?? invocationId),
    source_ip: clean(request?.sourceIp),
    duration_ms: inHundredths(durationMs),
    cause: unavailable?.cause,
    attribute: clean(unavailable?.attribute),
  };
}

function kindOfEvent(
  decision: Decision,
  userId = 'unknown',
): { readonly name: string; readonly level: Level; readonly message: string } {
  if (decision.reason === 'platform_admin_bootstrap') {
    return {
      name: 'platform_admin_bootstrap',
      level: 'INFO',
      message: `Platform admin ${userId} entered without a row in the users table`,
    };
  }
  if (decision.reason === 'user_not_in_db') {
    return {
      name: 'user_not_in_db_rejected',
      level: 'WARN',
      message: `User ${userId} has no row in the users table and REQUIRE_USER_IN_DB=true`,
    };
  }
  switch (decision.outcome) {
    case 'allow':
      return { name: 'access_granted', level: 'INFO', message: 'Access granted' };
    case 'forbidden':
      return { name: 'access_denied', level: 'WARN', message: 'Access denied' };
    case 'unauthenticated':
      return { name: 'authentication_failed', level: 'WARN', message: 'Authentication failed' };
    case 'unavailable':
      return {
        name: 'authorization_unavailable',
        level: 'ERROR',
        message: 'Authorization could not be checked',
      };
  }
}

function clean(value: string | undefined): string | undefined {
  return value === undefined ? undefined : cleanValue(value);
}
