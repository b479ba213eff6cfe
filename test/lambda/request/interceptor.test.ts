import {
  MAX_PAYLOAD_BYTES,
  parseInterceptorEvent,
  type InterceptedRequest,
} from '../../../lambda/request/interceptor.ts';
import type { JsonObject } from '../../../lambda/json.ts';
import { parseRequest } from '../../../lambda/request/request.ts';
import { loadEvent } from '../../support/events.ts';

interface Request {
  readonly headers?: unknown;
  readonly body?: unknown;
}

const HEADERS = { Authorization: 'Bearer a.b.c' };

function mcp(request: Request): JsonObject {
  return {
    interceptorInputVersion: '1.0',
    mcp: { gatewayRequest: { headers: HEADERS, ...request } },
  };
}

function http(body: unknown, headers: unknown = HEADERS): JsonObject {
  return { interceptorInputVersion: '1.0', http: { gatewayRequest: { headers, body } } };
}

function base64(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
}

function parse(event: JsonObject): InterceptedRequest {
  const parsed = parseInterceptorEvent(event);
  if (parsed === undefined) throw new Error('Not recognised');
  return parsed;
}

const call = (name: unknown, id: unknown = 1): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {} },
});
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' };

describe('a REQUEST interceptor', () => {
  it('is recognised by two marks', () => {
    expect(parseRequest(loadEvent('agentcore'), { webSocketTokenSource: 'header' })).toMatchObject({
      kind: 'agentcore',
      token: { status: 'present', token: 'a.b.c' },
      resource: '',
      intercepted: {
        shape: 'mcp',
        rpcId: 1,
        isTooLarge: false,
        toolUse: { tools: ['Orders___get_order'], isUnclear: false },
      },
    });
  });

  it('is recognised in front of an HTTP target', () => {
    expect(parse(loadEvent('agentcore-http'))).toMatchObject({ shape: 'http', rpcId: null });
  });

  it.each<[string, JsonObject]>([
    ['a RESPONSE interceptor', loadEvent('agentcore-response')],
    ['another version', { ...mcp({}), interceptorInputVersion: '2.0' }],
    ['a version that is a number', { ...mcp({}), interceptorInputVersion: 1 }],
    ['both shapes', { ...mcp({}), ...http('') }],
    ['neither shape', { interceptorInputVersion: '1.0' }],
    ['no request', { interceptorInputVersion: '1.0', mcp: {} }],
    ['a request that is a list', { interceptorInputVersion: '1.0', mcp: { gatewayRequest: [] } }],
    ['a shape that is a list', { interceptorInputVersion: '1.0', mcp: [] }],
    ['an authorizer of a REST API', { ...loadEvent('rest-request'), ...mcp({}) }],
    ['an authorizer of an HTTP API', { ...loadEvent('http-v2'), ...mcp({}) }],
    ['an authorizer of AppSync', { ...loadEvent('appsync'), ...mcp({}) }],
  ])('is not taken for one: %s', (_what, event) => {
    expect(parseInterceptorEvent(event)).toBeUndefined();
    expect(parseRequest(event, { webSocketTokenSource: 'header' })).toBeUndefined();
  });
});

describe('the token', () => {
  const tokenOf = (headers: unknown) =>
    parseRequest(mcp({ headers }), { webSocketTokenSource: 'header' })?.token;

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])('is in %s', (name) => {
    expect(tokenOf({ [name]: 'bearer a.b.c' })).toEqual({ status: 'present', token: 'a.b.c' });
  });

  it.each([
    ['missing', { Accept: '*/*' }],
    ['malformed', { Authorization: 'Bearer a.b.c', authorization: 'Bearer a.b.c' }],
    ['malformed', { Authorization: 'Bearer a.b.c, Bearer d.e.f' }],
    ['malformed', { Authorization: 'Bearer  a.b.c' }],
    ['malformed', { Authorization: ['Bearer a.b.c'] }],
    ['malformed', { Authorization: 'a.b.c' }],
    ['too_large', { Authorization: `Bearer ${'a'.repeat(8193)}` }],
  ])('is %s in %j', (status, headers) => {
    expect(tokenOf(headers)).toEqual({ status });
  });
});

describe('the headers', () => {
  it.each([undefined, null, {}, [], 'Authorization: Bearer a.b.c'])(
    'are not passed: %j',
    (headers) => {
      expect(parse(mcp({ headers })).headers).toBeUndefined();
    },
  );
});

describe('the id of the request', () => {
  it.each([0, 7, 'seven', ''])('is repeated: %j', (id) => {
    expect(parse(mcp({ body: call('t', id) })).rpcId).toBe(id);
  });

  it.each([
    ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized' }],
    ['a batch', [call('t')]],
    ['an id of another type', call('t', { a: 1 })],
    ['no body', undefined],
  ])('is null for %s', (_what, body) => {
    expect(parse(mcp({ body })).rpcId).toBeNull();
  });

  it('is null for an HTTP target', () => {
    expect(parse(http(base64(call('t')))).rpcId).toBeNull();
  });
});

