import { Match, type Template } from 'aws-cdk-lib/assertions';
import { templateOf } from '../support/synth.ts';

const usual = templateOf();
const withCors = templateOf({ corsOrigin: 'https://app.example.com' });

const methods = (template: Template, HttpMethod: string): readonly unknown[] =>
  Object.values(
    template.findResources('AWS::ApiGateway::Method', { Properties: { HttpMethod } }),
  ).map(({ Properties }) => Properties as unknown);

describe('WhoamiRestApi', () => {
  it('serves GET /whoami behind the authorizer', () => {
    usual.hasResourceProperties('AWS::ApiGateway::Resource', { PathPart: 'whoami' });
    usual.hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'GET',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: Match.stringLikeRegexp('^AuthorizerRestToken') },
      Integration: { Type: 'AWS_PROXY' },
    });
  });

  it('serves no other method', () => {
    usual.resourceCountIs('AWS::ApiGateway::Method', 1);
  });

  it('is regional', () => {
    usual.hasResourceProperties('AWS::ApiGateway::RestApi', {
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
  });

  it('limits the requests to its stage', () => {
    usual.hasResourceProperties('AWS::ApiGateway::Stage', {
      StageName: 'prod',
      MethodSettings: [
        Match.objectLike({
          ResourcePath: '/*',
          HttpMethod: '*',
          ThrottlingRateLimit: 100,
          ThrottlingBurstLimit: 200,
        }),
      ],
    });
  });

  it('limits them as it is told', () => {
    templateOf({ throttlingRateLimit: 5, throttlingBurstLimit: 7 }).hasResourceProperties(
      'AWS::ApiGateway::Stage',
      {
        MethodSettings: [Match.objectLike({ ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 })],
      },
    );
  });

  it('logs errors and never headers or bodies', () => {
    usual.hasResourceProperties('AWS::ApiGateway::Stage', {
      AccessLogSetting: { DestinationArn: Match.anyValue(), Format: Match.anyValue() },
      MethodSettings: [Match.objectLike({ LoggingLevel: 'ERROR', DataTraceEnabled: false })],
    });
  });

  it('gives API Gateway the role that it logs with', () => {
    usual.resourceCountIs('AWS::ApiGateway::Account', 1);
  });

  it('does not, where that has been done', () => {
    templateOf({ cloudWatchRole: false }).resourceCountIs('AWS::ApiGateway::Account', 0);
  });

  it('answers a preflight request without credentials for the one origin', () => {
    const preflights = methods(withCors, 'OPTIONS');
    expect(preflights).toHaveLength(2);
    expect(preflights[0]).toMatchObject({
      AuthorizationType: 'NONE',
      Integration: {
        IntegrationResponses: [
          {
            ResponseParameters: {
              'method.response.header.Access-Control-Allow-Origin': "'https://app.example.com'",
              'method.response.header.Access-Control-Allow-Headers': "'Authorization'",
              'method.response.header.Access-Control-Allow-Methods': "'GET'",
            },
          },
        ],
      },
    });
  });

  it('lets the page of that origin read the answer and the refusals', () => {
    withCors.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { CORS_ORIGIN: 'https://app.example.com' } },
    });
    withCors.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'ACCESS_DENIED',
      ResponseParameters: {
        'gatewayresponse.header.Access-Control-Allow-Origin': "'https://app.example.com'",
      },
    });
  });

  it('is called by its own route alone', () => {
    usual.hasResourceProperties('AWS::Lambda::Permission', {
      FunctionName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WhoamiFunction'), 'Arn'] },
      SourceArn: {
        'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('/GET/whoami$')])],
      },
    });
  });
});
