/**
 * The events of a REST API: what its authorizers and its functions get. Headers keep the client's
 * spelling, as they do in AWS.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
 */
import { identityOf, valueMaps, type IncomingRequest } from '../common/incoming.ts';
import type { RestRoute, StageModel } from './rest-model.ts';
import type { Deployment } from '../../template/physical-ids.ts';
import { arnPath } from '../common/routes.ts';

/** A request that has found its route. */
export interface RestCall {
  readonly request: IncomingRequest;
  readonly apiId: string;
  readonly stage: StageModel;
  readonly route: RestRoute;
  /** Below the stage; percent-encoded. */
  readonly rawPath: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly deployment: Deployment;
}

/** The longest ARN of a method that can be authorized, in bytes. */
export const MAX_METHOD_ARN_BYTES = 1600;

/** The ARN of what is called: the real verb and the real, decoded path. */
export function methodArn({ request, apiId, stage, rawPath, deployment }: RestCall): string {
  const { region, accountId } = deployment;
  return `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage.name}/${request.method}/${arnPath(rawPath)}`;
}

export function restTokenEvent(call: RestCall, authorizationToken: string): unknown {
  return { type: 'TOKEN', authorizationToken, methodArn: methodArn(call) };
}

export function restRequestEvent(call: RestCall): unknown {
  const { request, route, rawPath } = call;
  const headers = valueMaps(request.headers);
  const query = valueMaps(request.query);
  return {
    type: 'REQUEST',
    methodArn: methodArn(call),
    resource: route.path,
    path: rawPath,
    httpMethod: request.method,
    headers: headers.single,
    multiValueHeaders: headers.multi,
    queryStringParameters: query.single,
    multiValueQueryStringParameters: query.multi,
    pathParameters: call.pathParameters,
    stageVariables: call.stage.variables,
    requestContext: restContext(call),
  };
}

/**
 * The event of a proxy integration. Maps without members are `null` here.
 *
 * @param authorizer What the backend is told by the authorizer; undefined without one.
 */
export function restProxyEvent(
  call: RestCall,
  authorizer: Readonly<Record<string, unknown>> | undefined,
): unknown {
  const { request, route, rawPath } = call;
  const headers = valueMaps(request.headers);
  const query = valueMaps(request.query);
  return {
    resource: route.path,
    path: rawPath,
    httpMethod: request.method,
    headers: headers.single,
    multiValueHeaders: headers.multi,
    queryStringParameters: orNull(query.single),
    multiValueQueryStringParameters: orNull(query.multi),
    pathParameters: orNull(call.pathParameters),
    stageVariables: orNull(call.stage.variables),
    requestContext: { ...restContext(call), ...(authorizer && { authorizer }) },
    body: request.body.length === 0 ? null : request.body.toString('utf8'),
    isBase64Encoded: false,
  };
}

/** `$context`, and `requestContext` of the events. */
export function restContext(call: RestCall): Record<string, unknown> {
  const { request, apiId, stage, route, rawPath, deployment } = call;
  return {
    accountId: deployment.accountId,
    apiId,
    domainName: `${apiId}.execute-api.${deployment.region}.amazonaws.com`,
    domainPrefix: apiId,
    extendedRequestId: request.requestId,
    httpMethod: request.method,
    identity: { ...identityOf(request), apiKey: null, apiKeyId: null, clientCert: null },
    path: `/${stage.name}${rawPath}`,
    protocol: request.protocol,
    requestId: request.requestId,
    requestTime: commonLogTime(request.receivedAt),
    requestTimeEpoch: request.receivedAt.getTime(),
    resourceId: route.resourceId,
    resourcePath: route.path,
    stage: stage.name,
  };
}

/** `09/Apr/2030:12:34:56 +0000`, as in the Common Log Format. */
export function commonLogTime(date: Date): string {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/u.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

function orNull<T extends object>(map: T): T | null {
  return Object.keys(map).length === 0 ? null : map;
}
