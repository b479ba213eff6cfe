/** A REST API with one route behind the authorizer, `GET /whoami`. */
import { Stack } from 'aws-cdk-lib';
import {
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
  type IAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { acknowledge, acknowledgeRegulated } from './acknowledge.ts';
import { REST_ACCESS_LOG } from './access-log.ts';
import { addGatewayResponses, type GatewayResponsesProps } from './gateway-responses.ts';
import { addProtectedResourceMetadata } from './protected-resource.ts';

/** What the demo APIs have in common. */
export interface WhoamiApiProps {
  readonly backend: IFunction;
  readonly accessLog: ILogGroup;
  /** Requests per second, on average. */
  readonly throttlingRateLimit: number;
  /** Burst limit: concurrent requests. */
  readonly throttlingBurstLimit: number;
  /** Whether to serve protected resource metadata. */
  readonly protectedResource: boolean;
}

export interface WhoamiRestApiProps extends WhoamiApiProps, GatewayResponsesProps {
  readonly authorizer: IAuthorizer;
  /**
   * Whether to give API Gateway its logging role. The role belongs to the whole account and Region.
   * Without one, the stage cannot be deployed.
   */
  readonly cloudWatchRole: boolean;
  /**
   * Traces the stage (X-Ray).
   * @default false
   */
  readonly tracing?: boolean;
}

export class WhoamiRestApi extends Construct {
  readonly api: RestApi;
  /** What a stage that logs has to wait for, where this API makes it. */
  readonly loggingAccount: IConstruct | undefined;

  constructor(scope: Construct, id: string, props: WhoamiRestApiProps) {
    super(scope, id);
    const { corsOrigin } = props;
    this.api = new RestApi(this, 'Api', {
      restApiName: Stack.of(this).stackName,
      description: 'Routes behind the Rollcall authorizer',
      endpointConfiguration: { types: [EndpointType.REGIONAL] },
      cloudWatchRole: props.cloudWatchRole,
      deployOptions: {
        stageName: 'prod',
        throttlingRateLimit: props.throttlingRateLimit,
        throttlingBurstLimit: props.throttlingBurstLimit,
        accessLogDestination: new LogGroupLogDestination(props.accessLog),
        accessLogFormat: REST_ACCESS_LOG,
        loggingLevel: MethodLoggingLevel.ERROR,
        // A trace would hold headers and bodies.
        dataTraceEnabled: false,
        ...(props.tracing === true && { tracingEnabled: true }),
      },
      ...(corsOrigin !== undefined && {
        defaultCorsPreflightOptions: {
          allowOrigins: [corsOrigin],
          allowMethods: ['GET'],
          allowHeaders: ['Authorization'],
        },
      }),
    });
    // Its outputs are named by the stack.
    this.api.node.tryRemoveChild('Endpoint');
    this.loggingAccount = this.api.node.tryFindChild('Account');
    const method = this.api.root
      .addResource('whoami')
      .addMethod('GET', new LambdaIntegration(props.backend, { allowTestInvoke: false }), {
        authorizer: props.authorizer,
        requestValidatorOptions: { validateRequestParameters: true, validateRequestBody: true },
      });
    addGatewayResponses(this.api, props);
    if (props.protectedResource) addProtectedResourceMetadata(this.api);
    acknowledge(
      method,
      'AwsSolutions-COG4',
      'The Rollcall authorizer decides here, with tokens of any issuer.',
    );
    acknowledge(
      this.api.deploymentStage,
      'AwsSolutions-APIG3',
      'Which firewall rules fit is for the operator to say; the access log is ready for one.',
    );
    acknowledgeRegulated(
      this.api.deploymentStage,
      'APIGWAssociatedWithWAF',
      'Which firewall rules fit is for the operator to say; the access log is ready for one.',
    );
    acknowledgeRegulated(
      this.api.deploymentStage,
      'APIGWCacheEnabledAndEncrypted',
      'An answer tells a caller who that caller is: it must not be cached, encrypted or not.',
    );
    acknowledgeRegulated(
      this.api.deploymentStage,
      'APIGWSSLEnabled',
      'The backend is a Lambda function, which API Gateway calls by IAM; client certificates are for HTTP backends.',
    );
    const role = this.api.node.tryFindChild('CloudWatchRole');
    if (role !== undefined) {
      acknowledge(
        role,
        'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        'The role is of the account, and this is the policy that API Gateway asks for.',
      );
    }
  }
}
