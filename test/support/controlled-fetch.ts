/** Fetches of key sets that end when, and how, the test says. */
import type { UnavailableCause } from '../../lambda/decision.ts';
import type { FetchJwks, JwksFetchResult } from '../../lambda/keys/jwks-fetch.ts';
import type { TestKey } from './issuer.ts';

/** One fetch under way. */
export interface ControlledFlight {
  readonly uri: string;
  readonly abandoned: boolean;
  /** The issuer answers with these keys. */
  answer(...keys: readonly Pick<TestKey, 'jwk'>[]): void;
  fail(cause: UnavailableCause): void;
}

export class ControlledFetch {
  /** Every fetch so far, oldest first. */
  readonly flights: ControlledFlight[] = [];
  /** Answers each further fetch at once; undefined leaves it under way. */
  always: JwksFetchResult | undefined;

  readonly fetchJwks: FetchJwks = (uri) => {
    let settle: (result: JwksFetchResult) => void = () => undefined;
    const result = new Promise<JwksFetchResult>((resolve) => (settle = resolve));
    let abandoned = false;
    this.flights.push({
      uri,
      get abandoned() {
        return abandoned;
      },
      answer: (...keys) => settle({ ok: true, keys: keys.map(({ jwk }) => jwk) }),
      fail: (cause) => settle({ ok: false, cause }),
    });
    if (this.always !== undefined) settle(this.always);
    return {
      result,
      abandon: () => {
        abandoned = true;
        settle({ ok: false, cause: 'timeout' });
      },
    };
  };

  get count(): number {
    return this.flights.length;
  }

  /** The newest fetch. */
  get latest(): ControlledFlight {
    const flight = this.flights.at(-1);
    if (flight === undefined) throw new Error('Nothing has been fetched');
    return flight;
  }

  /** From now on the issuer answers at once with these keys. */
  publish(...keys: readonly Pick<TestKey, 'jwk'>[]): void {
    this.always = { ok: true, keys: keys.map(({ jwk }) => jwk) };
  }

  /** From now on each fetch fails at once. */
  breakDown(cause: UnavailableCause = 'connection'): void {
    this.always = { ok: false, cause };
  }

  /** From now on no fetch ends. */
  hang(): void {
    this.always = undefined;
  }
}
