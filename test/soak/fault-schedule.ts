/** Faults that come and go: all is well for a while, then the table, the keys or both fail. */
import { setTimeout as pause } from 'node:timers/promises';
import { FAULTS, type FaultName, type FaultProxy } from '../support/fault-proxy.ts';

const HEALTHY_MS = 6000;
const FAULT_MS = 4000;
/** Time after a fault in which answers may still be unavailable. */
const RECOVERY_SECONDS = 2.5;
const SLOW_TABLE_MS = 300;

export interface FaultSchedule {
  /** How many faults have been switched on. */
  readonly count: number;
  /** Whether a fault was on at any moment since `since` (as `now` tells it), its recovery included. */
  isExcused(since: number): boolean;
  /** Runs until the signal aborts, and then leaves both dependencies healthy. */
  run(signal: AbortSignal): Promise<void>;
}

const NAMES = Object.keys(FAULTS) as readonly FaultName[];
const SCENES = ['table', 'keys', 'both', 'slow table'] as const;

export function createFaultSchedule(
  { keys, table }: { readonly keys: FaultProxy; readonly table: FaultProxy },
  random: () => number,
  now: () => number,
): FaultSchedule {
  let count = 0;
  let lastUntil = Number.NEGATIVE_INFINITY;

  function begin(): void {
    const scene = SCENES[count % SCENES.length] ?? 'table';
    const fault = NAMES[Math.floor(random() * NAMES.length)] ?? 'hang';
    if (scene === 'slow table') table.latencyMs = SLOW_TABLE_MS;
    else if (scene !== 'keys') table.fault = fault;
    if (scene === 'keys' || scene === 'both') keys.fault = fault;
    count += 1;
    lastUntil = Number.POSITIVE_INFINITY;
  }

  function end(): void {
    keys.fault = undefined;
    table.fault = undefined;
    table.latencyMs = 0;
    lastUntil = now();
  }

  return {
    get count() {
      return count;
    },
    isExcused: (since) => lastUntil + RECOVERY_SECONDS >= since,
    async run(signal) {
      const wait = (ms: number) => pause(ms, undefined, { signal }).catch(() => undefined);
      while (!signal.aborted) {
        await wait(HEALTHY_MS);
        if (signal.aborted) return;
        begin();
        await wait(FAULT_MS);
        end();
      }
    },
  };
}
