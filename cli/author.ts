/** The values of `updated_at` and `updated_by` in every row that is written. */
import { callerArn } from './aws.ts';
import { toCliError } from './errors.ts';
import { serviceClock } from './service-clock.ts';

export interface Stamp {
  /** RFC 3339, by the clock of AWS. */
  readonly updated_at: string;
  /** The caller's ARN; `local` on a table that is not in AWS. */
  readonly updated_by: string;
}

const LOCAL_AUTHOR = 'local';
const UNKNOWN_AUTHOR = 'unknown';
const LOOPBACK_URL = /^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?:[:/]|$)/u;

/**
 * Returns the stamp of a write. The first write asks STS for the caller, once.
 *
 * @param note called with the reason if STS fails; the write goes ahead, since it may be urgent
 */
export function createAuthor(note: (line: string) => void): () => Promise<Stamp> {
  let author: Promise<string> | undefined;
  return async () => {
    author ??= tablesAreLocal() ? Promise.resolve(LOCAL_AUTHOR) : askForCaller(note);
    const by = await author;
    return { updated_at: new Date(serviceClock.now() * 1000).toISOString(), updated_by: by };
  };
}

async function askForCaller(note: (line: string) => void): Promise<string> {
  try {
    return await callerArn();
  } catch (error) {
    note(`STS cannot identify the caller: ${toCliError(error).message}. updated_by is "unknown".`);
    return UNKNOWN_AUTHOR;
  }
}

/** A table on this computer has no account, and its credentials identify no caller. */
function tablesAreLocal(): boolean {
  const { env } = process;
  const hasSts = (env['AWS_ENDPOINT_URL_STS'] ?? env['AWS_ENDPOINT_URL'] ?? '') !== '';
  return !hasSts && LOOPBACK_URL.test(env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
}
