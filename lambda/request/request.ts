/**
 * Any gateway's event, which is `unknown`, as one `AuthorizationRequest`. A kind is recognised by
 * two independent marks, and what matches no kind is refused rather than taken for one.
 */
import { isJsonObject, type JsonObject } from '../json.ts';
import { parseStageArn } from './arn.ts';
import { parseInterceptorEvent, type InterceptedRequest } from './interceptor.ts';
import {
  bearerOrBareToken,
  bearerToken,
  headerToken,
  queryToken,
  subprotocolToken,
  type TokenSource,
} from './token-source.ts';

export type EventKind =
  'rest-token' | 'rest-request' | 'http-v1' | 'http-v2' | 'websocket' | 'appsync' | 'agentcore';

/** The kinds of APIs, which ask before anything is on its way. */
type ApiKind = Exclude<EventKind, 'agentcore'>;

/** What every kind of gateway asks: may this token use this stage? */
export interface AuthorizationRequest {
  readonly kind: EventKind;
  readonly token: TokenSource;
  /** The stage, as an ARN that ends in `/*`. Empty for AppSync and AgentCore, which have none. */
  readonly resource: string;
  readonly apiId: string;
  readonly requestId: string | undefined;
  readonly sourceIp: string | undefined;
  /** The certificate that the client has presented (mutual TLS), as PEM. */
  readonly clientCertificate?: string | undefined;
  /** Of `agentcore` alone: the request that is on its way to a target. */
  readonly intercepted?: InterceptedRequest;
}

export interface RequestOptions {
  /** `header`, `subprotocol` or `query:<name>`. */
  readonly webSocketTokenSource: string;
}

/** Reads an event; undefined when it is of no known kind or its ARN is not one. */
export function parseRequest(
  event: unknown,
  options: RequestOptions,
): AuthorizationRequest | undefined {
  if (!isJsonObject(event)) return undefined;
  if (Object.hasOwn(event, 'interceptorInputVersion')) return interceptorRequest(event);
  const kind = recognise(event);
  if (kind === undefined) return undefined;
  const context = fields(event, 'requestContext');
  const stage =
    kind === 'appsync'
      ? { apiId: text(context, 'apiId') ?? '', resource: '' }
      : parseStageArn(kind === 'http-v2' ? event['routeArn'] : event['methodArn']);
  if (stage === undefined) return undefined;
  return {
    kind,
    token: findToken(kind, event, options),
    ...stage,
    requestId: text(context, 'requestId'),
    sourceIp:
      text(fields(context, 'identity'), 'sourceIp') ?? text(fields(context, 'http'), 'sourceIp'),
    clientCertificate: clientCertificate(kind, context),
  };
}

/** The event names neither the gateway nor the request. */
function interceptorRequest(event: JsonObject): AuthorizationRequest | undefined {
  const intercepted = parseInterceptorEvent(event);
  if (intercepted === undefined) return undefined;
  return {
    kind: 'agentcore',
    token: headerToken({ headers: intercepted.headers }),
    resource: '',
    apiId: '',
    requestId: undefined,
    sourceIp: undefined,
    intercepted,
  };
}

/** Each kind's own marks, no two of which can hold of one event. */
function recognise(event: JsonObject): ApiKind | undefined {
  const { type, version } = event;
  const context = fields(event, 'requestContext');
  const hasMethodArn = typeof event['methodArn'] === 'string';
  const isConnect = context['eventType'] === 'CONNECT';

  if (type === 'TOKEN') {
    return version === undefined && hasMethodArn ? 'rest-token' : undefined;
  }
  if (type !== undefined && type !== 'REQUEST') return undefined;
  if (version === '2.0') return typeof event['routeArn'] === 'string' ? 'http-v2' : undefined;
  if (version === '1.0') return hasMethodArn && !isConnect ? 'http-v1' : undefined;
  if (version !== undefined) return undefined;

  const hasHttpMethod = typeof event['httpMethod'] === 'string';
  if (hasMethodArn && isConnect) return hasHttpMethod ? undefined : 'websocket';
  if (hasMethodArn && hasHttpMethod) return type === 'REQUEST' ? 'rest-request' : undefined;

  const hasArn = 'methodArn' in event || 'routeArn' in event;
  // Some events of AppSync have no `requestHeaders`, and the token may be missing.
  const isAppSync =
    typeof context['apiId'] === 'string' &&
    (typeof event['authorizationToken'] === 'string' || isJsonObject(event['requestHeaders']));
  return type === undefined && !hasArn && isAppSync ? 'appsync' : undefined;
}

/** API Gateway puts it where it puts the caller's address, and only where it has done mutual TLS. */
function clientCertificate(kind: ApiKind, context: JsonObject): string | undefined {
  switch (kind) {
    case 'rest-request':
    case 'http-v1':
      return text(fields(fields(context, 'identity'), 'clientCert'), 'clientCertPem');
    case 'http-v2':
      return text(fields(fields(context, 'authentication'), 'clientCert'), 'clientCertPem');
    case 'rest-token':
    case 'websocket':
    case 'appsync':
      return undefined;
  }
}

function findToken(kind: ApiKind, event: JsonObject, options: RequestOptions): TokenSource {
  switch (kind) {
    case 'rest-token':
      return bearerToken(event['authorizationToken']);
    case 'appsync':
      return bearerOrBareToken(event['authorizationToken']);
    case 'rest-request':
      return headerToken(event);
    case 'http-v1':
    case 'http-v2':
      return cacheableToken(headerToken(event), event['identitySource']);
    case 'websocket':
      return webSocketToken(event, options.webSocketTokenSource);
  }
}

function webSocketToken(event: JsonObject, source: string): TokenSource {
  if (source === 'header') return headerToken(event);
  if (source === 'subprotocol') return subprotocolToken(event);
  return queryToken(event, source.slice('query:'.length));
}

/**
 * An HTTP API caches by its identity source. One that lacks the token would hand the answer for
 * this caller to the next, so such a request is refused. The source is a list in payload 2.0,
 * and joined by commas in 1.0; a token has none.
 */
function cacheableToken(token: TokenSource, identitySource: unknown): TokenSource {
  if (token.status !== 'present' || identitySource === undefined || identitySource === null) {
    return token;
  }
  const parts: readonly unknown[] =
    typeof identitySource === 'string'
      ? identitySource.split(',')
      : Array.isArray(identitySource)
        ? identitySource
        : [];
  const holdsToken = parts.some((part) => {
    const source = bearerToken(part);
    return source.status === 'present' && source.token === token.token;
  });
  return holdsToken ? token : { status: 'malformed' };
}

function fields(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  return isJsonObject(value) ? value : {};
}

function text(parent: JsonObject, name: string): string | undefined {
  const value = parent[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
