/**
 * `npm run bench`: Rollcall beside its peers. Prints the results, and keeps them in
 * `bench/results.json` and, as a chart, in `docs/assets/cold-start.svg`.
 *
 * `--rounds N` cold starts of each subject (default 30); `--dry` keeps nothing; `--realtime` has
 * all else on the machine wait (Linux, root).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawColdStarts } from './chart.ts';
import { measureColdStarts } from './cold-start.ts';
import { installPeers, runtimes } from './install-peers.ts';
import { raisePriority, REALTIME_PREFIX } from './priority.ts';
import { formatResults } from './report.ts';
import { coldStartResults, describeMachine, type Results, type RuntimeResults } from './results.ts';
import { startServers } from './servers-process.ts';
import { buildSubjects } from './subjects.ts';
import { measureWarm } from './warm.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    dry: { type: 'boolean', default: false },
    realtime: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds takes 1 or more');

installPeers();
const subjects = await buildSubjects();
const servers = await startServers();
if (values.realtime) raisePriority(servers.pid);
const byRuntime: RuntimeResults[] = [];
try {
  for (const runtime of runtimes()) {
    const samples = await measureColdStarts(subjects, {
      node: runtime.path,
      rounds,
      servers,
      prefix: values.realtime ? REALTIME_PREFIX : [],
      onRound: (round) => showProgress(`${runtime.name}: cold starts, round ${round + 1}`),
    });
    showProgress(`${runtime.name}: warm path`);
    const warm = await measureWarm(runtime.path, servers, values);
    byRuntime.push({
      runtime: runtime.name,
      coldStart: coldStartResults(subjects, samples),
      warm,
    });
  }
} finally {
  servers.stop();
}
showProgress('');

const results: Results = {
  measuredAt: new Date().toISOString().slice(0, 10),
  machine: describeMachine(),
  rounds,
  runtimes: byRuntime,
};
console.log(formatResults(results));
if (!values.dry) {
  const assets = path.resolve(import.meta.dirname, '../docs/assets');
  mkdirSync(assets, { recursive: true });
  writeFileSync(path.join(import.meta.dirname, 'results.json'), toJson(results));
  writeFileSync(path.join(assets, 'cold-start.svg'), drawColdStarts(results));
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

/** Four significant digits say all that there is to say. */
function toJson(value: Results): string {
  const rounded = (_key: string, member: unknown): unknown =>
    typeof member === 'number' && !Number.isInteger(member)
      ? Number(member.toPrecision(4))
      : member;
  return `${JSON.stringify(value, rounded, 2)}\n`;
}
