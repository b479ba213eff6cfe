/** Small hand-written templates for the gateways to serve. */
import type { TemplateJson } from '../../../local/template/template.ts';
import { AUTHORIZER_SOURCE, ECHO_SOURCE } from './authorizer-program.ts';

type Json = Record<string, unknown>;
type Resources = Record<string, { Type: string; Properties: Json }>;

export function lambdaFunction(source: string, properties: Json = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { ZipFile: source },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Timeout: 5,
      ...properties,
    },
  };
}

export function permission(functionId: string, apiId: string, suffix: string) {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [functionId, 'Arn'] },
      Principal: 'apigateway.amazonaws.com',
      SourceArn: {
        'Fn::Join': [
          '',
          [
            'arn:aws:execute-api:',
            { Ref: 'AWS::Region' },
            ':',
            { Ref: 'AWS::AccountId' },
            ':',
            { Ref: apiId },
            suffix,
          ],
        ],
      },
    },
  };
}

export function invocationUri(functionId: string) {
  return {
    'Fn::Join': [
      '',
      [
        'arn:',
        { Ref: 'AWS::Partition' },
        ':apigateway:us-east-1:lambda:path/2015-03-31/functions/',
        { 'Fn::GetAtt': [functionId, 'Arn'] },
        '/invocations',
      ],
    ],
  };
}

export interface RestFixture {
  readonly authorizer?: Json;
  readonly authorizerFunction?: Json;
  readonly authorizerSource?: string;
  readonly backendSource?: string;
  /** Resource paths; each takes GET and POST behind the authorizer. Default: `/orders`, `/orders/{id}`. */
  readonly paths?: readonly string[];
  readonly stages?: readonly string[];
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly gatewayResponses?: Readonly<Record<string, Json>>;
  readonly extra?: Resources;
  readonly without?: readonly string[];
}

/** A REST API with a TOKEN authorizer (no cache) and an echoing backend. */
export function restTemplate(fixture: RestFixture = {}): TemplateJson {
  const { paths = ['/orders', '/orders/{id}'], stages = ['prod'], gatewayResponses = {} } = fixture;
  const resources: Resources = {
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'Api' } },
    Ask: lambdaFunction(fixture.authorizerSource ?? AUTHORIZER_SOURCE, fixture.authorizerFunction),
    Backend: lambdaFunction(fixture.backendSource ?? ECHO_SOURCE),
    AskPermission: permission('Ask', 'Api', '/authorizers/*'),
    BackendPermission: permission('Backend', 'Api', '/*/*/*'),
    Authorizer: {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: {
        Name: 'Authorizer',
        RestApiId: { Ref: 'Api' },
        Type: 'TOKEN',
        IdentitySource: 'method.request.header.Authorization',
        AuthorizerResultTtlInSeconds: 0,
        AuthorizerUri: invocationUri('Ask'),
        ...fixture.authorizer,
      },
    },
  };
  for (const stage of stages) {
    resources[`Stage${stage}`] = {
      Type: 'AWS::ApiGateway::Stage',
      Properties: {
        RestApiId: { Ref: 'Api' },
        StageName: stage,
        ...(fixture.stageVariables && { Variables: fixture.stageVariables }),
      },
    };
  }
  for (const path of paths) {
    const resourceId = addResource(resources, path);
    for (const method of ['GET', 'POST']) {
      resources[`Method${method}${path}`] = {
        Type: 'AWS::ApiGateway::Method',
        Properties: {
          RestApiId: { Ref: 'Api' },
          ResourceId: resourceId,
          HttpMethod: method,
          AuthorizationType: 'CUSTOM',
          AuthorizerId: { Ref: 'Authorizer' },
          Integration: {
            Type: 'AWS_PROXY',
            IntegrationHttpMethod: 'POST',
            Uri: invocationUri('Backend'),
          },
        },
      };
    }
  }
  for (const [type, properties] of Object.entries(gatewayResponses)) {
    resources[`Response${type}`] = {
      Type: 'AWS::ApiGateway::GatewayResponse',
      Properties: { RestApiId: { Ref: 'Api' }, ResponseType: type, ...properties },
    };
  }
  Object.assign(resources, fixture.extra);
  for (const name of fixture.without ?? []) delete resources[name];
  return { Resources: resources };
}

