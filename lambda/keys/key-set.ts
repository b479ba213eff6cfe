/**
 * A key set (RFC 7517 §5) as it was fetched. A key is imported when it is first asked for, and
 * then kept: most sets hold keys that no token names.
 */
import { importSigningKey, type SigningKey } from './jwk.ts';
import type { JsonObject } from '../json.ts';

/** Real sets have fewer; a large one must not hold up the initialisation. */
const MAX_KIDS_IMPORTED_AHEAD = 32;

export class KeySet {
  /** Epoch milliseconds. */
  readonly fetchedAt: number;
  readonly #jwks = new Map<string, JsonObject[]>();
  readonly #usable = new Map<string, readonly SigningKey[]>();

  /** @param keys JSON objects; one without a `kid` can never be asked for */
  constructor(keys: readonly JsonObject[], fetchedAt: number) {
    this.fetchedAt = fetchedAt;
    for (const jwk of keys) {
      const kid = jwk['kid'];
      if (typeof kid === 'string' && kid !== '') {
        const sameKid = this.#jwks.get(kid);
        if (sameKid === undefined) this.#jwks.set(kid, [jwk]);
        else sameKid.push(jwk);
      }
    }
  }

  /** The keys under `kid` that make sense; RFC 7517 §4.5 allows one of each type. */
  usableKeys(kid: string): readonly SigningKey[] {
    const known = this.#usable.get(kid);
    if (known !== undefined) return known;
    const jwks = this.#jwks.get(kid);
    if (jwks === undefined) return [];
    const usable = jwks.map(importSigningKey).filter((key) => key !== undefined);
    this.#usable.set(kid, usable);
    return usable;
  }

  /** Imports the keys before the first token asks for one. */
  importAll(): void {
    for (const kid of [...this.#jwks.keys()].slice(0, MAX_KIDS_IMPORTED_AHEAD)) {
      this.usableKeys(kid);
    }
  }

  /** Whether any usable key has this `kid`. */
  has(kid: string): boolean {
    return this.usableKeys(kid).length > 0;
  }

  /** Whether `other` lacks a `kid` that this set has: a sign of rotation. */
  hasKidUnknownTo(other: KeySet): boolean {
    return [...this.#jwks.keys()].some((kid) => !other.#jwks.has(kid));
  }
}
