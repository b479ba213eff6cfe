/**
 * The one security event of an invocation. Pure. There is no field that a token, a header map or
 * a claim set could go in, and what came from a token is written as `printable` has it.
 */
import type { Decision, Outcome, Reason, UnavailableCause } from '../decision.ts';
import type { AuthorizationRequest, EventKind } from '../request/request.ts';
import { inHundredths } from './metrics.ts';
import { printable } from './printable.ts';

export type Level = 'INFO' | 'WARN' | 'ERROR';

export interface DecisionEvent {
  readonly security_event: string;
  readonly level: Level;
  /** Only where it says more than the other members. */
  readonly message: string | undefined;
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

/** @param showUserId how a user id is written: as it is, or as its digest */
export function decisionEvent(
  { decision, request, issuer, invocationId, durationMs }: DecisionRecord,
  showUserId: (userId: string) => string,
): DecisionEvent {
  const token = decision.outcome === 'unauthenticated' ? undefined : decision.token;
  const unavailable = decision.outcome === 'unavailable' ? decision : undefined;
  const userId = token === undefined ? undefined : printable(showUserId(token.userId));
  const { name, level, message } = kindOfEvent(decision, userId);
  return {
    security_event: name,
    level,
    message,
    outcome: decision.outcome,
    reason: decision.reason,
    user_id: userId,
    issuer: shown(token?.issuer ?? issuer),
    jti: shown(token?.jti),
    event_kind: request?.kind ?? 'unknown',
    api_id: shown(request?.apiId || undefined),
    request_id: shown(request?.requestId ?? invocationId),
    source_ip: shown(request?.sourceIp),
    duration_ms: inHundredths(durationMs),
    cause: unavailable?.cause,
    attribute: shown(unavailable?.attribute),
  };
}

function kindOfEvent(
  decision: Decision,
  userId = 'unknown',
): { readonly name: string; readonly level: Level; readonly message?: string } {
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
      return { name: 'access_granted', level: 'INFO' };
    case 'forbidden':
      return { name: 'access_denied', level: 'WARN' };
    case 'unauthenticated':
      return { name: 'authentication_failed', level: 'WARN' };
    case 'unavailable':
      return { name: 'authorization_unavailable', level: 'ERROR' };
  }
}

function shown(value: string | undefined): string | undefined {
  return value === undefined ? undefined : printable(value);
}
