/**
 * The events of an HTTP API in both payload formats: what its authorizers and its functions get.
 * 2.0 has header names in lower case, joins what is repeated with commas, and leaves empty maps
 * out; 1.0 looks like a REST API's.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import {
  headerValues,
  identityOf,
  valueMaps,
  type IncomingRequest,
  type NameValue,
} from '../common/incoming.ts';
import type { Deployment } from '../../template/physical-ids.ts';
import { commonLogTime } from '../rest/rest-events.ts';
import type { StageModel } from '../rest/rest-model.ts';
import { arnPath } from '../common/routes.ts';

/** A request that has found its route. */
export interface HttpCall {
  readonly request: IncomingRequest;
  readonly apiId: string;
  readonly stage: StageModel;
  /** Such as `GET /orders/{id}`, or `$default`. */
  readonly routeKey: string;
  /** Below the stage; percent-encoded. */
  readonly rawPath: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly deployment: Deployment;
}

type Json = Record<string, unknown>;

/** The ARN of what is called: `routeArn` in 2.0 and `methodArn` in 1.0. */
export function routeArn({ request, apiId, stage, rawPath, deployment }: HttpCall): string {
  const { region, accountId } = deployment;
  return `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage.name}/${request.method}/${arnPath(rawPath)}`;
}

export function httpAuthorizerEvent(
  call: HttpCall,
  version: '1.0' | '2.0',
  identity: readonly string[],
): Json {
  if (version === '2.0') {
    const { version: _, ...request } = requestV2(call);
    return {
      version,
      type: 'REQUEST',
      routeArn: routeArn(call),
      identitySource: identity.length === 0 ? null : identity,
      ...request,
    };
  }
  const joined = identity.join(',');
  return {
    version,
    type: 'REQUEST',
    methodArn: routeArn(call),
    identitySource: joined,
    authorizationToken: joined,
    ...requestV1(call, {}),
  };
}

/** @param authorizer What the backend is told by the authorizer; undefined without one. */
export function httpProxyEvent(
  call: HttpCall,
  version: '1.0' | '2.0',
  authorizer: Json | undefined,
): Json {
  const { body } = call.request;
  const text = body.length === 0 ? null : body.toString('utf8');
  if (version === '1.0') {
    const event = requestV1(call, null);
    return {
      version,
      ...event,
      requestContext: { ...(event['requestContext'] as Json), ...(authorizer && { authorizer }) },
      body: text,
      isBase64Encoded: false,
    };
  }
  const event = requestV2(call);
  return {
    ...event,
    requestContext: { ...(event['requestContext'] as Json), ...(authorizer && { authorizer }) },
    ...(text !== null && { body: text }),
    isBase64Encoded: false,
  };
}

/** `$context` of identity sources, and `requestContext` of 2.0 events. */
export function httpContext(call: HttpCall): Json {
  const { request, apiId, stage, routeKey, deployment } = call;
  return {
    accountId: deployment.accountId,
    apiId,
    domainName: `${apiId}.execute-api.${deployment.region}.amazonaws.com`,
    domainPrefix: apiId,
    http: {
      method: request.method,
      path: stagePath(call),
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: request.userAgent,
    },
    requestId: request.requestId,
    routeKey,
    stage: stage.name,
    time: commonLogTime(request.receivedAt),
    timeEpoch: request.receivedAt.getTime(),
  };
}

/** Any stage but `$default` is a part of the path here. */
function stagePath({ stage, rawPath }: HttpCall): string {
  return stage.name === '$default' ? rawPath : `/${stage.name}${rawPath}`;
}

function requestV2(call: HttpCall): Json {
  const { request, stage, routeKey, pathParameters } = call;
  const cookies = headerValues(request.headers, 'cookie').flatMap((value) =>
    value.split(';').map((cookie) => cookie.trim()),
  );
  const lowerCased = request.headers
    .map(([name, value]): NameValue => [name.toLowerCase(), value])
    .filter(([name]) => name !== 'cookie');
  return {
    version: '2.0',
    routeKey,
    rawPath: stagePath(call),
    rawQueryString: request.rawQuery,
    ...(cookies.length > 0 && { cookies }),
    headers: joined(lowerCased),
    ...unlessEmpty('queryStringParameters', joined(request.query)),
    requestContext: httpContext(call),
    ...unlessEmpty('pathParameters', pathParameters),
    ...unlessEmpty('stageVariables', stage.variables),
  };
}

function requestV1(call: HttpCall, empty: Json | null): Json {
  const { request, apiId, stage, routeKey, pathParameters, deployment } = call;
  const headers = valueMaps(request.headers);
  const query = valueMaps(request.query);
  const orEmpty = (map: object) => (Object.keys(map).length === 0 ? empty : map);
  const resource = routeKey.replace(/^\S+ /u, '');
  return {
    resource,
    path: stagePath(call),
    httpMethod: request.method,
    headers: headers.single,
    multiValueHeaders: headers.multi,
    queryStringParameters: orEmpty(query.single),
    multiValueQueryStringParameters: orEmpty(query.multi),
    pathParameters: orEmpty(pathParameters),
    stageVariables: orEmpty(stage.variables),
    requestContext: {
      accountId: deployment.accountId,
      apiId,
      domainName: `${apiId}.execute-api.${deployment.region}.amazonaws.com`,
      domainPrefix: apiId,
      extendedRequestId: request.requestId,
      httpMethod: request.method,
      identity: identityOf(request),
      path: stagePath(call),
      protocol: request.protocol,
      requestId: request.requestId,
      requestTime: commonLogTime(request.receivedAt),
      requestTimeEpoch: request.receivedAt.getTime(),
      resourceId: routeKey,
      resourcePath: resource,
      stage: stage.name,
    },
  };
}

function joined(values: readonly NameValue[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(valueMaps(values).multi).map(([name, list]) => [name, list.join(',')]),
  );
}

function unlessEmpty(name: string, map: Readonly<Record<string, string>>): Json {
  return Object.keys(map).length === 0 ? {} : { [name]: map };
}
