/** Times as tokens and rows write them: seconds since 1970 (RFC 7519 §2, NumericDate). */

/** Not reached before the year 5138: a time of twelve digits is in milliseconds, by mistake. */
export const EPOCH_SECONDS_LIMIT = 1e11;

/** Whether `value` is a time. `1e999` is JSON too, and parses as infinity. */
export function isEpochSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value < EPOCH_SECONDS_LIMIT;
}
