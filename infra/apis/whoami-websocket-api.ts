/**
 * A WebSocket API whose `$connect` is authorized, with a route `whoami` that answers the
 * connection's owner: `{"action":"whoami"}`.
 */
import { Stack } from 'aws-cdk-lib';
import {
  LogGroupLogDestination,
  WebSocketApi,
  WebSocketStage,
  type IWebSocketRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct, type IConstruct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { WEBSOCKET_ACCESS_LOG } from './access-log.ts';
import type { WhoamiApiProps } from './whoami-rest-api.ts';

export interface WhoamiWebSocketApiProps extends WhoamiApiProps {
  readonly authorizer: IWebSocketRouteAuthorizer;
  /**
   * What gives API Gateway the right to log, where this app makes it.
   * @default - the account has that already
   */
  readonly loggingAccount?: IConstruct;
}

export class WhoamiWebSocketApi extends Construct {
  readonly api: WebSocketApi;
  readonly stage: WebSocketStage;

  constructor(scope: Construct, id: string, props: WhoamiWebSocketApiProps) {
    super(scope, id);
    this.api = new WebSocketApi(this, 'Api', {
      apiName: Stack.of(this).stackName,
      description: 'Routes behind the Rollcall authorizer',
      routeSelectionExpression: '$request.body.action',
      connectRouteOptions: {
        integration: new WebSocketLambdaIntegration('Connect', props.backend),
        authorizer: props.authorizer,
      },
    });
    const whoami = this.api.addRoute('whoami', {
      integration: new WebSocketLambdaIntegration('Whoami', props.backend),
      returnResponse: true,
    });
    acknowledge(
      whoami,
      'AwsSolutions-APIG4',
      'A WebSocket API authorizes the connection, at $connect, and no other route can be.',
    );
    this.stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: 'prod',
      autoDeploy: true,
      throttle: {
        rateLimit: props.throttlingRateLimit,
        burstLimit: props.throttlingBurstLimit,
      },
      accessLogSettings: {
        destination: new LogGroupLogDestination(props.accessLog),
        format: WEBSOCKET_ACCESS_LOG,
      },
    });
    if (props.loggingAccount !== undefined) this.stage.node.addDependency(props.loggingAccount);
  }
}
