import { lookUp } from '../../../../local/gateway/common/identity-source.ts';
import { bearer, policy } from '../../support/authorizer-program.ts';
import { closeGateways, startGateway } from '../../support/gateway.ts';
import { invocationUri, restTemplate } from '../../support/templates.ts';

const CACHED = { AuthorizerResultTtlInSeconds: 300 };
const ALLOW_STAGE = bearer(policy('Allow', '{stage}/*'));
const DENY_STAGE = bearer(policy('Deny', '{stage}/*'));

afterEach(closeGateways);

describe('before the authorizer is called', () => {
  it('answers 401 without a call when there is no header', async () => {
    const gateway = await startGateway(restTemplate());
    const response = await gateway.get('/prod/orders');
    expect([response.status, response.body]).toEqual([401, '{"message":"Unauthorized"}']);
    expect(response.headers['x-amzn-errortype']).toBe('UnauthorizedException');
    expect(gateway.asked).toHaveLength(0);
  });

  it('answers 401 without a call when the header is empty', async () => {
    const gateway = await startGateway(restTemplate());
    expect((await gateway.get('/prod/orders', '')).status).toBe(401);
    expect(gateway.asked).toHaveLength(0);
  });

  it('answers 401 without a call when the token does not match the validation expression', async () => {
    const gateway = await startGateway(
      restTemplate({ authorizer: { IdentityValidationExpression: '^Bearer [a-z]+$' } }),
    );
    expect((await gateway.get('/prod/orders', 'Bearer 123')).status).toBe(401);
    expect(gateway.asked).toHaveLength(0);
  });

  it('calls when the token matches the validation expression', async () => {
    const gateway = await startGateway(
      restTemplate({ authorizer: { IdentityValidationExpression: '^Bearer [-_0-9A-Za-z]+$' } }),
    );
    expect((await gateway.get('/prod/orders', ALLOW_STAGE)).status).toBe(200);
  });

  it('reads the identity header in any case of its name', async () => {
    const gateway = await startGateway(restTemplate());
    const { status } = await gateway.request('/prod/orders', {
      headers: [['aUTHORIZATION', ALLOW_STAGE]],
    });
    expect(status).toBe(200);
  });

  it('answers 401 without a call when one of several identity sources is missing', async () => {
    const gateway = await startGateway(
      restTemplate({
        authorizer: {
          Type: 'REQUEST',
          IdentitySource: 'method.request.header.Authorization, method.request.querystring.tenant',
        },
      }),
    );
    expect((await gateway.get('/prod/orders', ALLOW_STAGE)).status).toBe(401);
    expect((await gateway.get('/prod/orders?tenant=', ALLOW_STAGE)).status).toBe(401);
    expect(gateway.asked).toHaveLength(0);
    expect((await gateway.get('/prod/orders?tenant=t1', ALLOW_STAGE)).status).toBe(200);
  });

  it('answers 403 Missing Authentication Token for a path that has no route', async () => {
    const gateway = await startGateway(restTemplate());
    const response = await gateway.get('/prod/elsewhere', ALLOW_STAGE);
    expect([response.status, response.json()['message']]).toEqual([
      403,
      'Missing Authentication Token',
    ]);
    expect(gateway.asked).toHaveLength(0);
  });

  it('answers 403 Missing Authentication Token for a verb that has no route', async () => {
    const gateway = await startGateway(restTemplate());
    const { status } = await gateway.request('/prod/orders', {
      method: 'DELETE',
      headers: [['Authorization', ALLOW_STAGE]],
    });
    expect(status).toBe(403);
  });

  it('answers 403 for a stage that does not exist', async () => {
    const gateway = await startGateway(restTemplate());
    const response = await gateway.get('/test/orders', ALLOW_STAGE);
    expect([response.status, response.body]).toEqual([403, '{"message":"Forbidden"}']);
  });
});

