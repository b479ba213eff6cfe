/**
 * The bundle before an issuer whose key set fails in every way that servers do, from the cold
 * start on and after the keys were known. Each case has a bundle and a proxy of its own.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Authorizer } from '../support/bundle.ts';
import { eventOf } from '../support/events.ts';
import { FaultProxy, type FaultName } from '../support/fault-proxy.ts';
import { TestIssuer } from '../support/issuer.ts';
import { TestTables } from '../support/tables.ts';
import { runPooled } from './pool.ts';

type LogLine = Readonly<Record<string, unknown>>;
type Result = Awaited<ReturnType<Authorizer['invoke']>>;

/** What the fault is logged as. */
const CASES: readonly (readonly [FaultName, string])[] = [
  ['hang', 'timeout'],
  ['hang-halfway', 'timeout'],
  ['drip', 'timeout'],
  ['reset', 'connection'],
  ['truncated', 'connection'],
  ['huge', 'too_large'],
  ['500', 'http_status'],
  ['503 in HTML', 'http_status'],
  ['too many requests', 'http_status'],
  ['access denied', 'http_status'],
  ['redirect', 'http_status'],
  ['200 in HTML', 'bad_json'],
  ['no body', 'bad_json'],
  ['garbage', 'bad_json'],
  ['JSON of another', 'bad_json'],
  ['JSON null', 'bad_json'],
];
/** Between two tries of a test that waits for a state to come; an upper bound is set by `jest`. */
const POLL_MS = 25;
const UNAVAILABLE = { ok: false, errorMessage: 'Authorization is unavailable' };
const ALICE = { ok: true, value: { principalId: 'alice' } };

let issuer: TestIssuer;
let tables: TestTables;

beforeAll(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  await tables.putUser('alice');
});

afterAll(() => Promise.all([issuer.close(), tables.close()]));

const request = () => eventOf('rest-token', `Bearer ${issuer.token()}`);

async function withFaultyIssuer<T>(
  settings: Readonly<Record<string, string>>,
  fault: FaultName | undefined,
  work: (authorizer: Authorizer, proxy: FaultProxy) => Promise<T>,
): Promise<T> {
  const proxy = await FaultProxy.start(issuer.url);
  proxy.fault = fault;
  const authorizer = await Authorizer.start({
    ...issuer.settings,
    ...tables.settings,
    JWKS_URI: `${proxy.url}/jwks.json`,
    ...settings,
  });
  try {
    return await work(authorizer, proxy);
  } finally {
    await Promise.all([authorizer.close(), proxy.close()]);
  }
}

/** Asks until `isReached`, and gives the result that reached it and the time that it took. */
async function askUntil(authorizer: Authorizer, isReached: (result: Result) => boolean) {
  const startedAt = performance.now();
  for (;;) {
    const result = await authorizer.invoke(request());
    if (isReached(result)) return { result, ms: performance.now() - startedAt };
    await pause(POLL_MS);
  }
}

describe('from the cold start on', () => {
  interface Outcome {
    readonly failed: Result;
    readonly failedEvent: LogLine | undefined;
    readonly recoveryMs: number;
    readonly output: string;
  }
  let outcomes: Map<(typeof CASES)[number], Outcome>;

  beforeAll(async () => {
    outcomes = await runPooled(CASES, 8, ([fault]) =>
      withFaultyIssuer({}, fault, async (authorizer, proxy) => {
        const failed = await authorizer.invoke(request());
        const failedEvent = authorizer.lastDecision;
        proxy.fault = undefined;
        const { ms: recoveryMs } = await askUntil(authorizer, ({ ok }) => ok);
        return { failed, failedEvent, recoveryMs, output: authorizer.output };
      }),
    );
  }, 60_000);

  describe.each(CASES.map((testCase) => ({ fault: testCase[0], cause: testCase[1], testCase })))(
    'an issuer that fails by $fault',
    ({ cause, testCase }) => {
      const outcome = (): Outcome => {
        const found = outcomes.get(testCase);
        if (found === undefined) throw new Error('The case did not run');
        return found;
      };

      it('is a failure, neither a yes nor a no', () => {
        expect(outcome().failed).toMatchObject(UNAVAILABLE);
      });

      it(`is logged as keys_unavailable, ${cause}, within 3 s`, () => {
        expect(outcome().failedEvent).toMatchObject({
          security_event: 'authorization_unavailable',
          outcome: 'unavailable',
          reason: 'keys_unavailable',
          cause,
        });
        expect(outcome().failedEvent?.['duration_ms']).toBeLessThan(3000);
      });

      it('is forgotten within two seconds of its recovery', () => {
        expect(outcome().recoveryMs).toBeLessThan(2000 + 500);
      });

      it('leaves nothing of the token or of the answer in the log', () => {
        expect(outcome().output).not.toMatch(/eyJ|Welcome|Slow down|Item/u);
      });
    },
  );
});

