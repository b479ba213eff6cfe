/**
 * The events of a WebSocket API. There is no path and no method; what is called is a route key.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
 */
import { valueMaps, type IncomingRequest } from '../common/incoming.ts';
import type { Deployment } from '../../template/physical-ids.ts';
import { commonLogTime } from '../rest/rest-events.ts';
import type { StageModel } from '../rest/rest-model.ts';

/** A connection, open or being opened. */
export interface Connection {
  readonly connectionId: string;
  readonly connectedAt: Date;
  /** The handshake. */
  readonly request: IncomingRequest;
  readonly apiId: string;
  readonly stage: StageModel;
  readonly deployment: Deployment;
  /** What the authorizer said at `$connect`; functions of later routes get it too. */
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
}

export type EventType = 'CONNECT' | 'MESSAGE' | 'DISCONNECT';

/** One event on a connection. */
export interface Occurrence {
  readonly routeKey: string;
  readonly eventType: EventType;
  readonly requestId: string;
  readonly at: Date;
}

type Json = Record<string, unknown>;

export function routeKeyArn(
  { apiId, stage, deployment: { region, accountId } }: Connection,
  routeKey: string,
): string {
  return `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage.name}/${routeKey}`;
}

export function webSocketAuthorizerEvent(connection: Connection, connect: Occurrence): Json {
  const query = valueMaps(connection.request.query);
  return {
    type: 'REQUEST',
    methodArn: routeKeyArn(connection, connect.routeKey),
    ...headerMaps(connection),
    queryStringParameters: query.single,
    multiValueQueryStringParameters: query.multi,
    stageVariables: connection.stage.variables,
    requestContext: webSocketContext(connection, connect),
  };
}

/** The event of `$connect`'s integration: the handshake's headers and parameters. */
export function connectEvent(connection: Connection, connect: Occurrence): Json {
  const query = valueMaps(connection.request.query);
  return {
    ...headerMaps(connection),
    ...(connection.request.query.length > 0 && {
      queryStringParameters: query.single,
      multiValueQueryStringParameters: query.multi,
    }),
    requestContext: withAuthorizer(connection, connect),
    isBase64Encoded: false,
  };
}

export function messageEvent(connection: Connection, message: Occurrence, body: string): Json {
  return {
    requestContext: { ...withAuthorizer(connection, message), messageId: message.requestId },
    body,
    isBase64Encoded: false,
  };
}

export function disconnectEvent(
  connection: Connection,
  disconnect: Occurrence,
  status: { readonly code: number; readonly reason: string },
): Json {
  return {
    ...headerMaps(connection),
    requestContext: {
      ...withAuthorizer(connection, disconnect),
      disconnectStatusCode: status.code,
      disconnectReason: status.reason,
    },
    isBase64Encoded: false,
  };
}

/** `$context`, and `requestContext` of the events. */
export function webSocketContext(connection: Connection, occurrence: Occurrence): Json {
  const { request, apiId, stage, deployment, connectionId, connectedAt } = connection;
  const { routeKey, eventType, requestId, at } = occurrence;
  return {
    routeKey,
    eventType,
    extendedRequestId: requestId,
    requestTime: commonLogTime(at),
    messageDirection: 'IN',
    stage: stage.name,
    connectedAt: connectedAt.getTime(),
    requestTimeEpoch: at.getTime(),
    identity: { sourceIp: request.sourceIp, userAgent: request.userAgent },
    requestId,
    domainName: `${apiId}.execute-api.${deployment.region}.amazonaws.com`,
    connectionId,
    apiId,
  };
}

function withAuthorizer(connection: Connection, occurrence: Occurrence): Json {
  const { authorizer } = connection;
  return { ...webSocketContext(connection, occurrence), ...(authorizer && { authorizer }) };
}

function headerMaps({ request }: Connection): Json {
  const headers = valueMaps(request.headers);
  return { headers: headers.single, multiValueHeaders: headers.multi };
}
