/** No outsider gets in, and none makes the authorizer fail: for any input, not for chosen ones. */
import * as fc from 'fast-check';
import { EVENT_KINDS, eventOf } from '../support/events.ts';
import {
  anyEvent,
  anyText,
  change,
  forgedToken,
  headerMap,
  kind,
  multiValueMap,
  someClaims,
} from './arbitraries.ts';
import { openDoorway, type Answer, type Seen } from './doorway.ts';
import { holds, LONG_TIMEOUT_MS } from './runs.ts';

jest.setTimeout(LONG_TIMEOUT_MS);

const door = openDoorway();
const policyDoor = openDoorway({ HTTP_RESPONSE_FORMAT: 'policy' });
const doors = [
  door,
  policyDoor,
  openDoorway({ WEBSOCKET_TOKEN_SOURCE: 'subprotocol' }),
  openDoorway({ WEBSOCKET_TOKEN_SOURCE: 'query:token' }),
  openDoorway({ REQUIRE_JTI: 'true', JWT_TOKEN_USE: 'access', USER_CLAIM: 'email' }),
];
const anyDoor = fc.constantFrom(...doors);

/** What is left of a secret in what was recorded or answered. */
function leaks(secret: string, { text }: Seen): boolean {
  return secret.split('.').some((part) => part.length > 30 && text.includes(part));
}

const REFUSED: readonly Answer[] = ['deny', 'unauthorized'];

it('refuses any token that the issuer did not sign', async () => {
  await holds(
    'any token',
    fc.asyncProperty(anyDoor, kind, forgedToken, async (doorway, of, token) => {
      const seen = await doorway.send(eventOf(of, `Bearer ${token}`));
      expect(REFUSED).toContain(seen.answer);
      expect(leaks(token, seen)).toBe(false);
    }),
  );
});

it('refuses a genuine token that was changed anywhere', async () => {
  const genuine = door.token();
  await holds(
    'a changed token',
    fc.asyncProperty(
      kind,
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (of, changes) => {
        const token = changes.reduce((text, apply) => (text === '' ? text : apply(text)), genuine);
        fc.pre(token !== genuine);
        const seen = await door.send(eventOf(of, `Bearer ${token}`));
        expect(REFUSED).toContain(seen.answer);
        expect(leaks(genuine, seen)).toBe(false);
      },
    ),
  );
});

it('refuses any header maps without a genuine token in them', async () => {
  await holds(
    'any header map',
    fc.asyncProperty(
      anyDoor,
      fc.constantFrom('rest-request', 'http-v1', 'http-v2', 'websocket'),
      headerMap,
      multiValueMap,
      headerMap,
      async (doorway, of, headers, multiValueHeaders, queryStringParameters) => {
        const event = { ...eventOf(of, undefined), headers, multiValueHeaders };
        const seen = await doorway.send({ ...event, queryStringParameters });
        expect(REFUSED).toContain(seen.answer);
      },
    ),
  );
});

it('refuses any event without a genuine token, and fails at none that it knows', async () => {
  await holds(
    'any event',
    fc.asyncProperty(anyDoor, anyEvent, async (doorway, event) => {
      const { answer, kind: of } = await doorway.send(event);
      expect(of === 'unknown' ? ['unavailable'] : REFUSED).toContain(answer);
    }),
  );
});

it('refuses any intercepted request without a genuine token, and throws at none', async () => {
  const request = fc.record(
    { headers: fc.oneof(headerMap, fc.jsonValue()), body: fc.jsonValue(), path: fc.jsonValue() },
    { requiredKeys: [] },
  );
  await holds(
    'any intercepted request',
    fc.asyncProperty(
      anyDoor,
      fc.constantFrom('mcp', 'http'),
      request,
      async (doorway, shape, of) => {
        const seen = await doorway.send({
          interceptorInputVersion: '1.0',
          [shape]: { gatewayRequest: of },
        });
        expect(seen.kind).toBe('agentcore');
        expect([...REFUSED, 'unavailable']).toContain(seen.answer);
      },
    ),
  );
});

const TOOL_ROLES = { 'a*': 'never', b: ['never'] };
const toolDoor = openDoorway({ TOOL_ROLES: JSON.stringify(TOOL_ROLES) });

