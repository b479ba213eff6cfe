/**
 * `npm run cost -- --rps 500 --users 20000 --ttl 0,30,300`: what the authorizer would cost a
 * month, for each lifetime of the gateway's cached results, by simulated traffic.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { monthlyBill, type MonthlyBill } from './bill.ts';
import { drawCosts } from './chart.ts';
import { PRICES } from './prices.ts';
import { createRandom } from './random.ts';
import { simulate, type Usage } from './simulate.ts';

const HELP = `npm run cost -- [options]

  --rps N             requests a second at the gateway (500)
  --users N           users (20000), as active as Zipf's law has them
  --zipf S            its exponent; 0: all users alike (1)
  --ttl A,B,…         seconds that the gateway caches results; each is simulated (0,30,300)
  --token-lifetime S  seconds that a token is good for (3600)
  --memory MB         of the function (512)
  --warm-ms MS        billed for a warm decision (8)
  --cold-ms MS        billed for an init and a first decision (300)
  --idle S            seconds after which an idle environment is gone (300)
  --revocation        revocation is on: a decision reads two items
  --log-bytes N       logged for a decision, Lambda's own lines included (1700)
  --metrics N         custom metrics kept (20)
  --seconds S         simulated after the warm-up
  --seed N            of the random numbers (1)
  --chart FILE        writes an SVG
`;

/** So that high rates end within seconds. */
const MOST_COUNTED_REQUESTS = 3_000_000;

const { values } = parseArgs({
  options: {
    rps: { type: 'string', default: '500' },
    users: { type: 'string', default: '20000' },
    zipf: { type: 'string', default: '1' },
    ttl: { type: 'string', default: '0,30,300' },
    'token-lifetime': { type: 'string', default: '3600' },
    memory: { type: 'string', default: '512' },
    'warm-ms': { type: 'string', default: '8' },
    'cold-ms': { type: 'string', default: '300' },
    idle: { type: 'string', default: '300' },
    revocation: { type: 'boolean', default: false },
    'log-bytes': { type: 'string', default: '1700' },
    metrics: { type: 'string', default: '20' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    chart: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

type NumberOption = {
  [Name in keyof typeof values]: (typeof values)[Name] extends string | undefined ? Name : never;
}[keyof typeof values];

/** @throws RangeError for what is no number of at least `least` */
function numberOf(name: NumberOption, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least) {
    throw new RangeError(`--${name} takes numbers of ${least} or more, not "${text}"`);
  }
  return value;
}

function run(): void {
  const requestsPerSecond = numberOf('rps', values.rps, 0.01);
  const users = Math.round(numberOf('users', values.users, 1));
  const seconds =
    values.seconds === undefined
      ? Math.max(60, Math.min(600, MOST_COUNTED_REQUESTS / requestsPerSecond))
      : numberOf('seconds', values.seconds, 1);
  const idleSeconds = numberOf('idle', values.idle, 1);
  const results = values.ttl.split(',').map((text) => {
    const cacheTtlSeconds = numberOf('ttl', text, 0);
    const usage = simulate(
      {
        requestsPerSecond,
        users,
        zipfExponent: numberOf('zipf', values.zipf, 0),
        tokenLifetimeSeconds: numberOf('token-lifetime', values['token-lifetime'], 1),
        cacheTtlSeconds,
        simulatedSeconds: seconds,
        warmUpSeconds: cacheTtlSeconds + idleSeconds / 5,
      },
      {
        warmMs: numberOf('warm-ms', values['warm-ms'], 0),
        coldMs: numberOf('cold-ms', values['cold-ms'], 0),
        idleSeconds,
      },
      createRandom(numberOf('seed', values.seed, 0)),
    );
    const bill = monthlyBill(
      usage,
      {
        memoryMegabytes: numberOf('memory', values.memory, 128),
        readUnitsPerDecision: values.revocation ? 2 : 1,
        logBytesPerDecision: numberOf('log-bytes', values['log-bytes'], 0),
        metrics: numberOf('metrics', values.metrics, 0),
        revocationDelaySeconds: cacheTtlSeconds,
      },
      PRICES,
    );
    return { usage, bill };
  });
  print(results);
  if (values.chart !== undefined) {
    const subtitle = `${values.rps} requests a second, ${values.users} users, ${values.memory} MB; prices of ${PRICES.asOf}, ${PRICES.region}`;
    writeFileSync(
      values.chart,
      drawCosts(
        results.map(({ bill }) => bill),
        subtitle,
      ),
    );
  }
}

const ROWS: readonly (readonly [string, (bill: MonthlyBill, usage: Usage) => string])[] = [
  ['gateway cache, s', (bill) => String(bill.revocationDelaySeconds)],
  ['revocation takes up to, s', (bill) => String(bill.revocationDelaySeconds)],
  ['requests a month', (bill) => count(bill.requests)],
  ['authorizer invocations', (bill) => count(bill.invocations)],
  ['  of all requests', (bill) => `${((bill.invocations / bill.requests) * 100).toFixed(1)} %`],
  ['cold starts', (bill) => count(bill.coldStarts)],
  ['environments at once, at most', (_, usage) => String(usage.peakEnvironments)],
  ['busiest user, reads/s at most', (_, usage) => String(usage.hottestUserPerSecond)],
  ['read units', (bill) => count(bill.readUnits)],
  ['GB-seconds, init included', (bill) => count(bill.gigabyteSeconds)],
  ['Lambda', (bill) => dollars(bill.lambdaCost)],
  ['DynamoDB', (bill) => dollars(bill.tableCost)],
  ['logs and metrics', (bill) => dollars(bill.logCost)],
  ['total a month', (bill) => dollars(bill.totalCost)],
  ['per million requests', (bill) => `$${bill.costPerMillionRequests.toFixed(3)}`],
];

function print(results: readonly { readonly usage: Usage; readonly bill: MonthlyBill }[]): void {
  const labelWidth = Math.max(...ROWS.map(([label]) => label.length));
  for (const [label, cell] of ROWS) {
    const cells = results.map(({ bill, usage }) => cell(bill, usage).padStart(16));
    console.log(label.padEnd(labelWidth) + cells.join(''));
  }
  console.log(`\nPrices of ${PRICES.asOf}, ${PRICES.region}, without the gateway's own.`);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function dollars(value: number): string {
  return `$${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

try {
  if (values.help) console.log(HELP);
  else run();
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
