/** What an item of the table of revoked tokens is: that it exists means revoked. Pure. */

/** The partition key, a string: `<iss>#<jti>`, or `<iss>#<claim>=<value>` of a session. */
export const TOKEN_ID = 'token_id';

/** Epoch seconds at which DynamoDB may delete the item. Nothing else depends on it. */
export const EXPIRES_AT = 'expires_at';

/** A `jti` is unique only within its issuer (RFC 7519 §4.1.7), and so is the name of a session. */
export function tokenIdOf(issuer: string, jtiOrSession: string): string {
  return `${issuer}#${jtiOrSession}`;
}
