/** What the authorizer costs per month: pure arithmetic over `prices.ts`. */
import type { Prices } from './prices.ts';

/** 365.25 days / 12. */
export const SECONDS_PER_MONTH = 2_629_800;
/** Lambda's memory setting: 1,024 MB are one gigabyte. */
const MEGABYTES_PER_GIGABYTE = 1024;
/** Standard deviations above the mean that the peak number of environments is put at. */
const PEAK_DEVIATIONS = 5;

export interface Traffic {
  readonly requestsPerSecond: number;
  /** Users with requests. The k-th busiest sends 1/k as many as the busiest (Zipf's law). */
  readonly users: number;
  /** How long the gateway caches results, in seconds; 0 is off. */
  readonly cacheTtlSeconds: number;
}

export interface Workload {
  readonly memoryMegabytes: number;
  /** Billed for a decision in a warm environment, in milliseconds. */
  readonly warmMs: number;
  /** Billed for the init and the first decision of an environment together, in milliseconds. */
  readonly coldMs: number;
  /** Part of the invocations that start an environment: 0.001 is one in a thousand. */
  readonly coldShare: number;
  /** Read units per decision: 1 for the row, 2 with revocation on. */
  readonly readUnitsPerDecision: number;
  readonly logBytesPerDecision: number;
  /** Custom metrics in all. */
  readonly metrics: number;
}

/** One month. Money in US dollars. */
export interface MonthlyBill {
  readonly requests: number;
  readonly invocations: number;
  readonly readUnits: number;
  readonly gigabyteSeconds: number;
  readonly logGigabytes: number;
  readonly cost: {
    readonly lambdaRequests: number;
    readonly lambdaTime: number;
    readonly table: number;
    readonly logs: number;
    readonly metrics: number;
  };
  readonly total: number;
  readonly perMillionRequests: number;
}

export function monthlyBill(traffic: Traffic, workload: Workload, prices: Prices): MonthlyBill {
  const { coldShare, memoryMegabytes } = workload;
  const requests = traffic.requestsPerSecond * SECONDS_PER_MONTH;
  const invocations = requests * invocationShare(traffic);
  // The init reads the table once, to have the connection open before the first request.
  const readUnits = invocations * (workload.readUnitsPerDecision + coldShare);
  const milliseconds =
    Math.ceil(workload.warmMs) * (1 - coldShare) + Math.ceil(workload.coldMs) * coldShare;
  const gigabyteSeconds =
    invocations * (milliseconds / 1000) * (memoryMegabytes / MEGABYTES_PER_GIGABYTE);
  const logGigabytes = (invocations * workload.logBytesPerDecision) / 1e9;
  const cost = {
    lambdaRequests: (invocations / 1e6) * prices.lambda.perMillionRequests,
    lambdaTime: gigabyteSeconds * prices.lambda.gigabyteSecond,
    table: (readUnits / 1e6) * prices.dynamoDb.perMillionReadUnits,
    logs: logCost(logGigabytes, prices.cloudWatch.logTiers),
    metrics: workload.metrics * prices.cloudWatch.perCustomMetric,
  };
  const total = Object.values(cost).reduce((sum, part) => sum + part, 0);
  return {
    requests,
    invocations,
    readUnits,
    gigabyteSeconds,
    logGigabytes,
    cost,
    total,
    perMillionRequests: (total / requests) * 1e6,
  };
}

/**
 * The part of the requests that the gateway's cache does not answer. After a miss, a user's results
 * are cached for `T` seconds, and the next request arrives 1/rate later on average: one miss per
 * `T + 1/rate` seconds. A token is taken to live much longer than `T`.
 */
export function invocationShare(traffic: Traffic): number {
  const { requestsPerSecond, users, cacheTtlSeconds } = traffic;
  const busiest = busiestUserPerSecond(traffic);
  let misses = 0;
  for (let rank = 1; rank <= users; rank += 1) misses += 1 / (cacheTtlSeconds + rank / busiest);
  return misses / requestsPerSecond;
}

/** Requests per second of the busiest user, before any cache. */
export function busiestUserPerSecond({ requestsPerSecond, users }: Traffic): number {
  let weights = 0;
  for (let rank = 1; rank <= users; rank += 1) weights += 1 / rank;
  return requestsPerSecond / weights;
}

/**
 * Environments that are busy at once at peak, under steady traffic: by Little's law the mean is
 * rate × duration, and arrivals are random, so the peak lies some deviations above it.
 */
export function peakEnvironments(traffic: Traffic, { warmMs }: Pick<Workload, 'warmMs'>): number {
  const mean = traffic.requestsPerSecond * invocationShare(traffic) * (warmMs / 1000);
  return Math.ceil(mean + PEAK_DEVIATIONS * Math.sqrt(mean));
}

/** Each gigabyte at the price of the tier that it falls in. */
export function logCost(gigabytes: number, tiers: Prices['cloudWatch']['logTiers']): number {
  let cost = 0;
  let from = 0;
  for (const { upToGigabytes, perGigabyte } of tiers) {
    cost += Math.max(0, Math.min(gigabytes, upToGigabytes) - from) * perGigabyte;
    from = upToGigabytes;
  }
  return cost;
}
