/** Cold starts: a fresh process each, the subjects in turn, so that all see the same machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { loadEvent } from '../test/support/events.ts';
import { PERIOD_MS, type CpuLimit } from './cpu-limit.ts';
import type { ServersReady } from './servers.ts';
import type { Subject } from './subjects.ts';

/** One cold start. Milliseconds; `Cpu` is user and system time of all threads. */
export interface ColdStart {
  /** Loading the bundle at full speed, what it awaits at its top level included. */
  readonly initMs: number;
  readonly initCpuMs: number;
  /** The first decision, under the limit if there is one. */
  readonly invocationMs: number;
  readonly invocationCpuMs: number;
  readonly peakRssBytes: number;
  /** Of further decisions, with a pause between them; as many as were asked for. */
  readonly warmMs: readonly number[];
}

export interface ColdStartOptions {
  /** Path of the Node to run. */
  readonly node: string;
  readonly rounds: number;
  readonly servers: ServersReady;
  /** Joined between the init and the first decision. Default: none, so both run at full speed. */
  readonly limit?: CpuLimit | undefined;
  /** Decisions to take after the first. Default: none. */
  readonly furtherDecisions?: number;
  readonly onRound?: (round: number) => void;
}

const WARM_UP_ROUNDS = 2;

/** Variables that Lambda sets and a library may read. */
const LAMBDA_ENVIRONMENT = {
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  LAMBDA_TASK_ROOT: '/var/task',
  // The SDK prints 12 lines about Node 20 otherwise, which would count against the peers.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/**
 * Measures every subject `rounds` times, one after the other within a round, in an order that
 * rotates from round to round. Samples of one round belong together: ratios are taken in pairs.
 *
 * @throws Error when a subject answers anything but Allow
 */
export async function measureColdStarts(
  subjects: readonly Subject[],
  options: ColdStartOptions,
): Promise<readonly (readonly ColdStart[])[]> {
  const samples: ColdStart[][] = subjects.map(() => []);
  const home = mkdtempSync(path.join(tmpdir(), 'rollcall-bench-'));
  try {
    for (let round = -WARM_UP_ROUNDS; round < options.rounds; round += 1) {
      options.onRound?.(round);
      for (let turn = 0; turn < subjects.length; turn += 1) {
        const index = (turn + Math.max(round, 0)) % subjects.length;
        const subject = subjects[index];
        if (subject === undefined) continue;
        const sample = await startCold(subject, home, options);
        if (round >= 0) samples[index]?.push(sample);
      }
    }
  } finally {
    rmSync(home, { recursive: true });
  }
  return samples;
}

async function startCold(
  subject: Subject,
  home: string,
  { node, servers, limit, furtherDecisions = 0 }: ColdStartOptions,
): Promise<ColdStart> {
  const event = {
    ...loadEvent('rest-token'),
    authorizationToken: `Bearer ${servers.tokens.RS256}`,
  };
  const args = [
    path.join(import.meta.dirname, 'cold-start-probe.mjs'),
    pathToFileURL(subject.file).href,
    JSON.stringify(event),
    limit?.joinFile ?? '',
    String(PERIOD_MS),
    String(furtherDecisions),
  ];
  const child = spawn(node, args, {
    env: { ...LAMBDA_ENVIRONMENT, ...servers.env, HOME: home, PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [result, errors] = await Promise.all([
    text(child.stdio[3] as Readable),
    text(child.stderr as Readable),
    text(child.stdout as Readable),
    once(child, 'close'),
  ]);
  if (result === '') throw new Error(`${subject.name} failed: ${errors}`);
  const { effect, ...sample } = JSON.parse(result) as ColdStart & { readonly effect: string };
  if (effect !== 'Allow') throw new Error(`${subject.name} answered ${effect}`);
  return sample;
}
