/** The cache of an issuer's keys, on a clock and with an issuer that the tests control. */
import crypto from 'node:crypto';
import { createKeySource, type KeyQuery, type KeyResult } from '../../../lambda/keys/key-source.ts';
import { ControlledFetch } from '../../support/controlled-fetch.ts';
import { createKey, signToken, type TestKey } from '../../support/issuer.ts';
import { decomposeUnverifiedJwt } from '../../../lambda/token/jwt.ts';

const ISSUER = 'https://issuer.example';
const URI = 'https://issuer.example/jwks.json';
const MAX_AGE_MS = 600_000;
const MAX_STALE_MS = 3_600_000;
const HOUR_MS = 3_600_000;

let issuer: ControlledFetch;
let key: TestKey;
/** What `random` returns: 0.5 makes the long cooldown 30 s sharp. */
let random: number;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_700_000_000_000, doNotFake: ['nextTick', 'queueMicrotask'] });
  issuer = new ControlledFetch();
  key = createKey();
  random = 0.5;
});

afterEach(() => {
  const timersLeftRunning = jest.getTimerCount();
  jest.useRealTimers();
  if (timersLeftRunning > 0) throw new Error(`${timersLeftRunning} timers were left running`);
});

interface Options {
  readonly maxAgeSeconds?: number;
  readonly maxStaleSeconds?: number;
}

function createSource({ maxAgeSeconds = 600, maxStaleSeconds = 3600 }: Options = {}) {
  return createKeySource(
    { issuer: ISSUER, audiences: [], clientIds: ['app'], jwksUri: URI },
    {
      jwksMaxAgeSeconds: maxAgeSeconds,
      jwksMaxStaleSeconds: maxStaleSeconds,
      clockToleranceSeconds: 5,
    },
    { fetchJwks: issuer.fetchJwks, now: Date.now, random: () => random },
  );
}

type Source = ReturnType<typeof createSource>;

/** A query as the first step of an invocation that has 2.8 s. */
function query(kid: string, overrides: Partial<KeyQuery> = {}): KeyQuery {
  const endsAt = Date.now() + 2800;
  return {
    kid,
    algorithm: 'ES256',
    mayFetch: true,
    deadline: { remainingMs: () => Math.max(0, endsAt - Date.now()) },
    ...overrides,
  };
}

const find = (source: Source, kid = key.kid, overrides: Partial<KeyQuery> = {}) =>
  source.find(query(kid, overrides));

const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** Lambda freezes the process: the wall clock goes on, no timer fires. */
const freeze = (ms: number) => jest.setSystemTime(Date.now() + ms);

async function settledWithin(ms: number, promise: Promise<KeyResult>): Promise<KeyResult> {
  await advance(ms);
  return promise;
}

/** A source that has just fetched `keys`. */
async function warmSource(options: Options = {}, keys: readonly TestKey[] = [key]) {
  const source = createSource(options);
  issuer.publish(...keys);
  await find(source);
  return source;
}

/** Whether what was found accepts a token that `signer` has signed. */
function accepts(result: KeyResult, signer: TestKey): boolean {
  const claims = { iss: ISSUER, client_id: 'app', exp: Date.now() / 1000 + 60 };
  const jwt = decomposeUnverifiedJwt(signToken(claims, signer));
  return result.status === 'found' && jwt !== undefined && result.verify(jwt) === undefined;
}

