/**
 * The function as the REQUEST interceptor of an Amazon Bedrock AgentCore Gateway. Written without
 * CDK's module for AgentCore, which not every release of aws-cdk-lib has: what CDK's gateway takes
 * is an interface, and this has its form.
 */
import { Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct } from 'constructs';

/** The part of CDK's `Gateway` that is used. */
export interface AgentCoreGateway extends IConstruct {
  readonly role: IRole;
}

/** The type that `addInterceptor` and `interceptorConfigurations` of CDK's `Gateway` accept. */
export interface AgentCoreInterceptor {
  // oxlint-disable-next-line typescript/no-explicit-any -- an enum of a module that may not be there
  readonly interceptionPoint: any;
  bind(scope: Construct, gateway: AgentCoreGateway): { readonly configuration: unknown };
}

/**
 * As `LambdaInterceptor.forRequest(handler, { passRequestHeaders: true })`: the gateway's role may
 * call the function, and the headers are passed, which have the token.
 */
export function agentCoreInterceptor(
  handler: IFunction,
  onBind: (gateway: AgentCoreGateway) => void,
): AgentCoreInterceptor {
  return {
    interceptionPoint: 'REQUEST',
    bind(_scope, gateway) {
      handler.grantInvoke(gateway.role);
      onBind(gateway);
      return {
        configuration: {
          interceptionPoints: ['REQUEST'],
          interceptor: { lambda: { arn: handler.functionArn } },
          inputConfiguration: { passRequestHeaders: true },
        },
      };
    },
  };
}

const DISCOVERY_PATH = '/.well-known/openid-configuration';

/**
 * Issuers that gateways trust by themselves, from the discovery URL of their own authorizer, as far
 * as they are known before the deployment. A gateway may have none, or sign requests instead.
 */
export function issuersOfGateways(gateways: readonly AgentCoreGateway[]): readonly string[] {
  return gateways.flatMap((gateway) => {
    const { authorizerConfiguration } = (gateway.node.defaultChild ?? {}) as {
      readonly authorizerConfiguration?: unknown;
    };
    const { customJwtAuthorizer } = (Stack.of(gateway).resolve(authorizerConfiguration) ?? {}) as {
      readonly customJwtAuthorizer?: { readonly discoveryUrl?: unknown };
    };
    const url = customJwtAuthorizer?.discoveryUrl;
    return typeof url === 'string' && url.endsWith(DISCOVERY_PATH)
      ? [url.slice(0, -DISCOVERY_PATH.length)]
      : [];
  });
}
