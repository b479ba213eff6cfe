/**
 * An issuer's signing keys, by `kid`. A set of keys is trusted for its maximum age, and longer
 * only while the issuer was asked and could not answer. Between invocations Lambda freezes
 * whatever runs, so a fetch has no timer of its own (who waits for it has), a failure counts
 * only if somebody waited for it, and nobody joins a fetch that is older than its time limit.
 */
import type { UnavailableCause } from '../decision.ts';
import { within, type Deadline } from '../deadline.ts';
import type { Algorithm } from '../settings/grammar.ts';
import type { SigningKey } from './jwk.ts';
import { fetchJwks, type FetchJwks, type JwksFetchResult } from './jwks-fetch.ts';
import { KeySet } from './key-set.ts';

/** A `kid` in bytes of UTF-8; real ones have some forty. */
export const MAX_KID_BYTES = 256;

const FETCH_TIMEOUT_MS = 1500;
/** After a failed fetch. */
const FAILURE_COOLDOWN_MS = 1000;
/** From a fetch that fails to the next: an issuer's recovery is noticed within this time. */
const RECOVERY_MS = 2000;
/**
 * After a fetch for a kid that the set lacks all the same, which any outsider can make up, and after
 * one that took kids away: an issuer whose servers disagree would else be asked at every turn.
 */
const UNKNOWN_KID_COOLDOWN_MS = 1000;
/** The same after `FRUITLESS_FETCHES` in a row, more or less a fifth, lest a fleet act as one. */
const LONG_UNKNOWN_KID_COOLDOWN_MS = 30_000;
const FRUITLESS_FETCHES = 3;
/** From this part of its maximum age on, a set is renewed in the background. */
const REFRESH_AHEAD_AT = 0.75;
const REFRESH_AHEAD_INTERVAL_MS = 5000;

export interface KeySourceOptions {
  readonly jwksUri: string;
  readonly maxAgeSeconds: number;
  readonly maxStaleSeconds: number;
}

/** What the outside world does; replaced in tests. */
export interface KeySourceWorld {
  readonly fetchJwks: FetchJwks;
  /** Epoch milliseconds. The wall clock, because it goes on while Lambda has us frozen. */
  readonly now: () => number;
  readonly random: () => number;
}

export type KeyResult =
  /** `stale` is true when the issuer could not be asked and the set has passed its maximum age. */
  | { readonly status: 'found'; readonly key: SigningKey; readonly stale: boolean }
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

/** Since when and how long. Not until when: a clock that is set back would make it last for hours. */
interface Period {
  readonly since: number;
  readonly ms: number;
}

interface Flight {
  readonly startedAt: number;
  /** Nobody waited when it began, so its failure may be the freezer's doing. */
  readonly inBackground: boolean;
  readonly result: Promise<JwksFetchResult>;
  abandon(): void;
}

const NOT_FOUND: KeyResult = { status: 'not_found' };
const TIMED_OUT: JwksFetchResult = { ok: false, cause: 'timeout' };
const REAL_WORLD: KeySourceWorld = { fetchJwks, now: Date.now, random: Math.random };

