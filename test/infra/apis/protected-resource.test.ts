import { Stack } from 'aws-cdk-lib';
import {
  DomainName,
  EndpointType,
  RestApi,
  SecurityPolicy,
  type RestApiProps,
} from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import {
  addGatewayResponses,
  type GatewayResponsesProps,
} from '../../../infra/apis/gateway-responses.ts';
import {
  addProtectedResourceMetadata,
  type ProtectedResourceProps,
} from '../../../infra/apis/protected-resource.ts';
import type { RollcallAuthorizerProps } from '../../../infra/rollcall-authorizer-props.ts';
import { deployment } from '../../../local/template/physical-ids.ts';
import { ResolvedTemplate } from '../../../local/template/template.ts';
import { construct, ISSUER, testApp, variables } from '../support/synth.ts';

type Properties = Record<string, unknown>;

interface Fixture {
  readonly rollcall?: Partial<RollcallAuthorizerProps>;
  readonly api?: RestApiProps;
  /** Every method needs the authorizer and an API key, unless it says otherwise. */
  readonly behindRollcall?: boolean;
  /** Before the metadata. */
  readonly before?: (api: RestApi, stack: Stack) => void;
  readonly after?: (api: RestApi, stack: Stack) => void;
}

/** A REST API behind Rollcall in the stack of somebody else's, as it would deploy. */
function restApi(props: ProtectedResourceProps = {}, fixture: Fixture = {}) {
  const stack = new Stack(testApp(), 'Theirs');
  const rollcall = construct(fixture.rollcall, stack);
  const authorizer = rollcall.restToken();
  const api = new RestApi(stack, 'Api', {
    ...fixture.api,
    ...(fixture.behindRollcall === true && {
      defaultMethodOptions: { authorizer, apiKeyRequired: true },
    }),
  });
  api.root.addResource('mcp').addMethod('POST', undefined, { authorizer });
  fixture.before?.(api, stack);
  addProtectedResourceMetadata(api, props);
  fixture.after?.(api, stack);
  // Refuses a cycle.
  const template = Template.fromStack(stack);
  const resolved = new ResolvedTemplate(template.toJSON(), deployment('Theirs'));
  const [restApiResource] = resolved.resourcesOfType('AWS::ApiGateway::RestApi');
  const host = `${restApiResource?.physicalId}.execute-api.us-east-1.amazonaws.com`;
  const response = (type: string): Properties =>
    resolved
      .resourcesOfType('AWS::ApiGateway::GatewayResponse')
      .find(({ properties }) => properties['ResponseType'] === type)?.properties ?? {};
  const header = (type: string, name = 'WWW-Authenticate') =>
    (response(type)['ResponseParameters'] as Properties | undefined)?.[
      `gatewayresponse.header.${name}`
    ];
  return { template, resolved, host, response, header };
}

/** Methods by their path, such as `GET /.well-known/oauth-protected-resource`. */
function methodsOf(resolved: ResolvedTemplate): Record<string, Properties> {
  const resources = new Map(
    resolved
      .resourcesOfType('AWS::ApiGateway::Resource')
      .map(({ physicalId, properties }) => [physicalId, properties]),
  );
  const pathOf = (id: unknown): string => {
    const found = resources.get(String(id));
    return found === undefined ? '' : `${pathOf(found['ParentId'])}/${String(found['PathPart'])}`;
  };
  return Object.fromEntries(
    resolved
      .resourcesOfType('AWS::ApiGateway::Method')
      .map(({ properties }) => [
        `${String(properties['HttpMethod'])} ${pathOf(properties['ResourceId'])}`,
        properties,
      ]),
  );
}

function documentTemplate(resolved: ResolvedTemplate, path = WELL_KNOWN): string {
  const integration = methodsOf(resolved)[`GET ${path}`]?.['Integration'] as {
    readonly IntegrationResponses: readonly {
      readonly ResponseTemplates: Readonly<Record<string, string>>;
    }[];
  };
  return integration.IntegrationResponses[0]?.ResponseTemplates['application/json'] ?? '';
}

