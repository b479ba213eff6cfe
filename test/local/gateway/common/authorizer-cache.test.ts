import { AuthorizerCache } from '../../../../local/gateway/common/authorizer-cache.ts';

const KEY = { apiId: 'api', stage: 'prod', authorizerId: 'auth', identity: ['a', 'b'] };

function cacheAt(start = 1_000_000) {
  const clock = { now: start };
  return { clock, cache: new AuthorizerCache<string>(() => clock.now) };
}

it('keeps an answer until it is as old as its time to live', () => {
  const { cache, clock } = cacheAt();
  cache.set(KEY, 'answer', 60);
  clock.now += 59_999;
  expect(cache.get(KEY)).toBe('answer');
  clock.now += 1;
  expect(cache.get(KEY)).toBeUndefined();
});

it('keeps nothing for 0 seconds', () => {
  const { cache } = cacheAt();
  cache.set(KEY, 'answer', 0);
  expect(cache.get(KEY)).toBeUndefined();
});

it.each([
  ['API', { apiId: 'other' }],
  ['stage', { stage: 'test' }],
  ['authorizer', { authorizerId: 'other' }],
  ['identity', { identity: ['a', 'c'] }],
  ['split of the identity', { identity: ['a,b'] }],
  ['order of the identity', { identity: ['b', 'a'] }],
])('tells another %s apart', (_what, changes) => {
  const { cache } = cacheAt();
  cache.set(KEY, 'answer', 60);
  expect(cache.get({ ...KEY, ...changes })).toBeUndefined();
});

it('flushes one stage and leaves the others', () => {
  const { cache } = cacheAt();
  const other = { ...KEY, stage: 'prod2' };
  cache.set(KEY, 'answer', 60);
  cache.set(other, 'other', 60);
  cache.flush(KEY);
  expect([cache.get(KEY), cache.get(other)]).toEqual([undefined, 'other']);
});

it('flushes everything', () => {
  const { cache } = cacheAt();
  cache.set(KEY, 'answer', 60);
  cache.flush();
  expect(cache.get(KEY)).toBeUndefined();
});
