/**
 * `npm run soak`: minutes of mixed good, bad and hostile traffic through the bundle, while its table
 * and its issuer fail and recover. No answer may be wrong, none may fail while both are healthy, and
 * memory may not grow.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { FaultProxy } from '../support/fault-proxy.ts';
import { TestIssuer } from '../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables } from '../support/tables.ts';
import { buildAuthorizer } from '../../tools/build.ts';
import { numberOption, readOptions } from '../../tools/options.ts';
import { Environment } from './environment.ts';
import { createFaultSchedule } from './fault-schedule.ts';
import { MB, percentile, Soak } from './record.ts';
import { createRotation } from './rotation.ts';
import {
  BOOTSTRAP_ADMIN,
  createTraffic,
  isWrong,
  outcomeOf,
  prepare,
  type Request,
} from './traffic.ts';

const HELP = `
Sends good, bad and hostile requests to two environments of the function, one of them in strict
mode, while the table and the key server fail and recover and the issuer rotates its keys. Fails if
an answer was wrong, if one failed without a cause, if a token was logged, or if memory grew.

  npm run soak -- [options]

  --seconds N   how long (default: 300)
  --lanes N     requests at once per environment (default: 4)
  --seed N      of the random numbers: the same seed sends the same requests (default: 1)
  --help        this text
`;

const MODES = ['strict', 'open'] as const;
const MAX_AGE_SECONDS = 5;
const MAX_STALE_SECONDS = 2;
/** Keeps one core from being all that is measured. */
const PAUSE_MS = 5;
const MEMORY_INTERVAL_MS = 2000;

const options = readOptions(HELP, {
  seconds: { type: 'string', default: '300' },
  lanes: { type: 'string', default: '4' },
  seed: { type: 'string', default: '1' },
});
const seconds = numberOption('seconds', options.seconds, { least: 1 });
const lanes = numberOption('lanes', options.lanes, { least: 1, whole: true });
const seed = numberOption('seed', options.seed, { least: 0, whole: true });

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = createRandom(seed);
const bundle = await buildAuthorizer();
const [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
const [keys, table] = await Promise.all([
  FaultProxy.start(issuer.url),
  FaultProxy.start(tables.endpoint),
]);
await prepare(tables, issuer);

const soak = new Soak();
const faultSchedule = createFaultSchedule({ keys, table }, random, () => soak.now());
const rotation = createRotation(issuer, (MAX_AGE_SECONDS + MAX_STALE_SECONDS) * 1000);
const ending = new AbortController();

async function startEnvironment(mode: (typeof MODES)[number]): Promise<Environment> {
  const env = {
    ...issuer.settings,
    ...tables.settings,
    JWKS_URI: `${keys.url}/jwks.json`,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    JWKS_MAX_AGE_SECONDS: String(MAX_AGE_SECONDS),
    JWKS_MAX_STALE_SECONDS: String(MAX_STALE_SECONDS),
    REVOKED_TOKENS_TABLE_NAME: REVOKED_TOKENS_TABLE,
    PLATFORM_ADMIN_EMAIL: BOOTSTRAP_ADMIN,
    REQUIRE_USER_IN_DB: String(mode === 'strict'),
  };
  return Environment.start(bundle, env, (line) => soak.readLine(line));
}

async function ask(environment: Environment, request: Request): Promise<void> {
  const askedAt = soak.now();
  const answer = await environment.invoke(request.event);
  const outcome = outcomeOf(answer);
  const wrong = isWrong(request, answer);
  const unexpected = !wrong && outcome === 'unavailable' && !faultSchedule.isExcused(askedAt);
  const { sort, name } = request;
  const { id, ms } = answer;
  soak.observe({ id, at: askedAt, sort, name, outcome, ms, wrong, unexpected });
}

/** One caller after another, until the end. */
async function runLane(environment: Environment, nextRequest: () => Request): Promise<void> {
  while (!ending.signal.aborted && !environment.crashed) {
    await ask(environment, nextRequest());
    await pause(PAUSE_MS);
  }
}

async function sampleMemory(environment: Environment): Promise<void> {
  while (!ending.signal.aborted && !environment.crashed) {
    soak.memory.push(await environment.memory());
    await pause(MEMORY_INTERVAL_MS);
  }
}

const environments = await Promise.all(MODES.map(startEnvironment));
const running = environments.flatMap((environment, index) => {
  const strict = MODES[index] === 'strict';
  const { withdrawnKey } = rotation;
  const nextRequest = createTraffic({ issuer, strict, withdrawnKey, random });
  return Array.from({ length: lanes }, () => runLane(environment, nextRequest));
});
const [firstEnvironment] = environments;
if (firstEnvironment !== undefined) running.push(sampleMemory(firstEnvironment));
running.push(faultSchedule.run(ending.signal), rotation.run(ending.signal));

console.log(`Soaking for ${seconds} s, seed ${seed} …`);
await pause(seconds * 1000);
ending.abort();
await Promise.all(running);
// What was printed last is still on its way.
await pause(500);
await Promise.all(environments.map((environment) => environment.stop()));
await Promise.all([keys.close(), table.close(), issuer.close(), tables.close()]);

const { memory, latencies } = soak;
console.table(soak.bySort);
console.log('unavailable, by cause:');
console.table(Object.fromEntries(soak.causes));
console.log(`answers             ${soak.answers}, with ${soak.decisions} decision events`);
console.log(`faults switched on  ${faultSchedule.count}`);
console.log(`wrong answers       ${soak.wrong.length}`);
console.log(`without a cause     ${soak.unexpected.length}`);
console.log(`tokens in the log   ${soak.leaks.length}`);
console.log(`stale notices       ${soak.staleNotices}`);
console.log(
  `latency, ms         p50 ${percentile(latencies, 0.5).toFixed(1)}, p99 ${percentile(latencies, 0.99).toFixed(1)}, max ${percentile(latencies, 1).toFixed(0)}`,
);
console.log(
  `heap, MB            ${((memory[0]?.heapUsed ?? 0) / MB).toFixed(1)} at first, ${((memory.at(-1)?.heapUsed ?? 0) / MB).toFixed(1)} at last; last third against middle third ${soak.heapGrowthMb.toFixed(2)}`,
);
for (const observation of [...soak.wrong, ...soak.unexpected].slice(0, 20)) {
  console.log('  ', JSON.stringify({ ...observation, reason: soak.reasons.get(observation.id) }));
}

const { faults } = soak;
console.log(faults.length === 0 ? 'PASSED' : `FAILED: ${faults.join('; ')}`);
process.exit(faults.length === 0 ? 0 : 1);
