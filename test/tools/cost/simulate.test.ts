/** Traffic through the cache and the environments, where the outcome is known beforehand. */
import { createRandom, createZipf, exponential } from '../../../tools/cost/random.ts';
import { simulate, type Service, type Traffic } from '../../../tools/cost/simulate.ts';

const traffic: Traffic = {
  requestsPerSecond: 50,
  users: 100,
  zipfExponent: 1,
  tokenLifetimeSeconds: 3600,
  cacheTtlSeconds: 0,
  simulatedSeconds: 200,
  warmUpSeconds: 100,
};
const service: Service = { warmMs: 8, coldMs: 300, idleSeconds: 300 };

const run = (changes: Partial<Traffic> = {}, served: Partial<Service> = {}, seed = 1) =>
  simulate({ ...traffic, ...changes }, { ...service, ...served }, createRandom(seed));

it('says the same twice', () => {
  expect(run()).toEqual(run());
});

it('says something else with another seed', () => {
  expect(run({}, {}, 2).requests).not.toBe(run().requests);
});

it('counts about as many requests as the rate says', () => {
  const { requests } = run();
  expect(Math.abs(requests - 10_000)).toBeLessThan(400);
});

it('invokes for every request without a cache', () => {
  const { requests, invocations } = run();
  expect(invocations).toBe(requests);
});

it('invokes once for a user whose result is cached all along', () => {
  const { invocations } = run({
    users: 1,
    cacheTtlSeconds: 3600,
    tokenLifetimeSeconds: 1e9,
    warmUpSeconds: 0,
  });
  expect(invocations).toBe(1);
});

it('invokes once for each period of the cache for a busy user', () => {
  const { invocations } = run({ users: 1, cacheTtlSeconds: 10, tokenLifetimeSeconds: 1e9 });
  // 200 s in periods of 10 s and the wait for the next request
  expect(invocations).toBeGreaterThanOrEqual(19);
  expect(invocations).toBeLessThanOrEqual(20);
});

it('invokes again for a new token, whatever the cache says', () => {
  const { invocations } = run({ users: 1, cacheTtlSeconds: 3600, tokenLifetimeSeconds: 20 });
  expect(invocations).toBe(10);
});

it('invokes less the longer results are cached', () => {
  const counts = [0, 10, 100].map((cacheTtlSeconds) => run({ cacheTtlSeconds }).invocations);
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
});

it('counts nothing of the warm-up', () => {
  expect(run({ simulatedSeconds: 0 })).toMatchObject({ requests: 0, invocations: 0 });
});

it('starts cold each time when environments are gone at once', () => {
  const { invocations, coldStarts } = run({ requestsPerSecond: 0.5 }, { idleSeconds: 0 });
  expect(coldStarts).toBe(invocations);
});

it('starts cold no more once there are environments enough', () => {
  expect(run().coldStarts).toBe(0);
});

it('bills whole milliseconds', () => {
  const { invocations, milliseconds } = run({}, { warmMs: 7.2 });
  expect(milliseconds).toBe(invocations * 8);
});

it('bills a cold start in place of a warm one', () => {
  const { coldStarts, milliseconds } = run({ requestsPerSecond: 0.5 }, { idleSeconds: 0 });
  expect(milliseconds).toBe(coldStarts * 300);
});

it('needs as many environments as requests are served at once', () => {
  // 50 a second for a second each: some fifty
  const { peakEnvironments } = run({}, { warmMs: 1000, coldMs: 1000 });
  expect(peakEnvironments).toBeGreaterThan(50);
  expect(peakEnvironments).toBeLessThan(100);
});

it('meters the busiest user by the second', () => {
  const { hottestUserPerSecond } = run({ users: 1 });
  expect(hottestUserPerSecond).toBeGreaterThanOrEqual(50);
});

describe('random numbers', () => {
  it('lie in [0, 1)', () => {
    const random = createRandom(7);
    const numbers = Array.from({ length: 10_000 }, random);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  });

  it('of Zipf with exponent 0 take every user alike', () => {
    const counts = countDraws(4, 0);
    expect(counts.every((count) => Math.abs(count - 10_000) < 400)).toBe(true);
  });

  it('of Zipf with exponent 1 take the first twice as often as the second', () => {
    const [first = 0, second = 1] = countDraws(4, 1);
    expect(first / second).toBeGreaterThan(1.9);
    expect(first / second).toBeLessThan(2.1);
  });

  it('wait for one over the rate on average', () => {
    const random = createRandom(3);
    let total = 0;
    for (let index = 0; index < 10_000; index += 1) total += exponential(4, random);
    expect(total / 10_000).toBeGreaterThan(0.24);
    expect(total / 10_000).toBeLessThan(0.26);
  });

  function countDraws(users: number, exponent: number): number[] {
    const draw = createZipf(users, exponent, createRandom(5));
    const counts = Array.from({ length: users }, () => 0);
    for (let index = 0; index < 40_000; index += 1) {
      const user = draw();
      counts[user] = (counts[user] ?? 0) + 1;
    }
    return counts;
  }
});