describe('the first fetch', () => {
  it('asks the address of the key set', async () => {
    await warmSource();
    expect(issuer.latest.uri).toBe(URI);
  });

  it('finds a key that the set has', async () => {
    const source = await warmSource();
    expect(await find(source)).toMatchObject({ status: 'found', stale: false });
  });

  it('does not find a kid that the set lacks', async () => {
    const source = createSource();
    issuer.publish(key);
    expect(await find(source, 'unknown')).toEqual({ status: 'not_found' });
  });

  it('is one for requests that come together', async () => {
    const source = createSource();
    const results = Promise.all([find(source), find(source), find(source, 'unknown')]);
    issuer.latest.answer(key);
    expect((await results).map(({ status }) => status)).toEqual(['found', 'found', 'not_found']);
    expect(issuer.count).toBe(1);
  });

  it('is unavailable with the cause when the fetch fails', async () => {
    issuer.breakDown('http_status');
    expect(await find(createSource())).toEqual({ status: 'unavailable', cause: 'http_status' });
  });

  it('is unavailable with cause timeout after 1.5 s', async () => {
    const result = find(createSource());
    expect(await settledWithin(1500, result)).toEqual({ status: 'unavailable', cause: 'timeout' });
    expect(issuer.latest.abandoned).toBe(true);
  });

  it('waits 1,499 ms', async () => {
    const result = find(createSource());
    await advance(1499);
    issuer.latest.answer(key);
    expect(await result).toMatchObject({ status: 'found' });
  });

  it('waits no longer than the invocation has time', async () => {
    const result = find(createSource(), key.kid, { deadline: { remainingMs: () => 400 } });
    expect(await settledWithin(400, result)).toEqual({ status: 'unavailable', cause: 'timeout' });
  });

  it('goes on without an invocation whose time is up, and arms no cooldown', async () => {
    const source = createSource();
    const impatient = find(source, key.kid, { deadline: { remainingMs: () => 400 } });
    await settledWithin(400, impatient);
    expect(issuer.latest.abandoned).toBe(false);
    const next = find(source);
    issuer.latest.answer(key);
    expect(await next).toMatchObject({ status: 'found' });
    expect(issuer.count).toBe(1);
  });

  it('tells how long it was waited for', async () => {
    const waits: number[] = [];
    const result = find(createSource(), key.kid, { onWaited: (ms) => waits.push(ms) });
    await advance(120);
    issuer.latest.answer(key);
    await result;
    expect(waits).toEqual([120]);
  });

  it('tells nothing of waiting when the key is known', async () => {
    const source = await warmSource();
    const waits: number[] = [];
    await find(source, key.kid, { onWaited: (ms) => waits.push(ms) });
    expect(waits).toEqual([]);
  });
});

describe('the prefetch at init', () => {
  it('serves the first request', async () => {
    const source = createSource();
    void source.prefetch();
    issuer.latest.answer(key);
    expect(await find(source)).toMatchObject({ status: 'found' });
    expect(issuer.count).toBe(1);
  });

  it('is joined by the first request while it is under way', async () => {
    const source = createSource();
    void source.prefetch();
    const result = find(source);
    issuer.latest.answer(key);
    expect(await result).toMatchObject({ status: 'found' });
    expect(issuer.count).toBe(1);
  });

  it('resolves when the keys are there, and not before', async () => {
    const source = createSource();
    let done = false;
    const prefetched = source.prefetch().then(() => (done = true));
    await advance(0);
    expect(done).toBe(false);
    issuer.latest.answer(key);
    await prefetched;
    expect(await find(source)).toMatchObject({ status: 'found' });
  });

  it.each(['connection', 'bad_json'] as const)(
    'resolves also when it fails (%s)',
    async (cause) => {
      const source = createSource();
      issuer.breakDown(cause);
      await expect(source.prefetch()).resolves.toBeUndefined();
    },
  );

  it('has the keys imported when it resolves, so that no token waits for that', async () => {
    const importing = jest.spyOn(crypto, 'createPublicKey');
    const source = createSource();
    issuer.publish(key, createKey());
    await source.prefetch();
    expect(importing).toHaveBeenCalledTimes(2);
    expect(accepts(await find(source), key)).toBe(true);
    expect(importing).toHaveBeenCalledTimes(2);
    importing.mockRestore();
  });

  it('resolves when a later fetch replaces it', async () => {
    const source = createSource();
    const prefetched = source.prefetch();
    const replaced = source.prefetch();
    issuer.latest.answer(key);
    await expect(Promise.all([prefetched, replaced])).resolves.toBeDefined();
  });

  it('arms no cooldown when it fails', async () => {
    const source = createSource();
    void source.prefetch();
    issuer.latest.fail('connection');
    await advance(0);
    issuer.publish(key);
    expect(await find(source)).toMatchObject({ status: 'found' });
  });

  it('that fails under a waiting request is asked again for it', async () => {
    const source = createSource();
    void source.prefetch();
    const result = find(source);
    issuer.publish(key);
    issuer.flights[0]?.fail('connection');
    expect(await result).toMatchObject({ status: 'found' });
    expect(issuer.count).toBe(2);
  });

  it('that hangs leaves a request the rest of its own time', async () => {
    const source = createSource();
    void source.prefetch();
    const result = find(source);
    await advance(1500);
    expect(issuer.count).toBe(2);
    issuer.latest.answer(key);
    expect(await result).toMatchObject({ status: 'found' });
  });
});

