/**
 * The bundle before a users table that fails in every way that tables do. Each fault has a bundle
 * and a proxy of its own; they run side by side before the tests look at what came out.
 */
import { Authorizer } from '../support/bundle.ts';
import { eventOf } from '../support/events.ts';
import { FaultProxy, type FaultName } from '../support/fault-proxy.ts';
import { TestIssuer } from '../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables } from '../support/tables.ts';
import { runPooled } from './pool.ts';

type LogLine = Readonly<Record<string, unknown>>;
type Result = Awaited<ReturnType<Authorizer['invoke']>>;

interface Outcome {
  readonly failed: Result;
  readonly failedEvent: LogLine | undefined;
  readonly attempts: number;
  readonly recovered: Result;
  readonly output: string;
}

/** What the fault is logged as, and how often the table is asked before that. */
const CASES: readonly (readonly [FaultName, string, number])[] = [
  ['hang', 'timeout', 3],
  ['hang-halfway', 'timeout', 3],
  ['drip', 'timeout', 1],
  ['reset', 'connection', 3],
  ['truncated', 'connection', 3],
  ['huge', 'too_large', 1],
  ['500', 'http_status', 3],
  ['503 in HTML', 'http_status', 3],
  ['200 in HTML', 'bad_json', 3],
  ['no body', 'bad_json', 3],
  ['garbage', 'bad_json', 3],
  ['JSON of another', 'bad_json', 3],
  ['JSON null', 'bad_json', 3],
  ['throttle', 'throttled', 3],
  ['too many requests', 'http_status', 1],
  ['access denied', 'access_denied', 1],
  ['missing table', 'table_missing', 1],
  ['redirect', 'http_status', 1],
];
const MODES = ['GetItem', 'BatchGetItem'] as const;

const matrix = CASES.flatMap(([fault, cause, attempts]) =>
  MODES.map((mode) => ({ fault, mode, cause, attempts })),
);

let issuer: TestIssuer;
let tables: TestTables;
let outcomes: Map<(typeof matrix)[number], Outcome>;

async function start(table: string, mode: (typeof MODES)[number]): Promise<Authorizer> {
  return Authorizer.start({
    ...issuer.settings,
    ...tables.settings,
    AWS_ENDPOINT_URL_DYNAMODB: table,
    ...(mode === 'BatchGetItem' && { REVOKED_TOKENS_TABLE_NAME: REVOKED_TOKENS_TABLE }),
  });
}

const request = () => eventOf('rest-token', `Bearer ${issuer.token()}`);

async function suffer(fault: FaultName, mode: (typeof MODES)[number]): Promise<Outcome> {
  const proxy = await FaultProxy.start(tables.endpoint);
  const authorizer = await start(proxy.url, mode);
  try {
    // Once in good order, so that what is measured is the fault and not a cold start.
    await authorizer.invoke(request());
    proxy.requests = 0;
    proxy.fault = fault;
    const failed = await authorizer.invoke(request());
    const failedEvent = authorizer.lastDecision;
    const attempts = proxy.requests;
    proxy.fault = undefined;
    const recovered = await authorizer.invoke(request());
    return { failed, failedEvent, attempts, recovered, output: authorizer.output };
  } finally {
    await Promise.all([authorizer.close(), proxy.close()]);
  }
}

beforeAll(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  await tables.putUser('alice');
  outcomes = await runPooled(matrix, 6, ({ fault, mode }) => suffer(fault, mode));
}, 60_000);

afterAll(() => Promise.all([issuer.close(), tables.close()]));

function outcomeOf(testCase: (typeof matrix)[number]): Outcome {
  const outcome = outcomes.get(testCase);
  if (outcome === undefined) throw new Error('The case did not run');
  return outcome;
}

describe.each(matrix)('$mode from a table that fails by $fault', (testCase) => {
  it('is a failure, neither a yes nor a no', () => {
    const { failed } = outcomeOf(testCase);
    expect(failed).toMatchObject({ ok: false, errorMessage: 'Authorization is unavailable' });
  });

  it(`is logged as directory_unavailable, ${testCase.cause}, within 3 s`, () => {
    const { failedEvent } = outcomeOf(testCase);
    expect(failedEvent).toMatchObject({
      security_event: 'authorization_unavailable',
      outcome: 'unavailable',
      reason: 'directory_unavailable',
      cause: testCase.cause,
      user_id: 'alice',
    });
    expect(failedEvent?.['duration_ms']).toBeLessThan(3000);
  });

  it(`is asked for ${testCase.attempts} times`, () => {
    expect(outcomeOf(testCase).attempts).toBe(testCase.attempts);
  });

  it('succeeds with the first request after recovery', () => {
    expect(outcomeOf(testCase).recovered).toMatchObject({
      ok: true,
      value: { principalId: 'alice' },
    });
  });

  it('leaves nothing of the token or of the answer in the log', () => {
    expect(outcomeOf(testCase).output).not.toMatch(/eyJ|Welcome|Slow down|Item/u);
  });
});

describe('a table that is slow', () => {
  it.each([
    ['500 ms is waited for', 500, { ok: true, value: { principalId: 'alice' } }],
    ['1,100 ms is given up', 1100, { ok: false, errorMessage: 'Authorization is unavailable' }],
  ])('by %s', async (_, latencyMs, expected) => {
    const proxy = await FaultProxy.start(tables.endpoint);
    proxy.latencyMs = latencyMs;
    const authorizer = await start(proxy.url, 'GetItem');
    expect(await authorizer.invoke(request())).toMatchObject(expected);
    expect(authorizer.lastDecision?.['duration_ms']).toBeLessThan(3000);
    await Promise.all([authorizer.close(), proxy.close()]);
  });
});
