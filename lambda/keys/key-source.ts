/**
 * An issuer's signing keys, by `kid`. A key set is trusted for its maximum age, and longer only
 * while the issuer was asked and could not answer.
 */
import type { UnavailableCause } from '../decision.ts';
import type { Deadline } from '../deadline.ts';
import type { Config } from '../settings/config.ts';
import type { Algorithm } from '../settings/grammar.ts';
import { fetchJwks, type FetchJwks } from './jwks-fetch.ts';
import { KeySet, type Verify } from './key-set.ts';
import type { IssuerChecks } from './key-verifier.ts';
import { Pause, type Clock } from './pause.ts';
import { FETCH_TIMEOUT_MS, SetFetches, type FetchedJwks } from './set-fetches.ts';
import { UnknownKids } from './unknown-kids.ts';

/** A `kid` in bytes of UTF-8; real ones have some forty. */
export const MAX_KID_BYTES = 256;

/** From this part of its maximum age on, a set is renewed in the background. */
const REFRESH_AHEAD_AT = 0.75;
const REFRESH_AHEAD_INTERVAL_MS = 5000;

/** What keys are fetched from and tokens are checked for. */
export type KeyIssuer = Omit<IssuerChecks, 'clockToleranceSeconds'>;
export type KeySourceSettings = Pick<
  Config,
  'jwksMaxAgeSeconds' | 'jwksMaxStaleSeconds' | 'clockToleranceSeconds'
>;

/** What the outside world does; replaced in tests. */
export interface KeySourceWorld {
  readonly fetchJwks: FetchJwks;
  readonly now: Clock;
  readonly random: () => number;
}

export type KeyResult =
  /** `stale` is true when the issuer could not be asked and the set has passed its maximum age. */
  | { readonly status: 'found'; readonly verify: Verify; readonly stale: boolean }
  | { readonly status: 'not_found' }
  | { readonly status: 'unavailable'; readonly cause: UnavailableCause };

export interface KeyQuery {
  readonly kid: string;
  readonly algorithm: Algorithm;
  /** Whether this token is worth a fetch; one that has expired is not. */
  readonly mayFetch: boolean;
  readonly deadline: Pick<Deadline, 'remainingMs'>;
  /** Told how long a fetch was waited for, in milliseconds. */
  readonly onWaited?: (ms: number) => void;
}

export interface KeySource {
  find(query: KeyQuery): Promise<KeyResult>;
  /** Starts to fetch the set. Resolves when its keys are imported, or the fetch failed; never rejects. */
  prefetch(): Promise<void>;
}

const NOT_FOUND: KeyResult = { status: 'not_found' };
const REAL_WORLD: KeySourceWorld = { fetchJwks, now: Date.now, random: Math.random };

/** The keys of one issuer. Nothing is shared between issuers: a key is `(issuer, kid)`. */
export function createKeySource(
  issuer: KeyIssuer,
  settings: KeySourceSettings,
  world: KeySourceWorld = REAL_WORLD,
): KeySource {
  return new IssuerKeys(issuer, settings, world);
}

class IssuerKeys implements KeySource {
  readonly #now: Clock;
  readonly #maxAgeMs: number;
  readonly #maxStaleMs: number;
  readonly #checks: IssuerChecks;
  readonly #fetches: SetFetches;
  readonly #unknownKids: UnknownKids;
  readonly #refreshAheadPause: Pause;
  #keySet: KeySet | undefined;

  constructor(issuer: KeyIssuer, settings: KeySourceSettings, world: KeySourceWorld) {
    const { now, random } = world;
    this.#now = now;
    this.#maxAgeMs = settings.jwksMaxAgeSeconds * 1000;
    this.#maxStaleMs = settings.jwksMaxStaleSeconds * 1000;
    this.#checks = { ...issuer, clockToleranceSeconds: settings.clockToleranceSeconds };
    this.#unknownKids = new UnknownKids(now, random);
    this.#refreshAheadPause = new Pause(now);
    this.#fetches = new SetFetches({
      jwksUri: issuer.jwksUri,
      fetchJwks: world.fetchJwks,
      now,
      onFetched: (fetched) => this.#install(fetched),
    });
  }

  async prefetch(): Promise<void> {
    const { ok } = await this.#fetches.startInBackground();
    if (ok) this.#keySet?.importAll();
  }

  async find(query: KeyQuery): Promise<KeyResult> {
    const { kid, mayFetch } = query;
    const current = this.#keySetWithin(this.#maxAgeMs);
    if (current?.has(kid) === true) {
      if (mayFetch) this.#refreshAhead(current);
      return found(current, query, false);
    }
    if (!mayFetch && !this.#fetches.isUnderWay) return NOT_FOUND;
    if (current !== undefined && this.#unknownKids.areCoolingDown) return NOT_FOUND;
    const outcome = await this.#awaitFetch(query);
    // An old set serves only where the issuer was asked and could not answer.
    const limitMs = outcome.ok ? this.#maxAgeMs : this.#maxAgeMs + this.#maxStaleMs;
    const serving = this.#keySetWithin(limitMs);
    if (serving?.has(kid) === true) {
      return found(serving, query, this.#keySetWithin(this.#maxAgeMs) === undefined);
    }
    if (!mayFetch) return NOT_FOUND;
    if (!outcome.ok) return { status: 'unavailable', cause: outcome.cause };
    // An answer that took longer than a maximum age of a second is too old to say no.
    return serving === undefined ? { status: 'unavailable', cause: 'timeout' } : NOT_FOUND;
  }

  #awaitFetch({ kid, mayFetch, deadline, onWaited }: KeyQuery) {
    // With an old set to fall back on, the rest of the deadline is the table's.
    const hasFallback = this.#keySetWithin(this.#maxAgeMs + this.#maxStaleMs) !== undefined;
    const endsAt = this.#now() + (hasFallback ? FETCH_TIMEOUT_MS : Infinity);
    return this.#fetches.awaitOne({
      forKid: kid,
      mayFetch,
      patienceMs: () => Math.min(deadline.remainingMs(), endsAt - this.#now()),
      onWaited,
    });
  }

  /** The set if it is no older than `limitMs`; one from the future has an age nobody knows. */
  #keySetWithin(limitMs: number): KeySet | undefined {
    const ageMs = this.#keySet === undefined ? -1 : this.#now() - this.#keySet.fetchedAt;
    return ageMs >= 0 && ageMs <= limitMs ? this.#keySet : undefined;
  }

  #install({ keys, askedAt, forKid }: FetchedJwks): void {
    const fresh = new KeySet(keys, askedAt, this.#checks);
    this.#unknownKids.fetched(fresh, this.#keySet, forKid);
    this.#keySet = fresh;
  }

  #refreshAhead(current: KeySet): void {
    if (this.#now() - current.fetchedAt < this.#maxAgeMs * REFRESH_AHEAD_AT) return;
    if (this.#refreshAheadPause.isOn || this.#fetches.isUnderWay) return;
    this.#refreshAheadPause.begin(REFRESH_AHEAD_INTERVAL_MS);
    void this.#fetches.startInBackground();
  }
}

function found(keySet: KeySet, { kid, algorithm }: KeyQuery, stale: boolean): KeyResult {
  const verify = keySet.verifierFor(kid, algorithm);
  return verify === undefined ? NOT_FOUND : { status: 'found', verify, stale };
}
