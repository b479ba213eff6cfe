/**
 * An issuer that rotates its keys as a careful one does: a new key is published, then used, and the
 * old one is withdrawn when no token of it is on its way any more.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createKey, type TestIssuer, type TestKey } from '../support/issuer.ts';

/** Longer than any request takes. */
const IN_FLIGHT_MS = 5000;

export interface Rotation {
  /** A key withdrawn for so long that no cache may trust it. */
  readonly withdrawnKey: () => TestKey | undefined;
  run(signal: AbortSignal): Promise<void>;
}

/**
 * @param trustMs how long a withdrawn key may be trusted: the maximum age and the stale time
 * together. A published key waits as long before it is used.
 */
export function createRotation(issuer: TestIssuer, trustMs: number): Rotation {
  let withdrawn: TestKey | undefined;
  return {
    withdrawnKey: () => withdrawn,
    async run(signal) {
      const wait = (ms: number) => pause(ms, undefined, { signal }).catch(() => undefined);
      while (!signal.aborted) {
        await wait(trustMs);
        const [current = createKey()] = issuer.keys;
        const next = createKey();
        // The first key signs.
        issuer.keys = [current, next];
        await wait(trustMs + 1000);
        issuer.keys = [next, current];
        await wait(IN_FLIGHT_MS);
        issuer.keys = [next];
        await wait(trustMs + 1000);
        withdrawn = current;
      }
    },
  };
}
