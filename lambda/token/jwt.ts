/**
 * The compact form of a JWT (RFC 7519 §3, RFC 7515 §3.1), taken apart and nothing more. All of
 * what comes out is what somebody wrote, not yet verified.
 */
import { isJsonObject, type JsonObject } from '../json.ts';

/** The parts of a token that nobody has verified. */
export interface UnverifiedJwt {
  readonly unverifiedHeader: JsonObject;
  readonly unverifiedPayload: JsonObject;
  readonly headerB64: string;
  readonly payloadB64: string;
  readonly signatureB64: string;
}

/** Strict: RFC 7519 §7.2 has a token whose bytes are not UTF-8 rejected, not repaired. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BASE64URL = /^[A-Za-z0-9_-]+$/u;
const LAST_CHARACTER_OF = {
  // Two characters hold 8 bits and 4 to spare, three hold 16 and 2 to spare (RFC 4648 §3.5).
  2: /[AQgw]$/u,
  3: /[AEIMQUYcgkosw048]$/u,
} as const;

/** Takes a token apart; undefined unless it is three parts of strict base64url, two of them JSON objects. */
export function decomposeUnverifiedJwt(token: string): UnverifiedJwt | undefined {
  const [headerB64, payloadB64, signatureB64, ...rest] = token.split('.');
  if (headerB64 === undefined || payloadB64 === undefined || signatureB64 === undefined) {
    return undefined;
  }
  if (rest.length > 0 || !isBase64Url(signatureB64)) return undefined;
  const unverifiedHeader = decodeObject(headerB64);
  const unverifiedPayload = decodeObject(payloadB64);
  return unverifiedHeader === undefined || unverifiedPayload === undefined
    ? undefined
    : { unverifiedHeader, unverifiedPayload, headerB64, payloadB64, signatureB64 };
}

/** No padding, no foreign characters, no bits to spare: one way only to write any bytes. */
function isBase64Url(text: string): boolean {
  if (!BASE64URL.test(text)) return false;
  switch (text.length % 4) {
    case 1:
      return false;
    case 2:
      return LAST_CHARACTER_OF[2].test(text);
    case 3:
      return LAST_CHARACTER_OF[3].test(text);
    default:
      return true;
  }
}

function decodeObject(base64Url: string): JsonObject | undefined {
  if (!isBase64Url(base64Url)) return undefined;
  try {
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(base64Url, 'base64url')));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
