/** The warm path: bundles `warm-probe.ts`, runs it on a given Node and summarizes its samples. */
import { build } from 'esbuild';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { BUNDLE_OPTIONS } from '../tools/build.ts';
import type { ServersReady } from './servers.ts';
import { REQUIRE_IN_ESM } from './subjects.ts';
import { summarize, summarizeRatio, type Summary } from './statistics.ts';
import type { WarmSamples } from './warm-probe.ts';

/** Microseconds and ratios. */
export interface WarmResults {
  readonly byAlgorithm: Readonly<
    Record<
      string,
      { readonly verify: Summary; readonly decision: Summary; readonly ratio: Summary }
    >
  >;
  /** The line that a decision writes: its security event and its metrics. */
  readonly line: Summary;
  readonly table: { readonly bare: Summary; readonly decision: Summary; readonly ratio: Summary };
}

export async function measureWarm(node: string, servers: ServersReady): Promise<WarmResults> {
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
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  const { env, tokens } = servers;
  child.send({ env, tokens } satisfies ServersReady);
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
    line: summarize(samples.line),
    table: {
      bare: summarize(samples.table.bare),
      decision: summarize(samples.table.decision),
      ratio: summarizeRatio(samples.table.decision, samples.table.bare),
    },
  };
}