describe('what the authorizer fails with', () => {
  it('answers 401 to every throw of Unauthorized, caching nothing', async () => {
    const gateway = await startGateway(restTemplate({ authorizer: CACHED }));
    const token = bearer({ throws: 'Unauthorized' });
    expect((await gateway.get('/prod/orders', token)).status).toBe(401);
    expect((await gateway.get('/prod/orders', token)).status).toBe(401);
    expect(gateway.asked).toHaveLength(2);
  });

  it.each(['Unauthorized: expired', 'unauthorized', ' Unauthorized', 'Error'])(
    'answers 500 to a throw of %p',
    async (message) => {
      const gateway = await startGateway(restTemplate());
      const response = await gateway.get('/prod/orders', bearer({ throws: message }));
      expect([response.status, response.body]).toEqual([500, '{"message":null}']);
    },
  );

  it('answers 500 when the authorizer takes too long', async () => {
    const gateway = await startGateway(restTemplate({ authorizerFunction: { Timeout: 0.05 } }));
    expect((await gateway.get('/prod/orders', bearer({ hangs: true }))).status).toBe(500);
  });

  it('answers 500 to every failure, caching nothing', async () => {
    const gateway = await startGateway(restTemplate({ authorizer: CACHED }));
    const token = bearer({ throws: 'no' });
    await gateway.get('/prod/orders', token);
    await gateway.get('/prod/orders', token);
    expect(gateway.asked).toHaveLength(2);
  });

  it('answers 500 when no permission lets it call the authorizer', async () => {
    const gateway = await startGateway(restTemplate({ without: ['AskPermission'] }));
    const response = await gateway.get('/prod/orders', ALLOW_STAGE);
    expect(response.status).toBe(500);
    expect(response.headers['x-amzn-errortype']).toBe('AuthorizerConfigurationException');
    expect(gateway.asked).toHaveLength(0);
  });

  it('asks for no permission when the authorizer is called with a role', async () => {
    const gateway = await startGateway(
      restTemplate({
        without: ['AskPermission'],
        authorizer: { AuthorizerCredentials: 'arn:aws:iam::000000000000:role/caller' },
      }),
    );
    expect((await gateway.get('/prod/orders', ALLOW_STAGE)).status).toBe(200);
  });
});

