import { createHash } from 'node:crypto';
import { decide, type Decision } from '../../../lambda/decision.ts';
import { parseRequest } from '../../../lambda/request/request.ts';
import {
  createTelemetry,
  type Telemetry,
  type TelemetryWorld,
} from '../../../lambda/telemetry/telemetry.ts';
import { metricsOf, type LogLine } from '../../support/emf.ts';
import {
  accessPolicy,
  ADMIN,
  found,
  NOT_FOUND,
  NOW,
  verifiedToken,
} from '../../support/evidence.ts';
import { eventOf } from '../../support/events.ts';

const PLAIN = { logUserIds: 'plain' } as const;
const NO_LATENCIES = { directoryMs: undefined, keysMs: undefined };
const FUNCTION = 'Rollcall-RollcallFunction3B5FD0E4-a1B2c3D4e5F6';
const ALLOW = decide(verifiedToken(), found(), accessPolicy(), NOW);
const STRICT = accessPolicy({ requireUserInDb: true });

/** What is written to standard output and error while `write` runs, as text. */
function printed(write: () => void): string {
  let text = '';
  const keep = (chunk: unknown): boolean => {
    text += String(chunk);
    return true;
  };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(keep),
    jest.spyOn(process.stderr, 'write').mockImplementation(keep),
  ];
  try {
    write();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return text;
}

/** Every line has to be one JSON object and nothing else. */
function written(write: () => void): readonly LogLine[] {
  const lines = printed(write).split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as LogLine);
}

const recordOf = (decision: Decision) => ({
  decision,
  request: undefined,
  invocationId: 'i-1',
  durationMs: 1,
});

function decided(
  decision: Decision = ALLOW,
  latencies: { directoryMs: number | undefined; keysMs: number | undefined } = NO_LATENCIES,
  world: TelemetryWorld = { functionName: FUNCTION },
): LogLine {
  const [line, ...others] = written(() => {
    createTelemetry(PLAIN, world).decided(recordOf(decision), latencies);
  });
  expect(others).toEqual([]);
  return line ?? {};
}

const summary = (line: LogLine): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(metricsOf(line).map(({ name, values }) => [name, values]));

describe('a decision', () => {
  it('is one line, which is the event and its metrics', () => {
    const line = decided();
    expect(line).toMatchObject({
      security_event: 'access_granted',
      level: 'INFO',
      outcome: 'allow',
      reason: 'user_found',
      user_id: 'alice',
      request_id: 'i-1',
      duration_ms: 1,
    });
    expect(metricsOf(line)).toContainEqual({
      namespace: 'Rollcall',
      name: 'Decisions',
      dimensions: { outcome: 'allow', reason: 'user_found' },
      values: [1],
    });
  });

  it('does not go through the console, which Lambda replaces', () => {
    const consoles = (['log', 'info', 'warn', 'error'] as const).map((name) =>
      jest.spyOn(console, name).mockImplementation(() => undefined),
    );
    expect(decided()).toMatchObject({ outcome: 'allow' });
    for (const spy of consoles) spy.mockRestore();
  });

  it('has the digest of a user id when set so, and the id nowhere', () => {
    const [line] = written(() => {
      createTelemetry({ logUserIds: 'sha256' }).decided(
        recordOf(decide(verifiedToken(), NOT_FOUND, STRICT, NOW)),
        NO_LATENCIES,
      );
    });
    expect(line?.['user_id']).toBe(createHash('sha256').update('alice').digest('hex'));
    expect(JSON.stringify(line)).not.toContain('alice');
  });

  it.each<[string, string, Decision]>([
    ['denied', 'WARN', decide(verifiedToken(), NOT_FOUND, accessPolicy(), NOW)],
    ['not authenticated', 'WARN', { outcome: 'unauthenticated', reason: 'token_expired' }],
    ['not checked', 'ERROR', { outcome: 'unavailable', reason: 'internal_error' }],
    [
      'a bootstrap entry',
      'INFO',
      decide(verifiedToken({ subject: ADMIN, userId: ADMIN }), NOT_FOUND, accessPolicy(), NOW),
    ],
  ])(
    'that is %s has its level, and the time without which Lambda drops it',
    (_, level, decision) => {
      const line = decided(decision, NO_LATENCIES, { now: () => 1_700_000_000_000 });
      expect(line).toMatchObject({ level, timestamp: '2023-11-14T22:13:20.000Z' });
    },
  );

  it('that is granted leaves its time to CloudWatch', () => {
    expect(decided()).not.toHaveProperty('timestamp');
  });

  it('is written whatever is in it, as one line', () => {
    const hostile = '\ud800\u2028\n{"outcome":"allow"}\u202e\\';
    const token = verifiedToken({ userId: hostile, jti: hostile, issuer: hostile });
    const line = decided(decide(token, found(), accessPolicy(), NOW));
    expect(line).toMatchObject({
      user_id: String.raw`\u{d800}\u{2028}\u{a}{"outcome":"allow"}\u{202e}\u{5c}`,
    });
  });
});

