import { Match } from 'aws-cdk-lib/assertions';
import { templateOf } from '../support/synth.ts';

const usual = templateOf({ httpApi: true });

describe('WhoamiHttpApi', () => {
  it('serves GET /whoami behind the authorizer', () => {
    usual.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: 'GET /whoami',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: Match.stringLikeRegexp('^HttpApiHttp') },
    });
  });

  it('hands on payload 2.0', () => {
    usual.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
    });
  });

  it('limits and logs the requests to its one stage', () => {
    usual.resourceCountIs('AWS::ApiGatewayV2::Stage', 1);
    usual.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
      AccessLogSettings: { Format: Match.anyValue() },
    });
  });

  it('answers no preflight request', () => {
    usual.hasResourceProperties('AWS::ApiGatewayV2::Api', { CorsConfiguration: Match.absent() });
  });

  it('answers preflight requests of one origin when told', () => {
    templateOf({ httpApi: true, corsOrigin: 'https://app.example.com' }).hasResourceProperties(
      'AWS::ApiGatewayV2::Api',
      {
        CorsConfiguration: {
          AllowOrigins: ['https://app.example.com'],
          AllowMethods: ['GET'],
          AllowHeaders: ['Authorization'],
        },
      },
    );
  });
});
