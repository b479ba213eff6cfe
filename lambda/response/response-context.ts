/**
 * What the API behind is told of a decision: flat scalars, since a gateway refuses an answer with
 * anything else in it (500), and bounded, since the gateway's limit is 8 kB for all of it.
 */
import { REASONS, type Decision } from '../decision.ts';
import { bearerChallenge } from './challenge.ts';

/** Values that a gateway accepts. REST and WebSocket APIs pass each of them on as a text. */
export type AuthorizerContext = Record<string, string | number | boolean>;

export interface FittedContext {
  readonly principalId: string;
  readonly context: AuthorizerContext;
}

/** Of one value, in bytes of UTF-8. */
const MAX_VALUE_BYTES = 1024;
/** Of the whole answer as JSON: 7 kB, less what the policy and its ARN take. */
const MAX_ANSWER_BYTES = 7000 - 800;
const MAX_SHORT_PRINCIPAL_CHARACTERS = 64;

/** Left out in this order when an answer is too long; a shortened list would be another list. */
const DISPENSABLE = ['scope', 'fullName', 'roles', 'email', 'jti', 'issuer', 'challenge'];

/** What a client is told to ask for when its token lacks a scope. */
export interface ScopeRules {
  readonly requiredScopes?: readonly string[];
  /** Address of the protected resource's metadata, where it is known. */
  readonly resourceMetadataUrl?: string | undefined;
}

/** The context and the principal of an answer, which together stay within the limits. */
export function fitContext(decision: Decision, rules: ScopeRules = {}): FittedContext {
  const context: AuthorizerContext = {};
  for (const [name, value] of Object.entries(fullContext(decision, rules))) {
    if (typeof value === 'boolean') context[name] = value;
    else if (value !== undefined && value !== '' && Buffer.byteLength(value) <= MAX_VALUE_BYTES) {
      context[name] = value;
    }
  }
  const userId = decision.outcome === 'unauthenticated' ? undefined : decision.token?.userId;
  const principalId = userId ?? 'unauthenticated';
  for (const name of DISPENSABLE) {
    if (fits(principalId, context)) return { principalId, context };
    delete context[name];
  }
  // `userId` has to be whole; the principal is for logs, and may be its beginning.
  return fits(principalId, context)
    ? { principalId, context }
    : { principalId: beginningOf(principalId), context };
}

function fullContext(
  decision: Decision,
  { requiredScopes, resourceMetadataUrl }: ScopeRules,
): Record<string, string | boolean | undefined> {
  const { outcome, reason } = decision;
  const token = outcome === 'unauthenticated' ? undefined : decision.token;
  const user = outcome === 'allow' ? decision.user : undefined;
  return {
    userId: token?.userId,
    isAdmin: user?.isAdmin,
    authMethod: user?.authMethod,
    reason,
    detail: REASONS[reason].detail,
    // All of the scopes, so that the client asks once (RFC 6750 §3.1).
    challenge:
      reason === 'scope_missing'
        ? bearerChallenge({
            error: 'insufficient_scope',
            scopes: requiredScopes,
            resourceMetadataUrl,
          })
        : undefined,
    email: user?.email?.toWellFormed(),
    fullName: user?.fullName?.toWellFormed(),
    roles: user?.roles.join(','),
    issuer: token?.issuer,
    jti: token?.jti,
    scope: token?.scopes.join(' ').toWellFormed(),
  };
}

function fits(principalId: string, context: AuthorizerContext): boolean {
  return Buffer.byteLength(JSON.stringify([principalId, context])) <= MAX_ANSWER_BYTES;
}

/** Whole characters only: half a surrogate pair is no text. */
function beginningOf(text: string): string {
  return Array.from(text).slice(0, MAX_SHORT_PRINCIPAL_CHARACTERS).join('');
}
