/** What simulated usage costs in a month. Pure arithmetic over `prices.ts`. */
import type { Prices } from './prices.ts';
import type { Usage } from './simulate.ts';

/** 365.25 days / 12. */
export const SECONDS_PER_MONTH = 2_629_800;
/** What Lambda's memory setting counts in: 1,024 MB are a gigabyte. */
const MEGABYTES_PER_GIGABYTE = 1024;

export interface Deployment {
  readonly memoryMegabytes: number;
  /** Read units of one decision: 1 for the row, 1 more for the revocation where it is on. */
  readonly readUnitsPerDecision: number;
  readonly logBytesPerDecision: number;
  /** Custom metrics that are kept, in all. */
  readonly metrics: number;
  /** Of the gateway's result cache and the function's user cache together. */
  readonly revocationDelaySeconds: number;
}

/** A month of it. Money in US dollars. */
export interface MonthlyBill {
  readonly requests: number;
  readonly invocations: number;
  readonly coldStarts: number;
  readonly readUnits: number;
  readonly gigabyteSeconds: number;
  readonly lambdaCost: number;
  readonly tableCost: number;
  readonly logCost: number;
  readonly totalCost: number;
  readonly costPerMillionRequests: number;
  readonly revocationDelaySeconds: number;
}

export function monthlyBill(usage: Usage, deployment: Deployment, prices: Prices): MonthlyBill {
  const months = SECONDS_PER_MONTH / usage.seconds;
  const requests = usage.requests * months;
  const invocations = usage.invocations * months;
  const readUnits = invocations * deployment.readUnitsPerDecision;
  const gigabyteSeconds =
    ((usage.milliseconds * months) / 1000) * (deployment.memoryMegabytes / MEGABYTES_PER_GIGABYTE);
  const lambdaCost =
    gigabyteSeconds * prices.lambda.gigabyteSecond +
    perMillion(invocations, prices.lambda.perMillionRequests);
  const tableCost = perMillion(readUnits, prices.dynamoDb.perMillionReadUnits);
  const logCost =
    ((invocations * deployment.logBytesPerDecision) / 1e9) * prices.cloudWatch.perGigabyteOfLogs +
    deployment.metrics * prices.cloudWatch.perCustomMetric;
  const totalCost = lambdaCost + tableCost + logCost;
  return {
    requests,
    invocations,
    coldStarts: usage.coldStarts * months,
    readUnits,
    gigabyteSeconds,
    lambdaCost,
    tableCost,
    logCost,
    totalCost,
    costPerMillionRequests: requests === 0 ? 0 : (totalCost / requests) * 1e6,
    revocationDelaySeconds: deployment.revocationDelaySeconds,
  };
}

function perMillion(count: number, price: number): number {
  return (count / 1e6) * price;
}
