/**
 * A key set (RFC 7517 §5) as it was fetched, with the verifiers of its keys. A key is imported when
 * it is first asked for, or ahead of that: most sets hold keys that no token names.
 */
import type { UnauthenticatedReason } from '../decision.ts';
import type { JsonObject } from '../json.ts';
import type { Algorithm } from '../settings/grammar.ts';
import { readSigningKey, type SigningKey } from './jwk.ts';
import { KeyVerifier, type IssuerChecks, type SignedToken } from './key-verifier.ts';

/** How many keys that share a `kid` and fit the same algorithm are tried. */
const MAX_KEYS_TRIED = 4;
/** Real sets have fewer; a large one must not hold up the initialisation. */
const MAX_KIDS_IMPORTED_AHEAD = 32;

/** Verifies a token. Returns why it is rejected, or undefined (see `KeyVerifier.rejectionOf`). */
export type Verify = (token: SignedToken) => UnauthenticatedReason | undefined;

/** A key with the verifier that has it. */
interface VerifyingKey {
  readonly key: SigningKey;
  readonly verifier: KeyVerifier;
}

export class KeySet {
  /** Epoch milliseconds. */
  readonly fetchedAt: number;
  readonly #kids = new Set<string>();
  readonly #keys: ReadonlyMap<string, readonly VerifyingKey[]>;
  readonly #usable = new Map<string, readonly VerifyingKey[]>();

  /** @param jwks JSON objects; one without a `kid` can never be asked for */
  constructor(jwks: readonly JsonObject[], fetchedAt: number, checks: IssuerChecks) {
    this.fetchedAt = fetchedAt;
    for (const { kid } of jwks) {
      if (typeof kid === 'string' && kid !== '') this.#kids.add(kid);
    }
    this.#keys = withVerifiers(keysByKid(jwks), checks);
  }

  /** Whether any usable key has this `kid`. */
  has(kid: string): boolean {
    return this.#usableKeys(kid).length > 0;
  }

  /** Tries each key of this `kid` that fits the algorithm; undefined if there is none. */
  verifierFor(kid: string, algorithm: Algorithm): Verify | undefined {
    const keys = this.#usableKeys(kid)
      .filter(({ key }) => key.algorithms.includes(algorithm))
      .slice(0, MAX_KEYS_TRIED);
    if (keys.length === 0) return undefined;
    return (token) => {
      for (const { key, verifier } of keys) {
        const rejection = verifier.rejectionOf(token, key, algorithm);
        if (rejection !== 'signature_invalid') return rejection;
      }
      return 'signature_invalid';
    };
  }

  /** Imports the keys before the first token asks for one. */
  importAll(): void {
    for (const kid of [...this.#keys.keys()].slice(0, MAX_KIDS_IMPORTED_AHEAD)) {
      this.#usableKeys(kid);
    }
  }

  /** Whether `other` lacks a `kid` that this set has: a sign of rotation. */
  hasKidUnknownTo(other: KeySet): boolean {
    return [...this.#kids].some((kid) => !other.#kids.has(kid));
  }

  #usableKeys(kid: string): readonly VerifyingKey[] {
    const known = this.#usable.get(kid);
    if (known !== undefined) return known;
    const keys = this.#keys.get(kid);
    if (keys === undefined) return [];
    const usable = keys.filter(({ key, verifier }) => verifier.canImport(key));
    this.#usable.set(kid, usable);
    return usable;
  }
}

/** The keys that make sense, less those that would be the fifth for each of their algorithms. */
function keysByKid(jwks: readonly JsonObject[]): ReadonlyMap<string, readonly SigningKey[]> {
  const byKid = new Map<string, SigningKey[]>();
  for (const key of jwks.map(readSigningKey)) {
    if (key === undefined) continue;
    const sameKid = byKid.get(key.kid) ?? [];
    const isTried = key.algorithms.some(
      (algorithm) =>
        sameKid.filter(({ algorithms }) => algorithms.includes(algorithm)).length < MAX_KEYS_TRIED,
    );
    if (isTried) byKid.set(key.kid, [...sameKid, key]);
  }
  return byKid;
}

/**
 * One verifier for the whole set. The library finds one key per `kid`, so where a set has several
 * (RFC 7517 §4.5 allows it) a second verifier has the second key of each `kid`, and so on.
 */
function withVerifiers(
  byKid: ReadonlyMap<string, readonly SigningKey[]>,
  checks: IssuerChecks,
): ReadonlyMap<string, readonly VerifyingKey[]> {
  const layers: SigningKey[][] = [];
  for (const keys of byKid.values()) {
    for (const [nth, key] of keys.entries()) (layers[nth] ??= []).push(key);
  }
  const verifying = new Map<string, VerifyingKey[]>();
  for (const layer of layers) {
    const verifier = new KeyVerifier(layer, checks);
    for (const key of layer) {
      verifying.set(key.kid, [...(verifying.get(key.kid) ?? []), { key, verifier }]);
    }
  }
  return verifying;
}
