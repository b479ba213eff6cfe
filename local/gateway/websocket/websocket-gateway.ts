/**
 * Serves the WebSocket APIs of a template. The authorizer is asked once, at `$connect`, and never
 * from a cache; what it says goes with the connection to every later route.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { Authorizer } from '../common/authorizer.ts';
import type { PolicyAnswer } from '../common/authorizer-answer.ts';
import { AuthorizerCache, type Clock } from '../common/authorizer-cache.ts';
import type { AuthorizerTrace, ExchangeListener } from '../common/exchange.ts';
import type { Functions } from '../../runtime/functions.ts';
import { describeRequest, hasTooLargeHeaders } from '../common/incoming.ts';
import type { Deployment } from '../../template/physical-ids.ts';
import { UnsupportedTemplateError } from '../../template/properties.ts';
import type { V2ApiModel } from '../http/v2-model.ts';
import {
  connectEvent,
  disconnectEvent,
  messageEvent,
  type Connection,
  type EventType,
  type Occurrence,
} from './websocket-events.ts';
import { askPermission } from './websocket-permission.ts';
import { WebSocketRoutes } from './websocket-routes.ts';

export interface WebSocketGatewayOptions {
  readonly api: V2ApiModel;
  readonly deployment: Deployment;
  readonly functions: Functions;
  readonly clock: Clock;
  readonly onExchange?: ExchangeListener;
  readonly onError: (error: unknown) => void;
}

/** The longest message, in bytes. */
const MAX_MESSAGE_BYTES = 128 * 1024;

/** What came of a handshake. */
type Handshake =
  | { readonly accepted: true; readonly connection: Connection; readonly protocol: string | false }
  | { readonly accepted: false; readonly status: number };

export class WebSocketGateway {
  readonly #options: WebSocketGatewayOptions;
  readonly #authorizers: ReadonlyMap<string, Authorizer<PolicyAnswer>>;
  readonly #routes: WebSocketRoutes;
  readonly #sockets: WebSocketServer;
  readonly #protocols = new WeakMap<IncomingMessage, string | false>();
  readonly #pending = new Set<Promise<unknown>>();

