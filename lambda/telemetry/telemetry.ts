/**
 * The log: one line for each invocation, which is its security event and its metrics, and notices
 * now and then. `LOG_LEVEL` is for diagnostics; nothing here asks for it.
 */
import { digestOf } from './digest.ts';
import type { Config } from '../settings/config.ts';
import { withMetrics, type LogMembers, type MetricValues } from './embedded-metrics.ts';
import { createMeasurements } from './measurements.ts';
import { countOf } from './metrics.ts';
import {
  authorizerMisconfigured,
  ephemeralStorageWithBootstrap,
  jwksStale,
  tokenWithoutJti,
  type Notice,
} from './notices.ts';
import { printable } from './printable.ts';
import { decisionEvent, type DecisionRecord } from './security-event.ts';
import { traceIdOf } from './trace-id.ts';

/** Of one notice about one issuer. */
const NOTICE_INTERVAL_MS = 60_000;

/** How long the table and the keys were waited for, if they were. */
export interface Latencies {
  readonly directoryMs: number | undefined;
  readonly keysMs: number | undefined;
}

export interface Telemetry {
  /** Writes the event and the metrics of one invocation. */
  decided(record: DecisionRecord, latencies: Latencies): void;
  /** A token was accepted that cannot be revoked. At most once per minute and issuer. */
  tokenWithoutJti(issuer: string): void;
  /** Keys past their maximum age verified a token. Written at most once per minute and issuer. */
  staleKeys(issuer: string): void;
  /** At a cold start: bootstrap is open on a table that will not last. */
  ephemeralStorageWithBootstrap(): void;
  /** @param problems names of settings and what is expected of them, never values */
  misconfigured(problems: readonly string[]): void;
  /** A gateway asks without the headers, so without a token. At most once per minute. */
  requestHeadersNotPassed(): void;
  /** A mistake of our own. The error's message stays unsaid: it may quote anything. */
  internalError(error: unknown): void;
}

export type TelemetrySettings = Pick<Config, 'logUserIds'>;

export interface TelemetryWorld {
  /** Epoch milliseconds. Default: the wall clock. */
  readonly now?: () => number;
  /** Of the function that runs, which measurements are told apart by. Default: none. */
  readonly functionName?: string | undefined;
  /** Lambda's tracing header of the invocation that runs. Default: none. */
  readonly traceHeader?: () => string | undefined;
}

/** What writes the lines. A bad configuration has no settings: the strictest then hold. */
export function createTelemetry(
  settings: TelemetrySettings = { logUserIds: 'sha256' },
  { now = Date.now, functionName, traceHeader = () => undefined }: TelemetryWorld = {},
): Telemetry {
  const measurements = createMeasurements(now);
  const isNoticeDue = everySoOften(NOTICE_INTERVAL_MS, now);
  const showUserId = settings.logUserIds === 'plain' ? (userId: string) => userId : digestOf;
  measurements.count('ColdStart');

  function write(members: LogMembers, values: MetricValues = {}): void {
    const measured = measurements.take();
    const isOfFunction = functionName !== undefined && Object.keys(measured).length > 0;
    const line = { ...members, ...(isOfFunction && { function_name: functionName }) };
    writeLine(withMetrics(line, { ...values, ...measured }, now()));
  }

  /** Without a time of its own Lambda takes a line for one of level INFO. */
  const notify = (notice: Notice): void => writeLine({ timestamp: isoTime(now()), ...notice });

  return {
    decided(record, { directoryMs, keysMs }) {
      measurements.measure('DirectoryLatency', directoryMs);
      measurements.measure('KeysLatency', keysMs);
      const count = countOf(record.decision);
      if (count !== undefined) measurements.count(count);
      const event = decisionEvent(record, showUserId);
      // The one line that is paid for by the million has its time from CloudWatch.
      const isOrdinary = event.security_event === 'access_granted';
      write(
        {
          ...(!isOrdinary && { timestamp: isoTime(now()) }),
          ...event,
          trace_id: traceIdOf(traceHeader()),
        },
        { Decisions: 1 },
      );
    },
    tokenWithoutJti(issuer) {
      if (isNoticeDue(`token_without_jti ${issuer}`)) notify(tokenWithoutJti(issuer));
    },
    staleKeys(issuer) {
      measurements.count('JwksStale');
      if (isNoticeDue(`jwks_stale ${issuer}`)) notify(jwksStale(issuer));
    },
    ephemeralStorageWithBootstrap() {
      notify(ephemeralStorageWithBootstrap());
    },
    misconfigured(problems) {
      measurements.count('Misconfigured');
      write({ timestamp: isoTime(now()), ...authorizerMisconfigured(problems) });
    },
    requestHeadersNotPassed() {
      if (!isNoticeDue('request_headers_not_passed')) return;
      writeLine({
        timestamp: isoTime(now()),
        level: 'ERROR',
        message:
          "The gateway passes no request headers, so no token: set passRequestHeaders to true in its interceptor's configuration",
      });
    },
    internalError(error) {
      const name = error instanceof Error ? error.name : typeof error;
      writeLine({
        timestamp: isoTime(now()),
        level: 'ERROR',
        message: 'A mistake in the authorizer itself',
        error_name: printable(name),
      });
    },
  };
}

/**
 * Not through `console`, which Lambda replaces: with the JSON log format it would put the line
 * into the member `message` of another, where CloudWatch looks for no metrics.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html#nodejs-logging-advanced-emf
 */
function writeLine(members: LogMembers): void {
  process.stdout.write(`${JSON.stringify(members)}\n`);
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** Whether a key's turn has come: once in `intervalMs`. Keys are few, one or two an issuer. */
function everySoOften(intervalMs: number, now: () => number): (key: string) => boolean {
  const last = new Map<string, number>();
  return (key) => {
    const at = now();
    const before = last.get(key);
    if (before !== undefined && at - before < intervalMs) return false;
    last.set(key, at);
    return true;
  };
}
