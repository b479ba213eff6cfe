/**
 * Bundles `warm-probe.ts`, runs it under a given Node and
 * summarizes what it measured.
 */
import { build } from 'esbuild';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { BUNDLE_OPTIONS } from '../tools/build.ts';
import { raisePriority } from './priority.ts';
import type { ServersReady } from './servers.ts';
import { REQUIRE_IN_ESM } from './subjects.ts';
import { summarize, summarizeRatio, type Summary } from './statistics.ts';
import type { InFlight, WarmSamples } from './warm-probe.ts';

/** Microseconds and ratios. */
export interface WarmResults {
  readonly byAlgorithm: Readonly<
    Record<
      string,
      { readonly verify: Summary; readonly decision: Summary; readonly ratio: Summary }
    >
  >;
  /** The log line and the metrics of one decision. */
  readonly telemetry: Summary;
  readonly table: { readonly bare: Summary; readonly decision: Summary; readonly ratio: Summary };
  readonly inFlight: InFlight;
}

export async function measureWarm(
  node: string,
  servers: ServersReady,
  { realtime = false }: { readonly realtime?: boolean } = {},
): Promise<WarmResults> {
  const probe = path.join(import.meta.dirname, 'dist', 'warm-probe.mjs');
  await build({
    ...BUNDLE_OPTIONS,
    mainFields: [...BUNDLE_OPTIONS.mainFields],
    // The whole SDK: the bare read that is compared with goes through what is left out otherwise.
    plugins: [],
    define: {},
    banner: { js: REQUIRE_IN_ESM },
    entryPoints: ['bench/warm-probe.ts'],
    outfile: probe,
  });
  const child = fork(probe, {
    execPath: node,
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  if (realtime && child.pid !== undefined) raisePriority(child.pid);
  const { env, tokens, users } = servers;
  child.send({ env, tokens, users } satisfies ServersReady);
  const [samples] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The warm path ended with code ${code}`);
    }),
  ])) as [WarmSamples];
  return {
    byAlgorithm: Object.fromEntries(
      Object.entries(samples.byAlgorithm).map(([algorithm, { verify, decision }]) => [
        algorithm,
        {
          verify: summarize(verify),
          decision: summarize(decision),
          ratio: summarizeRatio(decision, verify),
        },
      ]),
    ),
    telemetry: summarize(samples.telemetry),
    table: {
      bare: summarize(samples.table.bare),
      decision: summarize(samples.table.decision),
      ratio: summarizeRatio(samples.table.decision, samples.table.bare),
    },
    inFlight: samples.inFlight,
  };
}
