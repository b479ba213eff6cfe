/** Epoch milliseconds. The wall clock, because it goes on while Lambda has us frozen. */
export type Clock = () => number;

/**
 * A pause that is on for a while once it has begun. It keeps since when and for how long, not until
 * when: a clock that is set back would make a pause with an end last for hours.
 */
export class Pause {
  readonly #now: Clock;
  #since = 0;
  #ms = 0;

  constructor(now: Clock) {
    this.#now = now;
  }

  begin(ms: number): void {
    this.#since = this.#now();
    this.#ms = ms;
  }

  end(): void {
    this.#ms = 0;
  }

  get isOn(): boolean {
    const passedMs = this.#now() - this.#since;
    return passedMs >= 0 && passedMs < this.#ms;
  }
}
