/** The arithmetic of a bill, against figures worked out by hand. */
import {
  busiestUserPerSecond,
  invocationShare,
  logCost,
  monthlyBill,
  peakEnvironments,
  SECONDS_PER_MONTH,
  type Workload,
} from '../../../tools/cost/bill.ts';
import { DEFAULT_WORKLOAD } from '../../../tools/cost/defaults.ts';
import { PRICES, type Prices } from '../../../tools/cost/prices.ts';

/** Ten million requests per month, all of them from one user. */
const traffic = { requestsPerSecond: 1e7 / SECONDS_PER_MONTH, users: 1, cacheTtlSeconds: 0 };

const workload: Workload = {
  memoryMegabytes: 512,
  warmMs: 9.2,
  coldMs: 110,
  coldShare: 0.01,
  readUnitsPerDecision: 1,
  logBytesPerDecision: 600,
  metrics: 10,
};

const prices: Prices = {
  lambda: { gigabyteSecond: 0.00001, perMillionRequests: 0.2 },
  dynamoDb: { perMillionReadUnits: 0.25 },
  cloudWatch: {
    logTiers: [
      { upToGigabytes: 4, perGigabyte: 0.5 },
      { upToGigabytes: Infinity, perGigabyte: 0.25 },
    ],
    perCustomMetric: 0.3,
  },
};

describe('the bill of ten million requests', () => {
  const bill = monthlyBill(traffic, workload, prices);

  it('charges each invocation of Lambda', () => {
    // 10 × $0.20
    expect(bill.cost.lambdaRequests).toBeCloseTo(2, 10);
  });

  it('charges whole milliseconds of half a gigabyte, cold starts with their init', () => {
    // (9.9 million × 10 ms + 0.1 million × 110 ms) × 0.5 GB = 55,000 GB-s × $0.00001
    expect(bill.gigabyteSeconds).toBeCloseTo(55_000, 5);
    expect(bill.cost.lambdaTime).toBeCloseTo(0.55, 10);
  });

  it('charges one read per decision and one per init', () => {
    // 10.1 million × $0.25
    expect(bill.cost.table).toBeCloseTo(2.525, 10);
  });

  it('charges the log lines by tier', () => {
    // 6 GB: 4 × $0.50 + 2 × $0.25
    expect(bill.cost.logs).toBeCloseTo(2.5, 10);
  });

  it('charges the metrics once', () => {
    expect(bill.cost.metrics).toBeCloseTo(3, 10);
  });

  it('adds up', () => {
    expect(bill.total).toBeCloseTo(10.575, 10);
  });

  it('divides by the requests', () => {
    expect(bill.perMillionRequests).toBeCloseTo(1.0575, 10);
  });
});

it('charges two reads per decision with revocation', () => {
  const bill = monthlyBill(traffic, { ...workload, readUnitsPerDecision: 2 }, prices);
  expect(bill.cost.table).toBeCloseTo(5.025, 10);
});

it('charges invocations, not requests that the cache answers', () => {
  // One user: 1 request per second, cached for 9 s: one miss per 10 s.
  const cached = { requestsPerSecond: 1, users: 1, cacheTtlSeconds: 9 };
  const bill = monthlyBill(cached, workload, prices);
  expect(bill.invocations).toBeCloseTo(SECONDS_PER_MONTH / 10, 5);
  expect(bill.requests).toBe(SECONDS_PER_MONTH);
});

describe('the price of logs', () => {
  const { logTiers } = PRICES.cloudWatch;

  it.each([
    [0, 0],
    [10_000, 5000],
    [10_001, 5000.25],
    [30_000, 10_000],
    [50_000, 12_000],
    [60_000, 12_500],
  ])('of %d GB is $%d', (gigabytes, dollars) => {
    expect(logCost(gigabytes, logTiers)).toBeCloseTo(dollars, 6);
  });
});

describe('the share of requests that reach the authorizer', () => {
  it('is all of them without a cache', () => {
    expect(
      invocationShare({ requestsPerSecond: 500, users: 2000, cacheTtlSeconds: 0 }),
    ).toBeCloseTo(1, 10);
  });

  it('is the sum over users of different activity', () => {
    // 3 requests per second: 2 of the busiest user, 1 of the other. Cached for 1 s:
    // 1 / (1 + 1/2) + 1 / (1 + 1/1) misses per second, of 3 requests.
    const share = invocationShare({ requestsPerSecond: 3, users: 2, cacheTtlSeconds: 1 });
    expect(share).toBeCloseTo((2 / 3 + 1 / 2) / 3, 10);
  });
});

it('gives the busiest of two users two thirds of the requests', () => {
  const rate = busiestUserPerSecond({ requestsPerSecond: 3, users: 2, cacheTtlSeconds: 0 });
  expect(rate).toBeCloseTo(2, 10);
});

it('puts the peak of environments five deviations above the mean', () => {
  // 100 per second × 40 ms = 4 busy on average; 4 + 5 × √4
  const busy = { requestsPerSecond: 100, users: 10, cacheTtlSeconds: 0 };
  expect(peakEnvironments(busy, { warmMs: 40 })).toBe(14);
});

it('costs at most $0.75 per million requests without a cache, at 500 requests per second', () => {
  const usual = { requestsPerSecond: 500, users: 20_000, cacheTtlSeconds: 0 };
  const { perMillionRequests } = monthlyBill(usual, DEFAULT_WORKLOAD, PRICES);
  expect(perMillionRequests).toBeLessThanOrEqual(0.75);
});
