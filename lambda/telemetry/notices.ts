/** What the function says beside its decisions. Pure. Names of settings, never their values. */
import type { Level } from './security-event.ts';
import { printable } from './printable.ts';

export interface Notice {
  readonly security_event: string;
  readonly level: Level;
  readonly message: string;
  readonly issuer?: string;
  readonly problems?: readonly string[];
}

export function tokenWithoutJti(issuer: string): Notice {
  return {
    security_event: 'token_without_jti',
    level: 'WARN',
    message: 'A token without a jti was accepted: it cannot be revoked by itself',
    issuer: printable(issuer),
  };
}

export function jwksStale(issuer: string): Notice {
  return {
    security_event: 'jwks_stale',
    level: 'WARN',
    message: 'The key set could not be renewed; an old one verified a token',
    issuer: printable(issuer),
  };
}

export function ephemeralStorageWithBootstrap(): Notice {
  return {
    security_event: 'ephemeral_storage_with_bootstrap',
    level: 'WARN',
    message:
      'The users table is not persistent while a platform admin may enter without a row: when the table is lost, that admin is let in again',
  };
}

export function authorizerMisconfigured(problems: readonly string[]): Notice {
  return {
    security_event: 'authorizer_misconfigured',
    level: 'ERROR',
    message: `The authorizer refuses every request: ${problems.join('; ')}`,
    problems,
  };
}
