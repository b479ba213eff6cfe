/**
 * Which keys occur twice in a file, in memory that does not grow with it: a Bloom filter names the
 * few keys that may have been there before, and a second look at those alone tells for sure.
 */
import { createHash } from 'node:crypto';

/** 4 MiB: of a million keys, some two hundred need the second look. */
const FILTER_BITS = 2 ** 25;

export class DuplicateFinder {
  readonly #filter = new Uint32Array(FILTER_BITS / 32);
  readonly #suspects = new Map<string, number | undefined>();

  /** The first look, at every key. */
  note(key: string): void {
    const digest = createHash('sha256').update(key).digest();
    let isNew = false;
    for (const offset of [0, 4, 8, 12]) {
      const bit = digest.readUInt32LE(offset) % FILTER_BITS;
      const word = this.#filter[bit >>> 5] ?? 0;
      const mask = 1 << (bit & 31);
      isNew ||= (word & mask) === 0;
      this.#filter[bit >>> 5] = word | mask;
    }
    if (!isNew) this.#suspects.set(key, undefined);
  }

  get hasSuspects(): boolean {
    return this.#suspects.size > 0;
  }

  /** The second look, in order: the line on which `key` was already, if it was. */
  earlierLine(key: string, line: number): number | undefined {
    if (!this.#suspects.has(key)) return undefined;
    const earlier = this.#suspects.get(key);
    if (earlier === undefined) this.#suspects.set(key, line);
    return earlier;
  }
}
