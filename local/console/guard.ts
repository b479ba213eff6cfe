/**
 * Which requests the console answers: those of its own page, as every server on loopback, and
 * changes only with an `Origin` (which browsers send with every POST, PUT and DELETE) and a body
 * of JSON, which a form of another page cannot send.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { FOREIGN, foreignRefusal, isSafe, type Refusal } from '../runtime/loopback-guard.ts';

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
  const foreign = foreignRefusal(method, headers, port);
  if (foreign !== undefined || isSafe(method)) return foreign;
  if (headers.origin === undefined) return FOREIGN;
  return headers['content-type'] === 'application/json'
    ? undefined
    : { status: 415, error: 'The body has to be application/json' };
}
