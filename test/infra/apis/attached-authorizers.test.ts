import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RestApi, type IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpLambdaIntegration,
  WebSocketLambdaIntegration,
} from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Definition, GraphqlApi } from 'aws-cdk-lib/aws-appsync';
import { Code, Function as LambdaFunction, Runtime, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { checkedTtl } from '../../../infra/apis/attached-authorizers.ts';
import {
  includesTokenSource,
  TOKEN_VALIDATION_EXPRESSION,
} from '../../../infra/apis/token-sources.ts';
import type { RollcallAuthorizer } from '../../../infra/rollcall-authorizer.ts';
import type { RollcallAuthorizerProps } from '../../../infra/rollcall-authorizer-props.ts';
import { construct, testApp } from '../support/synth.ts';

type Attach = (authorizer: RollcallAuthorizer, stack: Stack) => void;

function template(attach: Attach, props: Partial<RollcallAuthorizerProps> = {}): Template {
  const stack = new Stack(testApp(), 'Theirs');
  attach(construct(props, stack), stack);
  return Template.fromStack(stack);
}

function backend(stack: Stack): IFunction {
  return new LambdaFunction(stack, 'Backend', {
    code: Code.fromInline('exports.handler = null;'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  });
}

const rest =
  (authorizerOf: (authorizer: RollcallAuthorizer) => IAuthorizer) =>
  (authorizer: RollcallAuthorizer, stack: Stack): void => {
    new RestApi(stack, 'Api').root.addMethod('GET', undefined, {
      authorizer: authorizerOf(authorizer),
    });
  };

const http =
  (options: Parameters<RollcallAuthorizer['http']>[1] = {}): Attach =>
  (authorizer, stack) => {
    const api = new HttpApi(stack, 'Api');
    const integration = new HttpLambdaIntegration('Backend', backend(stack));
    const ready = authorizer.http('Http', options);
    for (const path of ['/a', '/b']) api.addRoutes({ path, integration, authorizer: ready });
  };

const webSocket: Attach = (authorizer, stack) => {
  new WebSocketApi(stack, 'Api', {
    connectRouteOptions: {
      integration: new WebSocketLambdaIntegration('Backend', backend(stack)),
      authorizer: authorizer.webSocket(),
    },
  });
};

const appSync =
  (options: Parameters<RollcallAuthorizer['appSync']>[0] = {}): Attach =>
  (authorizer, stack) => {
    new GraphqlApi(stack, 'Api', {
      name: 'api',
      definition: Definition.fromFile('test/infra/support/schema.graphql'),
      authorizationConfig: { defaultAuthorization: authorizer.appSync(options) },
    });
  };

/** Who may call the function: the principals and what they are bound to. */
function permissions(made: Template): readonly unknown[] {
  return Object.values(
    made.findResources('AWS::Lambda::Permission', {
      Properties: {
        FunctionName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RollcallFunction'), 'Arn'] },
      },
    }),
  ).map(({ Properties: { Principal, SourceArn } }) => [Principal, JSON.stringify(SourceArn)]);
}

describe('restToken', () => {
  it('asks for a bearer token in the Authorization header and caches nothing', () => {
    template(rest((authorizer) => authorizer.restToken())).hasResourceProperties(
      'AWS::ApiGateway::Authorizer',
      {
        Type: 'TOKEN',
        IdentitySource: 'method.request.header.Authorization',
        IdentityValidationExpression: TOKEN_VALIDATION_EXPRESSION,
        AuthorizerResultTtlInSeconds: 0,
      },
    );
  });

  it('caches for as long as it is told', () => {
    const resultsCacheTtl = Duration.minutes(1);
    template(
      rest((authorizer) => authorizer.restToken('Rest', { resultsCacheTtl })),
    ).hasResourceProperties('AWS::ApiGateway::Authorizer', { AuthorizerResultTtlInSeconds: 60 });
  });

  it('lets this authorizer of API Gateway call the function, and nobody else', () => {
    expect(permissions(template(rest((authorizer) => authorizer.restToken())))).toEqual([
      ['apigateway.amazonaws.com', expect.stringMatching(/\/authorizers\/.*RollcallRestToken/u)],
    ]);
  });

  it('calls the function through its alias when that is kept warm', () => {
    const made = template(
      rest((authorizer) => authorizer.restToken()),
      { provisionedConcurrency: 1 },
    );
    made.hasResourceProperties('AWS::Lambda::Permission', {
      FunctionName: { Ref: Match.stringLikeRegexp('Live') },
      SourceArn: Match.anyValue(),
    });
    expect(permissions(made)).toEqual([]);
  });

  it.each([
    'Bearer a.b.c',
    'bearer A0-_.A0-_.A0-_',
    'BEARER eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln',
  ])('lets %s through', (header) => {
    expect(new RegExp(TOKEN_VALIDATION_EXPRESSION, 'u').test(header)).toBe(true);
  });

  it.each([
    'a.b.c',
    'Bearer',
    'Bearer  a.b.c',
    'Bearer\ta.b.c',
    'Bearer a.b',
    'Bearer a.b.c.d',
    'Bearer a.b.c=',
    'Bearer a.b.c ',
    'Bearer a.b.',
    'Bearer a.b.c,Bearer a.b.c',
    'Basic a.b.c',
    'Bearer a.b.ü',
  ])('does not let %j through', (header) => {
    expect(new RegExp(TOKEN_VALIDATION_EXPRESSION, 'u').test(header)).toBe(false);
  });
});

describe('restRequest', () => {
  it('asks for the Authorization header and caches nothing', () => {
    template(rest((authorizer) => authorizer.restRequest())).hasResourceProperties(
      'AWS::ApiGateway::Authorizer',
      {
        Type: 'REQUEST',
        IdentitySource: 'method.request.header.Authorization',
        IdentityValidationExpression: Match.absent(),
        AuthorizerResultTtlInSeconds: 0,
      },
    );
  });

  it('asks for what it is told', () => {
    const options = {
      resultsCacheTtl: Duration.hours(1),
      identitySources: ['method.request.header.authorization', 'context.httpMethod'],
    };
    template(rest((authorizer) => authorizer.restRequest('Rest', options))).hasResourceProperties(
      'AWS::ApiGateway::Authorizer',
      {
        IdentitySource: 'method.request.header.authorization,context.httpMethod',
        AuthorizerResultTtlInSeconds: 3600,
      },
    );
  });

  it('writes out that nothing is cached when it asks for nothing', () => {
    template(
      rest((authorizer) => authorizer.restRequest('Rest', { identitySources: [] })),
    ).hasResourceProperties('AWS::ApiGateway::Authorizer', { AuthorizerResultTtlInSeconds: 0 });
  });

  it('lets this authorizer of API Gateway call the function, and nobody else', () => {
    expect(permissions(template(rest((authorizer) => authorizer.restRequest())))).toEqual([
      ['apigateway.amazonaws.com', expect.stringMatching(/\/authorizers\/.*RollcallRestRequest/u)],
    ]);
  });
});

describe('http', () => {
  it('is asked with payload 2.0, answers yes or no, and caches nothing', () => {
    template(http()).hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
      AuthorizerResultTtlInSeconds: 0,
    });
  });

  it('serves several routes as one authorizer', () => {
    template(http()).resourceCountIs('AWS::ApiGatewayV2::Authorizer', 1);
  });

  it('can answer with a policy, still with payload 2.0', () => {
    template(http(), { httpResponseFormat: 'policy' }).hasResourceProperties(
      'AWS::ApiGatewayV2::Authorizer',
      { AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: false },
    );
  });

  it('caches for as long as it is told, under what it is told', () => {
    const identitySources = ['$request.header.authorization', '$context.routeKey'];
    template(
      http({ resultsCacheTtl: Duration.seconds(60), identitySources }),
    ).hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerResultTtlInSeconds: 60,
      IdentitySource: identitySources,
    });
  });

  it('is refused when its identity sources lack the token', () => {
    expect(() => template(http({ identitySources: ['$request.header.X-Key'] }))).toThrow(
      /\$request\.header\.X-Key.*add \$request\.header\.Authorization/u,
    );
  });

  it('lets this authorizer of API Gateway call the function, and nobody else', () => {
    expect(permissions(template(http()))).toEqual([
      ['apigateway.amazonaws.com', expect.stringMatching(/\/authorizers\/.*ApiHttp/u)],
    ]);
  });
});

