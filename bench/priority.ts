/**
 * Real-time priority for what is measured and for what answers it, so that whatever else a busy
 * machine does waits meanwhile. Linux, and root; `--realtime` asks for it.
 */
import { spawnSync } from 'node:child_process';

const PRIORITY = '50';

/** Put before a command, runs it at real-time priority. */
export const REALTIME_PREFIX = ['chrt', '--fifo', PRIORITY];

/** @throws Error where the system does not allow it */
export function raisePriority(pid: number): void {
  const args = ['--all-tasks', '--fifo', '--pid', PRIORITY, String(pid)];
  const { status, stderr } = spawnSync('chrt', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`No real-time priority is to be had: ${stderr}`);
}
