/** Faults that come and go: a spell of good order, then the table, the keys or both fail for a while. */
import { setTimeout as pause } from 'node:timers/promises';
import { FAULTS, type FaultName, type FaultProxy } from '../support/fault-proxy.ts';

const CALM_MS = 6000;
const STORM_MS = 4000;
/** What a dependency may need to be noticed as well again. */
const RECOVERY_MS = 2500;

export interface Spell {
  readonly from: number;
  until: number;
  readonly name: string;
}

export interface Weather {
  /** Storms so far; times as `now` gives them. */
  readonly spells: readonly Spell[];
  /** Whether a fault was on at any moment since `since`, its recovery included. */
  isExcused(since: number): boolean;
  /** Runs until the signal aborts, and then leaves everything in good order. */
  run(signal: AbortSignal): Promise<void>;
}

const NAMES = Object.keys(FAULTS) as readonly FaultName[];
const SCENES = ['table', 'keys', 'both', 'slow table'] as const;

export function createWeather(
  { keys, table }: { readonly keys: FaultProxy; readonly table: FaultProxy },
  random: () => number,
  now: () => number,
): Weather {
  const spells: Spell[] = [];
  let next = 0;

  function begin(): Spell {
    const scene = SCENES[next % SCENES.length] ?? 'table';
    const fault = NAMES[Math.floor(random() * NAMES.length)] ?? 'hang';
    next += 1;
    if (scene === 'slow table') table.latencyMs = 300;
    else if (scene !== 'keys') table.fault = fault;
    if (scene === 'keys' || scene === 'both') keys.fault = fault;
    const name = scene === 'slow table' ? scene : `${scene}: ${fault}`;
    const spell = { from: now(), until: Number.POSITIVE_INFINITY, name };
    spells.push(spell);
    return spell;
  }

  function end(spell: Spell): void {
    keys.fault = undefined;
    table.fault = undefined;
    table.latencyMs = 0;
    spell.until = now();
  }

  return {
    spells,
    isExcused: (since) => spells.some(({ until }) => until + RECOVERY_MS >= since),
    async run(signal) {
      while (!signal.aborted) {
        await pause(CALM_MS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        const spell = begin();
        await pause(STORM_MS, undefined, { signal }).catch(() => undefined);
        end(spell);
      }
    },
  };
}
