/** Serves every API of a template on loopback, each kind on its own port. */
import type { RequestListener } from 'node:http';
import type { PolicyAnswer, SimpleAnswer } from './common/authorizer-answer.ts';
import { AuthorizerCache, type Clock } from './common/authorizer-cache.ts';
import type { ExchangeListener } from './common/exchange.ts';
import type { Functions } from '../runtime/functions.ts';
import { httpFront, type Handle } from './http/http-front.ts';
import { HttpGateway } from './http/http-gateway.ts';
import { listen, portAfter, type Listening, type PortChoice } from '../runtime/listen.ts';
import { UnsupportedTemplateError, type OnUnsupported } from '../template/properties.ts';
import { RestGateway } from './rest/rest-gateway.ts';
import { readRestApis } from './rest/rest-model.ts';
import type { ResolvedTemplate } from '../template/template.ts';
import { readV2Apis } from './http/v2-model.ts';
import { WebSocketGateway } from './websocket/websocket-gateway.ts';

export interface GatewaysOptions {
  readonly template: ResolvedTemplate;
  readonly functions: Functions;
  readonly clock: Clock;
  /** Where the first API listens; the others take free ports after it. */
  readonly port: PortChoice;
  readonly onExchange: ExchangeListener;
  /** Called with errors of the gateways themselves. */
  readonly onError: (error: unknown) => void;
  /** Called for each unsupported part, which is skipped. Without it, the first one is thrown. */
  readonly onUnsupported?: OnUnsupported | undefined;
}

export interface Gateways {
  /** With the stage and no trailing slash, such as `http://127.0.0.1:3000/prod`. */
  readonly restUrl: string | undefined;
  /** Such as `http://127.0.0.1:3001`. */
  readonly httpUrl: string | undefined;
  /** With the stage, such as `ws://127.0.0.1:3002/prod`. */
  readonly webSocketUrl: string | undefined;
  /** The requested port, if it was in use and another one was chosen. */
  readonly movedFromPort: number | undefined;
  /** Flushes the cached answers of the authorizers. */
  readonly flush: () => void;
  readonly close: () => Promise<void>;
}

/**
 * Starts a gateway for each API.
 *
 * @throws PortTakenError, UnsupportedTemplateError
 */
export async function startGateways(options: GatewaysOptions): Promise<Gateways> {
  const { template, functions, clock, onExchange, onError } = options;
  const { deployment } = template;
  const restCache = new AuthorizerCache<PolicyAnswer>(clock);
  const httpCache = new AuthorizerCache<PolicyAnswer | SimpleAnswer>(clock);
  const { onUnsupported } = options;
  const rest = atMostOne(readRestApis(template, onUnsupported), 'REST');
  const v2 = readV2Apis(template, onUnsupported);
  const http = atMostOne(
    v2.filter(({ protocol }) => protocol === 'HTTP'),
    'HTTP',
  );
  const webSocket = atMostOne(
    v2.filter(({ protocol }) => protocol === 'WEBSOCKET'),
    'WebSocket',
  );

  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    // The last one first: connections end before what they need.
    for (const end of closers.splice(0).toReversed()) await end();
  };
  let next = options.port;
  const open = async (listener: RequestListener): Promise<Listening> => {
    const listening = await listen(listener, next);
    closers.push(listening.close);
    next = next.port === 0 ? next : portAfter(listening.port);
    return listening;
  };
  const front = async (handle: Handle, countsRequestLine = false) =>
    open(httpFront(handle, clock, onError, countsRequestLine));

  try {
    const firstPort = options.port.port;
    let restUrl: string | undefined;
    let httpUrl: string | undefined;
    let webSocketUrl: string | undefined;
    const ports: number[] = [];
    if (rest) {
      const gateway = new RestGateway({
        api: rest,
        deployment,
        functions,
        cache: restCache,
        onExchange,
      });
      const listening = await front((request) => gateway.handle(request));
      ports.push(listening.port);
      restUrl = `${listening.url}/${stageName(rest)}`;
    }
    if (http) {
      const gateway = new HttpGateway({
        api: http,
        deployment,
        functions,
        cache: httpCache,
        onExchange,
      });
      const listening = await front((request) => gateway.handle(request), true);
      ports.push(listening.port);
      httpUrl =
        stageName(http) === '$default' ? listening.url : `${listening.url}/${stageName(http)}`;
    }
    if (webSocket) {
      const gateway = new WebSocketGateway({
        api: webSocket,
        deployment,
        functions,
        clock,
        onExchange,
        onError,
      });
      const listening = await open((_message, response) => {
        response.writeHead(426, { Upgrade: 'websocket' }).end();
      });
      ports.push(listening.port);
      gateway.attach(listening.server);
      closers.push(() => gateway.close());
      webSocketUrl = `${listening.url.replace(/^http/u, 'ws')}/${stageName(webSocket)}`;
    }
    return {
      restUrl,
      httpUrl,
      webSocketUrl,
      movedFromPort: firstPort !== 0 && ports[0] !== firstPort ? firstPort : undefined,
      flush: () => {
        restCache.flush();
        httpCache.flush();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function atMostOne<T>(apis: readonly T[], kind: string): T | undefined {
  if (apis.length > 1) throw new UnsupportedTemplateError(`Several ${kind} APIs in one stack`);
  return apis[0];
}

function stageName(api: { readonly stages: readonly { readonly name: string }[] }): string {
  const [stage] = api.stages;
  if (stage === undefined) throw new UnsupportedTemplateError('An API has no stage');
  return stage.name;
}
