/** An HTTP API with one route behind the authorizer, `GET /whoami`. */
import { Stack } from 'aws-cdk-lib';
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { HTTP_ACCESS_LOG } from './access-log.ts';
import { addProtectedResourceMetadata } from './protected-resource.ts';
import type { WhoamiApiProps } from './whoami-rest-api.ts';

export interface WhoamiHttpApiProps extends WhoamiApiProps {
  readonly authorizer: IHttpRouteAuthorizer;
  /**
   * The one origin whose pages may read the responses, or `*`.
   * @default - no CORS headers
   */
  readonly corsOrigin?: string;
}

export class WhoamiHttpApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, props: WhoamiHttpApiProps) {
    super(scope, id);
    const { corsOrigin } = props;
    this.api = new HttpApi(this, 'Api', {
      apiName: Stack.of(this).stackName,
      description: 'Routes behind the Rollcall authorizer',
      createDefaultStage: false,
      ...(corsOrigin !== undefined && {
        corsPreflight: {
          allowOrigins: [corsOrigin],
          allowMethods: [CorsHttpMethod.GET],
          allowHeaders: ['Authorization'],
        },
      }),
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: {
        rateLimit: props.throttlingRateLimit,
        burstLimit: props.throttlingBurstLimit,
      },
      accessLogSettings: {
        destination: new LogGroupLogDestination(props.accessLog),
        format: HTTP_ACCESS_LOG,
      },
    });
    this.api.addRoutes({
      path: '/whoami',
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration('Whoami', props.backend),
      authorizer: props.authorizer,
    });
    if (props.protectedResource) addProtectedResourceMetadata(this.api);
  }
}