  constructor(options: WebSocketGatewayOptions) {
    this.#options = options;
    const { api, functions, clock } = options;
    this.#authorizers = new Map(
      api.authorizers.map((model) => [
        model.id,
        new Authorizer(model, functions, new AuthorizerCache<PolicyAnswer>(clock)),
      ]),
    );
    this.#routes = new WebSocketRoutes(api, functions);
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      // The function behind $connect chooses, not the server.
      handleProtocols: (_offered, message) => this.#protocols.get(message) ?? false,
    });
  }

  /** Takes the upgrades of `server`. */
  attach(server: Server): void {
    server.on('upgrade', (message, socket, head) => {
      socket.on('error', () => socket.destroy());
      this.#track(this.#upgrade(message, socket, head));
    });
  }

  /** Ends every connection and waits for what is under way, `$disconnect` included. */
  async close(): Promise<void> {
    const ended = [...this.#sockets.clients].map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    await Promise.all(ended);
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async #upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const requestId = randomUUID();
    const handshake = await this.#shakeHands(message, requestId).catch((error: unknown) => {
      this.#options.onError(error);
      return { accepted: false, status: 500 } as const;
    });
    if (!handshake.accepted) {
      refuse(socket, handshake.status, requestId);
      return;
    }
    this.#protocols.set(message, handshake.protocol);
    this.#sockets.handleUpgrade(message, socket, head, (webSocket) => {
      this.#converse(webSocket, handshake.connection);
    });
  }

  async #shakeHands(message: IncomingMessage, requestId: string): Promise<Handshake> {
    const { api, deployment, clock, onExchange } = this.#options;
    if (hasTooLargeHeaders(message)) return { accepted: false, status: 431 };
    const request = describeRequest(message, clock);
    const stage = api.stages.find(({ name }) => request.rawPath === `/${name}`);
    if (stage === undefined) return { accepted: false, status: 403 };
    const connection: Connection = {
      connectionId: randomBytes(11).toString('base64'),
      connectedAt: request.receivedAt,
      request,
      apiId: api.id,
      stage,
      deployment,
      authorizer: undefined,
    };
    const connect = this.#occurrence('$connect', 'CONNECT', requestId);
    const route = this.#routes.find('$connect');
    const done = (handshake: Handshake, authorizer?: AuthorizerTrace): Handshake => {
      onExchange?.({
        api: 'websocket',
        requestId,
        method: '$connect',
        path: request.rawPath,
        status: handshake.accepted ? 101 : handshake.status,
        authorizer,
      });
      return handshake;
    };
    const authorizer =
      route?.authorizerId === undefined ? undefined : this.#authorizers.get(route.authorizerId);
    if (route?.authorizerId !== undefined && authorizer === undefined) {
      throw new UnsupportedTemplateError(`No authorizer ${route.authorizerId}`);
    }
    const permission = await askPermission(authorizer, connection, connect);
    if (permission.status !== undefined) {
      return done({ accepted: false, status: permission.status }, permission.trace);
    }
    const authorized = { ...connection, authorizer: permission.told };
    const response = await this.#routes.call(
      authorized,
      connect,
      connectEvent(authorized, connect),
    );
    if (response === undefined) return done({ accepted: false, status: 502 }, permission.trace);
    if (response.status < 200 || response.status > 299) {
      return done({ accepted: false, status: response.status }, permission.trace);
    }
    const [, protocol = false] =
      response.headers.find(([name]) => name.toLowerCase() === 'sec-websocket-protocol') ?? [];
    return done({ accepted: true, connection: authorized, protocol }, permission.trace);
  }

  #converse(webSocket: WebSocket, connection: Connection): void {
    webSocket.on('error', this.#options.onError);
    webSocket.on('message', (data: Buffer) => {
      this.#track(this.#message(webSocket, connection, data.toString('utf8')));
    });
    webSocket.on('close', (code, reason) => {
      const occurrence = this.#occurrence('$disconnect', 'DISCONNECT');
      const event = disconnectEvent(connection, occurrence, { code, reason: reason.toString() });
      this.#track(this.#routes.call(connection, occurrence, event));
    });
  }

  async #message(webSocket: WebSocket, connection: Connection, body: string): Promise<void> {
    const route = this.#routes.ofMessage(body);
    const occurrence = this.#occurrence(route?.routeKey ?? '$default', 'MESSAGE');
    const { requestId, routeKey } = occurrence;
    const { connectionId } = connection;
    const fault = (message: string) => JSON.stringify({ message, connectionId, requestId });
    const event = messageEvent(connection, occurrence, body);
    const response =
      route === undefined ? undefined : await this.#routes.call(connection, occurrence, event);
    this.#options.onExchange?.({
      api: 'websocket',
      requestId,
      method: routeKey,
      path: connection.request.rawPath,
      status: response?.status ?? (route === undefined ? 403 : 500),
      authorizer: undefined,
    });
    if (route === undefined) webSocket.send(fault('Forbidden'));
    else if (response === undefined) webSocket.send(fault('Internal server error'));
    else if (route.responds) webSocket.send(response.body.toString());
  }

  #occurrence(
    routeKey: string,
    eventType: EventType,
    requestId: string = randomUUID(),
  ): Occurrence {
    return { routeKey, eventType, requestId, at: new Date(this.#options.clock()) };
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.catch(this.#options.onError).finally(() => {
      this.#pending.delete(tracked);
    });
    this.#pending.add(tracked);
  }
}

function refuse(socket: Duplex, status: number, requestId: string): void {
  const message = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ message, requestId });
  socket.end(
    [
      `HTTP/1.1 ${status} ${message}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
