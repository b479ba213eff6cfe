import { lookUp } from '../../../../local/gateway/common/identity-source.ts';
import { bearer, policy, type Program } from '../../support/authorizer-program.ts';
import { closeGateways, startGateway } from '../../support/gateway.ts';
import { v2Template } from '../../support/templates.ts';

const YES: Program = { returns: { isAuthorized: true } };
const CACHED = { AuthorizerResultTtlInSeconds: 300 };
/** An authorizer that answers with policies. */
const POLICIES = { EnableSimpleResponses: false };
const FORBIDDEN = [403, '{"message":"Forbidden"}'];
const FAILED = [500, '{"message":"Internal Server Error"}'];

afterEach(closeGateways);

describe('a simple response', () => {
  it('lets in with isAuthorized true', async () => {
    const gateway = await startGateway(v2Template());
    expect((await gateway.get('/orders', bearer(YES))).status).toBe(200);
  });

  it('answers 403 to isAuthorized false', async () => {
    const gateway = await startGateway(v2Template());
    const { status, body } = await gateway.get(
      '/orders',
      bearer({ returns: { isAuthorized: false } }),
    );
    expect([status, body]).toEqual(FORBIDDEN);
  });

  it.each(['false', 'true', 1, null, undefined])(
    'does not let in with isAuthorized %p, which is no boolean',
    async (isAuthorized) => {
      const gateway = await startGateway(v2Template());
      const { status, body } = await gateway.get('/orders', bearer({ returns: { isAuthorized } }));
      expect([status, body]).toEqual(FAILED);
    },
  );

  it('answers 500 to a policy where a simple response is due', async () => {
    const gateway = await startGateway(v2Template());
    const { status } = await gateway.get('/orders', bearer(policy('Allow', '{stage}/*')));
    expect(status).toBe(500);
  });

  it('hands a nested context on as it is', async () => {
    const gateway = await startGateway(v2Template());
    const token = bearer({
      returns: { isAuthorized: true, context: { n: 1, tenant: { id: 't1' } } },
    });
    const event = (await gateway.get('/orders', token)).json();
    expect(lookUp(event, 'requestContext.authorizer')).toEqual({
      lambda: { n: 1, tenant: { id: 't1' } },
    });
  });

  it('is cached for every route', async () => {
    const gateway = await startGateway(v2Template({ authorizer: CACHED }));
    await gateway.get('/orders', bearer(YES));
    expect((await gateway.get('/orders/1', bearer(YES))).status).toBe(200);
    expect(gateway.asked).toHaveLength(1);
  });

  it('is cached when it is a no', async () => {
    const gateway = await startGateway(v2Template({ authorizer: CACHED }));
    const token = bearer({ returns: { isAuthorized: false } });
    await gateway.get('/orders', token);
    expect((await gateway.get('/orders', token)).status).toBe(403);
    expect(gateway.asked).toHaveLength(1);
  });

  it('is cached for one route when the route key is an identity source', async () => {
    const gateway = await startGateway(
      v2Template({
        authorizer: {
          ...CACHED,
          IdentitySource: ['$request.header.Authorization', '$context.routeKey'],
        },
      }),
    );
    for (const path of ['/orders', '/orders/1', '/orders/2', '/orders']) {
      await gateway.get(path, bearer(YES));
    }
    expect(gateway.asked).toHaveLength(2);
  });
});

describe('a policy', () => {
  it('is evaluated for the route that is called', async () => {
    const gateway = await startGateway(v2Template({ authorizer: { ...POLICIES, ...CACHED } }));
    const token = bearer(policy('Allow', '{arn}'));
    expect((await gateway.get('/orders', token)).status).toBe(200);
    expect((await gateway.get('/orders/1', token)).status).toBe(403);
    expect(gateway.asked).toHaveLength(1);
  });

  it('answers 403 to a Deny', async () => {
    const gateway = await startGateway(v2Template({ authorizer: POLICIES }));
    const { status, body } = await gateway.get('/orders', bearer(policy('Deny', '{stage}/*')));
    expect([status, body]).toEqual(FORBIDDEN);
  });

  it('may carry a nested context in payload 2.0, and not in 1.0', async () => {
    const token = bearer(policy('Allow', '{stage}/*', { a: { b: 1 } }));
    const v2 = await startGateway(v2Template({ authorizer: POLICIES }));
    expect((await v2.get('/orders', token)).status).toBe(200);
    const v1 = await startGateway(
      v2Template({ authorizer: { ...POLICIES, AuthorizerPayloadFormatVersion: '1.0' } }),
    );
    expect((await v1.get('/orders', token)).status).toBe(500);
  });
});

