/**
 * Reads the caller in the backend of a route. REST and WebSocket APIs, and HTTP APIs with payload
 * 1.0, turn every value of an authorizer's context into a string: `isAdmin` arrives as `"false"`,
 * which is truthy. `identityFrom` restores the types. It reads only `requestContext.authorizer` and
 * `identity.resolverContext`, which the gateway alone writes. No dependencies.
 */
import { isJsonObject, ownMember, type JsonObject } from '../lambda/json.ts';

/** The caller, as the authorizer found it. */
export interface Identity {
  /** The user's id: the key of the row, with its namespace where several issuers are trusted. */
  readonly userId: string;
  /** From the row, or true for the platform admin who enters without one. Never from a claim. */
  readonly isAdmin: boolean;
  /** How the user entered: with a row, or as the platform admin without one. */
  readonly authMethod: 'database' | 'platform_admin_bootstrap';
  readonly reason: 'user_found' | 'platform_admin_bootstrap';
  /** From the row; empty when it names none, or when the answer had no room for them. */
  readonly roles: readonly string[];
  /** From the token; empty when it names none, or when the answer had no room for them. */
  readonly scopes: readonly string[];
  /** From the row. */
  readonly email: string | undefined;
  /** From the row. */
  readonly fullName: string | undefined;
  /** `iss` of the token. */
  readonly issuer: string | undefined;
  /** `jti` of the token. */
  readonly jti: string | undefined;
}

/** Thrown for an event without Rollcall's context; the message says what to check. */
export class NoIdentityError extends Error {
  override readonly name = 'NoIdentityError';
  readonly code = 'rollcall.no_identity';
}

const REASON_OF = {
  database: 'user_found',
  platform_admin_bootstrap: 'platform_admin_bootstrap',
} as const;

/**
 * Returns the caller of a route behind the authorizer, from the event of a Lambda proxy integration
 * (REST, WebSocket, HTTP with payload 1.0 or 2.0) or of an AppSync Lambda resolver.
 *
 * An event without Rollcall's context is an error, not an anonymous caller: the route is not behind
 * the authorizer, and a backend that continued would let everybody in.
 *
 * @throws NoIdentityError if the event has no context, or one that Rollcall does not write
 */
export function identityFrom(event: unknown): Identity {
  const context = contextOf(event);
  if (context === undefined) {
    throw new NoIdentityError(
      'The event has no authorizer context. Attach the Rollcall authorizer to this route.',
    );
  }
  const userId = text(context, 'userId');
  const isAdmin = flag(member(context, 'isAdmin'));
  const authMethod = member(context, 'authMethod');
  if (
    userId === undefined ||
    isAdmin === undefined ||
    !isAuthMethod(authMethod) ||
    member(context, 'reason') !== REASON_OF[authMethod]
  ) {
    throw new NoIdentityError(
      'The authorizer context of the event is not one that Rollcall writes for an allowed caller. Check which authorizer is attached to this route.',
    );
  }
  return {
    userId,
    isAdmin,
    authMethod,
    reason: REASON_OF[authMethod],
    roles: list(context, 'roles', ','),
    scopes: list(context, 'scope', ' '),
    email: text(context, 'email'),
    fullName: text(context, 'fullName'),
    issuer: text(context, 'issuer'),
    jti: text(context, 'jti'),
  };
}

/** Where each kind of gateway puts the context. */
function contextOf(event: unknown): JsonObject | undefined {
  const authorizer = member(member(event, 'requestContext'), 'authorizer');
  const context =
    // Payload 2.0 of an HTTP API; the other kinds hold no objects here.
    member(authorizer, 'lambda') ??
    authorizer ??
    member(member(event, 'identity'), 'resolverContext');
  return isJsonObject(context) ? context : undefined;
}

/** An own member, so that an inherited property never identifies a caller. */
function member(parent: unknown, name: string): unknown {
  return isJsonObject(parent) ? (ownMember(parent, name) ?? undefined) : undefined;
}

function isAuthMethod(value: unknown): value is Identity['authMethod'] {
  return typeof value === 'string' && Object.hasOwn(REASON_OF, value);
}

/** The boolean, or the string that a gateway made of it; undefined for anything else. */
function flag(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}

function text(context: JsonObject, name: string): string | undefined {
  const value = member(context, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(context: JsonObject, name: string, separator: string): readonly string[] {
  return text(context, name)?.split(separator) ?? [];
}
