/**
 * A share of one processor, as Lambda gives it to an invocation: a control group of Linux (version
 * 1 or 2) that a process joins. Needs root.
 */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The memory at which Lambda gives one whole processor; below it, a share in proportion. */
export const MEGABYTES_PER_PROCESSOR = 1769;
/** Processor time is granted in slices of this period. */
export const PERIOD_MS = 20;

const ROOTS = { v1: '/sys/fs/cgroup/cpu', v2: '/sys/fs/cgroup' } as const;

export interface CpuLimit {
  /** A process that writes its id into this file runs under the limit from then on. */
  readonly joinFile: string;
  /** Call when no process is left in it. */
  remove(): void;
}

/**
 * @param share of one processor, more than 0
 * @throws Error where control groups cannot be made
 */
export function limitCpu(share: number): CpuLimit {
  const version = existsSync(path.join(ROOTS.v2, 'cgroup.controllers')) ? 'v2' : 'v1';
  const group = path.join(ROOTS[version], `rollcall-bench-${process.pid}`);
  const periodMicroseconds = PERIOD_MS * 1000;
  const quota = Math.max(1000, Math.round(periodMicroseconds * share));
  mkdirSync(group);
  try {
    if (version === 'v2') {
      writeFileSync(path.join(group, 'cpu.max'), `${quota} ${periodMicroseconds}`);
    } else {
      writeFileSync(path.join(group, 'cpu.cfs_period_us'), String(periodMicroseconds));
      writeFileSync(path.join(group, 'cpu.cfs_quota_us'), String(quota));
    }
  } catch (error) {
    rmdirSync(group);
    throw error;
  }
  return {
    joinFile: path.join(group, 'cgroup.procs'),
    remove: () => rmdirSync(group),
  };
}

/** Whether this machine lets us limit a process; if not, why. */
export function canLimitCpu(): { readonly possible: boolean; readonly problem: string } {
  try {
    limitCpu(1).remove();
    return { possible: true, problem: '' };
  } catch (error) {
    return { possible: false, problem: (error as Error).message };
  }
}