describe('the maximum age', () => {
  it('is not yet over after exactly JWKS_MAX_AGE_SECONDS', async () => {
    const source = await warmSource();
    issuer.hang();
    freeze(MAX_AGE_MS);
    expect(await find(source)).toMatchObject({ status: 'found', stale: false });
  });

  it('is over a millisecond later, and a fetch is awaited', async () => {
    const source = await warmSource();
    issuer.hang();
    freeze(MAX_AGE_MS + 1);
    const result = find(source);
    await advance(1);
    issuer.latest.answer(key);
    expect(await result).toMatchObject({ status: 'found', stale: false });
    expect(issuer.count).toBe(2);
  });

  it('ends the trust in a key that the issuer removed', async () => {
    const other = createKey();
    const source = await warmSource({}, [key, other]);
    issuer.publish(other);
    freeze(MAX_AGE_MS + 1);
    expect(await find(source)).toEqual({ status: 'not_found' });
  });

  it('ends the trust in a key that was replaced under its kid, and begins that in the new one', async () => {
    const source = await warmSource();
    const replacement = createKey('ES256', key.kid);
    issuer.publish(replacement);
    freeze(MAX_AGE_MS + 1);
    const result = await find(source);
    expect([key, replacement].map((signer) => accepts(result, signer))).toEqual([false, true]);
  });

  it('holds after hours of sleep: nothing is verified until a fetch was awaited', async () => {
    const source = await warmSource({ maxStaleSeconds: 86_400 });
    issuer.hang();
    freeze(5 * HOUR_MS);
    let settled = false;
    const result = find(source).finally(() => (settled = true));
    await advance(1499);
    expect(settled).toBe(false);
    await advance(1);
    expect(await result).toMatchObject({ status: 'found', stale: true });
  });

  it('counts from the question, not from the answer', async () => {
    const source = createSource({ maxAgeSeconds: 2, maxStaleSeconds: 0 });
    const first = find(source);
    await advance(1400);
    issuer.latest.answer(key);
    await first;
    freeze(601);
    await Promise.all([find(source), advance(0).then(() => issuer.latest.answer(key))]);
    expect(issuer.count).toBe(2);
  });

  it.each([0, 3600])(
    'makes a set unusable that took longer to arrive, without calling it a no (%d)',
    async (maxStaleSeconds) => {
      const source = createSource({ maxAgeSeconds: 1, maxStaleSeconds });
      const result = find(source);
      await advance(1001);
      issuer.latest.answer(key);
      expect(await result).toEqual({ status: 'unavailable', cause: 'timeout' });
    },
  );

  it('does not trust a set from the future, of which nobody knows the age', async () => {
    const source = await warmSource();
    issuer.breakDown();
    jest.setSystemTime(Date.now() - HOUR_MS);
    expect(await find(source)).toEqual({ status: 'unavailable', cause: 'connection' });
  });
});

describe('the refresh ahead', () => {
  const AHEAD_MS = 0.75 * MAX_AGE_MS;

  it('does not begin before three quarters of the maximum age', async () => {
    const source = await warmSource();
    freeze(AHEAD_MS - 1);
    await find(source);
    expect(issuer.count).toBe(1);
  });

  it('begins then, and the request does not wait for it', async () => {
    const source = await warmSource();
    issuer.hang();
    freeze(AHEAD_MS);
    expect(await find(source)).toMatchObject({ status: 'found', stale: false });
    expect(issuer.count).toBe(2);
  });

  it('renews the set', async () => {
    const source = await warmSource();
    freeze(AHEAD_MS);
    await find(source);
    await advance(0);
    freeze(MAX_AGE_MS - 1);
    issuer.hang();
    expect(await find(source)).toMatchObject({ status: 'found', stale: false });
  });

  it('is one, however many requests come', async () => {
    const source = await warmSource();
    issuer.hang();
    freeze(AHEAD_MS);
    await Promise.all([find(source), find(source), find(source)]);
    expect(issuer.count).toBe(2);
  });

  it.each([
    ['not before', 4999, 2],
    ['again after', 5000, 3],
  ])('that failed is tried %s %i ms', async (_, ms, fetches) => {
    const source = await warmSource();
    issuer.breakDown();
    freeze(AHEAD_MS);
    await find(source);
    await advance(0);
    freeze(ms);
    await find(source);
    expect(issuer.count).toBe(fetches);
  });

  it('that fails on thaw arms no cooldown', async () => {
    const source = await warmSource();
    issuer.hang();
    freeze(AHEAD_MS);
    await find(source);
    freeze(HOUR_MS / 2);
    issuer.latest.fail('connection');
    await advance(0);
    issuer.publish(key);
    expect(await find(source)).toMatchObject({ status: 'found', stale: false });
    expect(issuer.count).toBe(3);
  });

  it('that hangs while the set grows too old costs a request 1.5 s at most', async () => {
    const source = await warmSource();
    issuer.hang();
    freeze(MAX_AGE_MS);
    await find(source);
    await advance(100);
    const result = find(source);
    expect(await settledWithin(1500, result)).toMatchObject({ status: 'found', stale: true });
  });
});

