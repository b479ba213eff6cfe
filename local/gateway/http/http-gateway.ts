/**
 * Serves the HTTP APIs of a template. Unlike REST APIs they have no gateway responses, accept
 * simple answers, and turn every error of an authorizer into a 500. This includes `Unauthorized`,
 * whose meaning AWS does not document for HTTP APIs.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
import { Authorizer, type AuthorizerResult } from '../common/authorizer.ts';
import {
  checkPolicyAnswer,
  checkSimpleAnswer,
  stringifiedContext,
  type PolicyAnswer,
  type SimpleAnswer,
} from '../common/authorizer-answer.ts';
import type { AuthorizerCache } from '../common/authorizer-cache.ts';
import { traceOf, type AuthorizerTrace, type ExchangeListener } from '../common/exchange.ts';
import type { Functions } from '../../runtime/functions.ts';
import { corsHeaders, preflightAnswer } from './http-cors.ts';
import {
  httpAuthorizerEvent,
  httpContext,
  httpProxyEvent,
  routeArn,
  type HttpCall,
} from './http-events.ts';
import { proxyRequest } from '../common/http-proxy.ts';
import { readIdentity } from '../common/identity-source.ts';
import type { IncomingRequest } from '../common/incoming.ts';
import { withOwnAddress } from '../common/own-address.ts';
import type { Deployment } from '../../template/physical-ids.ts';
import { evaluatePolicy } from '../../template/policy.ts';
import { UnsupportedTemplateError } from '../../template/properties.ts';
import { readProxyResponse, type WireResponse } from '../common/proxy-response.ts';
import { findRoute } from '../common/routes.ts';
import type { V2ApiModel, V2Route } from './v2-model.ts';

type Answer = PolicyAnswer | SimpleAnswer;

export interface HttpGatewayOptions {
  readonly api: V2ApiModel;
  readonly deployment: Deployment;
  readonly functions: Functions;
  readonly cache: AuthorizerCache<Answer>;
  readonly onExchange?: ExchangeListener;
}

/** The only responses that an HTTP API generates. */
const MESSAGES = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

type Refusal = keyof typeof MESSAGES;

export class HttpGateway {
  readonly #options: HttpGatewayOptions;
  readonly #authorizers: ReadonlyMap<string, Authorizer<Answer>>;
  readonly #routes: readonly (V2Route & { readonly method: string; readonly path: string })[];
  readonly #defaultRoute: V2Route | undefined;

