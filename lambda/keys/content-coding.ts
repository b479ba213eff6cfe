/** Content codings (RFC 9110 §8.4.1), undone. Some servers use them without being asked. */
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** Nobody uses more, though any number is allowed. */
const MAX_CODINGS = 2;

/**
 * Undoes the codings of `contentEncoding`, the last one first.
 *
 * @param maxBytes of the result of each coding
 * @returns the content; `too_large`, or `bad_json` if it cannot be decoded
 */
export function decodeContent(
  body: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Buffer | 'too_large' | 'bad_json' {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length === 0) return body;
  if (codings.length > MAX_CODINGS) return 'bad_json';
  try {
    return codings.reduceRight((bytes, coding) => decodeOne(bytes, coding, maxBytes), body);
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLarge ? 'too_large' : 'bad_json';
  }
}

function decodeOne(bytes: Buffer, coding: string, maxBytes: number): Buffer {
  const limit = { maxOutputLength: maxBytes };
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes, limit);
    case 'deflate':
      // The zlib format by right, but some servers leave its header out (RFC 9110 §8.4.1.2).
      return ((bytes[0] ?? 0) & 0x0f) === 8
        ? inflateSync(bytes, limit)
        : inflateRawSync(bytes, limit);
    case 'br':
      return brotliDecompressSync(bytes, limit);
    default:
      throw new TypeError('An unknown coding');
  }
}