describe('failures', () => {
  it('answers 401 without a call when the identity source is missing', async () => {
    const gateway = await startGateway(v2Template());
    const { status, body } = await gateway.get('/orders');
    expect([status, body]).toEqual([401, '{"message":"Unauthorized"}']);
    expect(gateway.asked).toHaveLength(0);
  });

  it.each(['Unauthorized', 'no'])('answers 500 to a throw of %p', async (throws) => {
    const gateway = await startGateway(v2Template());
    const { status, body } = await gateway.get('/orders', bearer({ throws }));
    expect([status, body]).toEqual(FAILED);
  });

  it('answers 500 when the authorizer takes too long', async () => {
    const gateway = await startGateway(v2Template({ authorizerFunction: { Timeout: 0.05 } }));
    expect((await gateway.get('/orders', bearer({ hangs: true }))).status).toBe(500);
  });

  it('answers 500 when no permission lets it call the authorizer', async () => {
    const gateway = await startGateway(v2Template({ without: ['AskPermission'] }));
    expect((await gateway.get('/orders', bearer(YES))).status).toBe(500);
  });

  it('answers 404 for a path that has no route', async () => {
    const gateway = await startGateway(v2Template());
    const { status, body } = await gateway.get('/elsewhere', bearer(YES));
    expect([status, body]).toEqual([404, '{"message":"Not Found"}']);
  });

  it('answers 500 when the backend fails', async () => {
    const gateway = await startGateway(
      v2Template({ backendSource: `exports.handler = async () => { throw new Error('no'); };` }),
    );
    const { status, body } = await gateway.get('/orders', bearer(YES));
    expect([status, body]).toEqual(FAILED);
  });
});

describe('events', () => {
  it('have lower-case names and joined values in payload 2.0, and no empty maps', async () => {
    const gateway = await startGateway(v2Template());
    await gateway.request('/orders/42?a=1&a=2', {
      headers: [
        ['AUTHORIZATION', bearer(YES)],
        ['X-One', '1'],
        ['x-one', '2'],
        ['Cookie', 's=1; t=2'],
      ],
    });
    const [event] = gateway.asked;
    expect(event).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      routeArn: `arn:aws:execute-api:us-east-1:000000000000:${gateway.apiId}/$default/GET/orders/42`,
      identitySource: [bearer(YES)],
      routeKey: 'GET /orders/{id}',
      rawPath: '/orders/42',
      rawQueryString: 'a=1&a=2',
      cookies: ['s=1', 't=2'],
      headers: { authorization: bearer(YES), 'x-one': '1,2' },
      queryStringParameters: { a: '1,2' },
      pathParameters: { id: '42' },
      requestContext: {
        apiId: gateway.apiId,
        stage: '$default',
        routeKey: 'GET /orders/{id}',
        http: { method: 'GET', path: '/orders/42', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        timeEpoch: Date.UTC(2030, 0, 31),
      },
    });
    expect(event).not.toHaveProperty('methodArn');
    expect(event).not.toHaveProperty('stageVariables');
    expect(event).not.toHaveProperty('multiValueHeaders');
    expect(lookUp(event, 'headers.cookie')).toBeUndefined();
  });

  it('join a repeated identity header with a comma', async () => {
    const gateway = await startGateway(v2Template());
    await gateway.request('/orders', {
      headers: [
        ['Authorization', bearer(YES)],
        ['Authorization', 'Bearer other'],
      ],
    });
    expect(gateway.asked[0]?.['identitySource']).toEqual([`${bearer(YES)},Bearer other`]);
  });

  it('look like those of REST in payload 1.0', async () => {
    const gateway = await startGateway(
      v2Template({ authorizer: { ...POLICIES, AuthorizerPayloadFormatVersion: '1.0' } }),
    );
    const token = bearer(policy('Allow', '{stage}/*'));
    await gateway.get('/orders/42?a=1&a=2', token);
    expect(gateway.asked[0]).toMatchObject({
      version: '1.0',
      type: 'REQUEST',
      methodArn: `arn:aws:execute-api:us-east-1:000000000000:${gateway.apiId}/$default/GET/orders/42`,
      identitySource: token,
      authorizationToken: token,
      resource: '/orders/{id}',
      path: '/orders/42',
      httpMethod: 'GET',
      headers: { Authorization: token },
      queryStringParameters: { a: '2' },
      multiValueQueryStringParameters: { a: ['1', '2'] },
      pathParameters: { id: '42' },
      stageVariables: {},
      requestContext: { stage: '$default', resourcePath: '/orders/{id}' },
    });
  });

  it('give a backend of format 1.0 the context as texts', async () => {
    const gateway = await startGateway(
      v2Template({ integration: { PayloadFormatVersion: '1.0' } }),
    );
    const token = bearer({ returns: { isAuthorized: true, context: { n: 1 } } });
    const event = (await gateway.get('/orders', token)).json();
    expect(lookUp(event, 'requestContext.authorizer')).toEqual({ n: '1' });
    expect(event['queryStringParameters']).toBeNull();
  });
});