  constructor(options: HttpGatewayOptions) {
    this.#options = options;
    const { api, functions, cache } = options;
    this.#authorizers = new Map(
      api.authorizers.map((model) => [model.id, new Authorizer(model, functions, cache)]),
    );
    this.#routes = api.routes.flatMap((route) => {
      const [method, path] = route.routeKey.split(' ');
      return method === undefined || path === undefined ? [] : [{ ...route, method, path }];
    });
    this.#defaultRoute = api.routes.find(({ routeKey }) => routeKey === '$default');
  }

  async handle(request: IncomingRequest | undefined): Promise<WireResponse> {
    if (request === undefined) return refuse(413);
    const { cors } = this.#options.api;
    const preflight = cors && preflightAnswer(cors, request);
    if (preflight) return preflight;
    const response = await this.#route(request);
    if (cors === undefined) return response;
    // The configuration replaces what the backend says about origins.
    const others = response.headers.filter(([name]) => !/^access-control-/iu.test(name));
    return { ...response, headers: [...others, ...corsHeaders(cors, request)] };
  }

  async #route(request: IncomingRequest): Promise<WireResponse> {
    const { api, deployment } = this.#options;
    const [, firstPart = '', rest = ''] = /^\/([^/]*)(.*)$/su.exec(request.rawPath) ?? [];
    const named = api.stages.find(({ name }) => name === firstPart && name !== '$default');
    const stage = named ?? api.stages.find(({ name }) => name === '$default');
    if (stage === undefined) return this.#finish(request, refuse(404), undefined);
    const rawPath = named === undefined ? request.rawPath : rest === '' ? '/' : rest;
    const match = findRoute(this.#routes, request.method, rawPath);
    const route = match?.route ?? this.#defaultRoute;
    if (route === undefined) return this.#finish(request, refuse(404), undefined);
    const call = {
      request,
      apiId: api.id,
      stage,
      routeKey: route.routeKey,
      rawPath,
      pathParameters: match?.pathParameters ?? {},
      deployment,
    };
    if (route.authorizerId === undefined) {
      return this.#finish(request, await this.#integrate(call, route, undefined), undefined);
    }
    const authorizer = this.#authorizer(route.authorizerId);
    const result = await this.#ask(authorizer, call);
    const { refusal, trace } = judge(authorizer.model.name, result, call);
    if (refusal !== undefined || result.status !== 'answered') {
      return this.#finish(request, refuse(refusal ?? 500), trace);
    }
    return this.#finish(request, await this.#integrate(call, route, result.answer), trace);
  }

  async #ask(authorizer: Authorizer<Answer>, call: HttpCall): Promise<AuthorizerResult<Answer>> {
    const { model } = authorizer;
    const { payloadFormatVersion = '2.0', simpleResponses, identitySources } = model;
    const identity = readIdentity(identitySources, {
      request: call.request,
      context: httpContext(call),
      stageVariables: call.stage.variables,
      repeats: 'joined',
    });
    return authorizer.ask({
      apiId: call.apiId,
      stage: call.stage.name,
      identity,
      event: () => httpAuthorizerEvent(call, payloadFormatVersion, identity ?? []),
      check: (value) =>
        simpleResponses
          ? checkSimpleAnswer(value)
          : checkPolicyAnswer(value, { allowNestedContext: payloadFormatVersion === '2.0' }),
      requestId: call.request.requestId,
    });
  }

  async #integrate(
    call: HttpCall,
    route: V2Route,
    answer: Answer | undefined,
  ): Promise<WireResponse> {
    const { integration, routeKey } = route;
    if (integration?.kind === 'http-proxy') {
      const { request, pathParameters, stage } = call;
      const context = { ...httpContext(call), ...(answer && { authorizer: answer.context }) };
      const variables = { context, stageVariables: stage.variables };
      return (
        (await proxyRequest(integration, request, { pathParameters, variables })) ?? refuse(503)
      );
    }
    if (integration?.kind !== 'lambda') return refuse(500);
    const { payloadFormatVersion } = integration;
    const { region, accountId } = call.deployment;
    const resource = routeKey === '$default' ? routeKey : routeKey.replace(' ', '');
    const result = await this.#options.functions.call(integration.functionArn, {
      sourceArn: `arn:aws:execute-api:${region}:${accountId}:${call.apiId}/${call.stage.name}/${resource}`,
      event: httpProxyEvent(call, payloadFormatVersion, told(answer, payloadFormatVersion)),
      requestId: call.request.requestId,
      assumesRole: integration.assumesRole,
    });
    const response = result.ok ? readProxyResponse(result.value, payloadFormatVersion) : undefined;
    return response ?? refuse(500);
  }

  #authorizer(id: string): Authorizer<Answer> {
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
      api: 'http',
      requestId: request.requestId,
      method: request.method,
      path: request.rawPath,
      status: response.status,
      authorizer,
    });
    const { api, deployment } = this.#options;
    return withOwnAddress(
      { ...response, headers: [['apigw-requestid', request.requestId], ...response.headers] },
      request,
      { apiId: api.id, deployment },
    );
  }
}

/** The denial of an authorizer's result for this request; undefined if the request is allowed. */
function judge(
  name: string,
  result: AuthorizerResult<Answer>,
  call: HttpCall,
): { readonly refusal: Refusal | undefined; readonly trace: AuthorizerTrace } {
  if (result.status !== 'answered') {
    const refusal = result.status === 'no_identity' ? 401 : 500;
    return { refusal, trace: traceOf(name, result) };
  }
  const { answer } = result;
  const verdict =
    answer.form === 'policy'
      ? evaluatePolicy(answer.statements, routeArn(call))
      : answer.isAuthorized
        ? 'allowed'
        : 'explicitly_denied';
  return {
    refusal: verdict === 'allowed' ? undefined : 403,
    trace: traceOf(name, result, verdict),
  };
}

/** The authorizer's words as the backend gets them: as they are in 2.0, as texts in 1.0. */
function told(
  answer: Answer | undefined,
  version: '1.0' | '2.0',
): Record<string, unknown> | undefined {
  if (answer === undefined) return undefined;
  if (version === '2.0') {
    return { lambda: Object.keys(answer.context).length === 0 ? null : answer.context };
  }
  return {
    ...stringifiedContext(answer.context),
    ...(answer.form === 'policy' && { principalId: answer.principalId }),
  };
}

function refuse(status: Refusal): WireResponse {
  const body = JSON.stringify({ message: MESSAGES[status] });
  return { status, headers: [['Content-Type', 'application/json']], body };
}
