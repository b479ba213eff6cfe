/** `doctor --api`: deployed authorizers, as API Gateway describes them, against the function. */
import { Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { TOKEN_VALIDATION_EXPRESSION } from '../../../infra/apis/token-sources.ts';
import { TestIssuer } from '../../support/issuer.ts';
import { TestTables } from '../../support/tables.ts';
import { authorizerStack } from '../../infra/support/synth.ts';
import { readyAccount } from '../support/account.ts';
import { AwsEndpoint } from '../support/aws.ts';
import { cli, json, type CliResult } from '../support/cli.ts';

interface Check {
  readonly id: string;
  readonly status: string;
  readonly message: string;
  readonly remedy?: string;
}

const uri = (name: string) =>
  `arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:${name}/invocations`;

const REST = {
  id: 'r1',
  name: 'Rollcall',
  type: 'TOKEN',
  authorizerUri: uri('authorizer'),
  identitySource: 'method.request.header.Authorization',
  identityValidationExpression: TOKEN_VALIDATION_EXPRESSION,
  authorizerResultTtlInSeconds: 0,
};
const HTTP = {
  authorizerId: 'h1',
  name: 'Rollcall',
  authorizerType: 'REQUEST',
  authorizerUri: uri('authorizer'),
  identitySource: ['$request.header.Authorization'],
  authorizerPayloadFormatVersion: '2.0',
  enableSimpleResponses: true,
  authorizerResultTtlInSeconds: 0,
};
const WEBSOCKET = {
  authorizerId: 'w1',
  name: 'Rollcall',
  authorizerType: 'REQUEST',
  authorizerUri: uri('authorizer'),
  identitySource: ['route.request.header.Authorization'],
};

const rest = (...item: readonly object[]) => ({ '/restapis/abc123/authorizers': { item } });
const v2 = (protocolType: string, ...items: readonly object[]) => ({
  '/v2/apis/abc123': { apiId: 'abc123', name: 'Api', protocolType },
  '/v2/apis/abc123/authorizers': { items },
});

describe('rollcall doctor --api', () => {
  let issuer: TestIssuer;
  let tables: TestTables;
  let aws: AwsEndpoint;

  beforeAll(async () => {
    [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
    aws = await AwsEndpoint.start(readyAccount(issuer), tables.endpoint);
  });

  afterAll(async () => {
    await Promise.all([aws.close(), issuer.close(), tables.close()]);
  });

  async function run(
    apis: Readonly<Record<string, object>>,
    settings: Readonly<Record<string, string>> = {},
    where: readonly string[] = ['--function', 'authorizer'],
  ): Promise<CliResult> {
    const { environment } = aws.account;
    aws.account.apis = apis;
    aws.account.environment = { ...environment, ...settings };
    try {
      const { AWS_ENDPOINT_URL_DYNAMODB: _, ...env } = {
        ...tables.settings,
        ...aws.environment,
      } as Record<string, string>;
      return await cli(['doctor', '--json', '--api', 'abc123', ...where], { env });
    } finally {
      aws.account.environment = environment;
    }
  }

  /** The checks of the API, by id. */
  async function checks(
    apis: Readonly<Record<string, object>>,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Readonly<Record<string, Check>>> {
    const { checks: all } = json(await run(apis, settings)) as {
      readonly checks: readonly Check[];
    };
    return Object.fromEntries(
      all.filter(({ id }) => id.startsWith('api.')).map((check) => [check.id, check]),
    );
  }

  const statuses = (found: Readonly<Record<string, Check>>) =>
    Object.fromEntries(Object.entries(found).map(([id, { status }]) => [id, status]));

  it('passes a REST API whose authorizer is that of the construct', async () => {
    expect(statuses(await checks(rest(REST)))).toEqual({
      'api.authorizer': 'pass',
      'api.ttl': 'pass',
      'api.identity_sources': 'pass',
      'api.validation_expression': 'pass',
    });
  });

  it('passes an HTTP API whose authorizer is that of the construct', async () => {
    expect(statuses(await checks(v2('HTTP', HTTP)))).toEqual({
      'api.authorizer': 'pass',
      'api.response_format': 'pass',
      'api.ttl': 'pass',
      'api.identity_sources': 'pass',
    });
  });

  it.each([
    ['header', 'route.request.header.Authorization'],
    ['subprotocol', 'route.request.header.Sec-WebSocket-Protocol'],
    ['query:ticket', 'route.request.querystring.ticket'],
  ])('passes a WebSocket API that looks for the token where %s says', async (setting, source) => {
    const found = await checks(v2('WEBSOCKET', { ...WEBSOCKET, identitySource: [source] }), {
      WEBSOCKET_TOKEN_SOURCE: setting,
    });
    expect(statuses(found)).toEqual({ 'api.authorizer': 'pass', 'api.identity_sources': 'pass' });
  });

  it.each([
    [true, 'policy', 'off', 'simple'],
    [false, 'simple', 'on', 'policy'],
  ])(
    'fails when simple responses are %s and the function answers %s',
    async (enableSimpleResponses, format, change, wanted) => {
      const found = await checks(v2('HTTP', { ...HTTP, enableSimpleResponses }), {
        HTTP_RESPONSE_FORMAT: format,
      });
      expect(found['api.response_format']).toMatchObject({
        status: 'fail',
        message: expect.stringContaining('every request fails with 500'),
        remedy: `Switch simple responses ${change} in the authorizer, or set HTTP_RESPONSE_FORMAT=${wanted}`,
      });
    },
  );

  it('takes simple responses for off where API Gateway does not mention them', async () => {
    const { enableSimpleResponses: _, ...authorizer } = HTTP;
    const found = await checks(v2('HTTP', authorizer));
    expect(found['api.response_format']?.status).toBe('fail');
  });

  it('asks nothing of the format of payload 1.0, which is a policy', async () => {
    const authorizer = {
      ...HTTP,
      authorizerPayloadFormatVersion: '1.0',
      enableSimpleResponses: false,
    };
    const found = await checks(v2('HTTP', authorizer));
    expect(found['api.response_format']?.status).toBe('pass');
  });

  it.each([
    ['REST', rest({ ...REST, authorizerResultTtlInSeconds: 60 }), '60 s'],
    ['HTTP', v2('HTTP', { ...HTTP, authorizerResultTtlInSeconds: 60 }), '60 s'],
  ])('warns of a %s API that caches answers', async (_, apis, seconds) => {
    const found = await checks(apis);
    expect(found['api.ttl']).toMatchObject({
      status: 'warn',
      message: expect.stringContaining(seconds),
      remedy: expect.stringContaining('0'),
    });
  });

  it('warns of an HTTP API whose TTL is not set', async () => {
    const { authorizerResultTtlInSeconds: _, ...authorizer } = HTTP;
    expect((await checks(v2('HTTP', authorizer)))['api.ttl']?.status).toBe('warn');
  });

  it.each([
    [
      'REST',
      rest({
        ...REST,
        type: 'REQUEST',
        identitySource: 'method.request.header.X-Tenant',
        authorizerResultTtlInSeconds: 60,
      }),
    ],
    [
      'HTTP',
      v2('HTTP', {
        ...HTTP,
        identitySource: ['$request.header.X-Tenant'],
        authorizerResultTtlInSeconds: 60,
      }),
    ],
  ])('fails a %s API that caches by something else than the token', async (_, apis) => {
    expect((await checks(apis))['api.identity_sources']).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('the answer of another'),
    });
  });

  it('fails an HTTP API whose identity sources lack the token, cached or not', async () => {
    const found = await checks(
      v2('HTTP', { ...HTTP, identitySource: ['$request.header.X-Tenant'] }),
    );
    expect(found['api.identity_sources']).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('token_malformed'),
    });
  });

  it('warns of a REST API that requires something else than the token', async () => {
    const found = await checks(
      rest({ ...REST, type: 'REQUEST', identitySource: 'method.request.header.X-Tenant' }),
    );
    expect(found['api.identity_sources']?.status).toBe('warn');
  });

  it('takes a header for the same in another case', async () => {
    const found = await checks(
      rest({ ...REST, identitySource: 'method.request.header.authorization' }),
    );
    expect(found['api.identity_sources']?.status).toBe('pass');
  });

  it.each([
    ['lacks a validation expression', '', 'warn'],
    ['accepts bearer tokens by an expression of its own', '^[Bb]earer .+$', 'pass'],
    ['rejects a lower-case scheme', '^Bearer .+$', 'fail'],
    ['rejects letters that tokens have', '^[Bb]earer [a-z.]+$', 'fail'],
  ])('says of a TOKEN authorizer that %s', async (_, identityValidationExpression, status) => {
    const found = await checks(rest({ ...REST, identityValidationExpression }));
    expect(found['api.validation_expression']?.status).toBe(status);
  });

  it('fails an API of which no authorizer calls the function, and names those it has', async () => {
    const other = { ...REST, name: 'Legacy', authorizerUri: uri('authorizer-old') };
    const result = await run(rest(other));
    expect(json(result)).toMatchObject({
      checks: expect.arrayContaining([
        expect.objectContaining({
          id: 'api.authorizer',
          status: 'fail',
          message: expect.stringContaining('Legacy'),
        }),
      ]) as unknown,
    });
    expect(result.code).toBe(4);
  });

  it('looks at every authorizer that calls the function, by an alias as well', async () => {
    const alias = { ...REST, id: 'r2', authorizerUri: uri('authorizer:live') };
    const result = json(await run(rest(REST, alias))) as { readonly checks: readonly Check[] };
    expect(result.checks.filter(({ id }) => id === 'api.authorizer')).toHaveLength(2);
  });

  it('answers an API that does not exist with what to check', async () => {
    const { code, stdout } = await run({});
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'api_missing' } });
  });

  it('works with --stack as well', async () => {
    const { checks: all } = json(await run(rest(REST), {}, ['--stack', 'Rollcall'])) as {
      readonly checks: readonly Check[];
    };
    const found = all.filter(({ id }) => id.startsWith('api.'));
    expect(found.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass', 'pass']);
  });

  it('needs a function that is deployed', async () => {
    const { code, stdout } = await run(rest(REST), {}, ['--users-table', 'users']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'function_missing' } });
  });
});

/** What the construct makes has to pass, whatever it will make one day. */
it('has the identity sources and the expression that the construct writes', () => {
  const stack: Stack = authorizerStack({ httpApi: true, resultsCacheTtl: Duration.seconds(0) });
  const { Resources } = Template.fromStack(stack).toJSON() as {
    readonly Resources: Readonly<
      Record<string, { readonly Type: string; readonly Properties: object }>
    >;
  };
  const propertiesOf = (type: string) =>
    Object.values(Resources).find(({ Type }) => Type === type)?.Properties;
  expect(propertiesOf('AWS::ApiGateway::Authorizer')).toMatchObject({
    IdentitySource: REST.identitySource,
    IdentityValidationExpression: REST.identityValidationExpression,
    AuthorizerResultTtlInSeconds: 0,
  });
  expect(propertiesOf('AWS::ApiGatewayV2::Authorizer')).toMatchObject({
    IdentitySource: HTTP.identitySource,
    AuthorizerPayloadFormatVersion: '2.0',
    EnableSimpleResponses: true,
    AuthorizerResultTtlInSeconds: 0,
  });
});
