import { decide, type Decision } from '../../../lambda/decision.ts';
import {
  parseRequest,
  type AuthorizationRequest,
  type EventKind,
} from '../../../lambda/request/request.ts';
import { render, type Rendered } from '../../../lambda/response/response.ts';
import {
  accessPolicy,
  ADMIN,
  found,
  NOT_FOUND,
  NOW,
  verifiedToken,
} from '../../support/evidence.ts';
import { API_KINDS, eventOf } from '../../support/events.ts';

const SIMPLE = { httpResponseFormat: 'simple' } as const;
const POLICY = { httpResponseFormat: 'policy' } as const;

const ALLOW = decide(verifiedToken(), found({ isAdmin: true }), accessPolicy(), NOW);
const BOOTSTRAP = decide(
  verifiedToken({ subject: ADMIN, userId: ADMIN }),
  NOT_FOUND,
  accessPolicy(),
  NOW,
);
const FORBIDDEN = decide(verifiedToken(), NOT_FOUND, accessPolicy(), NOW);
const UNAUTHENTICATED: Decision = { outcome: 'unauthenticated', reason: 'token_expired' };
const UNAVAILABLE: Decision = { outcome: 'unavailable', reason: 'directory_unavailable' };

function requestOf(kind: EventKind): AuthorizationRequest {
  const request = parseRequest(eventOf(kind, 'Bearer a.b.c'), { webSocketTokenSource: 'header' });
  if (request === undefined) throw new Error(`${kind} was not recognised`);
  return request;
}

function returned(rendered: Rendered): unknown {
  return rendered.status === 'return' ? rendered.value : undefined;
}

function thrown(rendered: Rendered): Error | undefined {
  return rendered.status === 'throw' ? rendered.error : undefined;
}

const policyOf = (kind: EventKind, effect: 'Allow' | 'Deny') => ({
  policyDocument: {
    Version: '2012-10-17',
    Statement: [
      { Action: 'execute-api:Invoke', Effect: effect, Resource: requestOf(kind).resource },
    ],
  },
});

describe.each<EventKind>(['rest-token', 'rest-request', 'websocket'])('%s', (kind) => {
  it('allows with a policy on the whole stage', () => {
    expect(returned(render(ALLOW, requestOf(kind), SIMPLE))).toMatchObject({
      principalId: 'alice',
      ...policyOf(kind, 'Allow'),
      context: { userId: 'alice', isAdmin: true, reason: 'user_found', detail: 'Access granted' },
    });
  });

  it('denies with a policy on the whole stage', () => {
    expect(returned(render(FORBIDDEN, requestOf(kind), SIMPLE))).toMatchObject({
      principalId: 'alice',
      ...policyOf(kind, 'Deny'),
      context: { userId: 'alice', reason: 'user_not_found', detail: 'User not found' },
    });
  });

  it('throws exactly Unauthorized at a bad token', () => {
    expect(thrown(render(UNAUTHENTICATED, requestOf(kind), SIMPLE))?.message).toBe('Unauthorized');
  });
});

describe('http-v1', () => {
  it('allows with a policy', () => {
    expect(returned(render(ALLOW, requestOf('http-v1'), SIMPLE))).toMatchObject(
      policyOf('http-v1', 'Allow'),
    );
  });

  it.each([
    ['a bad token', UNAUTHENTICATED, 'unauthenticated'],
    ['a user who may not enter', FORBIDDEN, 'alice'],
  ])('denies %s with a policy', (_, decision, principalId) => {
    expect(returned(render(decision, requestOf('http-v1'), SIMPLE))).toMatchObject({
      principalId,
      ...policyOf('http-v1', 'Deny'),
    });
  });
});

describe('http-v2', () => {
  it('allows with a real boolean', () => {
    expect(returned(render(ALLOW, requestOf('http-v2'), SIMPLE))).toMatchObject({
      isAuthorized: true,
      context: { userId: 'alice' },
    });
  });

  it.each([
    ['a bad token', UNAUTHENTICATED, 'token_expired'],
    ['a user who may not enter', FORBIDDEN, 'user_not_found'],
  ])('denies %s with a real boolean', (_, decision, reason) => {
    expect(returned(render(decision, requestOf('http-v2'), SIMPLE))).toMatchObject({
      isAuthorized: false,
      context: { reason },
    });
  });

  it.each([
    ['allows', ALLOW, 'Allow'],
    ['denies', FORBIDDEN, 'Deny'],
    ['denies a bad token', UNAUTHENTICATED, 'Deny'],
  ] as const)('%s with a policy where that is the format', (_, decision, effect) => {
    expect(returned(render(decision, requestOf('http-v2'), POLICY))).toMatchObject(
      policyOf('http-v2', effect),
    );
  });
});

describe('appsync', () => {
  it('allows with a resolver context, and leaves the caching to the API', () => {
    expect(returned(render(ALLOW, requestOf('appsync'), SIMPLE))).toEqual({
      isAuthorized: true,
      resolverContext: expect.objectContaining({ userId: 'alice', isAdmin: true }),
    });
  });

  it('lets nobody cache a bootstrap entry', () => {
    expect(returned(render(BOOTSTRAP, requestOf('appsync'), SIMPLE))).toMatchObject({
      isAuthorized: true,
      ttlOverride: 0,
    });
  });

  it.each([
    ['a bad token', UNAUTHENTICATED],
    ['a user who may not enter', FORBIDDEN],
  ])('denies %s, and lets nobody cache that', (_, decision) => {
    expect(returned(render(decision, requestOf('appsync'), SIMPLE))).toEqual({
      isAuthorized: false,
      ttlOverride: 0,
    });
  });
});

describe('what could not be checked', () => {
  it.each(API_KINDS)('is thrown to %s, and not as Unauthorized', (kind) => {
    const error = thrown(render(UNAVAILABLE, requestOf(kind), SIMPLE));
    expect(error?.message).toBe('Authorization is unavailable');
  });

  it('is thrown where the event was of no known kind', () => {
    const error = thrown(render(UNAVAILABLE, undefined, SIMPLE));
    expect(error?.message).toBe('Authorization is unavailable');
  });

  it('is thrown without a request even for a decision', () => {
    expect(thrown(render(ALLOW, undefined, SIMPLE))?.message).toBe('Authorization is unavailable');
  });
});

it.each([
  ['Unauthorized', 'Unauthorized', UNAUTHENTICATED],
  ['AuthorizationUnavailable', 'Authorization is unavailable', UNAVAILABLE],
])('throws one constant called %s, whose stack is itself', (name, message, decision) => {
  const first = thrown(render(decision, requestOf('rest-token'), SIMPLE));
  expect(first).toBe(thrown(render(decision, requestOf('rest-token'), SIMPLE)));
  expect([first?.name, first?.message, first?.stack]).toEqual([
    name,
    message,
    `${name}: ${message}`,
  ]);
});
