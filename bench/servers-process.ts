/** Starts `servers.ts` and waits until it listens. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { ServersReady } from './servers.ts';

export interface Servers extends ServersReady {
  stop(): void;
}

export async function startServers(): Promise<Servers> {
  const child = fork(path.join(import.meta.dirname, 'servers.ts'), {
    execArgv: ['--import', 'tsx', '--no-warnings'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [ready] = (await once(child, 'message')) as [ServersReady];
  return { ...ready, stop: () => child.disconnect() };
}
