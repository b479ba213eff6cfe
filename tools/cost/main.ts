/** `npm run cost`: what the authorizer would cost per month, by how long the gateway caches results. */
import { numberOption, readOptions } from '../options.ts';
import { monthlyBill, peakEnvironments, type MonthlyBill } from './bill.ts';
import { DEFAULT_WORKLOAD, USERS_PER_REQUEST_PER_SECOND } from './defaults.ts';
import { PRICES } from './prices.ts';

const HELP = `
What the authorizer costs per month, for each lifetime of the gateway's cached results.

  npm run cost -- [options]

  --rps N           requests per second at the gateway (default: 500)
  --users N         users; the k-th busiest sends 1/k as many requests as the busiest
                    (default: ${USERS_PER_REQUEST_PER_SECOND} per request per second)
  --ttl A,B,…       seconds that the gateway caches results (default: 0,30,300)
  --revocation      revocation is on: a decision reads two items
  --memory MB       of the function (default: ${DEFAULT_WORKLOAD.memoryMegabytes})
  --warm-ms MS      billed for a decision in a warm environment (default: ${DEFAULT_WORKLOAD.warmMs})
  --cold-ms MS      billed for the init and the first decision (default: ${DEFAULT_WORKLOAD.coldMs})
  --cold-share P    part of the invocations that are cold starts (default: ${DEFAULT_WORKLOAD.coldShare})
  --log-bytes N     logged per decision (default: ${DEFAULT_WORKLOAD.logBytesPerDecision})
  --metrics N       custom metrics in all (default: ${DEFAULT_WORKLOAD.metrics})
  --help            this text

Prices: tools/cost/prices.ts. The price of the gateway itself is not included.
`;

const defaultOf = (value: number) => ({ type: 'string', default: String(value) }) as const;
const values = readOptions(HELP, {
  rps: defaultOf(500),
  users: { type: 'string' },
  ttl: { type: 'string', default: '0,30,300' },
  revocation: { type: 'boolean', default: false },
  memory: defaultOf(DEFAULT_WORKLOAD.memoryMegabytes),
  'warm-ms': defaultOf(DEFAULT_WORKLOAD.warmMs),
  'cold-ms': defaultOf(DEFAULT_WORKLOAD.coldMs),
  'cold-share': defaultOf(DEFAULT_WORKLOAD.coldShare),
  'log-bytes': defaultOf(DEFAULT_WORKLOAD.logBytesPerDecision),
  metrics: defaultOf(DEFAULT_WORKLOAD.metrics),
});

const requestsPerSecond = numberOption('rps', values.rps, { least: 0.01 });
const users = numberOption(
  'users',
  values.users ?? String(Math.ceil(requestsPerSecond * USERS_PER_REQUEST_PER_SECOND)),
  { least: 1, whole: true },
);
const workload = {
  memoryMegabytes: numberOption('memory', values.memory, { least: 128 }),
  warmMs: numberOption('warm-ms', values['warm-ms'], { least: 0 }),
  coldMs: numberOption('cold-ms', values['cold-ms'], { least: 0 }),
  coldShare: Math.min(1, numberOption('cold-share', values['cold-share'], { least: 0 })),
  readUnitsPerDecision: values.revocation ? 2 : 1,
  logBytesPerDecision: numberOption('log-bytes', values['log-bytes'], { least: 0 }),
  metrics: numberOption('metrics', values.metrics, { least: 0 }),
};

const columns = values.ttl.split(',').map((text) => {
  const cacheTtlSeconds = numberOption('ttl', text, { least: 0 });
  const traffic = { requestsPerSecond, users, cacheTtlSeconds };
  return {
    cacheTtlSeconds,
    environments: peakEnvironments(traffic, workload),
    bill: monthlyBill(traffic, workload, PRICES),
  };
});
type Column = (typeof columns)[number];

const dollars = (part: (bill: MonthlyBill) => number) => (column: Column) =>
  part(column.bill).toLocaleString('en-US', { style: 'currency', currency: 'USD' });
const ROWS: readonly (readonly [string, (column: Column) => string])[] = [
  ['a revocation takes up to, s', ({ cacheTtlSeconds }) => String(cacheTtlSeconds)],
  ['requests', ({ bill }) => count(bill.requests)],
  ['authorizer invocations', ({ bill }) => count(bill.invocations)],
  ['  of all requests', ({ bill }) => `${((bill.invocations / bill.requests) * 100).toFixed(1)} %`],
  ['environments at once, about', ({ environments }) => count(environments)],
  ['read units', ({ bill }) => count(bill.readUnits)],
  ['GB-seconds, init included', ({ bill }) => count(bill.gigabyteSeconds)],
  ['GB of logs', ({ bill }) => count(bill.logGigabytes)],
  ['Lambda, requests', dollars(({ cost }) => cost.lambdaRequests)],
  ['Lambda, time', dollars(({ cost }) => cost.lambdaTime)],
  ['DynamoDB', dollars(({ cost }) => cost.table)],
  ['logs', dollars(({ cost }) => cost.logs)],
  ['metrics', dollars(({ cost }) => cost.metrics)],
  ['total per month', dollars(({ total }) => total)],
  ['per million requests', ({ bill }) => `$${bill.perMillionRequests.toFixed(3)}`],
];

const labelWidth = Math.max(...ROWS.map(([label]) => label.length));
for (const [label, cell] of ROWS) {
  console.log(
    label.padEnd(labelWidth) + columns.map((column) => cell(column).padStart(16)).join(''),
  );
}
console.log(`\nPrices of ${PRICES.asOf}, ${PRICES.region}, without the price of the gateway.`);

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
