/** Sends one request to an API of the local stack, as any client would, and keeps the answer. */
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface HttpAnswer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  /** As they came: repeated ones several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** From sending to the last byte, in milliseconds. */
  readonly durationMs: number;
}

/** What the gateways call the header with the request's id. */
const REQUEST_ID_HEADERS: ReadonlySet<string> = new Set(['x-amzn-requestid', 'apigw-requestid']);
/** Longer than a function may take. */
const TIMEOUT_MS = 30_000;

/**
 * Sends `GET url` with a bearer token, or without when it is undefined.
 *
 * @throws Error when nothing answers
 */
export async function send(url: string, token: string | undefined): Promise<HttpAnswer> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const { statusCode = 0, statusMessage = '', rawHeaders } = response;
      buffer(response).then(
        (body) =>
          resolve({
            url,
            status: statusCode,
            statusText: statusMessage,
            headers: pairs(rawHeaders),
            body: body.toString('utf8'),
            durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
          }),
        reject,
      );
    });
    outgoing.end();
  });
}

/** The id that the gateway gave the request. */
export function requestIdOf({ headers }: HttpAnswer): string {
  const [, id = ''] = headers.find(([name]) => REQUEST_ID_HEADERS.has(name.toLowerCase())) ?? [];
  return id;
}

function pairs(rawHeaders: readonly string[]): (readonly [string, string])[] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  );
}
