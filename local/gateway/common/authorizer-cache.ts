/**
 * The gateway's cache of authorizer answers. What is kept is the answer, not the verdict: each
 * request is evaluated afresh against its own ARN. Failures are never kept.
 */

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** Which answer: an authorizer of a stage, asked about one set of identity values. */
export interface CacheKey {
  readonly apiId: string;
  readonly stage: string;
  readonly authorizerId: string;
  readonly identity: readonly string[];
}

export class AuthorizerCache<T> {
  readonly #entries = new Map<string, { readonly answer: T; readonly expiresAt: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: CacheKey): T | undefined {
    const text = keyText(key);
    const entry = this.#entries.get(text);
    if (entry === undefined) return undefined;
    if (this.#clock() < entry.expiresAt) return entry.answer;
    this.#entries.delete(text);
    return undefined;
  }

  /** Keeps `answer` for `ttlSeconds`; 0 keeps nothing. */
  set(key: CacheKey, answer: T, ttlSeconds: number): void {
    if (ttlSeconds <= 0) return;
    this.#entries.set(keyText(key), { answer, expiresAt: this.#clock() + ttlSeconds * 1000 });
  }

  /** Forgets the answers of one stage, or of all, as FlushStageAuthorizersCache does. */
  flush(stage?: Pick<CacheKey, 'apiId' | 'stage'>): void {
    const prefix = stage === undefined ? '' : stageText(stage);
    for (const text of this.#entries.keys()) {
      if (text.startsWith(prefix)) this.#entries.delete(text);
    }
  }
}

function keyText(key: CacheKey): string {
  return stageText(key) + JSON.stringify([key.authorizerId, ...key.identity]);
}

function stageText({ apiId, stage }: Pick<CacheKey, 'apiId' | 'stage'>): string {
  return JSON.stringify([apiId, stage]);
}
