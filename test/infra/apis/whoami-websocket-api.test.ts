import { Match } from 'aws-cdk-lib/assertions';
import { templateOf } from '../support/synth.ts';

const usual = templateOf({ webSocketApi: true });

describe('WhoamiWebSocketApi', () => {
  it('authorizes the connection', () => {
    usual.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: '$connect',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: Match.stringLikeRegexp('^WebSocketApi') },
    });
  });

  it('answers the message whoami', () => {
    usual.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      RouteSelectionExpression: '$request.body.action',
    });
    usual.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: 'whoami',
      RouteResponseSelectionExpression: '$default',
    });
    usual.hasResourceProperties('AWS::ApiGatewayV2::RouteResponse', {
      RouteResponseKey: '$default',
    });
  });

  it('limits and logs the messages to its one stage', () => {
    usual.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: 'prod',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
      AccessLogSettings: { Format: Match.anyValue() },
    });
  });

  it('waits for the role that API Gateway logs with', () => {
    usual.hasResource('AWS::ApiGatewayV2::Stage', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('Account')]),
    });
  });

  it('waits for nothing where that role exists', () => {
    templateOf({ webSocketApi: true, cloudWatchRole: false }).hasResource(
      'AWS::ApiGatewayV2::Stage',
      { DependsOn: Match.absent() },
    );
  });
});
