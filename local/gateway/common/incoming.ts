/**
 * A request as received, before a gateway converts it to an event. Header names keep the client's
 * spelling, and repeated headers and parameters are kept.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from './authorizer-cache.ts';

export type NameValue = readonly [name: string, value: string];

export interface IncomingRequest {
  readonly method: string;
  /** Without the query; percent-encoded as the client sent it. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Decoded, in the client's order. */
  readonly query: readonly NameValue[];
  readonly headers: readonly NameValue[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly userAgent: string;
  /** Such as `HTTP/1.1`. */
  readonly protocol: string;
  readonly requestId: string;
  readonly receivedAt: Date;
}

/** The limit of a payload on REST and HTTP APIs. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** The limit of all header values together, and on HTTP APIs of the request line with them. */
export const MAX_HEADER_BYTES = 10_240;

/**
 * Whether API Gateway would reject the headers of a request (431).
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
export function hasTooLargeHeaders(message: IncomingMessage, countsRequestLine = false): boolean {
  const { method = '', url = '', httpVersion } = message;
  const requestLine = countsRequestLine ? `${method} ${url} HTTP/${httpVersion}` : '';
  const values = pairs(message.rawHeaders).map(([, value]) => Buffer.byteLength(value, 'latin1'));
  return values.reduce((sum, bytes) => sum + bytes, requestLine.length) > MAX_HEADER_BYTES;
}

/**
 * Reads a request to its end; `undefined` when its body is too large. Adds the headers that API
 * Gateway adds for the function behind it.
 */
export async function readRequest(
  message: IncomingMessage,
  clock: Clock,
): Promise<IncomingRequest | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return describeRequest(message, clock, Buffer.concat(chunks));
}

/** A request whose body is not wanted, such as a WebSocket handshake. */
export function describeRequest(
  message: IncomingMessage,
  clock: Clock,
  body: Buffer = Buffer.alloc(0),
): IncomingRequest {
  const [rawPath = '/', ...query] = (message.url ?? '/').split('?');
  const rawQuery = query.join('?');
  const sourceIp = message.socket.remoteAddress?.replace(/^::ffff:/u, '') ?? '127.0.0.1';
  const headers = pairs(message.rawHeaders);
  const forwardedFor = headerValues(headers, 'x-forwarded-for').at(-1);
  return {
    method: message.method ?? 'GET',
    rawPath,
    rawQuery,
    query: [...new URLSearchParams(rawQuery)],
    headers: [
      ...headers.filter(([name]) => !/^x-forwarded-(?:for|port|proto)$/iu.test(name)),
      ['X-Forwarded-For', forwardedFor === undefined ? sourceIp : `${forwardedFor}, ${sourceIp}`],
      ['X-Forwarded-Port', String(message.socket.localPort ?? 80)],
      ['X-Forwarded-Proto', 'http'],
    ],
    body,
    sourceIp,
    userAgent: headerValues(headers, 'user-agent').at(-1) ?? '',
    protocol: `HTTP/${message.httpVersion}`,
    requestId: randomUUID(),
    receivedAt: new Date(clock()),
  };
}

/** The values of one header, its name in any case. */
export function headerValues(headers: readonly NameValue[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers
    .filter(([candidate]) => candidate.toLowerCase() === wanted)
    .map(([, value]) => value);
}

/** The last value of each name, and all values of each name. `null` where there is none. */
export function valueMaps(values: readonly NameValue[]): {
  single: Record<string, string>;
  multi: Record<string, string[]>;
} {
  const multi = new Map<string, string[]>();
  for (const [name, value] of values) {
    const list = multi.get(name);
    if (list) list.push(value);
    else multi.set(name, [value]);
  }
  return {
    single: Object.fromEntries([...multi].map(([name, list]) => [name, list.at(-1) ?? ''])),
    multi: Object.fromEntries(multi),
  };
}

/**
 * `requestContext.identity` of REST events and of payload 1.0: without IAM, Cognito, an API key and
 * a client's certificate, the members that name them are null.
 */
export function identityOf({ sourceIp, userAgent }: IncomingRequest): Record<string, unknown> {
  return {
    accessKey: null,
    accountId: null,
    caller: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp,
    user: null,
    userAgent,
    userArn: null,
  };
}

/** `%41` → `A`; text that is not percent-encoded UTF-8 stays as it is. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function pairs(flat: readonly string[]): NameValue[] {
  const result: NameValue[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    result.push([flat[index] ?? '', flat[index + 1] ?? '']);
  }
  return result;
}
