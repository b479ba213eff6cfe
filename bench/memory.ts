/**
 * `npm run bench:memory`: what memory to give the function. Lambda shares out processor time by
 * memory, 1,769 MB being one processor, so cold starts and decisions are measured under those
 * shares and priced. Keeps `bench/memory.json`. Needs Linux and root.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildAuthorizer } from '../tools/build.ts';
import { PRICES } from '../tools/cost/prices.ts';
import { measureColdStarts } from './cold-start.ts';
import { limitCpu } from './cpu-limit.ts';
import { runtimes, installPeers } from './install-peers.ts';
import { formatTable } from './report.ts';
import { startServers } from './servers-process.ts';
import { summarize, type Summary } from './statistics.ts';

const MEMORY_SIZES_MB = [128, 256, 512, 1024, 1769];
const MEGABYTES_PER_PROCESSOR = 1769;
const FURTHER_DECISIONS = 20;
/** What DynamoDB and the network add to a decision here, where both are on loopback. */
const TABLE_LATENCY_MS = 4;
/** Of all decisions, on a function with steady traffic. */
const COLD_SHARE = 0.001;

interface MemoryResult {
  readonly memoryMegabytes: number;
  readonly firstDecisionMs: Summary;
  readonly warmMs: Summary;
  readonly peakRssMegabytes: number;
  /** US dollars per million decisions, Lambda alone. */
  readonly warmCost: number;
  readonly coldStartCost: number;
  readonly mixedCost: number;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });

installPeers();
const runtime = runtimes().at(-1);
if (runtime === undefined) throw new Error('There is no Node to measure with');
const file = await buildAuthorizer();
const subject = {
  id: 'rollcall',
  name: 'Rollcall',
  bundling: 'tuned',
  file,
  bytes: 0,
  gzipBytes: 0,
} as const;
const servers = await startServers();
const results: MemoryResult[] = [];
try {
  for (const memoryMegabytes of MEMORY_SIZES_MB) {
    const limit = limitCpu(memoryMegabytes / MEGABYTES_PER_PROCESSOR);
    try {
      const [starts = []] = await measureColdStarts([subject], {
        node: runtime.path,
        rounds: Number(values.rounds),
        servers,
        prefix: limit.prefix,
        furtherDecisions: FURTHER_DECISIONS,
      });
      const cold = starts.map((start) => start.firstDecisionMs);
      const warm = starts.flatMap((start) => start.warmMs.slice(5));
      const peakRss = Math.max(...starts.map((start) => start.peakRssBytes));
      results.push({
        memoryMegabytes,
        firstDecisionMs: summarize(cold),
        warmMs: summarize(warm),
        peakRssMegabytes: Math.round(peakRss / 1024 / 1024),
        ...price(memoryMegabytes, cold, warm),
      });
    } finally {
      limit.remove();
    }
  }
} finally {
  servers.stop();
}

console.log(`${runtime.name}; medians of ${values.rounds} cold starts, with quartiles in brackets`);
console.log(formatTable(rows(results)).join('\n'));
writeFileSync(
  path.join(import.meta.dirname, 'memory.json'),
  `${JSON.stringify({ measuredAt: new Date().toISOString().slice(0, 10), runtime: runtime.name, results }, round, 2)}\n`,
);

/**
 * Per million decisions: warm ones, cold ones, and one cold in a thousand. Each is billed by the
 * millisecond, and a bill is a sum: those that were throttled count for as long as they took.
 */
function price(
  memoryMegabytes: number,
  cold: readonly number[],
  warm: readonly number[],
): Pick<MemoryResult, 'warmCost' | 'coldStartCost' | 'mixedCost'> {
  const gigabytes = memoryMegabytes / 1024;
  const cost = (samples: readonly number[]): number => {
    const billed = samples.reduce((sum, ms) => sum + Math.ceil(ms + TABLE_LATENCY_MS), 0);
    const seconds = billed / samples.length / 1000;
    return (
      seconds * gigabytes * PRICES.lambda.gigabyteSecond * 1e6 + PRICES.lambda.perMillionRequests
    );
  };
  const warmCost = cost(warm);
  const coldStartCost = cost(cold);
  return {
    warmCost,
    coldStartCost,
    mixedCost: warmCost * (1 - COLD_SHARE) + coldStartCost * COLD_SHARE,
  };
}

function rows(measured: readonly MemoryResult[]): string[][] {
  return [
    [
      'MB',
      'of a CPU',
      'first decision ms',
      'warm decision ms',
      'peak RSS MB',
      '$/M warm',
      '$/M cold',
      '$/M, 0.1 % cold',
    ],
    ...measured.map((result) => [
      String(result.memoryMegabytes),
      (result.memoryMegabytes / MEGABYTES_PER_PROCESSOR).toFixed(2),
      spread(result.firstDecisionMs),
      spread(result.warmMs),
      String(result.peakRssMegabytes),
      result.warmCost.toFixed(3),
      result.coldStartCost.toFixed(2),
      result.mixedCost.toFixed(3),
    ]),
  ];
}

function spread({ median, p25, p75 }: Summary): string {
  return `${median.toFixed(1)} [${p25.toFixed(1)}–${p75.toFixed(1)}]`;
}

function round(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Number(value.toPrecision(4))
    : value;
}
