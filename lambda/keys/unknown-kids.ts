/**
 * When not to ask an issuer again for a `kid` that its set lacks. Any outsider can make up a kid,
 * and an issuer whose servers disagree would otherwise be asked again and again.
 */
import type { KeySet } from './key-set.ts';
import { Pause, type Clock } from './pause.ts';

/** After a fetch for a kid that the new set lacks too, and after one that took kids away. */
const COOLDOWN_MS = 1000;
/** The same after `FRUITLESS_FETCHES` in a row, more or less a fifth, lest a fleet act as one. */
const LONG_COOLDOWN_MS = 30_000;
const FRUITLESS_FETCHES = 3;

export class UnknownKids {
  readonly #random: () => number;
  readonly #cooldown: Pause;
  #fruitlessFetches = 0;

  constructor(now: Clock, random: () => number) {
    this.#random = random;
    this.#cooldown = new Pause(now);
  }

  /** Whether a kid that the current set lacks is not worth a fetch for now. */
  get areCoolingDown(): boolean {
    return this.#cooldown.isOn;
  }

  /**
   * Takes note of a set that has been fetched.
   *
   * @param forKid the kid it was fetched for, if for one
   */
  fetched(fresh: KeySet, previous: KeySet | undefined, forKid: string | undefined): void {
    if (previous === undefined || fresh.hasKidUnknownTo(previous)) {
      this.#fruitlessFetches = 0;
      this.#cooldown.end();
    }
    if (forKid === undefined) return;
    if (!fresh.has(forKid)) {
      this.#fruitlessFetches += 1;
      this.#cooldown.begin(this.#cooldownMs());
    } else if (previous?.hasKidUnknownTo(fresh) === true) {
      this.#cooldown.begin(COOLDOWN_MS);
    }
  }

  #cooldownMs(): number {
    return this.#fruitlessFetches < FRUITLESS_FETCHES
      ? COOLDOWN_MS
      : LONG_COOLDOWN_MS * (0.8 + 0.4 * this.#random());
  }
}
