import { createHash } from 'node:crypto';
import { decide, type Decision } from '../../../lambda/decision.ts';
import { createTelemetry, type TelemetrySettings } from '../../../lambda/telemetry/telemetry.ts';
import { accessPolicy, found, NOT_FOUND, NOW, verifiedToken } from '../../support/evidence.ts';

type Line = Readonly<Record<string, unknown>>;

const SETTINGS: TelemetrySettings = { logUserIds: 'plain', logLevel: 'INFO' };
const NO_LATENCIES = { directoryMs: undefined, keysMs: undefined };
const ALLOW = decide(verifiedToken(), found(), accessPolicy(), NOW);

/** What is written to standard output and error while `write` runs. */
function written(write: () => void): readonly Line[] {
  const lines: string[] = [];
  const keep = (chunk: unknown): boolean => {
    lines.push(...String(chunk).split('\n'));
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
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}

function decided(
  settings: TelemetrySettings,
  decision: Decision = ALLOW,
  latencies: { directoryMs: number | undefined; keysMs: number | undefined } = NO_LATENCIES,
): readonly Line[] {
  return written(() => {
    createTelemetry(settings).decided(
      { decision, request: undefined, invocationId: 'i-1', durationMs: 1 },
      latencies,
    );
  });
}

describe('a decision', () => {
  it('is one line with the event', () => {
    const events = decided(SETTINGS).filter((line) => 'security_event' in line);
    expect(events).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'Access granted',
        security_event: 'access_granted',
        outcome: 'allow',
        reason: 'user_found',
        user_id: 'alice',
        request_id: 'i-1',
        duration_ms: 1,
      }),
    ]);
  });

  it.each<[Decision, string]>([
    [ALLOW, 'INFO'],
    [decide(verifiedToken(), NOT_FOUND, accessPolicy(), NOW), 'WARN'],
    [{ outcome: 'unavailable', reason: 'internal_error' }, 'ERROR'],
  ])('is written whatever the log level', (decision, level) => {
    const [event] = decided({ ...SETTINGS, logLevel: 'ERROR' }, decision);
    expect(event).toMatchObject({ level, reason: decision.reason });
  });

  it('is counted by outcome, and by outcome and reason', () => {
    const metric = decided(SETTINGS).find((line) => 'Decisions' in line);
    expect(metric).toMatchObject({
      Decisions: 1,
      Outcome: 'allow',
      Reason: 'user_found',
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'Rollcall',
            Dimensions: [['Outcome', 'Reason'], ['Outcome']],
            Metrics: [{ Name: 'Decisions', Unit: 'Count' }],
          },
        ],
      },
    });
  });

  it('writes the digest of a user id when set so, and never the id', () => {
    const strict = accessPolicy({ requireUserInDb: true });
    const lines = decided(
      { ...SETTINGS, logUserIds: 'sha256' },
      decide(verifiedToken(), NOT_FOUND, strict, NOW),
    );
    expect(lines[0]?.['user_id']).toBe(createHash('sha256').update('alice').digest('hex'));
    expect(JSON.stringify(lines)).not.toContain('alice');
  });

  it('measures what was waited for', () => {
    const metric = decided(SETTINGS, ALLOW, { directoryMs: 4, keysMs: 50 }).find(
      (line) => 'DirectoryLatency' in line,
    );
    expect(metric).toMatchObject({ DirectoryLatency: 4, KeysLatency: 50 });
  });

  it('measures no latency of what was not asked', () => {
    const lines = JSON.stringify(decided(SETTINGS));
    expect(lines).not.toContain('Latency');
  });
});