describe('webSocket', () => {
  it.each([
    ['header', 'route.request.header.Authorization'],
    ['subprotocol', 'route.request.header.Sec-WebSocket-Protocol'],
    ['query:ticket', 'route.request.querystring.ticket'],
  ])('finds the token in %s', (webSocketTokenSource, source) => {
    template(webSocket, { webSocketTokenSource }).hasResourceProperties(
      'AWS::ApiGatewayV2::Authorizer',
      {
        AuthorizerType: 'REQUEST',
        IdentitySource: [source],
        AuthorizerPayloadFormatVersion: Match.absent(),
        // Not offered for WebSocket APIs, which never cache.
        AuthorizerResultTtlInSeconds: Match.absent(),
      },
    );
  });

  it('lets this authorizer of API Gateway call the function, and nobody else', () => {
    expect(permissions(template(webSocket))).toEqual([
      ['apigateway.amazonaws.com', expect.stringMatching(/\/authorizers\/.*ApiWebSocket/u)],
    ]);
  });
});

describe('appSync', () => {
  it('asks for a token with or without its scheme and caches nothing', () => {
    template(appSync()).hasResourceProperties('AWS::AppSync::GraphQLApi', {
      AuthenticationType: 'AWS_LAMBDA',
      LambdaAuthorizerConfig: {
        AuthorizerResultTtlInSeconds: 0,
        AuthorizerUri: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RollcallFunction'), 'Arn'] },
        IdentityValidationExpression: Match.stringLikeRegexp('^\\^.*\\$$'),
      },
    });
  });

  it('caches for as long as it is told', () => {
    template(appSync({ resultsCacheTtl: Duration.minutes(2) })).hasResourceProperties(
      'AWS::AppSync::GraphQLApi',
      { LambdaAuthorizerConfig: { AuthorizerResultTtlInSeconds: 120 } },
    );
  });

  it('lets this API call the function, and nobody else', () => {
    expect(permissions(template(appSync()))).toEqual([
      ['appsync.amazonaws.com', expect.stringContaining('Arn')],
    ]);
  });
});

describe('checkedTtl', () => {
  it('is nothing unless asked for', () => {
    expect(checkedTtl().toSeconds()).toBe(0);
  });

  it('is at most an hour', () => {
    expect(checkedTtl(Duration.seconds(3600)).toSeconds()).toBe(3600);
  });

  it('is refused beyond an hour, with the value and the remedy', () => {
    expect(() => checkedTtl(Duration.seconds(3601))).toThrow(
      /3601 seconds.*use Duration\.hours\(1\) or less/u,
    );
  });
});

describe('includesTokenSource', () => {
  it('takes header names in any case', () => {
    expect(
      includesTokenSource(['$request.header.AUTHORIZATION'], '$request.header.authorization'),
    ).toBe(true);
  });

  it('does not take another header', () => {
    expect(includesTokenSource(['$request.header.X'], '$request.header.Authorization')).toBe(false);
  });
});
