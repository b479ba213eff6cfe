/**
 * The trace of an invocation, as Lambda names it in `_X_AMZN_TRACE_ID`. Pure.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */

const ROOT = /(?:^|;)Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/u;
const NOT_SAMPLED = /(?:^|;)Sampled=0(?:;|$)/u;

/**
 * @param header such as `Root=1-67687c5a-a1b2c3d4e5f67890abcdef01;Parent=53995c3f42cd8ad8;Sampled=1`
 * @returns the root; undefined when there is none, or when X-Ray keeps nothing of the trace:
 *   without tracing Lambda still makes one up for every invocation, and nobody could find it
 */
export function traceIdOf(header: string | undefined): string | undefined {
  if (header === undefined || NOT_SAMPLED.test(header)) return undefined;
  return ROOT.exec(header)?.[1];
}
