/**
 * A share of one processor for the processes put in it, by a control group of Linux (version 1 or
 * 2). Needs root.
 */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Lambda shares out processor time in slices; so does this. */
const PERIOD_MICROSECONDS = 20_000;
const ROOTS = { v1: '/sys/fs/cgroup/cpu', v2: '/sys/fs/cgroup' } as const;

export interface CpuLimit {
  /** Put before a command, runs it under the limit. */
  readonly prefix: readonly string[];
  /** Once nothing runs under it any more. */
  remove(): void;
}

/**
 * @param share of one processor, more than 0
 * @throws Error where control groups cannot be used
 */
export function limitCpu(share: number): CpuLimit {
  const version = existsSync(path.join(ROOTS.v2, 'cgroup.controllers')) ? 'v2' : 'v1';
  const group = path.join(ROOTS[version], `rollcall-bench-${process.pid}`);
  const quota = Math.max(1000, Math.round(PERIOD_MICROSECONDS * share));
  mkdirSync(group);
  if (version === 'v2') {
    writeFileSync(path.join(group, 'cpu.max'), `${quota} ${PERIOD_MICROSECONDS}`);
  } else {
    writeFileSync(path.join(group, 'cpu.cfs_period_us'), String(PERIOD_MICROSECONDS));
    writeFileSync(path.join(group, 'cpu.cfs_quota_us'), String(quota));
  }
  const join = `echo $$ > ${path.join(group, 'cgroup.procs')} && exec "$@"`;
  return {
    prefix: ['/bin/sh', '-c', join, 'sh'],
    remove: () => rmdirSync(group),
  };
}