describe('a flight of an earlier invocation', () => {
  function withFrozenFlight(ageMs: number) {
    const source = createSource();
    void source.prefetch();
    freeze(ageMs);
    return source;
  }

  it('is joined while it is younger than the timeout', async () => {
    const source = withFrozenFlight(1499);
    const result = find(source);
    expect(issuer.count).toBe(1);
    issuer.latest.answer(key);
    expect(await result).toMatchObject({ status: 'found' });
  });

  it('is abandoned for a new one when it is as old as the timeout', async () => {
    const source = withFrozenFlight(1500);
    const result = find(source);
    expect(issuer.count).toBe(2);
    expect(issuer.flights[0]?.abandoned).toBe(true);
    issuer.latest.answer(key);
    expect(await result).toMatchObject({ status: 'found' });
  });

  it('that answers late does not overwrite what a newer one brought', async () => {
    const source = withFrozenFlight(HOUR_MS);
    const replacement = createKey('ES256', key.kid);
    const result = find(source);
    issuer.latest.answer(replacement);
    await result;
    issuer.flights[0]?.answer(key);
    await advance(0);
    const afterwards = await find(source);
    expect([key, replacement].map((signer) => accepts(afterwards, signer))).toEqual([false, true]);
  });

  it('that answers after hours is as old as its question and verifies nothing', async () => {
    const source = withFrozenFlight(HOUR_MS);
    issuer.latest.answer(key);
    await advance(0);
    issuer.publish();
    expect(await find(source)).toEqual({ status: 'not_found' });
    expect(issuer.count).toBe(2);
  });
});

describe('after a failed fetch', () => {
  async function failedSource() {
    const source = createSource();
    issuer.breakDown('http_status');
    await find(source);
    return source;
  }

  it('nothing is fetched for 999 ms, and the cause stays the same', async () => {
    const source = await failedSource();
    issuer.publish(key);
    freeze(999);
    expect(await find(source)).toEqual({ status: 'unavailable', cause: 'http_status' });
    expect(issuer.count).toBe(1);
  });

  it('the issuer is asked again after 1,000 ms', async () => {
    const source = await failedSource();
    issuer.publish(key);
    freeze(1000);
    expect(await find(source)).toMatchObject({ status: 'found' });
  });

  it('by timeout, the issuer is asked again two seconds after that fetch began', async () => {
    const source = createSource();
    await settledWithin(1500, find(source));
    issuer.publish(key);
    freeze(499);
    expect(await find(source)).toMatchObject({ status: 'unavailable' });
    freeze(1);
    expect(await find(source)).toMatchObject({ status: 'found' });
  });

  it('the cooldown does not outlast a clock that is set back', async () => {
    const source = await failedSource();
    issuer.publish(key);
    jest.setSystemTime(Date.now() - HOUR_MS);
    expect(await find(source)).toMatchObject({ status: 'found' });
  });

  it('a kid that the fresh set lacks is unavailable, not a no', async () => {
    const source = await warmSource();
    freeze(1000);
    issuer.breakDown();
    expect(await find(source, 'unknown')).toEqual({ status: 'unavailable', cause: 'connection' });
  });

  it('known kids go on verifying without a fetch', async () => {
    const source = await warmSource();
    freeze(1000);
    issuer.breakDown();
    await find(source, 'unknown');
    expect(await find(source)).toMatchObject({ status: 'found', stale: false });
    expect(issuer.count).toBe(2);
  });
});