describe('the trace', () => {
  const header = (id: string): string => `Root=${id};Parent=53995c3f42cd8ad8;Sampled=1`;

  it('is that of the invocation', () => {
    const ids = ['1-67687c5a-a1b2c3d4e5f67890abcdef01', '1-67687c5b-000000000000000000000000'];
    const rest = [...ids];
    const lines = written(() => {
      const telemetry = createTelemetry(PLAIN, { traceHeader: () => header(rest.shift() ?? '') });
      telemetry.decided(recordOf(ALLOW), NO_LATENCIES);
      telemetry.decided(recordOf(ALLOW), NO_LATENCIES);
    });
    expect(lines.map((line) => line['trace_id'])).toEqual(ids);
  });

  it('is absent where Lambda gives none', () => {
    expect(decided(ALLOW, NO_LATENCIES, { traceHeader: () => undefined })).not.toHaveProperty(
      'trace_id',
    );
  });
});

describe('the function', () => {
  it('is measured by its name', () => {
    expect(metricsOf(decided(ALLOW, { directoryMs: 4, keysMs: 50 }))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'DirectoryLatency',
          unit: 'Milliseconds',
          dimensions: { function_name: FUNCTION },
          values: [4],
        }),
        expect.objectContaining({ name: 'KeysLatency', values: [50] }),
      ]),
    );
  });

  it('has no metrics of its own where its name is not known', () => {
    expect(summary(decided(ALLOW, { directoryMs: 4, keysMs: 50 }, {}))).toEqual({ Decisions: [1] });
  });

  it('measures no latency of what was not asked', () => {
    expect(summary(decided())).toEqual({ Decisions: [1], ColdStart: [1] });
  });

  it('counts what the alarms watch', () => {
    expect(summary(decided(decide(verifiedToken(), NOT_FOUND, STRICT, NOW)))).toEqual({
      Decisions: [1],
      ColdStart: [1],
      Rejections: [1],
    });
  });

  it('is named only where it is measured', () => {
    const lines = written(() => {
      const telemetry = createTelemetry(PLAIN, { functionName: FUNCTION, now: () => 0 });
      telemetry.decided(recordOf(ALLOW), NO_LATENCIES);
      telemetry.decided(recordOf(ALLOW), { directoryMs: 4, keysMs: undefined });
    });
    expect(lines.map((line) => line['function_name'])).toEqual([FUNCTION, undefined]);
  });

  it('counts a cold start once', () => {
    const lines = written(() => {
      const telemetry = createTelemetry(PLAIN, { functionName: FUNCTION });
      telemetry.decided(recordOf(ALLOW), NO_LATENCIES);
      telemetry.decided(recordOf(ALLOW), NO_LATENCIES);
    });
    expect(lines.map((line) => summary(line)['ColdStart'])).toEqual([[1], undefined]);
  });
});

