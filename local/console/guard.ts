/**
 * Which requests the console answers. It runs on a developer's machine, where every page that is
 * open in the browser can send requests to loopback: a page may not be read through a name that
 * was rebound to 127.0.0.1 (`Host`), and nothing may be changed from any page but its own
 * (`Origin`, which browsers send with every POST, PUT and DELETE; `Sec-Fetch-Site`).
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is refused. */
export interface Refusal {
  readonly status: 403 | 415 | 421;
  readonly error: string;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** On every answer. Nothing is loaded from anywhere else, framed, cached or sent on. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Why a request is refused; undefined when it is not.
 *
 * @param port where the console listens
 */
export function refusalOf(
  method: string,
  headers: IncomingHttpHeaders,
  port: number,
): Refusal | undefined {
  const host = headers.host ?? '';
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(host)) {
    return { status: 421, error: 'This console answers to its own address only' };
  }
  // Absent where the client is no browser; `none` is somebody who typed the address.
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && isSafe(method))) {
    // A link from elsewhere may open the page, and read nothing.
    if (!(isSafe(method) && headers['sec-fetch-mode'] === 'navigate')) return FOREIGN;
  }
  if (isSafe(method)) return undefined;
  if (headers.origin !== `http://${host}`) return FOREIGN;
  return headers['content-type'] === 'application/json'
    ? undefined
    : { status: 415, error: 'The body has to be application/json' };
}

const FOREIGN: Refusal = { status: 403, error: 'Only the console’s own page may ask for this' };

function isSafe(method: string): boolean {
  return SAFE_METHODS.has(method);
}
