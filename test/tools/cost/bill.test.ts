/** The arithmetic of a bill, against figures worked out by hand. */
import { monthlyBill, SECONDS_PER_MONTH, type Deployment } from '../../../tools/cost/bill.ts';
import { PRICES } from '../../../tools/cost/prices.ts';
import type { Usage } from '../../../tools/cost/simulate.ts';

/** A month as it was simulated, so that nothing is scaled. */
const usage: Usage = {
  seconds: SECONDS_PER_MONTH,
  requests: 10_000_000,
  invocations: 4_000_000,
  coldStarts: 1000,
  milliseconds: 40_000_000,
  peakEnvironments: 3,
  hottestUserPerSecond: 1,
};

const deployment: Deployment = {
  memoryMegabytes: 512,
  readUnitsPerDecision: 1,
  logBytesPerDecision: 1000,
  metrics: 10,
  revocationDelaySeconds: 30,
};

const prices = {
  ...PRICES,
  lambda: { gigabyteSecond: 0.00001, perMillionRequests: 0.2 },
  dynamoDb: { perMillionReadUnits: 0.25 },
  cloudWatch: { perGigabyteOfLogs: 0.5, perCustomMetric: 0.3 },
} as unknown as typeof PRICES;

const bill = (changes: Partial<Usage> = {}, deployed: Partial<Deployment> = {}) =>
  monthlyBill({ ...usage, ...changes }, { ...deployment, ...deployed }, prices);

it('counts half a gigabyte for 512 MB', () => {
  // 40,000 s of 0.5 GB
  expect(bill().gigabyteSeconds).toBe(20_000);
});

it('charges Lambda for time and for invocations', () => {
  // 20,000 × $0.00001 + 4 × $0.20
  expect(bill().lambdaCost).toBeCloseTo(1, 10);
});

it('charges the table for the reads of invocations alone', () => {
  // 4 × $0.25
  expect(bill().tableCost).toBeCloseTo(1, 10);
});

it('reads two units a decision with revocation', () => {
  expect(bill({}, { readUnitsPerDecision: 2 }).readUnits).toBe(8_000_000);
});

it('charges for log lines and metrics', () => {
  // 4 GB × $0.50 + 10 × $0.30
  expect(bill().logCost).toBeCloseTo(5, 10);
});

it('adds up', () => {
  expect(bill().totalCost).toBeCloseTo(7, 10);
});

it('divides by the requests, not by the invocations', () => {
  expect(bill().costPerMillionRequests).toBeCloseTo(0.7, 10);
});

it('scales what was simulated to a month', () => {
  expect(bill({ seconds: SECONDS_PER_MONTH / 2 })).toMatchObject({
    requests: 20_000_000,
    invocations: 8_000_000,
    coldStarts: 2000,
  });
});

it('costs nothing per request when there are none', () => {
  expect(bill({ requests: 0, invocations: 0, milliseconds: 0 }).costPerMillionRequests).toBe(0);
});

it('says how long a revocation may take', () => {
  expect(bill().revocationDelaySeconds).toBe(30);
});

it('has prices with the day on which they were looked up', () => {
  expect(PRICES.asOf).toMatch(/^20\d\d-\d\d-\d\d$/u);
});
