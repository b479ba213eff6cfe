import { decide, decideWithoutToken } from '../../../lambda/decision.ts';
import { countsOf } from '../../../lambda/telemetry/security-counts.ts';
import { accessPolicy, found, NOT_FOUND, NOW, verifiedToken } from '../../support/evidence.ts';

const strict = accessPolicy({ requireUserInDb: true });
const admin = accessPolicy({
  platformAdmin: { userId: 'alice', issuer: verifiedToken().issuer, expiresAt: undefined },
});

it('counts nothing when a user with a row enters', () => {
  expect(countsOf(decide(verifiedToken(), found(), accessPolicy(), NOW))).toEqual([]);
});

it('counts an entry by bootstrap', () => {
  expect(countsOf(decide(verifiedToken(), NOT_FOUND, admin, NOW))).toEqual(['BootstrapEntries']);
});

it('counts a request without a genuine token as a rejection', () => {
  const decision = decideWithoutToken({ status: 'rejected', reason: 'signature_invalid' });
  expect(countsOf(decision)).toEqual(['Rejections']);
});

it('counts a user without a row as a rejection', () => {
  expect(countsOf(decide(verifiedToken(), NOT_FOUND, accessPolicy(), NOW))).toEqual(['Rejections']);
});

it('counts such a user in strict mode as a rejection by it, too', () => {
  expect(countsOf(decide(verifiedToken(), NOT_FOUND, strict, NOW))).toEqual([
    'Rejections',
    'StrictRejections',
  ]);
});

it.each([
  ['directory_unavailable', 'DirectoryUnavailable'],
  ['keys_unavailable', 'KeysUnavailable'],
  ['internal_error', 'InternalErrors'],
] as const)('counts %s as %s, and as no rejection', (reason, name) => {
  expect(countsOf({ outcome: 'unavailable', reason })).toEqual([name]);
});