describe('routes', () => {
  it('fall back to $default', async () => {
    const gateway = await startGateway(v2Template({ routes: ['GET /orders', '$default'] }));
    const event = (await gateway.get('/other', bearer(YES))).json();
    expect(event['routeKey']).toBe('$default');
  });

  it('prefer the verb to ANY', async () => {
    const gateway = await startGateway(v2Template({ routes: ['ANY /orders', 'GET /orders'] }));
    const event = (await gateway.get('/orders', bearer(YES))).json();
    expect(event['routeKey']).toBe('GET /orders');
  });

  it('of a named stage are below its name', async () => {
    const gateway = await startGateway(v2Template({ stages: ['beta'] }));
    await gateway.get('/beta/orders', bearer(YES));
    expect(gateway.asked[0]).toMatchObject({
      rawPath: '/beta/orders',
      routeArn: expect.stringMatching(/\/beta\/GET\/orders$/u),
    });
    expect((await gateway.get('/orders', bearer(YES))).status).toBe(404);
  });
});

describe('responses', () => {
  it('may be any JSON in format 2.0', async () => {
    const gateway = await startGateway(
      v2Template({ backendSource: 'exports.handler = async () => ({ plain: 1 });' }),
    );
    const { status, body } = await gateway.get('/orders', bearer(YES));
    expect([status, body]).toEqual([200, '{"plain":1}']);
  });

  it('keep the WWW-Authenticate header of the backend', async () => {
    const gateway = await startGateway(
      v2Template({
        backendSource: `exports.handler = async () => ({ statusCode: 401, headers: { 'WWW-Authenticate': 'Bearer' } });`,
      }),
    );
    const { headers } = await gateway.get('/orders', bearer(YES));
    expect(headers['www-authenticate']).toBe('Bearer');
  });
});

describe('CORS', () => {
  const CORS = {
    CorsConfiguration: {
      AllowOrigins: ['https://app.example.com'],
      AllowMethods: ['GET'],
      AllowHeaders: ['authorization'],
      MaxAge: 60,
    },
  };
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: [
      ['Origin', origin],
      ['Access-Control-Request-Method', 'GET'],
    ] as const,
  });

  it('answers the preflight of an allowed origin without a call', async () => {
    const gateway = await startGateway(v2Template({ api: CORS }));
    const { status, headers } = await gateway.request(
      '/orders',
      preflight('https://app.example.com'),
    );
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '60',
    });
    expect(gateway.asked).toHaveLength(0);
  });

  it('gives another origin no leave', async () => {
    const gateway = await startGateway(v2Template({ api: CORS }));
    const { headers } = await gateway.request('/orders', preflight('https://evil.example'));
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('marks refusals too', async () => {
    const gateway = await startGateway(v2Template({ api: CORS }));
    const { status, headers } = await gateway.request('/orders', {
      headers: [['Origin', 'https://app.example.com']],
    });
    expect([status, headers['access-control-allow-origin']]).toEqual([
      401,
      'https://app.example.com',
    ]);
  });
});

describe('what the template may not hold', () => {
  it.each([
    ['a JWT authorizer', { Authorizer: { AuthorizerType: 'JWT' } }, 'JWT'],
    [
      'an authorizer without a payload version',
      { Authorizer: { AuthorizerPayloadFormatVersion: undefined } },
      'AuthorizerPayloadFormatVersion',
    ],
    [
      'simple responses to payload 1.0',
      { Authorizer: { AuthorizerPayloadFormatVersion: '1.0' } },
      'simple response',
    ],
    [
      'caching without an identity source',
      { Authorizer: { IdentitySource: [], AuthorizerResultTtlInSeconds: 1 } },
      'identity source',
    ],
    [
      'a time to live of more than an hour',
      { Authorizer: { AuthorizerResultTtlInSeconds: 3601 } },
      'more than an hour',
    ],
    ['a backend elsewhere', { Integration: { IntegrationType: 'HTTP_PROXY' } }, 'not on loopback'],
  ])('refuses %s by name', async (_what, changes, expected) => {
    const template = v2Template();
    for (const [id, properties] of Object.entries(changes)) {
      Object.assign(template.Resources?.[id]?.Properties ?? {}, properties);
    }
    await expect(startGateway(template)).rejects.toThrow(expected);
  });
});
