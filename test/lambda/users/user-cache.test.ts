/** What is kept of the table's answers, and for how long. */
import type { UserRow } from '../../../lambda/decision.ts';
import { createUserCache } from '../../../lambda/users/user-cache.ts';

const ROW: UserRow = {
  isActive: true,
  isAdmin: false,
  tokensValidAfter: undefined,
  roles: [],
  email: undefined,
  fullName: undefined,
};
const START = 1_700_000_000;
const FAR = START + 86_400;

let now: number;

beforeEach(() => {
  now = START;
});

const createCache = (ttlSeconds = 60, maxEntries?: number) =>
  createUserCache(ttlSeconds, () => now, maxEntries);

describe('a row', () => {
  it('is kept until a moment before the time to live is over', () => {
    const cache = createCache();
    cache.keepRow('alice', ROW, FAR);
    now = START + 59.999;
    expect(cache.rowOf('alice')).toBe(ROW);
  });

  it('is gone when the time to live is over', () => {
    const cache = createCache();
    cache.keepRow('alice', ROW, FAR);
    now = START + 60;
    expect(cache.rowOf('alice')).toBeUndefined();
  });

  it('does not outlive the token that it was read for', () => {
    const cache = createCache();
    cache.keepRow('alice', ROW, START + 10);
    now = START + 9.999;
    expect(cache.rowOf('alice')).toBe(ROW);
    now = START + 10;
    expect(cache.rowOf('alice')).toBeUndefined();
  });

  it('is not kept longer for having been used', () => {
    const cache = createCache();
    cache.keepRow('alice', ROW, FAR);
    now = START + 30;
    cache.rowOf('alice');
    now = START + 60;
    expect(cache.rowOf('alice')).toBeUndefined();
  });

  it('is not kept at all when the time to live is 0', () => {
    const cache = createCache(0);
    cache.keepRow('alice', ROW, FAR);
    expect(cache.rowOf('alice')).toBeUndefined();
  });

  it('is of one user alone', () => {
    const cache = createCache();
    cache.keepRow('alice', ROW, FAR);
    expect(cache.rowOf('Alice')).toBeUndefined();
  });

  it('can be dropped', () => {
    const cache = createCache();
    cache.keepRow('alice', ROW, FAR);
    cache.dropRow('alice');
    expect(cache.rowOf('alice')).toBeUndefined();
  });
});

describe('"not revoked"', () => {
  it('is kept by token, until a moment before the time to live is over', () => {
    const cache = createCache();
    cache.keepNotRevoked('issuer#1', FAR);
    now = START + 59.999;
    expect(cache.isKnownNotRevoked('issuer#1')).toBe(true);
    expect(cache.isKnownNotRevoked('issuer#2')).toBe(false);
  });

  it.each([
    ['the time to live is over', FAR, 60],
    ['the token has expired', START + 10, 10],
  ])('is forgotten when %s', (_, tokenExpiresAt, seconds) => {
    const cache = createCache();
    cache.keepNotRevoked('issuer#1', tokenExpiresAt);
    now = START + seconds;
    expect(cache.isKnownNotRevoked('issuer#1')).toBe(false);
  });

  it('is not kept at all when the time to live is 0', () => {
    const cache = createCache(0);
    cache.keepNotRevoked('issuer#1', FAR);
    expect(cache.isKnownNotRevoked('issuer#1')).toBe(false);
  });
});

describe('the bound', () => {
  it('drops the entry that was longest unused', () => {
    const cache = createCache(60, 2);
    cache.keepRow('first', ROW, FAR);
    cache.keepRow('second', ROW, FAR);
    cache.rowOf('first');
    cache.keepRow('third', ROW, FAR);
    const kept = ['first', 'second', 'third'].filter((id) => cache.rowOf(id) !== undefined);
    expect(kept).toEqual(['first', 'third']);
  });

  it('drops nothing when an entry is renewed', () => {
    const cache = createCache(60, 2);
    cache.keepRow('first', ROW, FAR);
    cache.keepRow('second', ROW, FAR);
    cache.keepRow('second', ROW, FAR);
    expect(cache.rowOf('first')).toBe(ROW);
  });

  it('is of each kind by itself', () => {
    const cache = createCache(60, 1);
    cache.keepRow('alice', ROW, FAR);
    cache.keepNotRevoked('issuer#1', FAR);
    expect(cache.rowOf('alice')).toBe(ROW);
  });

  it('is 10,000 entries by default', () => {
    const cache = createCache();
    for (let user = 0; user <= 10_000; user += 1) cache.keepRow(`user-${user}`, ROW, FAR);
    expect(cache.rowOf('user-0')).toBeUndefined();
    expect(cache.rowOf('user-1')).toBe(ROW);
  });
});