describe('measurements', () => {
  const deny = decide(verifiedToken(), NOT_FOUND, accessPolicy({ requireUserInDb: true }), NOW);

  function measured(functionName: string | undefined, decision: Decision) {
    const lines = written(() => {
      createTelemetry(SETTINGS, { functionName }).decided(
        { decision, request: undefined, invocationId: undefined, durationMs: 1 },
        { directoryMs: 4, keysMs: undefined },
      );
    });
    return lines.find((line) => 'DirectoryLatency' in line);
  }

  it('are of all functions together, and of the one that runs', () => {
    expect(measured('authorizer', ALLOW)).toMatchObject({
      FunctionName: 'authorizer',
      _aws: { CloudWatchMetrics: [{ Namespace: 'Rollcall', Dimensions: [['FunctionName'], []] }] },
    });
  });

  it('are of all functions together where the name is not known', () => {
    expect(measured(undefined, ALLOW)).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Dimensions: [[]] }] },
    });
  });

  it('are in hundredths of a millisecond at most', () => {
    const lines = decided(SETTINGS, ALLOW, { directoryMs: 4.126_5, keysMs: 50.004 });
    expect(lines.find((line) => 'KeysLatency' in line)).toMatchObject({
      DirectoryLatency: 4.13,
      KeysLatency: 50,
    });
  });

  it('have what the alarms count', () => {
    expect(measured('authorizer', deny)).toMatchObject({ Rejections: 1, StrictRejections: 1 });
  });

  it('have no count of a user who has entered', () => {
    const [metric] = [measured('authorizer', ALLOW)];
    const { _aws, ...members } = metric ?? {};
    expect(members).toEqual({ FunctionName: 'authorizer', DirectoryLatency: 4, ColdStart: 1 });
  });
});

it('counts a cold start once', () => {
  const telemetry = createTelemetry(SETTINGS);
  const record = { decision: ALLOW, request: undefined, invocationId: undefined, durationMs: 1 };
  const lines = written(() => {
    telemetry.decided(record, NO_LATENCIES);
    telemetry.decided(record, NO_LATENCIES);
  });
  expect(lines.filter((line) => line['ColdStart'] === 1)).toHaveLength(1);
});

describe('notices', () => {
  function noticesAt(times: readonly number[], issuers: readonly string[]): readonly Line[] {
    let now = 0;
    const telemetry = createTelemetry(SETTINGS, { now: () => now });
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

  it('of stale keys come with a metric, every time', () => {
    const telemetry = createTelemetry(SETTINGS, { now: () => 0 });
    const lines = written(() => {
      telemetry.staleKeys('a');
      telemetry.staleKeys('a');
    });
    expect(lines.filter((line) => line['security_event'] === 'jwks_stale')).toHaveLength(1);
    expect(lines.filter((line) => line['JwksStale'] === 1)).toHaveLength(2);
  });
});

it('warns of bootstrap on a table that will not last', () => {
  expect(written(() => createTelemetry(SETTINGS).ephemeralStorageWithBootstrap())).toEqual([
    expect.objectContaining({ level: 'WARN', security_event: 'ephemeral_storage_with_bootstrap' }),
  ]);
});

it('names every problem of a bad configuration in one line', () => {
  const problems = ['JWT_ISSUER is required', 'REQUIRE_JTI must be true or false'];
  const [line] = written(() => createTelemetry().misconfigured(problems));
  expect(line).toEqual(
    expect.objectContaining({
      level: 'ERROR',
      security_event: 'authorizer_misconfigured',
      problems,
      message: expect.stringContaining('JWT_ISSUER is required; REQUIRE_JTI'),
    }),
  );
});

it('counts a bad configuration', () => {
  const lines = written(() => createTelemetry().misconfigured(['JWT_ISSUER is required']));
  expect(lines.filter((line) => line['Misconfigured'] === 1)).toHaveLength(1);
});

it('says of a mistake of its own what kind it was, and nothing that it says', () => {
  const lines = written(() =>
    createTelemetry(SETTINGS).internalError(new TypeError('eyJhbGciOi.s3cret')),
  );
  expect(lines).toEqual([expect.objectContaining({ level: 'ERROR', error_name: 'TypeError' })]);
  expect(JSON.stringify(lines)).not.toContain('s3cret');
});
