/** What a run of the benchmark found, as it is kept in `bench/results.json`. */
import { cpus, platform, release, totalmem } from 'node:os';
import type { ColdStart } from './cold-start.ts';
import { summarize, summarizeRatio, type Summary } from './statistics.ts';
import type { Subject } from './subjects.ts';
import type { WarmResults } from './warm.ts';

/** One subject's cold starts under one Node. Times in milliseconds. */
export interface ColdStartResult extends Omit<Subject, 'file'> {
  readonly importMs: Summary;
  /** From the start of the import to the first allowed decision. */
  readonly firstDecisionMs: Summary;
  /** User and system time over the same stretch, all threads: what a busy machine bends least. */
  readonly cpuMs: Summary;
  readonly peakRssBytes: Summary;
  /** Rollcall's first decision over this one's, round by round. */
  readonly rollcallRatio: Summary;
  readonly rollcallCpuRatio: Summary;
}

export interface RuntimeResults {
  readonly runtime: string;
  readonly coldStart: readonly ColdStartResult[];
  readonly warm: WarmResults;
}

export interface Results {
  readonly measuredAt: string;
  readonly machine: string;
  readonly rounds: number;
  readonly runtimes: readonly RuntimeResults[];
}

/** @param samples by subject, in the order of `subjects`, Rollcall first */
export function coldStartResults(
  subjects: readonly Subject[],
  samples: readonly (readonly ColdStart[])[],
): readonly ColdStartResult[] {
  const firstDecisions = samples.map((rounds) => rounds.map((start) => start.firstDecisionMs));
  const cpuTimes = samples.map((rounds) => rounds.map((start) => start.cpuMs));
  const [rollcall = []] = firstDecisions;
  const [rollcallCpu = []] = cpuTimes;
  return subjects.map(({ file: _file, ...subject }, index) => {
    const starts = samples[index] ?? [];
    return {
      ...subject,
      importMs: summarize(starts.map((start) => start.importMs)),
      firstDecisionMs: summarize(firstDecisions[index] ?? []),
      cpuMs: summarize(cpuTimes[index] ?? []),
      peakRssBytes: summarize(starts.map((start) => start.peakRssBytes)),
      rollcallRatio: summarizeRatio(rollcall, firstDecisions[index] ?? []),
      rollcallCpuRatio: summarizeRatio(rollcallCpu, cpuTimes[index] ?? []),
    };
  });
}

export function describeMachine(): string {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown'}, ${gigabytes} GB, ${platform()} ${release()}`;
}
