/**
 * Fetches a key set over HTTP. Not with `fetch`, which costs 15 ms of every cold start, and not
 * with aws-jwt-verify's fetcher, which has no size limit and no plain HTTP to a loopback address.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { UnavailableCause } from '../decision.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { decodeContent } from './content-coding.ts';

/** Real key sets have a few kilobytes. The limit holds for what was sent and for what it decodes to. */
const MAX_JWKS_BYTES = 1024 * 1024;
/**
 * How long Node tries one address of a host that has several before it goes on to the next. With its
 * own 250 ms, a host that takes 280 ms to connect to can never be reached; with all of the time
 * limit of a fetch, an address that swallows packets would leave no time for the next.
 */
const ADDRESS_ATTEMPT_MS = 1200;
/**
 * Some key servers offer RFC 7517's own media type alone (§8.5), firewalls refuse requests without a
 * user agent, and without `accept-encoding` any coding is acceptable (RFC 9110 §12.5.3).
 */
const HEADERS = {
  accept: 'application/jwk-set+json, application/json',
  'accept-encoding': 'identity',
  'user-agent': 'rollcall/0.2.0',
};

/** `keys` are JSON objects, and that is all that is known of them. */
export type JwksFetchResult =
  | { readonly ok: true; readonly keys: readonly JsonObject[] }
  | {
      readonly ok: false;
      readonly cause: UnavailableCause;
      /** Of the answer, with cause `http_status`. */
      readonly httpStatus?: number;
    };

/** A fetch under way. It has no timer of its own: the one who waits for it sets the limit. */
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
    error instanceof JwksFetchError ? error.result : failure('connection'),
  );
  return {
    result: result.then((outcome) => (controller.signal.aborted ? failure('timeout') : outcome)),
    abandon: () => controller.abort(),
  };
};

class JwksFetchError extends Error {
  override readonly name = 'JwksFetchError';
  readonly result: JwksFetchResult;
  constructor(cause: UnavailableCause, httpStatus?: number) {
    super(cause);
    this.result = { ok: false, cause, ...(httpStatus !== undefined && { httpStatus }) };
  }
}

function failure(cause: UnavailableCause): JwksFetchResult {
  return { ok: false, cause };
}

function download(uri: string, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const url = new URL(uri);
    const isPlain = url.protocol === 'http:';
    const request = isPlain ? httpRequest : httpsRequest;
    // A connection of its own, closed afterwards: Lambda would freeze a pooled one, and the next
    // fetch is ten minutes away.
    const agent = new (isPlain ? HttpAgent : HttpsAgent)({
      keepAlive: false,
      autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    });
    request(url, { signal, agent, headers: HEADERS }, (response) => {
      readBody(response).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const { statusCode } = response;
    if (statusCode !== 200) throw new JwksFetchError('http_status', statusCode);
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_JWKS_BYTES) throw new JwksFetchError('too_large');
      chunks.push(chunk);
    }
    const coded = Buffer.concat(chunks, bytes);
    const body = decodeContent(coded, response.headers['content-encoding'], MAX_JWKS_BYTES);
    if (!Buffer.isBuffer(body)) throw new JwksFetchError(body);
    return body;
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
