/** The results of the benchmark, as kept in `bench/results.json`; reports, chart and docs read them. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import path from 'node:path';
import type { ColdStart } from './cold-start.ts';
import type { MemoryResult } from './memory.ts';
import { summarize, summarizeRatio, type Summary } from './statistics.ts';
import { PLAIN_PEER, SAMPLE_PEER, type Subject } from './subjects.ts';
import type { WarmResults } from './warm.ts';

export const RESULTS_FILE = path.join(import.meta.dirname, 'results.json');

/** One subject's cold starts on one Node. Times in milliseconds, ratios taken round by round. */
export interface ColdStartResult extends Omit<Subject, 'file'> {
  readonly initMs: Summary;
  /** The first decision; its processor time where no share of a processor could be given. */
  readonly invocationMs: Summary;
  /** Init and first decision: what the first caller waits for. */
  readonly togetherMs: Summary;
  /** User and system time of all threads: what a busy machine distorts least. */
  readonly initCpuMs: Summary;
  readonly invocationCpuMs: Summary;
  readonly peakRssBytes: Summary;
  /** This subject's time over the plain peer's and the sample's, both in their default bundle. */
  readonly together: PeerRatios;
  readonly invocation: PeerRatios;
}

export interface PeerRatios {
  readonly toPlainPeer: Summary;
  readonly toSamplePeer: Summary;
}

export interface RuntimeResults {
  readonly runtime: string;
  readonly coldStart: readonly ColdStartResult[];
  readonly warm: WarmResults;
}

export interface Results {
  readonly measuredAt: string;
  readonly machine: string;
  /** One-minute load average when the run began: near 0 on a quiet machine. */
  readonly loadAtStart: number;
  readonly rounds: number;
  /** Of a processor, for the first decision; null where no control group could be made. */
  readonly processorShare: number | null;
  readonly runtimes: readonly RuntimeResults[];
  /** By memory size, on the last runtime; empty where no control group could be made. */
  readonly memory: readonly MemoryResult[];
}

export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as Results;
}

/**
 * @param samples by subject, in the order of `subjects`
 * @param limited whether the first decisions ran under a share of a processor; if not, their
 * processor time stands for them
 */
export function coldStartResults(
  subjects: readonly Subject[],
  samples: readonly (readonly ColdStart[])[],
  limited: boolean,
): readonly ColdStartResult[] {
  const invocationOf = (start: ColdStart) => (limited ? start.invocationMs : start.invocationCpuMs);
  const togetherOf = (start: ColdStart) => start.initMs + invocationOf(start);
  const defaultBundleOf = (peer: string) =>
    samples[subjects.findIndex(({ id, bundling }) => id === peer && bundling === 'default')] ?? [];
  const ratios = (starts: readonly ColdStart[], of: (start: ColdStart) => number): PeerRatios => {
    const to = (peer: string) => summarizeRatio(starts.map(of), defaultBundleOf(peer).map(of));
    return { toPlainPeer: to(PLAIN_PEER), toSamplePeer: to(SAMPLE_PEER) };
  };
  return subjects.map(({ file: _file, ...subject }, index) => {
    const starts = samples[index] ?? [];
    return {
      ...subject,
      initMs: summarize(starts.map(({ initMs }) => initMs)),
      invocationMs: summarize(starts.map(invocationOf)),
      togetherMs: summarize(starts.map(togetherOf)),
      initCpuMs: summarize(starts.map(({ initCpuMs }) => initCpuMs)),
      invocationCpuMs: summarize(starts.map(({ invocationCpuMs }) => invocationCpuMs)),
      peakRssBytes: summarize(starts.map(({ peakRssBytes }) => peakRssBytes)),
      together: ratios(starts, togetherOf),
      invocation: ratios(starts, invocationOf),
    };
  });
}

export function describeMachine(): Pick<Results, 'machine' | 'loadAtStart'> {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  const model = first?.model.trim() ?? 'unknown';
  return {
    machine: `${cpus().length} × ${model}, ${gigabytes} GB, ${platform()} ${release()}`,
    loadAtStart: loadavg()[0] ?? 0,
  };
}