function otherApi(stack: Stack): RestApi {
  const api = new RestApi(stack, 'Other');
  api.root.addMethod('GET');
  return api;
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const SCOPES = { requiredScopes: ['orders:read', 'orders:write'] };

describe('the metadata of a REST API', () => {
  it('are served by the gateway itself, without authorization', () => {
    const { resolved } = restApi();
    expect(methodsOf(resolved)[`GET ${WELL_KNOWN}`]).toMatchObject({
      AuthorizationType: 'NONE',
      ApiKeyRequired: false,
      Integration: { Type: 'MOCK', RequestTemplates: { 'application/json': '{"statusCode":200}' } },
    });
  });

  it('have no function of their own', () => {
    const { template } = restApi();
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  it('are open where every other method needs an authorizer and an API key', () => {
    const { resolved } = restApi(
      {},
      {
        behindRollcall: true,
        api: {
          defaultCorsPreflightOptions: { allowOrigins: ['https://app.example.com'] },
        },
      },
    );
    const methods = methodsOf(resolved);
    expect(methods[`GET ${WELL_KNOWN}`]).toMatchObject({
      AuthorizationType: 'NONE',
      ApiKeyRequired: false,
    });
    expect(methods[`OPTIONS ${WELL_KNOWN}`]).toMatchObject({
      AuthorizationType: 'NONE',
      Integration: {
        IntegrationResponses: [
          {
            StatusCode: '204',
            ResponseParameters: {
              'method.response.header.Access-Control-Allow-Origin': "'*'",
              'method.response.header.Access-Control-Allow-Headers': "'*,Authorization'",
              'method.response.header.Access-Control-Allow-Methods': "'GET,OPTIONS'",
            },
          },
        ],
      },
    });
  });

  it('can be kept for five minutes and read from any page', () => {
    const { resolved } = restApi();
    expect(methodsOf(resolved)[`GET ${WELL_KNOWN}`]).toMatchObject({
      MethodResponses: [{ StatusCode: '200' }],
      Integration: {
        IntegrationResponses: [
          {
            StatusCode: '200',
            ResponseParameters: {
              'method.response.header.Cache-Control': "'public, max-age=300'",
              'method.response.header.Access-Control-Allow-Origin': "'*'",
            },
          },
        ],
      },
    });
  });

  it('name the resource by the address that was asked, and what the authorizer takes', () => {
    const { resolved } = restApi({}, { rollcall: SCOPES });
    expect(documentTemplate(resolved)).toBe(
      `{"resource":"https://$context.domainName$context.path.replaceAll("/.well-known/.*","")","authorization_servers":["${ISSUER}"],"scopes_supported":["orders:read","orders:write"],"bearer_methods_supported":["header"]}`,
    );
  });

  it('say what they are told to', () => {
    const { resolved } = restApi({
      resource: 'https://mcp.example.com/mcp',
      authorizationServers: ['https://login.example.com/tenant'],
      scopesSupported: ['a'],
      resourceName: 'Orders "EU" #1 for $5\\',
      documentationUrl: 'https://docs.example.com/',
    });
    const document = documentTemplate(resolved);
    expect(document).not.toMatch(/[$#]/u);
    expect(JSON.parse(document)).toEqual({
      resource: 'https://mcp.example.com/mcp',
      authorization_servers: ['https://login.example.com/tenant'],
      scopes_supported: ['a'],
      bearer_methods_supported: ['header'],
      resource_name: 'Orders "EU" #1 for $5\\',
      resource_documentation: 'https://docs.example.com/',
    });
  });

  it('are at the well-known place of a resource with a path too', () => {
    const { resolved } = restApi({ resource: 'https://mcp.example.com/mcp' });
    expect(documentTemplate(resolved, `${WELL_KNOWN}/mcp`)).toBe(documentTemplate(resolved));
    expect(methodsOf(resolved)).toHaveProperty([`OPTIONS ${WELL_KNOWN}/mcp`]);
  });

  it('name an issuer that only the deployment knows', () => {
    const stack = new Stack(testApp(), 'Theirs');
    const pool = new UserPool(stack, 'Pool');
    construct(
      {
        issuers: [
          { issuer: pool.userPoolProviderUrl, audience: ['a'], jwksUri: 'https://k.example/k' },
        ],
      },
      stack,
    );
    const api = new RestApi(stack, 'Api');
    addProtectedResourceMetadata(api);
    const [document] = Object.values(
      Template.fromStack(stack).findResources('AWS::ApiGateway::Method', {
        Properties: { HttpMethod: 'GET' },
      }),
    ).map((method) => JSON.stringify(method));
    expect(document).toMatch(
      /\\"authorization_servers\\":\[\\"",\{"Fn::GetAtt":\["Pool\w+","ProviderURL"\]\},"\\"\]/u,
    );
  });

  it('leave out an issuer that is no address', () => {
    const { resolved } = restApi(
      {},
      {
        rollcall: {
          issuers: [
            {
              issuer: 'legacy',
              audience: ['a'],
              jwksUri: 'https://k.example/k',
              userNamespace: 'a',
            },
            { issuer: ISSUER, audience: ['a'], userNamespace: 'b' },
          ],
        },
      },
    );
    expect(documentTemplate(resolved)).toContain(`"authorization_servers":["${ISSUER}"]`);
  });

  it('advertise no offline_access', () => {
    const { resolved } = restApi({}, { rollcall: { requiredScopes: ['a', 'offline_access'] } });
    expect(documentTemplate(resolved)).toContain('"scopes_supported":["a"]');
  });

  it('redeploy the API when they change', () => {
    const deploymentId = (scopesSupported: readonly string[]) =>
      Object.keys(
        restApi({ scopesSupported }).template.findResources('AWS::ApiGateway::Deployment'),
      );
    expect(deploymentId(['a'])).not.toEqual(deploymentId(['b']));
  });

  it('need an authorization server that somebody names', () => {
    const app = testApp();
    const api = new RestApi(new Stack(app, 'Theirs'), 'Api');
    api.root.addMethod('GET');
    addProtectedResourceMetadata(api);
    expect(() => app.synth()).toThrow(/has no authorization server: set authorizationServers/u);
  });
});

describe('the challenge', () => {
  it('names the address before the first deployment knows it', () => {
    const { header, host } = restApi();
    expect(header('UNAUTHORIZED')).toBe(
      `'Bearer resource_metadata="https://${host}/prod${WELL_KNOWN}"'`,
    );
  });

  it('names the required scopes', () => {
    const { header, host } = restApi({}, { rollcall: SCOPES });
    expect(header('UNAUTHORIZED')).toBe(
      `'Bearer scope="orders:read orders:write", resource_metadata="https://${host}/prod${WELL_KNOWN}"'`,
    );
  });

  it('has the stage that the API has', () => {
    const { header, host } = restApi({}, { api: { deployOptions: { stageName: 'v2' } } });
    expect(header('UNAUTHORIZED')).toContain(`https://${host}/v2${WELL_KNOWN}`);
  });

  it('names a custom domain that the stack puts before the API', () => {
    const { header } = restApi(
      {},
      {
        after: (api, stack) => {
          new DomainName(stack, 'Domain', {
            domainName: 'mcp.example.com',
            certificate: Certificate.fromCertificateArn(
              stack,
              'Certificate',
              'arn:aws:acm:us-east-1:111122223333:certificate/one',
            ),
            endpointType: EndpointType.REGIONAL,
            securityPolicy: SecurityPolicy.TLS_1_2,
          }).addBasePathMapping(api, { basePath: 'v1' });
        },
      },
    );
    expect(header('UNAUTHORIZED')).toMatch(
      /^'Bearer resource_metadata="https:\/\/\S+\/v1\/\.well-known\/oauth-protected-resource"'$/u,
    );
  });

  it.each([
    ['https://mcp.example.com', 'https://mcp.example.com/.well-known/oauth-protected-resource'],
    ['https://mcp.example.com/', 'https://mcp.example.com/.well-known/oauth-protected-resource'],
    [
      'https://mcp.example.com/mcp',
      'https://mcp.example.com/.well-known/oauth-protected-resource/mcp',
    ],
    [
      'https://abc.execute-api.us-east-1.amazonaws.com/prod/mcp',
      'https://abc.execute-api.us-east-1.amazonaws.com/prod/.well-known/oauth-protected-resource',
    ],
    [
      'http://127.0.0.1:3000/prod',
      'http://127.0.0.1:3000/prod/.well-known/oauth-protected-resource',
    ],
  ])('for the resource %s names %s', (resource, url) => {
    expect(restApi({ resource }).header('UNAUTHORIZED')).toBe(
      `'Bearer resource_metadata="${url}"'`,
    );
  });

  it('makes no cycle of an address by urlForPath', () => {
    const stack = new Stack(testApp(), 'Theirs');
    const api = new RestApi(stack, 'Api');
    construct({}, stack);
    addProtectedResourceMetadata(api, { resource: api.urlForPath('/mcp') });
    const { GatewayResponse } = Object.fromEntries(
      Object.values(
        Template.fromStack(stack).findResources('AWS::ApiGateway::GatewayResponse'),
      ).map((found) => ['GatewayResponse', found]),
    );
    expect(JSON.stringify(GatewayResponse)).not.toContain('DeploymentStage');
  });

  it('makes no cycle of a metadata address by urlForPath', () => {
    const stack = new Stack(testApp(), 'Theirs');
    const api = new RestApi(stack, 'Api');
    api.root.addMethod('GET');
    addGatewayResponses(api, { resourceMetadataUrl: api.urlForPath(WELL_KNOWN) });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

describe('the function', () => {
  const variable = (template: Template): unknown =>
    variables(template)['ROLLCALL_RESOURCE_METADATA_URL'];

  it('knows the address, for the challenge of a missing scope', () => {
    const { resolved, host } = restApi();
    expect(
      resolved
        .resourcesOfType('AWS::Lambda::Function')
        .map(({ properties }) => properties['Environment']),
    ).toEqual([
      {
        Variables: expect.objectContaining({
          ROLLCALL_RESOURCE_METADATA_URL: `https://${host}/prod${WELL_KNOWN}`,
        }) as unknown,
      },
    ]);
  });

  it('has the address that it is told, if any', () => {
    const resourceMetadataUrl = 'https://api.example.com/metadata';
    const { template } = restApi({}, { rollcall: { resourceMetadataUrl } });
    expect(variable(template)).toBe(resourceMetadataUrl);
  });

  it('names none of several', () => {
    const { template } = restApi(
      {},
      { after: (_api, stack) => addProtectedResourceMetadata(otherApi(stack)) },
    );
    expect(variable(template)).toBeUndefined();
  });

  it('names none of an API in another stack, which needs the function', () => {
    const app = testApp();
    const rollcall = construct({}, new Stack(app, 'Theirs'));
    addProtectedResourceMetadata(otherApi(new Stack(app, 'Others')));
    expect(variable(Template.fromStack(Stack.of(rollcall)))).toBeUndefined();
  });
});

describe('a known user who may not enter', () => {
  it('gets a 403, whose challenge the authorizer gives', () => {
    const { response, header } = restApi();
    expect(response('ACCESS_DENIED')).toMatchObject({ StatusCode: '403' });
    expect(header('ACCESS_DENIED')).toBe('context.authorizer.challenge');
  });

  it('gets a challenge that is always the same, where asked', () => {
    const { header, host } = restApi(
      {},
      {
        rollcall: SCOPES,
        after: (api) => addGatewayResponses(api, { scopeChallenge: 'static' }),
      },
    );
    expect(header('ACCESS_DENIED')).toBe(
      `'Bearer error="insufficient_scope", scope="orders:read orders:write", resource_metadata="https://${host}/prod${WELL_KNOWN}"'`,
    );
  });

  const cors: GatewayResponsesProps = {
    corsOrigin: 'https://app.example.com',
    corsAllowCredentials: true,
    realm: 'orders',
  };
  it.each([
    ['before', { before: (api: RestApi) => addGatewayResponses(api, cors) }],
    ['after', { after: (api: RestApi) => addGatewayResponses(api, cors) }],
  ])('gets the same with gateway responses asked for %s', (_when, fixture) => {
    const { response, header, template } = restApi({}, fixture);
    template.resourceCountIs('AWS::ApiGateway::GatewayResponse', 6);
    expect(response('ACCESS_DENIED')).toMatchObject({ StatusCode: '403' });
    expect(header('UNAUTHORIZED')).toMatch(/^'Bearer realm="orders", resource_metadata=/u);
    expect(header('ACCESS_DENIED', 'Access-Control-Expose-Headers')).toBe("'WWW-Authenticate'");
    expect(header('ACCESS_DENIED', 'Access-Control-Allow-Credentials')).toBe("'true'");
  });
});

describe('what could not stand in a header or in the document fails with its name', () => {
  const BAD_URLS = [
    'http://mcp.example.com',
    'https://mcp.example.com/#part',
    'https://mcp.example.com/?a=b',
    'https://user:pass@mcp.example.com',
    'https://mcp.example.com/"',
    "https://mcp.example.com/'",
    'https://mcp.example.com/a b',
    'https://mcp.example.com/\n',
    'https://mcp.exämple.com',
    'mcp.example.com',
    '',
  ];
  it.each(BAD_URLS)('resource %j', (resource) => {
    expect(() => restApi({ resource })).toThrow(/^resource .* must be an https:\/\/ URL/u);
  });

  it.each(BAD_URLS)('authorizationServers %j', (server) => {
    expect(() => restApi({ authorizationServers: [server] })).toThrow(/^authorizationServers /u);
  });

  it.each(BAD_URLS)('documentationUrl %j', (documentationUrl) => {
    expect(() => restApi({ documentationUrl })).toThrow(/^documentationUrl /u);
  });

  it.each(['a b', 'a"', '', 'ä', 'offline_access'])('scopesSupported %j', (scope) => {
    expect(() => restApi({ scopesSupported: [scope] })).toThrow(/^scopesSupported has /u);
  });

  it.each(['', 'a\nb', 'a'.repeat(257)])('resourceName %j', (resourceName) => {
    expect(() => restApi({ resourceName })).toThrow(/^resourceName must be/u);
  });

  it('no server at all', () => {
    expect(() => restApi({ authorizationServers: [] })).toThrow(/^authorizationServers is empty/u);
  });

  it('credentials for every origin', () => {
    const api = new RestApi(new Stack(testApp(), 'Theirs'), 'Api');
    expect(() => addGatewayResponses(api, { corsOrigin: '*', corsAllowCredentials: true })).toThrow(
      /corsAllowCredentials needs a single corsOrigin/u,
    );
  });
});

describe('an HTTP API', () => {
  function httpApi(props: ProtectedResourceProps = {}) {
    const stack = new Stack(testApp(), 'Theirs');
    const rollcall = construct(SCOPES, stack);
    const api = new HttpApi(stack, 'Api', { defaultAuthorizer: rollcall.http() });
    addProtectedResourceMetadata(api, props);
    return Template.fromStack(stack);
  }

  it('serves the metadata without the default authorizer', () => {
    for (const method of ['GET', 'OPTIONS']) {
      httpApi().hasResourceProperties('AWS::ApiGatewayV2::Route', {
        RouteKey: `${method} ${WELL_KNOWN}`,
        AuthorizationType: 'NONE',
      });
    }
  });

  it('serves them at the well-known place of a resource with a path', () => {
    httpApi({ resource: 'https://mcp.example.com/mcp' }).hasResourceProperties(
      'AWS::ApiGatewayV2::Route',
      { RouteKey: `GET ${WELL_KNOWN}/mcp`, AuthorizationType: 'NONE' },
    );
  });

  it('has them from a function that can reach nothing', () => {
    httpApi().hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Serves protected resource metadata (RFC 9728)',
      Environment: {
        Variables: {
          METADATA: `{"authorization_servers":["${ISSUER}"],"scopes_supported":["orders:read","orders:write"],"bearer_methods_supported":["header"]}`,
        },
      },
    });
  });
});
