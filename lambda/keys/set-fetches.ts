/**
 * The fetches of one key set: one at a time, joined by whoever needs it. Between invocations Lambda
 * freezes whatever runs, so a fetch has no timer of its own (who waits for it has), a failure counts
 * only if somebody waited for it, and nobody joins a fetch that is older than its time limit.
 */
import type { UnavailableCause } from '../decision.ts';
import { within } from '../deadline.ts';
import type { JsonObject } from '../json.ts';
import type { FetchJwks, JwksFetchResult } from './jwks-fetch.ts';
import { Pause, type Clock } from './pause.ts';

export const FETCH_TIMEOUT_MS = 1500;
/** After a failed fetch. */
const FAILURE_COOLDOWN_MS = 1000;
/** From a fetch that fails to the next: an issuer's recovery is noticed within this time. */
const RECOVERY_MS = 2000;
const TIMED_OUT: JwksFetchResult = { ok: false, cause: 'timeout' };

/** A key set that has arrived. */
export interface FetchedJwks {
  readonly keys: readonly JsonObject[];
  /** As old as the question: the answer may have lain in a frozen socket for hours. */
  readonly askedAt: number;
  /** The kid that the set was fetched for, if for one. */
  readonly forKid: string | undefined;
}

export interface SetFetchesOptions {
  readonly jwksUri: string;
  readonly fetchJwks: FetchJwks;
  readonly now: Clock;
  /** Told of each set that arrives in time. */
  readonly onFetched: (fetched: FetchedJwks) => void;
}

/** How one invocation waits. */
export interface Waiting {
  readonly forKid: string;
  readonly mayFetch: boolean;
  /** Milliseconds left, asked for anew before each wait. */
  readonly patienceMs: () => number;
  /** Told how long a fetch was waited for, in milliseconds. */
  readonly onWaited: ((ms: number) => void) | undefined;
}

interface Flight {
  readonly startedAt: number;
  /** Nobody waited when it began, so its failure may be due to the freeze. */
  readonly inBackground: boolean;
  readonly result: Promise<JwksFetchResult>;
  abandon(): void;
}

export class SetFetches {
  readonly #options: SetFetchesOptions;
  readonly #failureCooldown: Pause;
  #lastCause: UnavailableCause = 'connection';
  #flight: Flight | undefined;

  constructor(options: SetFetchesOptions) {
    this.#options = options;
    this.#failureCooldown = new Pause(options.now);
  }

  /** Whether a fetch is under way that may still answer in time. */
  get isUnderWay(): boolean {
    return this.#joinable() !== undefined;
  }

  /** Starts a fetch that nobody waits for. Never rejects. */
  startInBackground(): Promise<JwksFetchResult> {
    return this.#start(true, undefined).result;
  }

  /** Waits for a fetch: one under way, or a new one unless the last has just failed. Never rejects. */
  async awaitOne(waiting: Waiting): Promise<JwksFetchResult> {
    const joined = this.#joinable();
    if (joined !== undefined) {
      const outcome = await this.#waitFor(joined, waiting);
      if (outcome.ok || !joined.inBackground || !waiting.mayFetch) return outcome;
    }
    if (this.#failureCooldown.isOn) return { ok: false, cause: this.#lastCause };
    return this.#waitFor(this.#joinable() ?? this.#start(false, waiting.forKid), waiting);
  }

  #joinable(): Flight | undefined {
    const flight = this.#flight;
    const ageMs = flight === undefined ? -1 : this.#options.now() - flight.startedAt;
    return ageMs >= 0 && ageMs < FETCH_TIMEOUT_MS ? flight : undefined;
  }

  #start(inBackground: boolean, forKid: string | undefined): Flight {
    this.#flight?.abandon();
    const { jwksUri, fetchJwks, now, onFetched } = this.#options;
    const fetch = fetchJwks(jwksUri);
    const started: Flight = {
      startedAt: now(),
      inBackground,
      abandon: () => fetch.abandon(),
      result: fetch.result.then((result) => {
        // One that was given up must not overwrite what a later one brought.
        if (this.#flight !== started) return result;
        this.#flight = undefined;
        if (result.ok) {
          this.#failureCooldown.end();
          onFetched({ keys: result.keys, askedAt: started.startedAt, forKid });
        }
        return result;
      }),
    };
    this.#flight = started;
    return started;
  }

  /** Waits within the flight's own limit and the caller's patience. */
  async #waitFor(flight: Flight, { patienceMs, onWaited }: Waiting): Promise<JwksFetchResult> {
    const { now } = this.#options;
    const flightMs = Math.max(0, flight.startedAt + FETCH_TIMEOUT_MS - now());
    const patience = patienceMs();
    const askedAt = now();
    const result = await within(flight.result, Math.min(flightMs, patience));
    onWaited?.(now() - askedAt);
    // Our time is up, not the flight's: that says nothing about the issuer.
    if (result === undefined && patience < flightMs) return TIMED_OUT;
    if (result === undefined) flight.abandon();
    const outcome = result ?? TIMED_OUT;
    if (!outcome.ok && !flight.inBackground) this.#noteFailure(flight, outcome.cause);
    return outcome;
  }

  #noteFailure({ startedAt }: Flight, cause: UnavailableCause): void {
    const untilRecoveryMs = startedAt + RECOVERY_MS - this.#options.now();
    this.#failureCooldown.begin(Math.min(FAILURE_COOLDOWN_MS, untilRecoveryMs));
    this.#lastCause = cause;
  }
}
