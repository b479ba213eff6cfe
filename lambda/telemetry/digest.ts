/** The digest of a user id that stands in the log in its place (`LOG_USER_IDS=sha256`). */
import { createHash } from 'node:crypto';

/** SHA-256 of the id's UTF-8, in hexadecimal. Not secret: whoever knows an id can compute it. */
export function digestOf(userId: string): string {
  return createHash('sha256').update(userId).digest('hex');
}
