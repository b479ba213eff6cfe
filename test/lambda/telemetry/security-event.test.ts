import { decide, type Decision } from '../../../lambda/decision.ts';
import { parseRequest } from '../../../lambda/request/request.ts';
import { decisionEvent, type DecisionEvent } from '../../../lambda/telemetry/security-event.ts';
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
    message: undefined,
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

it.each<[string, Decision]>([
  [
    `Platform admin ${ADMIN} entered without a row in the users table`,
    decide(verifiedToken({ subject: ADMIN, userId: ADMIN }), NOT_FOUND, accessPolicy(), NOW),
  ],
  [
    'User alice has no row in the users table and REQUIRE_USER_IN_DB=true',
    decide(verifiedToken(), NOT_FOUND, STRICT, NOW),
  ],
])('says: %s', (message, decision) => {
  expect(eventFor(decision).message).toBe(message);
});

it.each<[string, Decision]>([
  ['a denial', decide(verifiedToken(), NOT_FOUND, accessPolicy(), NOW)],
  ['a failed authentication', { outcome: 'unauthenticated', reason: 'token_missing' }],
  ['what could not be checked', { outcome: 'unavailable', reason: 'keys_unavailable' }],
])('spends no message on %s', (_, decision) => {
  expect(eventFor(decision).message).toBeUndefined();
});

it('shows every value of a token with its invisible characters', () => {
  const token = verifiedToken({ userId: 'alice\u200b', jti: 'a\nb' });
  expect(eventFor(decide(token, NOT_FOUND, STRICT, NOW))).toMatchObject({
    user_id: String.raw`alice\u{200b}`,
    jti: String.raw`a\u{a}b`,
    message: expect.stringContaining(String.raw`alice\u{200b}`),
  });
});

it('shows every value of a gateway so, too', () => {
  const request = REQUEST && {
    ...REQUEST,
    apiId: 'a\u202e',
    requestId: 'b\n',
    sourceIp: 'c\ud800',
  };
  const decision: Decision = { outcome: 'unauthenticated', reason: 'token_missing' };
  const event = decisionEvent({ decision, request, invocationId: 'i-1', durationMs: 0 }, plain);
  expect(event).toMatchObject({
    api_id: String.raw`a\u{202e}`,
    request_id: String.raw`b\u{a}`,
    source_ip: String.raw`c\u{d800}`,
  });
});

it('keeps a jti of the greatest length whole', () => {
  const jti = 'j'.repeat(512);
  expect(eventFor(decide(verifiedToken({ jti }), found(), accessPolicy(), NOW)).jti).toBe(jti);
});