describe('the answer', () => {
  it('answers 403 to a Deny and calls once for two requests while it is cached', async () => {
    const gateway = await startGateway(restTemplate({ authorizer: CACHED }));
    const first = await gateway.get('/prod/orders', DENY_STAGE);
    expect([first.status, first.body]).toEqual([
      403,
      '{"Message":"User is not authorized to access this resource with an explicit deny"}',
    ]);
    expect((await gateway.get('/prod/orders', DENY_STAGE)).status).toBe(403);
    expect(gateway.asked).toHaveLength(1);
  });

  it('refuses another route when a cached Allow names one exact method', async () => {
    const gateway = await startGateway(restTemplate({ authorizer: CACHED }));
    const token = bearer(policy('Allow', '{arn}'));
    expect((await gateway.get('/prod/orders', token)).status).toBe(200);
    const second = await gateway.get('/prod/orders/1', token);
    expect([second.status, second.body]).toEqual([
      403,
      '{"Message":"User is not authorized to access this resource"}',
    ]);
    expect(gateway.asked).toHaveLength(1);
  });

  it('asks again for another route when nothing is cached', async () => {
    const gateway = await startGateway(restTemplate());
    const token = bearer(policy('Allow', '{arn}'));
    expect((await gateway.get('/prod/orders', token)).status).toBe(200);
    expect((await gateway.get('/prod/orders/1', token)).status).toBe(200);
    expect(gateway.asked).toHaveLength(2);
  });

  it('asks again when the cached answer is as old as its time to live', async () => {
    const gateway = await startGateway(restTemplate({ authorizer: CACHED }));
    await gateway.get('/prod/orders', ALLOW_STAGE);
    gateway.advance(299);
    await gateway.get('/prod/orders', ALLOW_STAGE);
    expect(gateway.asked).toHaveLength(1);
    gateway.advance(1);
    await gateway.get('/prod/orders', ALLOW_STAGE);
    expect(gateway.asked).toHaveLength(2);
  });

  it('caches for 300 seconds when the template does not say', async () => {
    const gateway = await startGateway(
      restTemplate({ authorizer: { AuthorizerResultTtlInSeconds: undefined } }),
    );
    await gateway.get('/prod/orders', ALLOW_STAGE);
    gateway.advance(299);
    await gateway.get('/prod/orders', ALLOW_STAGE);
    expect(gateway.asked).toHaveLength(1);
  });

  it('keeps the answers of two stages apart', async () => {
    const gateway = await startGateway(
      restTemplate({ authorizer: CACHED, stages: ['prod', 'test'] }),
    );
    expect((await gateway.get('/prod/orders', ALLOW_STAGE)).status).toBe(200);
    expect((await gateway.get('/test/orders', ALLOW_STAGE)).status).toBe(200);
    expect(gateway.asked).toHaveLength(2);
  });

  it('keeps the answers to two tokens apart', async () => {
    const gateway = await startGateway(restTemplate({ authorizer: CACHED }));
    expect((await gateway.get('/prod/orders', ALLOW_STAGE)).status).toBe(200);
    expect((await gateway.get('/prod/orders', DENY_STAGE)).status).toBe(403);
  });

  it('keeps answers apart by every identity source', async () => {
    const gateway = await startGateway(
      restTemplate({
        authorizer: {
          ...CACHED,
          Type: 'REQUEST',
          IdentitySource: 'method.request.header.Authorization, context.resourcePath',
        },
      }),
    );
    const token = bearer(policy('Allow', '{arn}'));
    expect((await gateway.get('/prod/orders', token)).status).toBe(200);
    expect((await gateway.get('/prod/orders/1', token)).status).toBe(200);
    expect((await gateway.get('/prod/orders', token)).status).toBe(200);
    expect(gateway.asked).toHaveLength(2);
  });

  it('answers 403 when an Allow and a Deny both match', async () => {
    const gateway = await startGateway(restTemplate());
    const token = bearer({
      returns: {
        principalId: 'user-1',
        policyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '{stage}/*' },
            { Effect: 'Deny', Action: 'execute-api:Invoke', Resource: '{arn}' },
          ],
        },
      },
    });
    expect((await gateway.get('/prod/orders', token)).status).toBe(403);
  });

  it('answers 500 to a nested context', async () => {
    const gateway = await startGateway(restTemplate());
    const token = bearer(policy('Allow', '{stage}/*', { a: { b: 1 } }));
    expect((await gateway.get('/prod/orders', token)).status).toBe(500);
  });

  it('hands context values on as texts', async () => {
    const gateway = await startGateway(restTemplate());
    const token = bearer(policy('Allow', '{stage}/*', { n: 1, t: true }));
    const event = (await gateway.get('/prod/orders', token)).json();
    expect(lookUp(event, 'requestContext.authorizer')).toEqual({
      n: '1',
      t: 'true',
      principalId: 'user-1',
      integrationLatency: expect.any(Number),
    });
  });

  it('answers 500 to a resource of 513 characters', async () => {
    const gateway = await startGateway(restTemplate());
    const resource = `arn:${'x'.repeat(508)}`;
    const answer = (extra: string) => bearer(policy('Allow', ['{stage}/*', resource + extra]));
    expect((await gateway.get('/prod/orders', answer(''))).status).toBe(200);
    expect((await gateway.get('/prod/orders', answer('x'))).status).toBe(500);
  });

  it('fails aloud on a Condition', async () => {
    const gateway = await startGateway(restTemplate());
    const token = bearer({
      returns: {
        principalId: 'user-1',
        policyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'execute-api:Invoke',
              Resource: '*',
              Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
            },
          ],
        },
      },
    });
    expect((await gateway.get('/prod/orders', token)).status).toBe(500);
    expect(gateway.errors).toHaveLength(1);
  });
});

