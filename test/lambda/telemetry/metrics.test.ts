import { decide } from '../../../lambda/decision.ts';
import { countOf, inHundredths } from '../../../lambda/telemetry/metrics.ts';
import {
  accessPolicy,
  ADMIN,
  found,
  NOT_FOUND,
  NOW,
  verifiedToken,
} from '../../support/evidence.ts';

describe('countOf', () => {
  it('counts nothing when a user with a row enters', () => {
    expect(countOf(decide(verifiedToken(), found(), accessPolicy(), NOW))).toBeUndefined();
  });

  it('counts an entry by bootstrap', () => {
    const admin = verifiedToken({ subject: ADMIN, userId: ADMIN });
    expect(countOf(decide(admin, NOT_FOUND, accessPolicy(), NOW))).toBe('BootstrapEntries');
  });

  it('counts a request without a genuine token as a rejection', () => {
    expect(countOf({ outcome: 'unauthenticated', reason: 'signature_invalid' })).toBe('Rejections');
  });

  it.each([true, false])('counts a user without a row as one, strict or not', (requireUserInDb) => {
    const decision = decide(verifiedToken(), NOT_FOUND, accessPolicy({ requireUserInDb }), NOW);
    expect(countOf(decision)).toBe('Rejections');
  });

  it.each([
    ['directory_unavailable', 'DirectoryUnavailable'],
    ['keys_unavailable', 'KeysUnavailable'],
    ['internal_error', 'InternalErrors'],
  ] as const)('counts %s as %s, and as no rejection', (reason, name) => {
    expect(countOf({ outcome: 'unavailable', reason })).toBe(name);
  });
});

it.each([
  [0, 0],
  [1.234, 1.23],
  [1.236, 1.24],
  [1000, 1000],
])('writes %d ms as %d', (ms, expected) => {
  expect(inHundredths(ms)).toBe(expected);
});