/** Adds the resources of a path and gives the reference to its last one. */
function addResource(resources: Resources, path: string): Json {
  let parent: Json = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };
  let soFar = '';
  for (const part of path.split('/').filter((segment) => segment !== '')) {
    soFar += `/${part}`;
    const id = `Resource${soFar}`;
    resources[id] ??= {
      Type: 'AWS::ApiGateway::Resource',
      Properties: { RestApiId: { Ref: 'Api' }, ParentId: parent, PathPart: part },
    };
    parent = { Ref: id };
  }
  return parent;
}

export interface V2Fixture {
  readonly protocol?: 'HTTP' | 'WEBSOCKET';
  readonly api?: Json;
  readonly authorizer?: Json;
  readonly authorizerFunction?: Json;
  readonly backendSource?: string;
  readonly integration?: Json;
  /** Route keys; those of an HTTP API and `$connect` are behind the authorizer. */
  readonly routes?: readonly string[];
  /** Route keys whose answer goes back to the WebSocket client. */
  readonly responding?: readonly string[];
  readonly stages?: readonly string[];
  readonly extra?: Resources;
  readonly without?: readonly string[];
}

/** An HTTP API whose authorizer gives simple responses (no cache), or a WebSocket API. */
export function v2Template(fixture: V2Fixture = {}): TemplateJson {
  const { protocol = 'HTTP', responding = [] } = fixture;
  const http = protocol === 'HTTP';
  const {
    routes = http ? ['GET /orders', 'GET /orders/{id}'] : ['$connect', '$default'],
    stages = [http ? '$default' : 'prod'],
  } = fixture;
  const resources: Resources = {
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        Name: 'Api',
        ProtocolType: protocol,
        ...(!http && { RouteSelectionExpression: '$request.body.action' }),
        ...fixture.api,
      },
    },
    Ask: lambdaFunction(AUTHORIZER_SOURCE, fixture.authorizerFunction),
    Backend: lambdaFunction(fixture.backendSource ?? ECHO_SOURCE),
    AskPermission: permission('Ask', 'Api', '/authorizers/*'),
    BackendPermission: permission('Backend', 'Api', '/*'),
    Authorizer: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        Name: 'Authorizer',
        ApiId: { Ref: 'Api' },
        AuthorizerType: 'REQUEST',
        AuthorizerUri: invocationUri('Ask'),
        ...(http
          ? {
              AuthorizerPayloadFormatVersion: '2.0',
              EnableSimpleResponses: true,
              AuthorizerResultTtlInSeconds: 0,
              IdentitySource: ['$request.header.Authorization'],
            }
          : { IdentitySource: ['route.request.header.Authorization'] }),
        ...fixture.authorizer,
      },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: http ? { 'Fn::GetAtt': ['Backend', 'Arn'] } : invocationUri('Backend'),
        ...(http && { PayloadFormatVersion: '2.0' }),
        ...fixture.integration,
      },
    },
  };
  for (const stage of stages) {
    resources[`Stage${stage}`] = {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'Api' }, StageName: stage },
    };
  }
  for (const routeKey of routes) {
    const authorized = http || routeKey === '$connect';
    resources[`Route${routeKey}`] = {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        RouteKey: routeKey,
        Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
        ...(authorized && { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } }),
        ...(responding.includes(routeKey) && { RouteResponseSelectionExpression: '$default' }),
      },
    };
  }
  Object.assign(resources, fixture.extra);
  for (const name of fixture.without ?? []) delete resources[name];
  return { Resources: resources };
}