describe('the tools', () => {
  const toolUse = (body: unknown, headers: JsonObject = {}) =>
    parse(mcp({ body, headers: { ...HEADERS, ...headers } })).toolUse;
  const NONE = { tools: [], isUnclear: false };

  it.each<[string, unknown]>([
    ['tools/list', LIST],
    ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized' }],
    ['a response', { jsonrpc: '2.0', id: 3, result: { name: 'tools/call' } }],
    ['no body', undefined],
    ['text', 'tools/call'],
    ['an inherited method', Object.create({ method: 'tools/call' })],
  ])('are none in %s', (_what, body) => {
    expect(toolUse(body)).toEqual(NONE);
  });

  it('are read from a batch, all of them', () => {
    expect(toolUse([call('a'), LIST, call('b')])).toEqual({ tools: ['a', 'b'], isUnclear: false });
  });

  it('are read from a body that is still text', () => {
    expect(toolUse(JSON.stringify(call('a')))).toEqual({ tools: ['a'], isUnclear: false });
  });

  it.each([undefined, null, '', 7, ['a'], { toString: 'a' }])(
    'are unclear by the name %j',
    (name) => {
      expect(toolUse(call(name))).toEqual({ tools: [], isUnclear: true });
    },
  );

  it.each([{ method: 'tools/call' }, { method: 'tools/call', params: ['a'] }])(
    'are unclear without params: %j',
    (body) => {
      expect(toolUse(body).isUnclear).toBe(true);
    },
  );

  it('are unclear where one call of a batch is', () => {
    expect(toolUse([call('a'), call(undefined)])).toEqual({ tools: ['a'], isUnclear: true });
  });

  it.each<[boolean, unknown, JsonObject]>([
    [false, call('a'), { 'Mcp-Method': 'tools/call', 'Mcp-Name': 'a' }],
    [false, LIST, { 'mcp-method': 'tools/list' }],
    [
      false,
      { method: 'resources/read', params: { uri: 'r' } },
      { 'Mcp-Method': 'resources/read', 'Mcp-Name': 'r' },
    ],
    [true, call('a'), { 'Mcp-Name': 'b' }],
    [true, call('a'), { 'Mcp-Name': ['a'] }],
    [true, call('a'), { 'Mcp-Name': 'a', 'mcp-name': 'b' }],
    [true, call('a'), { 'Mcp-Method': 'tools/list' }],
    [true, LIST, { 'Mcp-Method': 'tools/call', 'Mcp-Name': 'a' }],
    [true, undefined, { 'Mcp-Method': 'tools/call', 'Mcp-Name': 'a' }],
    [true, [], { 'Mcp-Method': 'tools/call' }],
    [true, [LIST, call('a')], { 'Mcp-Method': 'tools/call' }],
  ])('are unclear (%s) where the headers differ: %j, %j', (isUnclear, body, headers) => {
    expect(toolUse(body, headers).isUnclear).toBe(isUnclear);
  });

  it('are read from JSON on its way to an HTTP target', () => {
    expect(parse(http(base64(call('a')))).toolUse).toEqual({ tools: ['a'], isUnclear: false });
  });

  it('are read behind a byte order mark', () => {
    const body = base64(`\uFEFF${JSON.stringify(call('a'))}`);
    expect(parse(http(body)).toolUse.tools).toEqual(['a']);
  });

  it.each(['', 'not JSON', base64('not JSON'), undefined, 7])(
    'are none in %j for an HTTP target',
    (body) => {
      expect(parse(http(body)).toolUse).toEqual(NONE);
    },
  );
});

describe('the size', () => {
  /** An event that together with its answer has `bytes`. */
  const eventOfSize = (bytes: number): JsonObject => {
    const size = (event: JsonObject): number => {
      const { gatewayRequest } = event['http'] as { readonly gatewayRequest: JsonObject };
      return JSON.stringify(event).length + JSON.stringify(gatewayRequest).length;
    };
    const rest = bytes - size(http(''));
    // The body counts twice; an odd rest goes into a header that counts twice as well, and the path.
    const event = http('a'.repeat(Math.floor(rest / 2)));
    return size(event) === bytes ? event : { ...event, x: 'a'.repeat(bytes - size(event) - 7 + 0) };
  };

  it('may be all that Lambda takes, and no byte more', () => {
    const even = MAX_PAYLOAD_BYTES - (MAX_PAYLOAD_BYTES % 2);
    const fits = eventOfSize(even);
    expect(parse(fits).isTooLarge).toBe(false);
    const { http: exchange } = fits as {
      readonly http: { readonly gatewayRequest: { readonly body: string } };
    };
    expect(parse(http(`${exchange.gatewayRequest.body}a`)).isTooLarge).toBe(true);
  });

  it('counts bytes, not characters', () => {
    expect(parse(http('é'.repeat(MAX_PAYLOAD_BYTES / 4))).isTooLarge).toBe(true);
  });
});