it('lets nobody call a tool without its role, however the call is written', async () => {
  const name = fc.oneof(
    fc.constantFrom('a', 'ab', 'b', 'c', '', null, 7, ['b'], { name: 'b' }),
    anyText,
  );
  const message = fc.record(
    {
      id: fc.constantFrom<unknown>(1, 'x', null),
      method: fc.constantFrom<unknown>('tools/call', 'tools/list', 'Tools/Call', 7),
      params: fc.oneof(fc.record({ name }, { requiredKeys: [] }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(message, fc.array(message, { maxLength: 3 }), fc.jsonValue());
  const headers = { Authorization: `Bearer ${toolDoor.token()}` };
  await holds(
    'any tool call',
    fc.asyncProperty(body, fc.boolean(), async (sent, isText) => {
      const seen = await toolDoor.send({
        interceptorInputVersion: '1.0',
        mcp: { gatewayRequest: { headers, body: isText ? JSON.stringify(sent) : sent } },
      });
      const messages = [sent].flat() as readonly ({ method?: unknown; params?: unknown } | null)[];
      const calls = messages.filter((one) => one?.method === 'tools/call');
      const mayCall = calls.every((one) => {
        const { name: tool } = (one?.params ?? {}) as { readonly name?: unknown };
        return typeof tool === 'string' && tool !== '' && tool !== 'b' && !tool.startsWith('a');
      });
      expect(seen.answer).toBe(mayCall ? 'allow' : 'deny');
    }),
  );
});

it('decides on any claims with a genuine signature', async () => {
  await holds(
    'any claims',
    fc.asyncProperty(anyDoor, kind, someClaims, async (doorway, of, claims) => {
      const token = doorway.token(claims);
      const seen = await doorway.send(eventOf(of, `Bearer ${token}`));
      expect(['allow', ...REFUSED]).toContain(seen.answer);
      expect(leaks(token, seen)).toBe(false);
    }),
  );
});

it('grants the stage whatever the path is', async () => {
  const prefix = 'arn:aws:execute-api:eu-central-1:111122223333:abc123/prod';
  const kinds = fc.constantFrom(
    ...EVENT_KINDS.filter((of) => of !== 'appsync' && of !== 'agentcore'),
  );
  const token = policyDoor.token();
  await holds(
    'any path',
    fc.asyncProperty(kinds, anyText, async (of, path) => {
      const name = of === 'http-v2' ? 'routeArn' : 'methodArn';
      const event = { ...eventOf(of, `Bearer ${token}`), [name]: `${prefix}/GET/${path}` };
      const { answer, resource } = await policyDoor.send(event);
      expect([answer, resource]).toEqual(['allow', `${prefix}/*`]);
    }),
  );
});

describe('the controls of these properties', () => {
  it.each(EVENT_KINDS)('let the genuine token in (%s)', async (of) => {
    const { answer } = await door.send(eventOf(of, `Bearer ${door.token()}`));
    expect(answer).toBe('allow');
  });

  it('reach every reason for which a token can be refused by itself', async () => {
    const reasons = new Set<string>();
    const tokens = fc.sample(forgedToken, { numRuns: 3000, seed: 1 });
    for (const token of tokens) {
      reasons.add((await door.send(eventOf('rest-token', `Bearer ${token}`))).reason);
    }
    expect([...reasons]).toEqual(
      expect.arrayContaining([
        'token_malformed',
        'token_too_large',
        'issuer_not_trusted',
        'algorithm_not_allowed',
        'key_not_found',
        'signature_invalid',
      ]),
    );
  });

  it('reach every reason for which claims can be refused', async () => {
    const reasons = new Set<string>();
    for (const claims of fc.sample(someClaims, { numRuns: 3000, seed: 1 })) {
      reasons.add((await door.send(eventOf('appsync', door.token(claims)))).reason);
    }
    expect([...reasons]).toEqual(
      expect.arrayContaining([
        'user_found',
        'token_malformed',
        'issuer_not_trusted',
        'claim_missing',
        'audience_mismatch',
        'token_expired',
      ]),
    );
  });
});
