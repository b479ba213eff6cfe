/**
 * Serves the REST APIs of a template as API Gateway does: finds the route, asks the authorizer or
 * its cache, evaluates the answer against this request's own ARN, calls the backend, and uses
 * the API's gateway responses for denied requests.
 */
import { Authorizer, type AuthorizerResult } from '../common/authorizer.ts';
import {
  checkPolicyAnswer,
  stringifiedContext,
  type PolicyAnswer,
} from '../common/authorizer-answer.ts';
import type { AuthorizerCache } from '../common/authorizer-cache.ts';
import { traceOf, type AuthorizerTrace, type ExchangeListener } from '../common/exchange.ts';
import type { Functions } from '../../runtime/functions.ts';
import {
  renderGatewayResponse,
  type GatewayAnswer,
  type ResponseType,
} from './gateway-response.ts';
import { readIdentity } from '../common/identity-source.ts';
import { proxyRequest } from '../common/http-proxy.ts';
import { valueMaps, type IncomingRequest } from '../common/incoming.ts';
import { withOwnAddress } from '../common/own-address.ts';
import { renderMappingTemplate } from './mapping-template.ts';
import type { Deployment } from '../../template/physical-ids.ts';
import { evaluatePolicy } from '../../template/policy.ts';
import {
  MAX_METHOD_ARN_BYTES,
  methodArn,
  restContext,
  restProxyEvent,
  restRequestEvent,
  restTokenEvent,
  type RestCall,
} from './rest-events.ts';
import type { RestApiModel } from './rest-model.ts';
import { readProxyResponse, type WireResponse } from '../common/proxy-response.ts';
import { findRoute } from '../common/routes.ts';
import { UnsupportedTemplateError } from '../../template/properties.ts';

export interface RestGatewayOptions {
  readonly api: RestApiModel;
  readonly deployment: Deployment;
  readonly functions: Functions;
  readonly cache: AuthorizerCache<PolicyAnswer>;
  readonly onExchange?: ExchangeListener;
}

/** The result of the authorizer step: the context for the backend, or a denial. */
type Passage =
  | { readonly passes: true; readonly identity: Record<string, unknown> | undefined }
  | {
      readonly passes: false;
      readonly type: ResponseType;
      readonly message?: string;
      readonly authorizer?: Record<string, string>;
    };

export class RestGateway {
  readonly #options: RestGatewayOptions;
  readonly #authorizers: ReadonlyMap<string, Authorizer<PolicyAnswer>>;

