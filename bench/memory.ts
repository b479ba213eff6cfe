/**
 * What memory to give the function. Lambda shares out processor time by memory, so cold starts and
 * warm decisions are measured under the share of each size and priced. Needs control groups.
 */
import { PRICES } from '../tools/cost/prices.ts';
import { measureColdStarts, type ColdStartOptions } from './cold-start.ts';
import { limitCpu, MEGABYTES_PER_PROCESSOR } from './cpu-limit.ts';
import { summarize, type Summary } from './statistics.ts';
import type { Subject } from './subjects.ts';

const MEMORY_SIZES_MB = [128, 256, 512, 1024, 1769];
const FURTHER_DECISIONS = 20;
/** Further decisions that are not counted: the first ones after the cold one still compile code. */
const SETTLING_DECISIONS = 5;
/** What DynamoDB and the network add to a decision; here both are on loopback. */
const TABLE_LATENCY_MS = 4;
/** Part of all decisions that is cold, on a function with steady traffic. */
const COLD_SHARE = 0.001;

export interface MemoryResult {
  readonly memoryMegabytes: number;
  readonly initMs: Summary;
  readonly invocationMs: Summary;
  readonly warmMs: Summary;
  readonly peakRssMegabytes: number;
  /** US dollars per million decisions, Lambda alone: warm ones, and with one cold in a thousand. */
  readonly warmCost: number;
  readonly mixedCost: number;
}

export async function measureMemorySizes(
  subject: Subject,
  options: Omit<ColdStartOptions, 'limit' | 'furtherDecisions' | 'onRound'>,
  onSize: (megabytes: number) => void,
): Promise<readonly MemoryResult[]> {
  const results: MemoryResult[] = [];
  for (const memoryMegabytes of MEMORY_SIZES_MB) {
    onSize(memoryMegabytes);
    const limit = limitCpu(memoryMegabytes / MEGABYTES_PER_PROCESSOR);
    try {
      const [starts = []] = await measureColdStarts([subject], {
        ...options,
        limit,
        furtherDecisions: FURTHER_DECISIONS,
      });
      const warm = starts.flatMap(({ warmMs }) => warmMs.slice(SETTLING_DECISIONS));
      // The init is billed like the invocation.
      const cold = starts.map(({ initMs, invocationMs }) => initMs + invocationMs);
      const warmCost = costPerMillion(memoryMegabytes, warm);
      results.push({
        memoryMegabytes,
        initMs: summarize(starts.map(({ initMs }) => initMs)),
        invocationMs: summarize(starts.map(({ invocationMs }) => invocationMs)),
        warmMs: summarize(warm),
        peakRssMegabytes: Math.round(
          Math.max(...starts.map(({ peakRssBytes }) => peakRssBytes)) / 1024 / 1024,
        ),
        warmCost,
        mixedCost: warmCost * (1 - COLD_SHARE) + costPerMillion(memoryMegabytes, cold) * COLD_SHARE,
      });
    } finally {
      limit.remove();
    }
  }
  return results;
}

/**
 * US dollars per million decisions that take as long as the samples. Each is billed by the whole
 * millisecond, and a bill is a sum: a throttled one counts for as long as it took.
 */
export function costPerMillion(memoryMegabytes: number, samples: readonly number[]): number {
  const billedMs = samples.reduce((sum, ms) => sum + Math.ceil(ms + TABLE_LATENCY_MS), 0);
  const seconds = billedMs / samples.length / 1000;
  const gigabytes = memoryMegabytes / 1024;
  return (
    seconds * gigabytes * PRICES.lambda.gigabyteSecond * 1e6 + PRICES.lambda.perMillionRequests
  );
}
