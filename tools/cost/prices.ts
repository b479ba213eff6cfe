/**
 * List prices in US dollars, US East (N. Virginia), on demand, first tier, without free tiers,
 * taxes or discounts: the only place where a price stands. AWS's own pages are what counts
 * (https://aws.amazon.com/lambda/pricing/, /dynamodb/pricing/on-demand/, /cloudwatch/pricing/).
 */

export const PRICES = {
  /** When they were looked up. */
  asOf: '2026-11-23',
  region: 'us-east-1',
  lambda: {
    /** On arm64. The init is billed as well. */
    gigabyteSecond: 0.000_013_333_4,
    perMillionRequests: 0.2,
  },
  dynamoDb: {
    /** A strongly consistent read of up to 4 kB is one. */
    perMillionReadUnits: 0.125,
  },
  cloudWatch: {
    perGigabyteOfLogs: 0.5,
    /** A month. */
    perCustomMetric: 0.3,
  },
} as const;

export type Prices = typeof PRICES;
