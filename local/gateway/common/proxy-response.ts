/**
 * What a backend function returned, as an HTTP response. A result of another shape is a fault of
 * the backend and no response.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { isJsonObject, type JsonObject } from '../../../lambda/json.ts';
import type { NameValue } from './incoming.ts';

export interface WireResponse {
  readonly status: number;
  readonly headers: readonly NameValue[];
  readonly body: string | Buffer;
}

/** Payload formats: REST and HTTP 1.0 want the whole shape, HTTP 2.0 takes any JSON. */
export type ProxyFormat = 'rest' | '1.0' | '2.0';

/** Headers that REST APIs rename when a backend sends them. */
const REMAPPED_ON_REST = /^www-authenticate$/iu;

/** `undefined` when the result is malformed. */
export function readProxyResponse(value: unknown, format: ProxyFormat): WireResponse | undefined {
  if (format === '2.0' && !(isJsonObject(value) && 'statusCode' in value)) {
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    return { status: 200, headers: [['Content-Type', 'application/json']], body };
  }
  if (!isJsonObject(value)) return undefined;
  const { statusCode, headers, multiValueHeaders, cookies, body, isBase64Encoded } = value;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const pairs = readHeaders(headers, multiValueHeaders, cookies);
  if (pairs === undefined) return undefined;
  if (body !== undefined && body !== null && typeof body !== 'string') return undefined;
  return {
    status,
    headers: withContentType(
      format === 'rest'
        ? pairs.map(([name, text]) => [
            REMAPPED_ON_REST.test(name) ? `x-amzn-remapped-${name.toLowerCase()}` : name,
            text,
          ])
        : pairs,
      format,
    ),
    body: isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

function readHeaders(
  headers: unknown,
  multiValueHeaders: unknown,
  cookies: unknown,
): NameValue[] | undefined {
  const multi = Object.entries((multiValueHeaders ?? {}) as JsonObject);
  if (!multi.every(([, values]) => Array.isArray(values))) return undefined;
  const repeated = new Set(multi.map(([name]) => name.toLowerCase()));
  const single = Object.entries((headers ?? {}) as JsonObject).filter(
    ([name]) => !repeated.has(name.toLowerCase()),
  );
  const pairs: NameValue[] = [];
  const flat = multi.flatMap(([name, values]) =>
    (values as readonly unknown[]).map((value) => [name, value] as const),
  );
  const cookiePairs = Array.isArray(cookies)
    ? cookies.map((cookie: unknown) => ['Set-Cookie', cookie] as const)
    : [];
  for (const [name, value] of [...single, ...flat, ...cookiePairs]) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined;
    pairs.push([name, String(value)]);
  }
  return pairs;
}

function withContentType(headers: NameValue[], format: ProxyFormat): NameValue[] {
  if (headers.some(([name]) => name.toLowerCase() === 'content-type')) return headers;
  return [
    ['Content-Type', format === 'rest' ? 'application/json' : 'text/plain;charset=utf-8'],
    ...headers,
  ];
}
