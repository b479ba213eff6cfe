/**
 * `users import`, without and with `--update`, and `users export` of many users: rows a second and
 * the peak of the tool's memory, which should not grow with their number.
 * `npx tsx bench/users-import.ts [users …]`, by default 10,000 and 100,000. The table is embedded
 * and in memory, and is most of what is measured.
 */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const ROOT = path.resolve(import.meta.dirname, '..');
const DEFAULT_SIZES = [10_000, 100_000];
const SAMPLE_INTERVAL_MS = 20;
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const REGION = 'eu-central-1';

interface Measurement {
  readonly seconds: number;
  /** Of the tool's process; undefined where `/proc` does not tell. */
  readonly peakMebibytes: number | undefined;
}

async function run(args: readonly string[], endpoint: string): Promise<Measurement> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'users', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
  });
  let peakKibibytes: number | undefined;
  const timer = setInterval(() => {
    peakKibibytes = readPeak(child.pid) ?? peakKibibytes;
  }, SAMPLE_INTERVAL_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`rollcall users ${args[0]} ended with ${code}`);
  return {
    seconds: (performance.now() - startedAt) / 1000,
    peakMebibytes: peakKibibytes === undefined ? undefined : Math.round(peakKibibytes / 1024),
  };
}

function readPeak(pid: number | undefined): number | undefined {
  try {
    const [, peak] =
      /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return peak === undefined ? undefined : Number(peak);
  } catch {
    return undefined;
  }
}

function* csv(users: number): Generator<string> {
  yield 'user_id,is_admin,full_name,roles\n';
  for (let index = 0; index < users; index += 1) {
    yield `user-${index}@example.com,${index % 1000 === 0},"User, No. ${index}",reader;writer\n`;
  }
}

async function countLines(file: string): Promise<number> {
  let lines = 0;
  for await (const _ of createInterface({ input: createReadStream(file) })) lines += 1;
  return lines;
}

function report(users: number, what: string, { seconds, peakMebibytes }: Measurement): void {
  const rate = Math.round(users / seconds).toLocaleString('en');
  const peak = peakMebibytes === undefined ? 'unknown' : `${peakMebibytes} MiB`;
  console.log(
    `${what.padEnd(7)} ${users.toLocaleString('en').padStart(9)} users  ${seconds.toFixed(1).padStart(6)} s  ${rate.padStart(7)} rows/s  peak ${peak}`,
  );
}

async function measure(users: number, directory: string): Promise<void> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  await client.send(
    new CreateTableCommand({
      TableName: 'users',
      KeySchema: [{ AttributeName: 'user_id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'user_id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const input = path.join(directory, `in-${users}.csv`);
  const output = path.join(directory, `out-${users}.csv`);
  await pipeline(Readable.from(csv(users)), createWriteStream(input));
  const where = ['--users-table', 'users'];
  report(users, 'import', await run(['import', input, ...where], endpoint));
  report(users, 'update', await run(['import', input, '--update', ...where], endpoint));
  report(users, 'export', await run(['export', output, ...where], endpoint));
  const exported = (await countLines(output)) - 1;
  if (exported !== users) throw new Error(`${exported} of ${users} users came back`);
  client.destroy();
  server.closeAllConnections();
  server.close();
}

const sizes = process.argv.slice(2).map(Number);
const directory = await mkdtemp(path.join(tmpdir(), 'rollcall-bench-'));
try {
  for (const users of sizes.length > 0 ? sizes : DEFAULT_SIZES) await measure(users, directory);
} finally {
  await rm(directory, { recursive: true, force: true });
}