/** The keys of one issuer. Nothing is shared between issuers: a key is `(issuer, kid)`. */
export function createKeySource(
  options: KeySourceOptions,
  { fetchJwks: fetch, now, random }: KeySourceWorld = REAL_WORLD,
): KeySource {
  const maxAgeMs = options.maxAgeSeconds * 1000;
  const maxStaleMs = options.maxStaleSeconds * 1000;

  let keySet: KeySet | undefined;
  let flight: Flight | undefined;
  let failure: (Period & { readonly cause: UnavailableCause }) | undefined;
  let fruitlessFetches = 0;
  let unknownKidCooldown: Period | undefined;
  let refreshAheadPause: Period | undefined;

  function isNowWithin(period: Period | undefined): boolean {
    const passedMs = period === undefined ? -1 : now() - period.since;
    return period !== undefined && passedMs >= 0 && passedMs < period.ms;
  }

  /** The set if it is no older than `limitMs`; one from the future has an age nobody knows. */
  function keySetWithin(limitMs: number): KeySet | undefined {
    const ageMs = keySet === undefined ? -1 : now() - keySet.fetchedAt;
    return ageMs >= 0 && ageMs <= limitMs ? keySet : undefined;
  }

  function joinableFlight(): Flight | undefined {
    if (flight === undefined) return undefined;
    return isNowWithin({ since: flight.startedAt, ms: FETCH_TIMEOUT_MS }) ? flight : undefined;
  }

  /** @param forKid what the fetch is for, if for one key: whether it was in vain is told by that */
  function start(inBackground: boolean, forKid?: string): Flight {
    flight?.abandon();
    const fetched = fetch(options.jwksUri);
    const started: Flight = {
      startedAt: now(),
      inBackground,
      abandon: () => fetched.abandon(),
      result: fetched.result.then((result) => {
        // One that was given up must not overwrite what a later one brought.
        if (flight !== started) return result;
        flight = undefined;
        // As old as the question: the answer may have lain in a frozen socket for hours.
        if (result.ok) install(new KeySet(result.keys, started.startedAt), forKid);
        return result;
      }),
    };
    flight = started;
    return started;
  }

  function install(fresh: KeySet, forKid: string | undefined): void {
    const inVain = forKid !== undefined && !fresh.has(forKid);
    const tookKidsAway = forKid !== undefined && keySet?.hasKidUnknownTo(fresh) === true;
    if (keySet === undefined || fresh.hasKidUnknownTo(keySet)) {
      fruitlessFetches = 0;
      unknownKidCooldown = undefined;
    }
    if (inVain) fruitlessFetches += 1;
    if (inVain || tookKidsAway) {
      const isLong = inVain && fruitlessFetches >= FRUITLESS_FETCHES;
      const ms = isLong
        ? LONG_UNKNOWN_KID_COOLDOWN_MS * (0.8 + 0.4 * random())
        : UNKNOWN_KID_COOLDOWN_MS;
      unknownKidCooldown = { since: now(), ms };
    }
    failure = undefined;
    keySet = fresh;
  }

  /** Waits for a flight: within the flight's own limit and the caller's patience. */
  async function outcomeOf(
    awaited: Flight,
    patienceMs: number,
    { onWaited }: KeyQuery,
  ): Promise<JwksFetchResult> {
    const flightMs = Math.max(0, awaited.startedAt + FETCH_TIMEOUT_MS - now());
    const askedAt = now();
    const result = await within(awaited.result, Math.min(flightMs, patienceMs));
    onWaited?.(now() - askedAt);
    // Our time is up, not the flight's: that says nothing about the issuer.
    if (result === undefined && patienceMs < flightMs) return TIMED_OUT;
    if (result === undefined) awaited.abandon();
    const outcome = result ?? TIMED_OUT;
    if (!outcome.ok && !awaited.inBackground) {
      const since = now();
      const ms = Math.min(FAILURE_COOLDOWN_MS, awaited.startedAt + RECOVERY_MS - since);
      failure = { since, ms, cause: outcome.cause };
    }
    return outcome;
  }

  /** A fetch that was waited for: one under way, or a new one unless the last has just failed. */
  async function refresh(query: KeyQuery): Promise<JwksFetchResult> {
    // With an old set to fall back on, the rest of the deadline is the table's.
    const limitMs = keySetWithin(maxAgeMs + maxStaleMs) === undefined ? Infinity : FETCH_TIMEOUT_MS;
    const endsAt = now() + limitMs;
    const patienceMs = (): number => Math.min(query.deadline.remainingMs(), endsAt - now());

    const joined = joinableFlight();
    if (joined !== undefined) {
      const outcome = await outcomeOf(joined, patienceMs(), query);
      if (outcome.ok || !joined.inBackground || !query.mayFetch) return outcome;
    }
    if (failure !== undefined && isNowWithin(failure)) return { ok: false, cause: failure.cause };
    return outcomeOf(joinableFlight() ?? start(false, query.kid), patienceMs(), query);
  }

  function refreshAhead(current: KeySet): void {
    const at = now();
    if (at - current.fetchedAt < maxAgeMs * REFRESH_AHEAD_AT) return;
    if (isNowWithin(refreshAheadPause) || joinableFlight() !== undefined) return;
    refreshAheadPause = { since: at, ms: REFRESH_AHEAD_INTERVAL_MS };
    start(true);
  }

  async function find(query: KeyQuery): Promise<KeyResult> {
    const { kid, mayFetch } = query;
    const current = keySetWithin(maxAgeMs);
    if (current?.has(kid) === true) {
      if (mayFetch) refreshAhead(current);
      return found(current, query, false);
    }
    if (!mayFetch && joinableFlight() === undefined) return NOT_FOUND;
    if (current !== undefined && isNowWithin(unknownKidCooldown)) return NOT_FOUND;
    const outcome = await refresh(query);
    // An old set serves only where the issuer was asked and could not answer.
    const serving = keySetWithin(outcome.ok ? maxAgeMs : maxAgeMs + maxStaleMs);
    if (serving?.has(kid) === true) {
      return found(serving, query, keySetWithin(maxAgeMs) === undefined);
    }
    if (!mayFetch) return NOT_FOUND;
    if (!outcome.ok) return { status: 'unavailable', cause: outcome.cause };
    // An answer that took longer than a maximum age of a second is too old to say no.
    return serving === undefined ? { status: 'unavailable', cause: 'timeout' } : NOT_FOUND;
  }

  async function prefetch(): Promise<void> {
    const { ok } = await start(true).result;
    if (ok) keySet?.importAll();
  }

  return { find, prefetch };
}

function found(keySet: KeySet, { kid, algorithm }: KeyQuery, stale: boolean): KeyResult {
  const key = keySet.usableKeys(kid).find(({ algorithms }) => algorithms.includes(algorithm));
  return key === undefined ? NOT_FOUND : { status: 'found', key, stale };
}
