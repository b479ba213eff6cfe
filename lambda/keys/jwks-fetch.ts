/**
 * Fetches a key set over HTTP. Not with `fetch`, whose machinery costs 15 ms of every cold
 * start, and not with aws-jwt-verify's fetcher, which knows neither a size limit nor loopback.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { UnavailableCause } from '../decision.ts';
import { isJsonObject, type JsonObject } from '../json.ts';

/** Real key sets have a few kilobytes. */
const MAX_JWKS_BYTES = 1024 * 1024;

/** `keys` are JSON objects, and that is all that is known of them. */
export type JwksFetchResult =
  | { readonly ok: true; readonly keys: readonly JsonObject[] }
  | { readonly ok: false; readonly cause: UnavailableCause };

/** A fetch under way. It has no timer of its own: whoever waits for it sets the limit. */
export interface JwksFetch {
  /** Never rejects. */
  readonly result: Promise<JwksFetchResult>;
  /** Ends it, with cause `timeout`. */
  abandon(): void;
}

export type FetchJwks = (uri: string) => JwksFetch;

/** Starts to fetch the key set at `uri`. Follows no redirects; reads at most 1 MiB. */
export const fetchJwks: FetchJwks = (uri) => {
  const controller = new AbortController();
  const result = download(uri, controller.signal).then(parse, (error: unknown) =>
    failure(error instanceof JwksFetchError ? error.cause : 'connection'),
  );
  return {
    result: result.then((outcome) => (controller.signal.aborted ? failure('timeout') : outcome)),
    abandon: () => controller.abort(),
  };
};

class JwksFetchError extends Error {
  override readonly name = 'JwksFetchError';
  override readonly cause: UnavailableCause;
  constructor(cause: UnavailableCause) {
    super(cause);
    this.cause = cause;
  }
}

function failure(cause: UnavailableCause): JwksFetchResult {
  return { ok: false, cause };
}

function download(uri: string, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const url = new URL(uri);
    const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
    request(
      url,
      // A connection of its own, closed afterwards: Lambda would freeze a pooled one, and the
      // next fetch is ten minutes away.
      { signal, agent: false, headers: { accept: 'application/json' } },
      (response) => {
        readBody(response).then(resolve, reject);
      },
    )
      .on('error', reject)
      .end();
  });
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    if (response.statusCode !== 200) throw new JwksFetchError('http_status');
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_JWKS_BYTES) throw new JwksFetchError('too_large');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, bytes);
  } finally {
    response.destroy();
  }
}

function parse(body: Buffer): JwksFetchResult {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const { keys } = JSON.parse(text) as { keys?: unknown };
    if (!Array.isArray(keys)) return failure('bad_json');
    return { ok: true, keys: keys.filter(isJsonObject) };
  } catch {
    return failure('bad_json');
  }
}
