/** Facts about `security-event.ts` that changes to it once got past the tests with. */
import { decide, type Decision } from '../../../lambda/decision.ts';
import { cleanValue, decisionEvent } from '../../../lambda/telemetry/security-event.ts';
import {
  accessPolicy,
  ADMIN,
  found,
  NOT_FOUND,
  NOW,
  verifiedToken,
} from '../../support/evidence.ts';

function messageOf(decision: Decision): string {
  const record = { decision, request: undefined, invocationId: undefined, durationMs: 0 };
  return decisionEvent(record, (userId) => userId).message;
}

const token = verifiedToken();
const admin = verifiedToken({ subject: ADMIN, userId: ADMIN });
const strict = accessPolicy({ requireUserInDb: true });

it.each([
  ['Access granted', decide(token, found(), accessPolicy(), NOW)],
  ['Access denied', decide(token, NOT_FOUND, accessPolicy(), NOW)],
  ['Authentication failed', { outcome: 'unauthenticated', reason: 'token_missing' }],
  ['Authorization could not be checked', { outcome: 'unavailable', reason: 'keys_unavailable' }],
  [
    `Platform admin ${ADMIN} entered without a row in the users table`,
    decide(admin, NOT_FOUND, accessPolicy(), NOW),
  ],
  [
    'User alice has no row in the users table and REQUIRE_USER_IN_DB=true',
    decide(token, NOT_FOUND, strict, NOW),
  ],
] as const)('says: %s', (message, decision) => {
  expect(messageOf(decision)).toBe(message);
});

it('looks at no more than the first thousand characters of a value', () => {
  expect(cleanValue(`${'\u0000'.repeat(1023)}x`)).toBe('x');
  expect(cleanValue(`${'\u0000'.repeat(1024)}x`)).toBe('');
});