describe('a stale set', () => {
  it('serves until JWKS_MAX_STALE_SECONDS after the maximum age, the last millisecond included', async () => {
    const source = await warmSource();
    issuer.breakDown();
    freeze(MAX_AGE_MS + MAX_STALE_MS);
    expect(await find(source)).toMatchObject({ status: 'found', stale: true });
  });

  it('does not serve a millisecond longer', async () => {
    const source = await warmSource();
    issuer.breakDown();
    freeze(MAX_AGE_MS + MAX_STALE_MS + 1);
    expect(await find(source)).toEqual({ status: 'unavailable', cause: 'connection' });
  });

  it('does not serve at all when JWKS_MAX_STALE_SECONDS is 0', async () => {
    const source = await warmSource({ maxStaleSeconds: 0 });
    issuer.breakDown();
    freeze(MAX_AGE_MS + 1);
    expect(await find(source)).toEqual({ status: 'unavailable', cause: 'connection' });
  });

  it('serves at full speed during the cooldown', async () => {
    const source = await warmSource();
    issuer.breakDown();
    freeze(MAX_AGE_MS + 1);
    await find(source);
    issuer.hang();
    expect(await find(source)).toMatchObject({ status: 'found', stale: true });
    expect(issuer.count).toBe(2);
  });

  it('leaves an unknown kid unavailable', async () => {
    const source = await warmSource();
    issuer.breakDown();
    freeze(MAX_AGE_MS + 1);
    expect(await find(source, 'unknown')).toMatchObject({ status: 'unavailable' });
  });

  it('is replaced within two seconds of the recovery of an issuer that hung', async () => {
    const source = await warmSource();
    freeze(MAX_AGE_MS + 1);
    issuer.hang();
    const caught = find(source);
    issuer.publish(key);
    await settledWithin(1500, caught);
    freeze(500);
    expect(await find(source)).toMatchObject({ status: 'found', stale: false });
  });
});

describe('kids that the set lacks', () => {
  it('cause a fetch at once, however short ago the last one was', async () => {
    const source = await warmSource();
    const rotated = createKey();
    issuer.publish(key, rotated);
    expect(await find(source, rotated.kid)).toMatchObject({ status: 'found' });
  });

  it('cause a fetch at once again after one that brought a new kid', async () => {
    const source = await warmSource();
    const rotated = [createKey(), createKey()] as const;
    issuer.publish(key, rotated[0]);
    await find(source, rotated[0].kid);
    issuer.publish(key, ...rotated);
    expect(await find(source, rotated[1].kid)).toMatchObject({ status: 'found' });
  });

  it('cause at most one fetch a second when each set takes away what the last one brought', async () => {
    const [one, other] = [createKey(), createKey()] as const;
    const source = await warmSource({}, [key, one]);
    for (let attempt = 0; attempt < 20; attempt += 1) {
      freeze(100);
      const wanted = attempt % 2 === 0 ? other : one;
      issuer.publish(key, wanted);
      await find(source, wanted.kid);
    }
    expect(issuer.count).toBe(1 + 2);
  });

  it('cause a fetch a second after one in vain', async () => {
    const source = await warmSource();
    await find(source, 'unknown');
    const rotated = createKey();
    issuer.publish(key, rotated);
    freeze(1000);
    expect(await find(source, rotated.kid)).toMatchObject({ status: 'found' });
  });

  it('cause no fetch 999 ms after one in vain', async () => {
    const source = await warmSource();
    await find(source, 'unknown');
    freeze(999);
    expect(await find(source, 'another')).toEqual({ status: 'not_found' });
    expect(issuer.count).toBe(2);
  });

  it('cause no second fetch after the first of all, when that was in vain', async () => {
    const source = createSource();
    issuer.publish(key);
    await find(source, 'unknown');
    expect(await find(source, 'another')).toEqual({ status: 'not_found' });
    expect(issuer.count).toBe(1);
  });

  it('cause at most one fetch a second, three times', async () => {
    const source = await warmSource();
    for (let attempt = 0; attempt < 30; attempt += 1) {
      freeze(100);
      await find(source, `made-up-${attempt}`);
    }
    expect(issuer.count).toBe(1 + 3);
  });

  it('do not slow down known ones', async () => {
    const source = await warmSource();
    freeze(1000);
    issuer.hang();
    const attack = find(source, 'made-up');
    expect(await find(source)).toMatchObject({ status: 'found', stale: false });
    issuer.latest.answer(key);
    await attack;
  });

  async function afterThreeFruitlessFetches() {
    const source = await warmSource();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      freeze(1000);
      await find(source, 'made-up');
    }
    expect(issuer.count).toBe(4);
    return source;
  }

  it.each([
    [0, 24_000],
    [0.5, 30_000],
    [0.999_999, 35_999],
  ])(
    'cause a fetch only every 30 s after three in vain, give or take a fifth (%d)',
    async (r, ms) => {
      random = r;
      const source = await afterThreeFruitlessFetches();
      freeze(ms - 1);
      await find(source, 'made-up');
      expect(issuer.count).toBe(4);
      freeze(1 + 1);
      await find(source, 'made-up');
      expect(issuer.count).toBe(5);
    },
  );

  it('are asked for again each second after a fetch that brought a new kid', async () => {
    const source = await afterThreeFruitlessFetches();
    const rotated = createKey();
    issuer.publish(key, rotated);
    freeze(30_000);
    expect(await find(source, rotated.kid)).toMatchObject({ status: 'found' });
    freeze(1000);
    await find(source, 'made-up');
    expect(issuer.count).toBe(6);
  });

  it('count as found in vain also when the fetch removed a key', async () => {
    const source = await warmSource({}, [key, createKey()]);
    issuer.publish(key);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      freeze(1000);
      await find(source, 'made-up');
    }
    expect(issuer.count).toBe(4);
  });

  it('do not keep a new key out when the set is renewed for another reason', async () => {
    const source = await afterThreeFruitlessFetches();
    const rotated = createKey();
    issuer.publish(key, rotated);
    freeze(MAX_AGE_MS + 1);
    await find(source);
    expect(await find(source, rotated.kid)).toMatchObject({ status: 'found' });
  });

  it('are asked for at once after the clock was set back', async () => {
    const source = await afterThreeFruitlessFetches();
    jest.setSystemTime(Date.now() - 1000);
    const rotated = createKey();
    issuer.publish(key, rotated);
    expect(await find(source, rotated.kid)).toMatchObject({ status: 'found' });
  });
});

