/** Requests to paste into a terminal, each with a real token and the answer to expect. */
import { DISABLED_USER, KNOWN_USER, PLATFORM_ADMIN, UNKNOWN_USER } from './demo-users.ts';
import type { LocalStack } from './stack.ts';

/** Long enough for a day's work. */
const TOKEN_LIFETIME_SECONDS = 12 * 3600;

export interface CurlLine {
  /** Who asks, and what to expect. */
  readonly title: string;
  readonly command: string;
}

/** The examples for the REST API of `stack`. */
export async function curlLines(stack: LocalStack, strict: boolean): Promise<CurlLine[]> {
  const url = `${stack.url}/whoami`;
  const as = async (email: string) => {
    const token = await stack.issueToken({ email }, { expiresInSeconds: TOKEN_LIFETIME_SECONDS });
    return `curl -i ${url} -H 'Authorization: Bearer ${token}'`;
  };
  const absent = strict ? 'User not found in database' : 'User not found';
  return [
    { title: `${KNOWN_USER} has a row: 200`, command: await as(KNOWN_USER) },
    { title: `${UNKNOWN_USER} has none: 401 ${absent}`, command: await as(UNKNOWN_USER) },
    {
      title: `${DISABLED_USER} is disabled: 401 Account disabled`,
      command: await as(DISABLED_USER),
    },
    {
      title: strict
        ? `${PLATFORM_ADMIN}, the platform admin, has no row: 401 ${absent}`
        : `${PLATFORM_ADMIN}, the platform admin, has no row and enters by bootstrap: 200`,
      command: await as(PLATFORM_ADMIN),
    },
    { title: 'no token: 401 Not authenticated', command: `curl -i ${url}` },
    {
      title: 'a junk token: 401 Not authenticated',
      command: `curl -i ${url} -H 'Authorization: Bearer junk'`,
    },
  ];
}
