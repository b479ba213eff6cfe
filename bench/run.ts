/**
 * `npm run bench`: Rollcall beside its peers. Prints the results and their verdicts, keeps them in
 * `bench/results.json`, and brings the chart and the figures of the documentation up to date.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { numberOption, readOptions } from '../tools/options.ts';
import { drawColdStarts } from './chart.ts';
import { measureColdStarts } from './cold-start.ts';
import { canLimitCpu, limitCpu, MEGABYTES_PER_PROCESSOR } from './cpu-limit.ts';
import { installPeers, runtimes } from './install-peers.ts';
import { measureMemorySizes } from './memory.ts';
import { formatResults } from './report.ts';
import {
  coldStartResults,
  describeMachine,
  RESULTS_FILE,
  type Results,
  type RuntimeResults,
} from './results.ts';
import { startServers } from './servers-process.ts';
import { buildSubjects } from './subjects.ts';
import { measureWarm } from './warm.ts';

const HELP = `
Measures Rollcall beside authorizers built from other packages: cold starts as a caller of Lambda
waits for them (the init at full speed, the first decision with the share of a processor that
512 MB get), the warm path, and memory sizes. Prints the results with goals and verdicts, then
updates bench/results.json, docs/assets/cold-start.svg and the figures in README.md and docs.

  npm run bench -- [options]

  --rounds N   cold starts per authorizer and Node (default: 30)
  --dry        update no file
  --help       this text

Installs the peers and Node 24 into bench/peers on the first run. The share of a processor needs
Linux control groups and root; without them the first decision is reported as processor time.
`;

/** The memory that the stack gives the function by default. */
const MEMORY_MEGABYTES = 512;
const ROOT = path.resolve(import.meta.dirname, '..');

const options = readOptions(HELP, {
  rounds: { type: 'string', default: '30' },
  dry: { type: 'boolean', default: false },
});
const rounds = numberOption('rounds', options.rounds, { least: 1, whole: true });

const { possible: limited, problem } = canLimitCpu();
if (!limited) {
  console.error(
    `No control group can be made here (${problem}).\nThe first decision is reported as processor time at full speed. Cold starts are not judged.`,
  );
}
const machine = describeMachine();
installPeers();
const subjects = await buildSubjects();
const [rollcall] = subjects;
const nodes = runtimes();
const servers = await startServers();
const byRuntime: RuntimeResults[] = [];
let memory: Results['memory'] = [];
try {
  const limit = limited ? limitCpu(MEMORY_MEGABYTES / MEGABYTES_PER_PROCESSOR) : undefined;
  try {
    for (const { name, path: node } of nodes) {
      const samples = await measureColdStarts(subjects, {
        node,
        rounds,
        servers,
        limit,
        onRound: (round) => showProgress(`${name}: cold starts, round ${round + 1}`),
      });
      showProgress(`${name}: warm path`);
      byRuntime.push({
        runtime: name,
        coldStart: coldStartResults(subjects, samples, limited),
        warm: await measureWarm(node, servers),
      });
    }
  } finally {
    limit?.remove();
  }
  const node = nodes.at(-1)?.path;
  if (limited && rollcall !== undefined && node !== undefined) {
    memory = await measureMemorySizes(rollcall, { node, rounds, servers }, (megabytes) =>
      showProgress(`${megabytes} MB`),
    );
  }
} finally {
  servers.stop();
}
showProgress('');

const results: Results = {
  measuredAt: new Date().toISOString().slice(0, 10),
  ...machine,
  rounds,
  processorShare: limited ? MEMORY_MEGABYTES / MEGABYTES_PER_PROCESSOR : null,
  runtimes: byRuntime,
  memory,
};
console.log(formatResults(results));
if (!options.dry) {
  writeFileSync(RESULTS_FILE, toJson(results));
  writeFileSync(path.join(ROOT, 'docs/assets/cold-start.svg'), drawColdStarts(results));
  spawnSync(process.execPath, ['--import', 'tsx', 'tools/docs/generate.ts'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

/** With four significant digits, which is more than the spread allows. */
function toJson(value: Results): string {
  const rounded = (_key: string, member: unknown): unknown =>
    typeof member === 'number' && !Number.isInteger(member)
      ? Number(member.toPrecision(4))
      : member;
  return `${JSON.stringify(value, rounded, 2)}\n`;
}