describe('the ARN of what is called', () => {
  it('carries the real verb and path, decoded', async () => {
    const gateway = await startGateway(restTemplate());
    await gateway.get('/prod/orders/a%3Ab%2Fc%2A', ALLOW_STAGE);
    expect(gateway.asked[0]).toEqual({
      type: 'TOKEN',
      authorizationToken: ALLOW_STAGE,
      methodArn: `arn:aws:execute-api:us-east-1:000000000000:${gateway.apiId}/prod/GET/orders/a:b/c*`,
    });
  });

  it('ends in GET/ for the root', async () => {
    const gateway = await startGateway(restTemplate({ paths: ['/'] }));
    await gateway.get('/prod', ALLOW_STAGE);
    expect(gateway.asked[0]?.['methodArn']).toMatch(/\/prod\/GET\/$/u);
  });

  it.each(['%3A', '%2F', '%2A', '%3F'])(
    'gives no grant on another path to one with an encoded %s',
    async (encoded) => {
      const gateway = await startGateway(restTemplate({ authorizer: CACHED }));
      // An authorizer that guards one order by its exact ARN; the path is the client's choice.
      const token = bearer(policy('Allow', '{stage}/GET/orders/1'));
      const path = `/prod/orders/1${encoded}`;
      expect((await gateway.get(path, token)).status).toBe(403);
      expect((await gateway.get('/prod/orders/1', token)).status).toBe(200);
    },
  );

  it('is refused with 414 when it is longer than 1,600 bytes', async () => {
    const gateway = await startGateway(restTemplate());
    const prefix = `arn:aws:execute-api:us-east-1:000000000000:${gateway.apiId}/prod/GET/orders/`;
    const longest = 'x'.repeat(1600 - prefix.length);
    expect((await gateway.get(`/prod/orders/${longest}`, ALLOW_STAGE)).status).toBe(200);
    expect((await gateway.get(`/prod/orders/${longest}x`, ALLOW_STAGE)).status).toBe(414);
    expect(gateway.asked).toHaveLength(1);
  });
});

describe('events', () => {
  it('gives a REQUEST authorizer the request as the client spelt it', async () => {
    const gateway = await startGateway(
      restTemplate({
        authorizer: { Type: 'REQUEST' },
        stageVariables: { colour: 'blue' },
      }),
    );
    await gateway.request('/prod/orders/42?a=1&a=2&b=', {
      headers: [
        ['AUTHORIZATION', ALLOW_STAGE],
        ['x-One', '1'],
        ['x-One', '2'],
      ],
    });
    expect(gateway.asked[0]).toMatchObject({
      type: 'REQUEST',
      methodArn: expect.stringMatching(/\/prod\/GET\/orders\/42$/u),
      resource: '/orders/{id}',
      path: '/orders/42',
      httpMethod: 'GET',
      headers: { AUTHORIZATION: ALLOW_STAGE, 'x-One': '2' },
      multiValueHeaders: { AUTHORIZATION: [ALLOW_STAGE], 'x-One': ['1', '2'] },
      queryStringParameters: { a: '2', b: '' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: [''] },
      pathParameters: { id: '42' },
      stageVariables: { colour: 'blue' },
      requestContext: {
        apiId: gateway.apiId,
        stage: 'prod',
        path: '/prod/orders/42',
        resourcePath: '/orders/{id}',
        httpMethod: 'GET',
        requestTime: '31/Jan/2030:00:00:00 +0000',
        requestTimeEpoch: Date.UTC(2030, 0, 31),
        identity: { sourceIp: '127.0.0.1' },
      },
    });
  });

  it('gives the backend the body and null for empty maps', async () => {
    const gateway = await startGateway(restTemplate());
    const response = await gateway.request('/prod/orders', {
      method: 'POST',
      headers: [['Authorization', ALLOW_STAGE]],
      body: '{"sku":1}',
    });
    expect(response.json()).toMatchObject({
      httpMethod: 'POST',
      body: '{"sku":1}',
      isBase64Encoded: false,
      queryStringParameters: null,
      pathParameters: null,
      stageVariables: null,
    });
  });
});

