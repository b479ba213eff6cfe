/**
 * Ready-made authorizers for each kind of API around one function. Each has its identity source,
 * a time to live that is always written out, and a permission for its own authorizer alone
 * (for AppSync with CDK's flag `@aws-cdk/aws-appsync:appSyncGraphQLAPIScopeLambdaPermission`).
 * It makes no checks: `deployment-warnings.ts` reports unwise combinations.
 */
import { CfnResource, Duration, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { RequestAuthorizer, TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type {
  HttpRouteAuthorizerBindOptions,
  HttpRouteAuthorizerConfig,
} from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
  WebSocketLambdaAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { AuthorizationType, type AuthorizationMode } from 'aws-cdk-lib/aws-appsync';
import { Function as LambdaFunction, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Config } from '../../lambda/settings/config.ts';
import {
  TOKEN_SOURCE,
  TOKEN_VALIDATION_EXPRESSION,
  webSocketTokenSource,
} from './token-sources.ts';

/** On AppSync the scheme may be left out. */
const APPSYNC_VALIDATION_EXPRESSION =
  '^([Bb][Ee][Aa][Rr][Ee][Rr] )?[-_0-9A-Za-z]+\\.[-_0-9A-Za-z]+\\.[-_0-9A-Za-z]+$';

/** API Gateway's and AppSync's own limit. */
export const MAX_RESULTS_CACHE_TTL = Duration.hours(1);

/** Where an authorizer is made. */
export interface PlacementOptions {
  /**
   * A construct in the API's stack, if that is not the stack of the `RollcallAuthorizer` (nested
   * stacks too). The authorizer is then created in that stack, with the function imported.
   * Otherwise the two stacks would depend on each other.
   * @default - the `RollcallAuthorizer`
   */
  readonly scope?: Construct;
}

export interface CachingOptions {
  /**
   * How long the gateway caches an answer for the same token, up to an hour. A user who is disabled
   * or removed, or a token that is revoked or expires, keeps access during that time.
   * @default Duration.seconds(0) - every request is checked
   */
  readonly resultsCacheTtl?: Duration;
}

export interface RequestOptions extends CachingOptions {
  /**
   * The parts of a request that must be present, and that form the cache key.
   * @default - the Authorization header
   */
  readonly identitySources?: readonly string[];
}

export type AuthorizerKind =
  'rest-token' | 'rest-request' | 'http' | 'websocket' | 'appsync' | 'agentcore';

/** An authorizer that was handed out, as far as it matters to how soon a revocation takes effect. */
export interface AttachedAuthorizer {
  readonly kind: AuthorizerKind;
  readonly resultsCacheTtlSeconds: number;
  /** Whether a cached answer can only be given to the bearer of the same token. */
  readonly isKeyedOnToken: boolean;
}

export interface AuthorizerContext {
  /** Where REST authorizers are made. */
  readonly scope: Construct;
  readonly handler: IFunction;
  readonly config: Pick<Config, 'httpResponseFormat' | 'webSocketTokenSource'>;
}

/** The function as an authorizer of another stack calls it, which may say so in its own stack. */
export function importedHandler(scope: Construct, id: string, handler: IFunction): IFunction {
  return LambdaFunction.fromFunctionAttributes(scope, id, {
    functionArn: handler.functionArn,
    // An imported function of another account cannot be given permissions from here.
    sameEnvironment:
      Token.compareStrings(Stack.of(scope).account, handler.env.account) !==
      TokenComparison.DIFFERENT,
  });
}

export function restToken(
  { scope, handler }: AuthorizerContext,
  id: string,
  ttl: Duration,
): TokenAuthorizer {
  return new TokenAuthorizer(scope, id, {
    handler,
    identitySource: TOKEN_SOURCE.rest,
    validationRegex: TOKEN_VALIDATION_EXPRESSION,
    resultsCacheTtl: ttl,
  });
}

export function restRequest(
  { scope, handler }: AuthorizerContext,
  id: string,
  ttl: Duration,
  identitySources: readonly string[],
): RequestAuthorizer {
  return new RequestAuthorizer(scope, id, {
    handler,
    identitySources: [...identitySources],
    // Without an identity source the class throws an error that names no remedy.
    resultsCacheTtl: identitySources.length > 0 ? ttl : Duration.seconds(0),
  });
}

/** Payload 2.0 in both formats: the library's own way to ask for a policy is payload 1.0. */
export class RollcallHttpAuthorizer extends HttpLambdaAuthorizer {
  private readonly childId: string;
  private readonly format: Config['httpResponseFormat'];

  constructor(
    { handler, config }: AuthorizerContext,
    id: string,
    ttl: Duration,
    identitySources: readonly string[],
  ) {
    super(id, handler, {
      identitySource: [...identitySources],
      resultsCacheTtl: ttl,
      responseTypes: [HttpLambdaResponseType.SIMPLE],
    });
    this.childId = id;
    this.format = config.httpResponseFormat;
  }

  override bind(options: HttpRouteAuthorizerBindOptions): HttpRouteAuthorizerConfig {
    const bound = super.bind(options);
    const resource = options.scope.node.tryFindChild(this.childId)?.node.defaultChild;
    if (resource !== undefined && CfnResource.isCfnResource(resource)) {
      resource.addPropertyOverride('EnableSimpleResponses', this.format === 'simple');
    }
    return bound;
  }
}

/** Decides at `$connect`, once for the life of the connection; nothing is ever cached. */
export function webSocket(
  { handler, config }: AuthorizerContext,
  id: string,
): WebSocketLambdaAuthorizer {
  return new WebSocketLambdaAuthorizer(id, handler, {
    identitySource: [webSocketTokenSource(config.webSocketTokenSource)],
  });
}

export function appSync(handler: IFunction, ttl: Duration): AuthorizationMode {
  return {
    authorizationType: AuthorizationType.LAMBDA,
    lambdaAuthorizerConfig: {
      handler,
      resultsCacheTtl: ttl,
      validationRegex: APPSYNC_VALIDATION_EXPRESSION,
    },
  };
}

/** @throws Error that names the value and the limit */
export function checkedTtl(ttl: Duration = Duration.seconds(0)): Duration {
  if (ttl.toMilliseconds() > MAX_RESULTS_CACHE_TTL.toMilliseconds()) {
    throw new Error(
      `resultsCacheTtl is ${ttl.toSeconds({ integral: false })} seconds, and the gateway caches an answer for at most 3600: use Duration.hours(1) or less`,
    );
  }
  return ttl;
}
