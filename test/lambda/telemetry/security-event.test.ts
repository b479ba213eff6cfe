import { decide, type Decision } from '../../../lambda/decision.ts';
import { parseRequest } from '../../../lambda/request/request.ts';
import {
  cleanValue,
  decisionEvent,
  inHundredths,
  type DecisionEvent,
} from '../../../lambda/telemetry/security-event.ts';
import {
  accessPolicy,
  ADMIN,
  found,
  NOT_FOUND,
  NOW,
  verifiedToken,
} from '../../support/evidence.ts';
import { eventOf } from '../../support/events.ts';

const REQUEST = parseRequest(eventOf('rest-request', 'Bearer a.b.c'), {
  webSocketTokenSource: 'header',
});
const STRICT = accessPolicy({ requireUserInDb: true });
const plain = (userId: string): string => userId;

function eventFor(decision: Decision, showUserId = plain): DecisionEvent {
  return decisionEvent(
    { decision, request: REQUEST, invocationId: 'invocation-1', durationMs: 1.23456 },
    showUserId,
  );
}

it('says everything about a decision', () => {
  expect(eventFor(decide(verifiedToken(), found(), accessPolicy(), NOW))).toEqual({
    security_event: 'access_granted',
    level: 'INFO',
    message: 'Access granted',
    outcome: 'allow',
    reason: 'user_found',
    user_id: 'alice',
    issuer: 'https://issuer.example.com',
    jti: 'token-1',
    event_kind: 'rest-request',
    api_id: 'abc123defg',
    request_id: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    source_ip: '203.0.113.9',
    duration_ms: 1.23,
    cause: undefined,
    attribute: undefined,
  });
});

it('names the issuer of a token that was not verified', () => {
  const decision: Decision = { outcome: 'unavailable', reason: 'keys_unavailable' };
  const record = { decision, request: REQUEST, invocationId: undefined, durationMs: 1 };
  const event = decisionEvent({ ...record, issuer: 'https://issuer.example.com' }, plain);
  expect(event.issuer).toBe('https://issuer.example.com');
});

it.each<[string, string, Decision]>([
  ['access_denied', 'WARN', decide(verifiedToken(), NOT_FOUND, accessPolicy(), NOW)],
  ['authentication_failed', 'WARN', { outcome: 'unauthenticated', reason: 'token_expired' }],
  [
    'authorization_unavailable',
    'ERROR',
    { outcome: 'unavailable', reason: 'directory_unavailable', cause: 'throttled' },
  ],
  ['user_not_in_db_rejected', 'WARN', decide(verifiedToken(), NOT_FOUND, STRICT, NOW)],
  [
    'platform_admin_bootstrap',
    'INFO',
    decide(verifiedToken({ subject: ADMIN, userId: ADMIN }), NOT_FOUND, accessPolicy(), NOW),
  ],
])('is %s at level %s', (name, level, decision) => {
  expect(eventFor(decision)).toMatchObject({ security_event: name, level });
});

it('names the user and the setting when strict mode rejects', () => {
  const { message } = eventFor(decide(verifiedToken(), NOT_FOUND, STRICT, NOW));
  expect(message).toContain('alice');
  expect(message).toContain('REQUIRE_USER_IN_DB');
});

it('writes the user as it is told to, in the message as well', () => {
  const event = eventFor(decide(verifiedToken(), NOT_FOUND, STRICT, NOW), () => 'digest');
  expect(event.user_id).toBe('digest');
  expect(JSON.stringify(event)).not.toContain('alice');
});

it('names nobody whose token was not verified', () => {
  const event = eventFor({ outcome: 'unauthenticated', reason: 'signature_invalid' });
  expect([event.user_id, event.issuer, event.jti]).toEqual([undefined, undefined, undefined]);
});

it('gives the cause and the attribute of what could not be checked', () => {
  const unavailable: Decision = {
    outcome: 'unavailable',
    reason: 'directory_unavailable',
    cause: 'bad_row',
    attribute: 'roles',
    token: verifiedToken(),
  };
  expect(eventFor(unavailable)).toMatchObject({
    cause: 'bad_row',
    attribute: 'roles',
    user_id: 'alice',
  });
});

it("uses the invocation's id where the event has none", () => {
  const request = parseRequest(eventOf('rest-token', 'Bearer a.b.c'), {
    webSocketTokenSource: 'header',
  });
  const decision: Decision = { outcome: 'unauthenticated', reason: 'token_expired' };
  const event = decisionEvent({ decision, request, invocationId: 'i-1', durationMs: 0 }, plain);
  expect(event.request_id).toBe('i-1');
});

it('says that an event was of no known kind', () => {
  const decision: Decision = { outcome: 'unavailable', reason: 'internal_error' };
  const event = decisionEvent(
    { decision, request: undefined, invocationId: undefined, durationMs: 0 },
    plain,
  );
  expect(event).toMatchObject({ event_kind: 'unknown', api_id: undefined });
});

describe('cleanValue', () => {
  it.each([
    ['a line break', 'a\nb', 'ab'],
    ['a carriage return', 'a\r\nb', 'ab'],
    ['NUL', 'a\u0000b', 'ab'],
    ['an escape sequence', 'a\u001b[31mb', 'a[31mb'],
    ['a C1 control', 'a\u0085b', 'ab'],
    ['a line separator', 'a\u2028b\u2029c', 'abc'],
    ['a right-to-left override', 'a\u202eb', 'ab'],
    ['a zero-width space', 'a\u200bb', 'ab'],
    ['half a surrogate pair', 'a\ud800b', 'ab'],
  ])('strips %s', (_, value, cleaned) => {
    expect(cleanValue(value)).toBe(cleaned);
  });

  it('keeps 256 characters', () => {
    expect(cleanValue('a'.repeat(256))).toBe('a'.repeat(256));
  });

  it('keeps no more', () => {
    expect(cleanValue('a'.repeat(257))).toBe('a'.repeat(256));
  });

  it('leaves whole characters outside the BMP alone', () => {
    expect(cleanValue('a😀b')).toBe('a😀b');
  });

  it('leaves no half of one at the limit', () => {
    expect(cleanValue(`${'a'.repeat(255)}😀`)).toBe('a'.repeat(255));
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
