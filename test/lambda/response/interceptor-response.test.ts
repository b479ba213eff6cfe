import type { Decision } from '../../../lambda/decision.ts';
import {
  parseInterceptorEvent,
  type InterceptedRequest,
} from '../../../lambda/request/interceptor.ts';
import {
  interceptorResult,
  type InterceptorOptions,
} from '../../../lambda/response/interceptor-response.ts';
import type { UserRow } from '../../../lambda/decision.ts';
import { decide } from '../../../lambda/decision.ts';
import { accessPolicy, found, NOT_FOUND, NOW, verifiedToken } from '../../support/evidence.ts';
import { loadEvent } from '../../support/events.ts';

function intercepted(
  overrides: Partial<InterceptedRequest> = {},
  name = 'agentcore',
): InterceptedRequest {
  const request = parseInterceptorEvent(loadEvent(name));
  if (request === undefined) throw new Error('Not recognised');
  return { ...request, ...overrides };
}

function allow(row: Partial<UserRow> = {}, userId = 'alice'): Decision {
  return decide(verifiedToken({ userId }), found(row), accessPolicy(), NOW);
}

const REFUSED: Decision = { outcome: 'unauthenticated', reason: 'token_expired' };
const FORBIDDEN = decide(verifiedToken(), NOT_FOUND, accessPolicy(), NOW);
const UNAVAILABLE: Decision = { outcome: 'unavailable', reason: 'directory_unavailable' };

interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body: unknown;
}
interface Passed {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

function responseTo(
  decision: Decision,
  request = intercepted(),
  options: InterceptorOptions = {},
): Response {
  const result = interceptorResult(decision, request, options);
  const exchange = ('mcp' in result ? result.mcp : result.http) as {
    readonly transformedGatewayResponse: Response;
  };
  expect(Object.keys(exchange)).toEqual(['transformedGatewayResponse']);
  return exchange.transformedGatewayResponse;
}

function passedOn(
  decision: Decision,
  request = intercepted(),
  options: InterceptorOptions = {},
): Passed {
  const result = interceptorResult(decision, request, options);
  const exchange = ('mcp' in result ? result.mcp : result.http) as {
    readonly transformedGatewayRequest: Passed;
  };
  expect(Object.keys(exchange)).toEqual(['transformedGatewayRequest']);
  return exchange.transformedGatewayRequest;
}

describe('a request that is let through', () => {
  it('goes on in the shape that it came in', () => {
    expect(interceptorResult(allow(), intercepted(), {})).toMatchObject({
      interceptorOutputVersion: '1.0',
      mcp: { transformedGatewayRequest: {} },
    });
    expect(interceptorResult(allow(), intercepted({}, 'agentcore-http'), {})).toMatchObject({
      interceptorOutputVersion: '1.0',
      http: { transformedGatewayRequest: {} },
    });
  });

  it.each(['agentcore', 'agentcore-http'])('keeps its body as it came (%s)', (name) => {
    const request = intercepted({}, name);
    expect(passedOn(allow(), request).body).toBe(request.body);
  });

  it('says who calls', () => {
    const row = { isAdmin: true, roles: ['ops', 'dev'] };
    expect(passedOn(allow(row)).headers).toMatchObject({
      'X-Rollcall-User': 'alice',
      'X-Rollcall-Admin': 'true',
      'X-Rollcall-Roles': 'ops,dev',
      'X-Rollcall-Reason': 'user_found',
    });
  });

  it('names no roles of one who has none', () => {
    expect(passedOn(allow()).headers).toMatchObject({
      'X-Rollcall-Admin': 'false',
      'X-Rollcall-Roles': '',
    });
  });

  it("keeps the client's other headers, and none under the prefix in any case", () => {
    const headers = {
      Authorization: 'Bearer a.b.c',
      'Mcp-Session-Id': 's',
      'X-Rollcall-User': 'mallory',
      'x-rollcall-admin': 'true',
      'X-ROLLCALL-ROLES': 'admin',
      'x-rollcall-anything': 'else',
    };
    expect(passedOn(allow(), intercepted({ headers })).headers).toEqual({
      Authorization: 'Bearer a.b.c',
      'Mcp-Session-Id': 's',
      'X-Rollcall-User': 'alice',
      'X-Rollcall-Admin': 'false',
      'X-Rollcall-Roles': '',
      'X-Rollcall-Reason': 'user_found',
    });
  });

  it('says it under another prefix', () => {
    const headers = { 'x-caller-user': 'mallory', 'X-Rollcall-User': 'theirs' };
    const options = { identityHeaderPrefix: 'X-Caller-' };
    const passed = passedOn(allow(), intercepted({ headers }), options).headers;
    expect(passed).toMatchObject({ 'X-Caller-User': 'alice', 'X-Rollcall-User': 'theirs' });
    expect(passed).not.toHaveProperty('x-caller-user');
  });

  it.each([
    ['auth0|5f7c8ec7c33c6c004bbafe82', 'auth0|5f7c8ec7c33c6c004bbafe82'],
    ['ada+x@example.com', 'ada+x@example.com'],
    ['a\r\nX-Rollcall-Admin: true', 'a%0D%0AX-Rollcall-Admin:%20true'],
    ['50%', '50%25'],
    ['50%25', '50%2525'],
    ['Zoë 😀', 'Zo%C3%AB%20%F0%9F%98%80'],
  ])('writes the user id %j so that it cannot end its header', (userId, written) => {
    const value = passedOn(allow({}, userId)).headers['X-Rollcall-User'];
    expect(value).toBe(written);
    expect(decodeURIComponent(String(value))).toBe(userId);
  });
});

describe('a refusal', () => {
  it.each([
    [REFUSED, 401, 'Not authenticated'],
    [FORBIDDEN, 403, 'User not found'],
    [UNAVAILABLE, 503, 'Authorization is unavailable'],
  ])('of %j is a JSON-RPC error with the status %i', (decision, statusCode, message) => {
    expect(responseTo(decision)).toMatchObject({
      statusCode,
      headers: { 'Content-Type': 'application/json' },
      body: { jsonrpc: '2.0', id: 1, error: { code: statusCode, message } },
    });
  });

  it('repeats the id null where there is none', () => {
    expect(responseTo(REFUSED, intercepted({ rpcId: null })).body).toMatchObject({ id: null });
  });

  it('is JSON in base64 for an HTTP target', () => {
    const { body, contentType, statusCode } = responseTo(
      FORBIDDEN,
      intercepted({}, 'agentcore-http'),
    );
    expect(statusCode).toBe(403);
    expect(contentType).toBe('application/json');
    expect(JSON.parse(Buffer.from(String(body), 'base64').toString())).toEqual({
      detail: 'User not found',
    });
  });

  it('of a request that is too large is a 413', () => {
    const decision: Decision = {
      outcome: 'unavailable',
      reason: 'internal_error',
      cause: 'too_large',
    };
    expect(responseTo(decision, intercepted({ isTooLarge: true }))).toMatchObject({
      statusCode: 413,
      body: { error: { code: 413, message: 'Request is too large' } },
    });
  });
});

describe('the challenge', () => {
  const rules = {
    requiredScopes: ['mcp:tools'],
    resourceMetadataUrl: 'https://gateway.example.com/.well-known/oauth-protected-resource',
  };
  const challengeOf = (decision: Decision, options: InterceptorOptions = rules) =>
    responseTo(decision, intercepted(), options).headers['WWW-Authenticate'];

  it('of a 401 names the scopes and the metadata', () => {
    expect(challengeOf(REFUSED)).toBe(
      'Bearer scope="mcp:tools", resource_metadata="https://gateway.example.com/.well-known/oauth-protected-resource"',
    );
  });

  it('of a 401 is the bare scheme where nothing is known', () => {
    expect(challengeOf(REFUSED, {})).toBe('Bearer');
  });

  it('of a missing scope says so', () => {
    const missing = decide(verifiedToken(), found(), accessPolicy(rules), NOW);
    expect(challengeOf(missing)).toBe(
      'Bearer error="insufficient_scope", scope="mcp:tools", resource_metadata="https://gateway.example.com/.well-known/oauth-protected-resource"',
    );
  });

  it.each([FORBIDDEN, UNAVAILABLE])('is none for %j', (decision) => {
    expect(challengeOf(decision)).toBeUndefined();
  });
});
