/** Figures of the benchmark and of the cost formula, as tables for the pages. */
import { MEGABYTES_PER_PROCESSOR } from '../../bench/cpu-limit.ts';
import { readResults, type ColdStartResult, type RuntimeResults } from '../../bench/results.ts';
import type { Summary } from '../../bench/statistics.ts';
import { monthlyBill, peakEnvironments, type MonthlyBill } from '../cost/bill.ts';
import { DEFAULT_WORKLOAD, USERS_PER_REQUEST_PER_SECOND } from '../cost/defaults.ts';
import { PRICES } from '../cost/prices.ts';

type Row = readonly string[];

const CACHE_SECONDS = [0, 30, 300];
const RATES = [50, 500, 5000, 50_000, 100_000];

function table(head: Row, ...rows: readonly Row[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const milliseconds = ({ median }: Summary): string => `${median.toFixed(0)} ms`;
const times = ({ median }: Summary): string => `${median.toFixed(2)} ×`;
const quartiles = ({ p25, p75 }: Summary, digits: number): string =>
  `${p25.toFixed(digits)}–${p75.toFixed(digits)}`;

/** What Lambda runs. */
function newestRuntime(): RuntimeResults {
  const newest = readResults().runtimes.at(-1);
  if (newest === undefined) throw new Error('bench/results.json has no results: npm run bench');
  return newest;
}

/** One sentence, for the README. */
export function coldStartSentence(): string {
  const { runtime, coldStart } = newestRuntime();
  const rollcall = coldStart.find(({ id }) => id === 'rollcall');
  if (rollcall === undefined) throw new Error('bench/results.json lacks Rollcall');
  const { togetherMs, together } = rollcall;
  return `On ${runtime} the first caller waits ${milliseconds(togetherMs)}: ${times(together.toPlainPeer)} the time of aws-jwt-verify with DynamoDB's DocumentClient, ${times(together.toSamplePeer)} that of jsonwebtoken with jwks-rsa.`;
}

/** Where the figures come from. */
export function measuredOn(): string {
  const { measuredAt, machine, rounds } = readResults();
  return `Measured on ${measuredAt}, ${machine}: medians of ${rounds} rounds, with quartiles in brackets.`;
}

export function coldStarts(): string {
  const rowOf = ({ id, name, bundling, ...result }: ColdStartResult): Row => [
    id === 'rollcall' ? `**${name}**` : `(${id}) ${name}`,
    id === 'rollcall' ? 'its own' : bundling,
    milliseconds(result.initMs),
    milliseconds(result.invocationMs),
    `${milliseconds(result.togetherMs)} (${quartiles(result.togetherMs, 0)})`,
    `${times(result.together.toPlainPeer)} (${quartiles(result.together.toPlainPeer, 2)})`,
  ];
  return readResults()
    .runtimes.toReversed()
    .map(({ runtime, coldStart }) =>
      table(
        [runtime, 'Bundle', 'Init', 'First decision', 'Together', 'Of the plain peer (b)'],
        ...coldStart.map(rowOf),
      ),
    )
    .join('\n\n');
}

export function bundleSize(): string {
  const rollcall = newestRuntime().coldStart.find(({ id }) => id === 'rollcall');
  const kilobytes = (bytes = 0): string => `${Math.round(bytes / 1000)} kB`;
  return `The bundle has ${kilobytes(rollcall?.bytes)}, ${kilobytes(rollcall?.gzipBytes)} gzipped.`;
}

export function warmPath(): string {
  const microseconds = ({ median }: Summary): string => `${Number(median.toPrecision(2))} µs`;
  const { runtime, warm } = newestRuntime();
  const rows = Object.entries(warm.byAlgorithm).map(([algorithm, { verify, decision, ratio }]) => [
    `${algorithm}, row cached`,
    microseconds(decision),
    `${microseconds(verify)}, \`crypto.verify\` alone`,
    `${times(ratio)} (${quartiles(ratio, 2)})`,
  ]);
  const { bare, decision, ratio } = warm.table;
  return table(
    [`One decision, ${runtime}`, 'Takes', 'At least necessary', 'Ratio'],
    ...rows,
    [
      'RS256, table asked, on loopback',
      microseconds(decision),
      `${microseconds(bare)}, GetItem and \`crypto.verify\``,
      `${times(ratio)} (${quartiles(ratio, 2)})`,
    ],
    ['its line, with the metrics', microseconds(warm.line), '', ''],
  );
}

export function memorySizes(): string {
  return table(
    ['MB', 'Of a processor', 'Init', 'First decision', 'Warm decision', 'Lambda, per million'],
    ...readResults().memory.map((size) => [
      size.memoryMegabytes.toLocaleString('en-US'),
      (size.memoryMegabytes / MEGABYTES_PER_PROCESSOR).toFixed(2),
      milliseconds(size.initMs),
      milliseconds(size.invocationMs),
      `${size.warmMs.median.toFixed(1)} ms`,
      `$${size.mixedCost.toFixed(2)}`,
    ]),
  );
}

function billAt(requestsPerSecond: number, cacheTtlSeconds: number) {
  const users = requestsPerSecond * USERS_PER_REQUEST_PER_SECOND;
  const traffic = { requestsPerSecond, users, cacheTtlSeconds };
  return {
    bill: monthlyBill(traffic, DEFAULT_WORKLOAD, PRICES),
    environments: peakEnvironments(traffic, DEFAULT_WORKLOAD),
  };
}

const millions = (value: number): string =>
  `${(value / 1e6).toLocaleString('en-US', { maximumFractionDigits: 0 })} million`;
const dollars = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });

/** Per month, by how long the gateway caches; and in the last column where each cent of a million goes. */
export function cost(): string {
  const bills = CACHE_SECONDS.map((seconds) => billAt(500, seconds).bill);
  const [uncached] = bills;
  if (uncached === undefined) throw new Error('There is no column without a cache');
  const perMonth = (label: string, of: (bill: MonthlyBill) => number): Row => [
    label,
    ...bills.map((bill) => dollars(of(bill))),
    dollars((of(uncached) / uncached.requests) * 1e6, 3),
  ];
  const share = ({ invocations, requests }: MonthlyBill): string =>
    `${((invocations / requests) * 100).toFixed(0)} %`;
  return table(
    ['Gateway caches for', ...CACHE_SECONDS.map((seconds) => `${seconds} s`), 'A million, 0 s'],
    ['a revocation takes up to', 'at once', ...CACHE_SECONDS.slice(1).map((s) => `${s} s`), ''],
    [
      'invocations per month',
      ...bills.map(({ invocations }) => millions(invocations)),
      '1 million',
    ],
    ['of all requests', ...bills.map(share), ''],
    perMonth('Lambda, requests', (bill) => bill.cost.lambdaRequests),
    perMonth('Lambda, time', (bill) => bill.cost.lambdaTime),
    perMonth('DynamoDB', (bill) => bill.cost.table),
    perMonth('logs', (bill) => bill.cost.logs),
    perMonth('metrics', (bill) => bill.cost.metrics),
    perMonth('**together**', ({ total }) => total),
  );
}

export function costByScale(): string {
  return table(
    ['Requests per second', 'Environments', 'Per month', 'Per million', 'Cached for 30 s'],
    ...RATES.map((rate) => {
      const { bill, environments } = billAt(rate, 0);
      return [
        rate.toLocaleString('en-US'),
        `about ${environments.toLocaleString('en-US')}`,
        dollars(bill.total),
        dollars(bill.perMillionRequests, 2),
        dollars(billAt(rate, 30).bill.total),
      ];
    }),
  );
}