describe('gateway responses', () => {
  const deniedTemplate = {
    ResponseTemplates: { 'application/json': '{"detail":"$context.authorizer.reason"}' },
  };

  it('renders the context of a Deny', async () => {
    const gateway = await startGateway(
      restTemplate({
        gatewayResponses: {
          ACCESS_DENIED: {
            ...deniedTemplate,
            StatusCode: '401',
            ResponseParameters: { 'gatewayresponse.header.WWW-Authenticate': "'Bearer'" },
          },
        },
      }),
    );
    const token = bearer(policy('Deny', '{stage}/*', { reason: 'gone' }));
    const response = await gateway.get('/prod/orders', token);
    expect([response.status, response.body]).toEqual([401, '{"detail":"gone"}']);
    expect(response.headers['www-authenticate']).toBe('Bearer');
  });

  it('renders the context of a cached Deny', async () => {
    const gateway = await startGateway(
      restTemplate({ authorizer: CACHED, gatewayResponses: { ACCESS_DENIED: deniedTemplate } }),
    );
    const token = bearer(policy('Deny', '{stage}/*', { reason: 'gone' }));
    await gateway.get('/prod/orders', token);
    expect((await gateway.get('/prod/orders', token)).body).toBe('{"detail":"gone"}');
  });

  it('has no context to render after a throw', async () => {
    const gateway = await startGateway(
      restTemplate({ gatewayResponses: { UNAUTHORIZED: deniedTemplate } }),
    );
    const response = await gateway.get('/prod/orders', bearer({ throws: 'Unauthorized' }));
    expect([response.status, response.body]).toEqual([401, '{"detail":""}']);
  });

  it('leaves the headers of DEFAULT_4XX out once UNAUTHORIZED is customised without them', async () => {
    const responses = {
      DEFAULT_4XX: {
        ResponseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
      },
    };
    const plain = await startGateway(restTemplate({ gatewayResponses: responses }));
    expect((await plain.get('/prod/orders')).headers['access-control-allow-origin']).toBe('*');
    const customised = await startGateway(
      restTemplate({ gatewayResponses: { ...responses, UNAUTHORIZED: {} } }),
    );
    expect((await customised.get('/prod/orders')).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });

  it('lets the status of DEFAULT_5XX stand for its whole class', async () => {
    const gateway = await startGateway(
      restTemplate({ gatewayResponses: { DEFAULT_5XX: { StatusCode: '503' } } }),
    );
    expect((await gateway.get('/prod/orders', bearer({ throws: 'no' }))).status).toBe(503);
  });

  it('fills in the message and what the request and the context hold', async () => {
    const gateway = await startGateway(
      restTemplate({
        gatewayResponses: {
          DEFAULT_4XX: {
            ResponseTemplates: {
              'application/json':
                '{"detail":$context.error.messageString,"type":"$context.error.responseType","stage":"$context.stage"}',
            },
            ResponseParameters: {
              'gatewayresponse.header.X-Origin': 'method.request.header.Origin',
              'gatewayresponse.header.X-Stage': 'context.stage',
              'gatewayresponse.header.X-None': 'method.request.header.None',
            },
          },
        },
      }),
    );
    const response = await gateway.request('/prod/nowhere', { headers: [['Origin', 'http://a']] });
    expect(response.json()).toEqual({
      detail: 'Missing Authentication Token',
      type: 'MISSING_AUTHENTICATION_TOKEN',
      stage: 'prod',
    });
    expect(response.headers).toMatchObject({ 'x-origin': 'http://a', 'x-stage': 'prod' });
    expect(response.headers).not.toHaveProperty('x-none');
  });
});

describe('the backend', () => {
  it.each([
    ['throws', `exports.handler = async () => { throw new Error('no'); };`],
    ['returns a text', `exports.handler = async () => 'hello';`],
    [
      'returns a body that is no text',
      `exports.handler = async () => ({ statusCode: 200, body: {} });`,
    ],
    ['returns no status', `exports.handler = async () => ({ body: '' });`],
  ])('answers 502 when it %s', async (_what, backendSource) => {
    const gateway = await startGateway(restTemplate({ backendSource }));
    const response = await gateway.get('/prod/orders', ALLOW_STAGE);
    expect([response.status, response.json()['message']]).toEqual([502, 'Internal server error']);
  });

  it('renames the WWW-Authenticate header of the backend', async () => {
    const gateway = await startGateway(
      restTemplate({
        backendSource: `exports.handler = async () => ({ statusCode: 401, headers: { 'WWW-Authenticate': 'Basic' }, body: 'no' });`,
      }),
    );
    const { headers } = await gateway.get('/prod/orders', ALLOW_STAGE);
    expect(headers['x-amzn-remapped-www-authenticate']).toBe('Basic');
    expect(headers).not.toHaveProperty('www-authenticate');
  });

  it('answers 502 when no permission lets it call the backend', async () => {
    const gateway = await startGateway(restTemplate({ without: ['BackendPermission'] }));
    expect((await gateway.get('/prod/orders', ALLOW_STAGE)).status).toBe(502);
  });

  it('serves a mock without an authorizer, as for a preflight', async () => {
    const gateway = await startGateway(
      restTemplate({
        extra: {
          Preflight: {
            Type: 'AWS::ApiGateway::Method',
            Properties: {
              RestApiId: { Ref: 'Api' },
              ResourceId: { Ref: 'Resource/orders' },
              HttpMethod: 'OPTIONS',
              AuthorizationType: 'NONE',
              Integration: {
                Type: 'MOCK',
                IntegrationResponses: [
                  {
                    StatusCode: '204',
                    ResponseParameters: {
                      'method.response.header.Access-Control-Allow-Methods': "'GET,POST'",
                    },
                  },
                ],
              },
            },
          },
        },
      }),
    );
    const response = await gateway.request('/prod/orders', { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers['access-control-allow-methods']).toBe('GET,POST');
  });

  it('prefers an exact path to a parameter, and a parameter to a greedy one', async () => {
    const gateway = await startGateway(
      restTemplate({ paths: ['/{proxy+}', '/orders/{id}', '/orders/new'] }),
    );
    const routeOf = async (path: string) =>
      (await gateway.get(path, ALLOW_STAGE)).json()['resource'];
    expect(await routeOf('/prod/orders/new')).toBe('/orders/new');
    expect(await routeOf('/prod/orders/7')).toBe('/orders/{id}');
    expect(await routeOf('/prod/orders/7/items')).toBe('/{proxy+}');
  });
});

describe('what the template may not hold', () => {
  it.each([
    ['a resource policy', { Api: { Policy: { Statement: [] } } }, 'Policy'],
    ['an OpenAPI body', { Api: { Body: {} } }, 'Body'],
    ['IAM authorization', { 'MethodGET/orders': { AuthorizationType: 'AWS_IAM' } }, 'AWS_IAM'],
    ['API keys', { 'MethodGET/orders': { ApiKeyRequired: true } }, 'ApiKeyRequired'],
    ['a Cognito authorizer', { Authorizer: { Type: 'COGNITO_USER_POOLS' } }, 'COGNITO_USER_POOLS'],
    [
      'caching without an identity source',
      { Authorizer: { Type: 'REQUEST', IdentitySource: '', AuthorizerResultTtlInSeconds: 1 } },
      'identity source',
    ],
    [
      'an HTTP integration',
      { 'MethodGET/orders': { Integration: { Type: 'HTTP', Uri: 'http://x' } } },
      'HTTP',
    ],
  ])('refuses %s by name', async (_what, changes, expected) => {
    const template = restTemplate();
    for (const [id, properties] of Object.entries(changes)) {
      Object.assign(template.Resources?.[id]?.Properties ?? {}, properties);
    }
    await expect(startGateway(template)).rejects.toThrow(expected);
  });
});

it('says what it answered and why', async () => {
  const gateway = await startGateway(restTemplate({ authorizer: CACHED }));
  await gateway.get('/prod/orders?token=secret', ALLOW_STAGE);
  await gateway.get('/prod/orders', ALLOW_STAGE);
  await gateway.get('/prod/orders');
  expect(gateway.exchanges).toMatchObject([
    {
      api: 'rest',
      method: 'GET',
      path: '/prod/orders',
      status: 200,
      authorizer: { status: 'answered', cached: false, verdict: 'allowed' },
    },
    { status: 200, authorizer: { cached: true } },
    { status: 401, authorizer: { status: 'no_identity' } },
  ]);
});

it('uses the URI of the function that the authorizer names', async () => {
  const gateway = await startGateway(
    restTemplate({ authorizer: { AuthorizerUri: invocationUri('Backend') } }),
  );
  // The backend may be called for its own routes alone.
  expect((await gateway.get('/prod/orders', ALLOW_STAGE)).status).toBe(500);
});
