/**
 * Log lines and metrics: one security event an invocation, notices now and then, and the numbers
 * that alarms are made of. Security events and metrics are written whatever `LOG_LEVEL` says.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { createHash } from 'node:crypto';
import type { Config } from '../settings/config.ts';
import type { Decision } from '../decision.ts';
import { countsOf } from './security-counts.ts';
import {
  cleanValue,
  decisionEvent,
  inHundredths,
  type DecisionRecord,
  type Level,
} from './security-event.ts';

const SERVICE = 'rollcall';
const NAMESPACE = 'Rollcall';
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
  /** A token was accepted that cannot be revoked. At most once a minute and issuer. */
  tokenWithoutJti(issuer: string): void;
  /** Keys past their maximum age verified a token. At most once a minute and issuer. */
  staleKeys(issuer: string): void;
  /** At a cold start: bootstrap is open on a table that will not last. */
  ephemeralStorageWithBootstrap(): void;
  /** @param problems names of settings and what is expected of them, never values */
  misconfigured(problems: readonly string[]): void;
  /** A mistake of our own. The error's message stays unsaid: it may quote anything. */
  internalError(error: unknown): void;
}

type Dimensions = Readonly<Record<string, string>>;

export type TelemetrySettings = Pick<Config, 'logUserIds' | 'logLevel'>;

export interface TelemetryWorld {
  /** Epoch milliseconds. Default: the wall clock. */
  readonly now?: () => number;
  /** Of the function that runs, which measurements are told apart by. Default: none. */
  readonly functionName?: string | undefined;
}

/** What writes the lines. A bad configuration has no settings: the strictest then hold. */
export function createTelemetry(
  settings: TelemetrySettings = { logUserIds: 'sha256', logLevel: 'INFO' },
  { now = Date.now, functionName }: TelemetryWorld = {},
): Telemetry {
  const events = new Logger({ serviceName: SERVICE, logLevel: 'INFO' });
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: SERVICE });
  const isNoticeDue = everySoOften(NOTICE_INTERVAL_MS, now);
  let isColdStart = true;

  const showUserId =
    settings.logUserIds === 'plain'
      ? (userId: string) => userId
      : (userId: string) => createHash('sha256').update(userId).digest('hex');

  function write(level: Level, message: string, fields: Record<string, unknown>): void {
    switch (level) {
      case 'INFO':
        return events.info(message, fields);
      case 'WARN':
        return events.warn(message, fields);
      case 'ERROR':
        return events.error(message, fields);
    }
  }

  /** By outcome and reason, and by outcome alone, since an alarm cannot sum over reasons. */
  function publishDecision({ outcome, reason }: Decision): void {
    metrics.addMetric('Decisions', MetricUnit.Count, 1);
    publish({ Outcome: outcome }, { Reason: reason });
  }

  function publishMeasurements(decision: Decision, { directoryMs, keysMs }: Latencies): void {
    if (directoryMs !== undefined) addLatency('DirectoryLatency', directoryMs);
    if (keysMs !== undefined) addLatency('KeysLatency', keysMs);
    if (isColdStart) metrics.addMetric('ColdStart', MetricUnit.Count, 1);
    isColdStart = false;
    for (const name of countsOf(decision)) metrics.addMetric(name, MetricUnit.Count, 1);
    publishOfFunction();
  }

  function addLatency(name: string, ms: number): void {
    metrics.addMetric(name, MetricUnit.Milliseconds, inHundredths(ms));
  }

  /** What there is: of all functions together, and of this one. */
  function publishOfFunction(): void {
    // Powertools would warn of nothing, which is the ordinary case.
    if (!metrics.hasStoredMetrics()) return;
    publish({}, functionName === undefined ? undefined : { FunctionName: functionName });
  }

  /** By `shared` with `further`, and by `shared` alone. Every dimension is paid for. */
  function publish(shared: Dimensions, further: Dimensions | undefined): void {
    // Powertools has a dimension of its own, and would warn of each value that is replaced.
    metrics.clearDefaultDimensions();
    metrics.setDefaultDimensions(shared);
    if (further !== undefined) metrics.addDimensions(further);
    metrics.addDimensions({});
    metrics.publishStoredMetrics();
  }

  return {
    decided(record, latencies) {
      const { level, message, ...fields } = decisionEvent(record, showUserId);
      write(level, message, fields);
      publishDecision(record.decision);
      publishMeasurements(record.decision, latencies);
    },
    tokenWithoutJti(issuer) {
      if (!isNoticeDue(`token_without_jti ${issuer}`)) return;
      write('WARN', 'A token without a jti was accepted: it cannot be revoked by itself', {
        security_event: 'token_without_jti',
        issuer: cleanValue(issuer),
      });
    },
    staleKeys(issuer) {
      metrics.addMetric('JwksStale', MetricUnit.Count, 1);
      publishOfFunction();
      if (!isNoticeDue(`jwks_stale ${issuer}`)) return;
      write('WARN', 'The key set could not be renewed; an old one verified a token', {
        security_event: 'jwks_stale',
        issuer: cleanValue(issuer),
      });
    },
    ephemeralStorageWithBootstrap() {
      write(
        'WARN',
        'The users table is not persistent while a platform admin may enter without a row: when the table is lost, that admin is let in again',
        { security_event: 'ephemeral_storage_with_bootstrap' },
      );
    },
    misconfigured(problems) {
      write('ERROR', `The authorizer refuses every request: ${problems.join('; ')}`, {
        security_event: 'authorizer_misconfigured',
        problems,
      });
      metrics.addMetric('Misconfigured', MetricUnit.Count, 1);
      publishOfFunction();
    },
    internalError(error) {
      const name = error instanceof Error ? error.name : typeof error;
      // Made when it is needed: a logger takes a millisecond of a cold start.
      const diagnostics = new Logger({ serviceName: SERVICE, logLevel: settings.logLevel });
      diagnostics.error('A mistake in the authorizer itself', { error_name: cleanValue(name) });
    },
  };
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