describe('the length of a line', () => {
  const UUID = '3ad9e051-1c77-44d8-94f1-af0434fc14be';
  const request = parseRequest(eventOf('rest-request', 'Bearer a.b.c'), {
    webSocketTokenSource: 'header',
  });
  const token = verifiedToken({
    subject: UUID,
    userId: UUID,
    issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
    jti: UUID,
  });
  const granted = {
    decision: decide(token, found(), accessPolicy(), NOW),
    request: request && {
      ...request,
      apiId: 'abc123defg',
      requestId: UUID,
      sourceIp: '203.0.113.195',
    },
    invocationId: UUID,
    durationMs: 123.456,
  };

  function lengths(times: readonly number[]): readonly number[] {
    let now = 0;
    const telemetry = createTelemetry(PLAIN, { functionName: FUNCTION, now: () => now });
    return times.map((time) => {
      now = 1_700_000_000_000 + time;
      return Buffer.byteLength(
        printed(() => telemetry.decided(granted, { directoryMs: 123.45, keysMs: undefined })),
      );
    });
  }

  it('is 620 bytes at most for a granted decision with the table asked, its line break included', () => {
    const [, ...lines] = lengths([0, 1, 2, 59_999]);
    expect(Math.max(...lines)).toBeLessThanOrEqual(620);
  });

  it('is 620 bytes on average over a minute of one request per second, with its metrics', () => {
    const [, ...lines] = lengths(Array.from({ length: 61 }, (_, second) => second * 1000));
    expect(lines.reduce((sum, bytes) => sum + bytes) / lines.length).toBeLessThanOrEqual(620);
  });
});

describe('notices', () => {
  function noticesAt(times: readonly number[], issuers: readonly string[]): readonly LogLine[] {
    let now = 0;
    const telemetry = createTelemetry(PLAIN, { now: () => now });
    return written(() => {
      for (const time of times) {
        now = time;
        for (const issuer of issuers) telemetry.tokenWithoutJti(issuer);
      }
    });
  }

  it('are written at most once a minute', () => {
    expect(noticesAt([0, 59_999], ['a'])).toHaveLength(1);
  });

  it('are written again after a minute', () => {
    expect(noticesAt([0, 60_000], ['a'])).toHaveLength(2);
  });

  it('are written for each issuer', () => {
    expect(noticesAt([0], ['a', 'b'])).toEqual([
      expect.objectContaining({ level: 'WARN', security_event: 'token_without_jti', issuer: 'a' }),
      expect.objectContaining({ issuer: 'b' }),
    ]);
  });

  it('have the time without which Lambda drops them', () => {
    expect(noticesAt([0], ['a'])).toEqual([
      expect.objectContaining({ timestamp: '1970-01-01T00:00:00.000Z' }),
    ]);
  });

  it('of stale keys are counted every time, on the line of the decision', () => {
    const telemetry = createTelemetry(PLAIN, { now: () => 0, functionName: FUNCTION });
    const lines = written(() => {
      for (let invocation = 0; invocation < 2; invocation += 1) {
        telemetry.staleKeys('a');
        telemetry.decided(recordOf(ALLOW), NO_LATENCIES);
      }
    });
    expect(lines.map((line) => line['security_event'])).toEqual([
      'jwks_stale',
      'access_granted',
      'access_granted',
    ]);
    expect(lines.map((line) => summary(line)['JwksStale'])).toEqual([undefined, [1], [1]]);
  });

  it('warn of bootstrap on a table that will not last', () => {
    expect(written(() => createTelemetry(PLAIN).ephemeralStorageWithBootstrap())).toEqual([
      expect.objectContaining({
        level: 'WARN',
        security_event: 'ephemeral_storage_with_bootstrap',
      }),
    ]);
  });
});

describe('a bad configuration', () => {
  const misconfigured = (say: (telemetry: Telemetry) => void) =>
    written(() => say(createTelemetry(undefined, { functionName: FUNCTION })));

  it('is named in one line, which counts it', () => {
    const [line, ...others] = misconfigured((telemetry) =>
      telemetry.misconfigured(['JWT_ISSUER is required']),
    );
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      level: 'ERROR',
      security_event: 'authorizer_misconfigured',
      problems: ['JWT_ISSUER is required'],
      timestamp: expect.any(String),
    });
    expect(summary(line ?? {})).toMatchObject({ Misconfigured: [1] });
  });
});

it('says of a mistake of its own what kind it was, and nothing that it says', () => {
  const lines = written(() =>
    createTelemetry(PLAIN).internalError(new TypeError('eyJhbGciOi.s3cret')),
  );
  expect(lines).toEqual([expect.objectContaining({ level: 'ERROR', error_name: 'TypeError' })]);
  expect(JSON.stringify(lines)).not.toContain('s3cret');
});
