/**
 * List prices in US dollars, US East (N. Virginia), on demand, without free tiers, taxes or
 * discounts. This is the only place where a price stands. The AWS pages are authoritative:
 * https://aws.amazon.com/lambda/pricing/, /dynamodb/pricing/on-demand/, /cloudwatch/pricing/.
 */

export const PRICES = {
  /** When they were looked up. */
  asOf: '2026-11-23',
  region: 'us-east-1',
  lambda: {
    /** On arm64, first tier (up to 7.5 billion per month). Lambda bills the init as well. */
    gigabyteSecond: 0.000_013_333_4,
    perMillionRequests: 0.2,
  },
  dynamoDb: {
    /** One unit is a strongly consistent read of up to 4 kB. */
    perMillionReadUnits: 0.125,
  },
  cloudWatch: {
    /** Logs of Lambda functions, per gigabyte ingested in a month. Each price ends where the next begins. */
    logTiers: [
      { upToGigabytes: 10_000, perGigabyte: 0.5 },
      { upToGigabytes: 30_000, perGigabyte: 0.25 },
      { upToGigabytes: 50_000, perGigabyte: 0.1 },
      { upToGigabytes: Infinity, perGigabyte: 0.05 },
    ],
    /** Per month, first tier (up to 10,000 metrics). */
    perCustomMetric: 0.3,
  },
} as const;

/** The shape of the price list, for tests with round numbers. */
export interface Prices {
  readonly lambda: { readonly gigabyteSecond: number; readonly perMillionRequests: number };
  readonly dynamoDb: { readonly perMillionReadUnits: number };
  readonly cloudWatch: {
    readonly logTiers: readonly { readonly upToGigabytes: number; readonly perGigabyte: number }[];
    readonly perCustomMetric: number;
  };
}
