/**
 * A decision as exactly what that kind of gateway needs: a value to return, or an error to throw.
 * A Deny is an answer and is cached; what could not be checked is thrown, and is not.
 */
import type {
  APIGatewayAuthorizerResult,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import type { Decision } from '../decision.ts';
import { fitContext, type AuthorizerContext, type ScopeRules } from './response-context.ts';
import type { AuthorizationRequest } from '../request/request.ts';
import {
  interceptorResult,
  type InterceptorOptions,
  type InterceptorResult,
} from './interceptor-response.ts';

interface AppSyncResult {
  isAuthorized: boolean;
  resolverContext?: AuthorizerContext;
  ttlOverride?: number;
}

export type AuthorizerResult =
  | APIGatewayAuthorizerResult
  | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>
  | AppSyncResult
  | InterceptorResult;

export type Rendered =
  | { readonly status: 'return'; readonly value: AuthorizerResult }
  | { readonly status: 'throw'; readonly error: Error };

export interface ResponseOptions extends InterceptorOptions {
  /** What HTTP APIs with payload 2.0 are answered with. */
  readonly httpResponseFormat: 'simple' | 'policy';
}

/** API Gateway answers 401 to this very message, and 500 to every other. */
const UNAUTHORIZED = constantError('Unauthorized', 'Unauthorized');
const UNAVAILABLE = constantError('AuthorizationUnavailable', 'Authorization is unavailable');

/** The answer to `request`. Without a request, nobody is known who could be answered. */
export function render(
  decision: Decision,
  request: AuthorizationRequest | undefined,
  options: ResponseOptions,
): Rendered {
  if (request?.intercepted !== undefined) {
    return answer(interceptorResult(decision, request.intercepted, options));
  }
  if (decision.outcome === 'unavailable' || request === undefined) return fail(UNAVAILABLE);
  const isAllowed = decision.outcome === 'allow';
  switch (request.kind) {
    case 'rest-token':
    case 'rest-request':
    case 'websocket':
      return decision.outcome === 'unauthenticated'
        ? fail(UNAUTHORIZED)
        : answer(policyFor(decision, request.resource, options));
    case 'http-v1':
      return answer(policyFor(decision, request.resource, options));
    case 'http-v2':
      return options.httpResponseFormat === 'policy'
        ? answer(policyFor(decision, request.resource, options))
        : answer({ isAuthorized: isAllowed, context: fitContext(decision, options).context });
    case 'appsync':
      return answer(appSyncResult(decision, options));
    case 'agentcore':
      // Has been answered above; a request of this kind without one cannot be made.
      return fail(UNAVAILABLE);
  }
}

/**
 * One statement on the whole stage: a cached answer is right on every route, and grants no other
 * stage.
 */
function policyFor(
  decision: Decision,
  resource: string,
  rules: ScopeRules,
): APIGatewayAuthorizerResult {
  const { principalId, context } = fitContext(decision, rules);
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Action: 'execute-api:Invoke',
          Effect: decision.outcome === 'allow' ? 'Allow' : 'Deny',
          Resource: resource,
        },
      ],
    },
    context,
  };
}

/** AppSync caches by the token, for as long as we say; the row of a bootstrap admin may come. */
function appSyncResult(decision: Decision, rules: ScopeRules): AppSyncResult {
  if (decision.outcome !== 'allow') return { isAuthorized: false, ttlOverride: 0 };
  return {
    isAuthorized: true,
    resolverContext: fitContext(decision, rules).context,
    ...(decision.reason === 'platform_admin_bootstrap' && { ttlOverride: 0 }),
  };
}

function answer(value: AuthorizerResult): Rendered {
  return { status: 'return', value };
}

function fail(error: Error): Rendered {
  return { status: 'throw', error };
}

/** Made once, without a stack: the runtime logs what is thrown, and there is nothing to trace. */
function constantError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  error.stack = `${name}: ${message}`;
  return error;
}