describe('a token that has expired', () => {
  const expired = { mayFetch: false };

  it('causes no fetch, and its key is not found', async () => {
    expect(await find(createSource(), key.kid, expired)).toEqual({ status: 'not_found' });
    expect(issuer.count).toBe(0);
  });

  it('renews no set ahead of its age', async () => {
    const source = await warmSource();
    freeze(MAX_AGE_MS - 1);
    expect(await find(source, key.kid, expired)).toMatchObject({ status: 'found' });
    expect(issuer.count).toBe(1);
  });

  it('causes no fetch with an unknown kid either', async () => {
    const source = await warmSource();
    freeze(1000);
    expect(await find(source, 'unknown', expired)).toEqual({ status: 'not_found' });
    expect(issuer.count).toBe(1);
  });

  it('finds a known key', async () => {
    const source = await warmSource();
    expect(await find(source, key.kid, expired)).toMatchObject({ status: 'found' });
  });

  it('may wait for a fetch that is under way, and starts no other when that fails', async () => {
    const source = createSource();
    void source.prefetch();
    const result = find(source, key.kid, expired);
    issuer.latest.fail('connection');
    expect(await result).toEqual({ status: 'not_found' });
    expect(issuer.count).toBe(1);
  });

  it('is not verified by a set past its maximum age', async () => {
    const source = await warmSource();
    freeze(MAX_AGE_MS + 1);
    expect(await find(source, key.kid, expired)).toEqual({ status: 'not_found' });
  });
});

describe('the keys of a set', () => {
  async function findAmong(jwks: readonly Record<string, unknown>[], kid = key.kid) {
    const source = createSource();
    issuer.publish(...jwks.map((jwk) => ({ jwk })));
    return find(source, kid);
  }

  it('are found beside keys that make no sense', async () => {
    const junk = [{}, { kid: 7 }, { kid: '' }, { kty: 'EC', kid: key.kid, crv: 'P-256' }];
    expect(await findAmong([...junk, key.jwk])).toMatchObject({ status: 'found' });
  });

  it('that make no sense are not found', async () => {
    const { x: _, ...withoutX } = key.jwk;
    expect(await findAmong([withoutX])).toEqual({ status: 'not_found' });
  });

  it('are not found for an algorithm that they do not fit', async () => {
    const source = await warmSource();
    const result = await find(source, key.kid, { algorithm: 'RS256' });
    expect(result).toEqual({ status: 'not_found' });
  });

  it('are told apart by type under one kid', async () => {
    const rsa = createKey('RS256', key.kid);
    const source = await warmSource({}, [rsa, key]);
    expect(accepts(await find(source), key)).toBe(true);
    expect(accepts(await find(source, key.kid, { algorithm: 'RS256' }), rsa)).toBe(true);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'do not include a prototype: kid %s',
    async (kid) => {
      expect(await findAmong([key.jwk], kid)).toEqual({ status: 'not_found' });
    },
  );
});
