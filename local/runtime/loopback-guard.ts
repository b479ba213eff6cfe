/**
 * Decides which requests a server on loopback answers. Any page that is open in the developer's
 * browser can send requests to loopback. The guard denies a host name that was rebound to 127.0.0.1
 * (`Host`) and requests of other origins (`Origin`, `Sec-Fetch-Site`). Programs send none of these
 * and are answered.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
import type { IncomingHttpHeaders, RequestListener } from 'node:http';

/** Why a request is denied. */
export interface Refusal {
  readonly status: 403 | 415 | 421;
  readonly error: string;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export const FOREIGN: Refusal = { status: 403, error: 'Only its own page may ask for this' };

/** Whether a method changes nothing. One that is not known counts as a change. */
export function isSafe(method: string): boolean {
  return SAFE_METHODS.has(method);
}

/**
 * Why a request is denied; undefined if it is not.
 *
 * @param port where the server listens
 */
export function foreignRefusal(
  method: string,
  headers: IncomingHttpHeaders,
  port: number,
): Refusal | undefined {
  const { host = '', origin } = headers;
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(host)) {
    return { status: 421, error: 'This server answers to its own address only' };
  }
  if (origin !== undefined && origin !== `http://${host}`) return FOREIGN;
  // Absent where the client is no browser; `none` is somebody who typed the address.
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin') return undefined;
  if (!isSafe(method)) return FOREIGN;
  // A link from elsewhere may open a page, and read nothing.
  return site === 'none' || headers['sec-fetch-mode'] === 'navigate' ? undefined : FOREIGN;
}

/** Answers what is foreign itself, and hands everything else to `listener`. */
export function guarded(listener: RequestListener): RequestListener {
  return (incoming, response) => {
    const { method = 'GET', headers, socket } = incoming;
    const refusal = foreignRefusal(method, headers, socket.localPort ?? 0);
    if (refusal === undefined) {
      listener(incoming, response);
      return;
    }
    // What is left of the body is not wanted.
    response.writeHead(refusal.status, { 'Content-Type': 'application/json', Connection: 'close' });
    response.end(JSON.stringify({ error: refusal.error }));
  };
}