describe('when the keys were known', () => {
  const FAULTS_WHEN_WARM: readonly FaultName[] = ['hang', 'reset', '500', 'garbage'];
  const SHORT_LIVED = { JWKS_MAX_AGE_SECONDS: '1' };
  const isStale = (line: LogLine): boolean => line['security_event'] === 'jwks_stale';

  interface Bridged {
    readonly first: Result;
    readonly crowd: readonly Result[];
    readonly lines: readonly LogLine[];
    readonly longestMs: number;
  }
  interface Unbridged {
    readonly failed: Result;
    readonly failedEvent: LogLine | undefined;
    readonly recoveryMs: number;
  }
  let bridged: Map<FaultName, Bridged>;
  let unbridged: Map<FaultName, Unbridged>;

  const bridge = (fault: FaultName): Promise<Bridged> =>
    withFaultyIssuer(SHORT_LIVED, undefined, async (authorizer, proxy) => {
      await authorizer.invoke(request());
      proxy.fault = fault;
      const { result: first } = await askUntil(authorizer, () => authorizer.events.some(isStale));
      const crowd = await Promise.all(
        Array.from({ length: 20 }, () => authorizer.invoke(request())),
      );
      const durations = authorizer.events.map((line) => Number(line['duration_ms'] ?? 0));
      return { first, crowd, lines: authorizer.lines, longestMs: Math.max(...durations) };
    });

  const suffer = (fault: FaultName): Promise<Unbridged> =>
    withFaultyIssuer(
      { ...SHORT_LIVED, JWKS_MAX_STALE_SECONDS: '0' },
      undefined,
      async (authorizer, proxy) => {
        await authorizer.invoke(request());
        proxy.fault = fault;
        const { result: failed } = await askUntil(authorizer, ({ ok }) => !ok);
        const failedEvent = authorizer.lastDecision;
        proxy.fault = undefined;
        const { ms: recoveryMs } = await askUntil(authorizer, ({ ok }) => ok);
        return { failed, failedEvent, recoveryMs };
      },
    );

  beforeAll(async () => {
    [bridged, unbridged] = await Promise.all([
      runPooled(FAULTS_WHEN_WARM, 4, bridge),
      runPooled(FAULTS_WHEN_WARM, 4, suffer),
    ]);
  }, 60_000);

  describe.each(FAULTS_WHEN_WARM)('an issuer that fails by %s', (fault) => {
    it('is bridged with stale keys', () => {
      expect(bridged.get(fault)?.first).toMatchObject(ALICE);
    });

    it('is bridged for everybody who comes at once, within the deadline', () => {
      expect(bridged.get(fault)?.crowd.filter(({ ok }) => !ok)).toEqual([]);
      expect(bridged.get(fault)?.longestMs).toBeLessThan(3000);
    });

    it('is logged as jwks_stale and counted', () => {
      const lines = bridged.get(fault)?.lines ?? [];
      expect(lines.filter(isStale)).toMatchObject([{ level: 'WARN', issuer: issuer.url }]);
      expect(lines.some((line) => line['JwksStale'] === 1)).toBe(true);
    });

    it('makes authorization unavailable where no stale keys may serve', () => {
      expect(unbridged.get(fault)?.failed).toMatchObject(UNAVAILABLE);
      expect(unbridged.get(fault)?.failedEvent).toMatchObject({ reason: 'keys_unavailable' });
    });

    it('is forgotten within two seconds of its recovery', () => {
      expect(unbridged.get(fault)?.recoveryMs).toBeLessThan(2000 + 500);
    });
  });
});

describe('both at once', () => {
  it('a table that hangs after keys that hung still ends in a logged failure', async () => {
    const table = await FaultProxy.start(tables.endpoint);
    const settings = {
      JWKS_MAX_AGE_SECONDS: '1',
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
    };
    await withFaultyIssuer(settings, undefined, async (authorizer, keys) => {
      await authorizer.invoke(request());
      keys.fault = 'hang';
      table.fault = 'hang';
      const { result } = await askUntil(authorizer, () =>
        authorizer.events.some((line) => line['security_event'] === 'jwks_stale'),
      );
      expect(result).toMatchObject(UNAVAILABLE);
      expect(authorizer.lastDecision).toMatchObject({
        security_event: 'authorization_unavailable',
        reason: 'directory_unavailable',
        cause: 'timeout',
      });
      expect(authorizer.lastDecision?.['duration_ms']).toBeLessThan(3000);
    });
    await table.close();
  });
});