  constructor(options: RestGatewayOptions) {
    this.#options = options;
    const { api, functions, cache } = options;
    this.#authorizers = new Map(
      api.authorizers.map((model) => [model.id, new Authorizer(model, functions, cache)]),
    );
  }

  /** Answers one request; its path begins with the stage. */
  async handle(request: IncomingRequest | undefined): Promise<WireResponse> {
    const { api, deployment } = this.#options;
    if (request === undefined) return plainAnswer(413, 'Request Too Long');
    const [, stageName = '', rest = ''] = /^\/([^/]*)(.*)$/su.exec(request.rawPath) ?? [];
    const stage = api.stages.find(({ name }) => name === stageName);
    if (stage === undefined) return plainAnswer(403, 'Forbidden');
    const rawPath = rest === '' ? '/' : rest;
    const match = findRoute(api.routes, request.method, rawPath);
    if (match === undefined) {
      const answer = renderGatewayResponse('MISSING_AUTHENTICATION_TOKEN', api.gatewayResponses, {
        request,
        context: { apiId: api.id, stage: stage.name, requestId: request.requestId },
        stageVariables: stage.variables,
        pathParameters: {},
      });
      return this.#finish(request, asWire(answer), undefined);
    }
    return this.#serve({ request, apiId: api.id, stage, rawPath, deployment, ...match });
  }

  async #serve(call: RestCall): Promise<WireResponse> {
    const { request, route } = call;
    let trace: AuthorizerTrace | undefined;
    let passage: Passage = { passes: true, identity: undefined };
    if (route.authorizerId !== undefined) {
      const startedAt = Date.now();
      const authorizer = this.#authorizer(route.authorizerId);
      const result = await this.#ask(authorizer, call);
      if (result === 'uri_too_long') {
        passage = { passes: false, type: 'URI_TOO_LONG' };
      } else {
        [passage, trace] = judge(authorizer.model.name, result, call, startedAt);
      }
    }
    if (!passage.passes) {
      const { type, message, authorizer } = passage;
      const answer = renderGatewayResponse(type, this.#options.api.gatewayResponses, {
        request,
        context: { ...restContext(call), ...(authorizer && { authorizer }) },
        stageVariables: call.stage.variables,
        pathParameters: call.pathParameters,
        ...(message !== undefined && { message }),
      });
      return this.#finish(request, asWire(answer), trace);
    }
    return this.#finish(request, await this.#integrate(call, passage.identity), trace);
  }

  async #ask(
    authorizer: Authorizer<PolicyAnswer>,
    call: RestCall,
  ): Promise<AuthorizerResult<PolicyAnswer> | 'uri_too_long'> {
    const { request, apiId, stage } = call;
    const { type, identitySources } = authorizer.model;
    const identity = readIdentity(identitySources, {
      request,
      context: restContext(call),
      stageVariables: stage.variables,
      repeats: 'last',
    });
    if (Buffer.byteLength(methodArn(call)) > MAX_METHOD_ARN_BYTES) return 'uri_too_long';
    return authorizer.ask({
      apiId,
      stage: stage.name,
      identity,
      event: () =>
        type === 'TOKEN' ? restTokenEvent(call, identity?.[0] ?? '') : restRequestEvent(call),
      check: (value) => checkPolicyAnswer(value),
      requestId: request.requestId,
    });
  }

  async #integrate(
    call: RestCall,
    identity: Record<string, unknown> | undefined,
  ): Promise<WireResponse> {
    const { route, request, stage } = call;
    const { integration } = route;
    if (integration.kind === 'mock') {
      const { statusCode, headers, bodyTemplate } = integration;
      const body = renderMappingTemplate(bodyTemplate, restContext(call));
      return { status: statusCode, headers: Object.entries(headers), body };
    }
    if (integration.kind === 'http-proxy') {
      const { pathParameters } = call;
      const context = { ...restContext(call), ...(identity && { authorizer: identity }) };
      const variables = {
        context,
        stageVariables: stage.variables,
        method: { request: { header: valueMaps(request.headers).single } },
      };
      const response = await proxyRequest(integration, request, { pathParameters, variables });
      return response ?? this.#integrationFailure(call);
    }
    const result = await this.#options.functions.call(integration.functionArn, {
      // What permissions name is the resource, with `*` for each of its parameters.
      sourceArn: methodArn({ ...call, rawPath: route.path.replaceAll(/\{[^}]+\}/gu, '*') }),
      event: restProxyEvent(call, identity),
      requestId: request.requestId,
      assumesRole: integration.assumesRole,
    });
    const response = result.ok ? readProxyResponse(result.value, 'rest') : undefined;
    return response ?? this.#integrationFailure(call);
  }

  #integrationFailure(call: RestCall): WireResponse {
    const { request, stage, apiId } = call;
    return asWire(
      renderGatewayResponse('INTEGRATION_FAILURE', this.#options.api.gatewayResponses, {
        request,
        context: { ...restContext(call), apiId },
        stageVariables: stage.variables,
        pathParameters: call.pathParameters,
      }),
    );
  }

  #authorizer(id: string): Authorizer<PolicyAnswer> {
    const authorizer = this.#authorizers.get(id);
    if (authorizer === undefined) throw new UnsupportedTemplateError(`No authorizer ${id}`);
    return authorizer;
  }

  #finish(
    request: IncomingRequest,
    response: WireResponse,
    authorizer: AuthorizerTrace | undefined,
  ): WireResponse {
    this.#options.onExchange?.({
      api: 'rest',
      requestId: request.requestId,
      method: request.method,
      path: request.rawPath,
      status: response.status,
      authorizer,
    });
    const { api, deployment } = this.#options;
    return withOwnAddress(
      { ...response, headers: [['x-amzn-RequestId', request.requestId], ...response.headers] },
      request,
      { apiId: api.id, deployment },
    );
  }
}

/** What an authorizer's result means for this request. */
function judge(
  name: string,
  result: AuthorizerResult<PolicyAnswer>,
  call: RestCall,
  startedAt: number,
): [Passage, AuthorizerTrace] {
  switch (result.status) {
    case 'no_identity':
    case 'unauthorized':
      return [{ passes: false, type: 'UNAUTHORIZED' }, traceOf(name, result)];
    case 'failed':
      return [{ passes: false, type: 'AUTHORIZER_FAILURE' }, traceOf(name, result)];
    case 'misconfigured':
      return [{ passes: false, type: 'AUTHORIZER_CONFIGURATION_ERROR' }, traceOf(name, result)];
    case 'answered': {
      const { principalId, statements, context } = result.answer;
      const verdict = evaluatePolicy(statements, methodArn(call));
      const told = { ...stringifiedContext(context), principalId };
      const trace = traceOf(name, result, verdict);
      if (verdict === 'allowed') {
        const integrationLatency = Date.now() - startedAt;
        return [{ passes: true, identity: { ...told, integrationLatency } }, trace];
      }
      const message = `User is not authorized to access this resource${verdict === 'explicitly_denied' ? ' with an explicit deny' : ''}`;
      return [{ passes: false, type: 'ACCESS_DENIED', message, authorizer: told }, trace];
    }
  }
}

/** Before there is a stage, there is no gateway response to customise. */
function plainAnswer(status: number, message: string): WireResponse {
  const body = JSON.stringify({ message });
  return { status, headers: [['Content-Type', 'application/json']], body };
}

function asWire({ status, headers, body }: GatewayAnswer): WireResponse {
  return { status, headers: Object.entries(headers), body };
}
