/** The routes of a WebSocket API: which one a message goes to, and the function behind it. */
import type { Functions } from '../../runtime/functions.ts';
import { lookUp } from '../common/identity-source.ts';
import { readProxyResponse, type WireResponse } from '../common/proxy-response.ts';
import type { V2ApiModel, V2Route } from '../http/v2-model.ts';
import { routeKeyArn, type Connection, type Occurrence } from './websocket-events.ts';

export class WebSocketRoutes {
  readonly #api: V2ApiModel;
  readonly #functions: Functions;

  constructor(api: V2ApiModel, functions: Functions) {
    this.#api = api;
    this.#functions = functions;
  }

  find(routeKey: string): V2Route | undefined {
    return this.#api.routes.find((route) => route.routeKey === routeKey);
  }

  /** The route that a message names, else `$default`; undefined when there is neither. */
  ofMessage(body: string): V2Route | undefined {
    const name = this.#nameIn(body);
    // `$connect` and its like are not for clients to call.
    const named = name === undefined || name.startsWith('$') ? undefined : this.find(name);
    return named ?? this.find('$default');
  }

  /**
   * Calls the function behind an occurrence's route. A route without one does nothing, and well;
   * undefined stands for a function that failed.
   */
  async call(
    connection: Connection,
    { routeKey, requestId }: Occurrence,
    event: unknown,
  ): Promise<WireResponse | undefined> {
    const integration = this.find(routeKey)?.integration;
    if (integration?.kind !== 'lambda') return { status: 200, headers: [], body: '' };
    const result = await this.#functions.call(integration.functionArn, {
      sourceArn: routeKeyArn(connection, routeKey),
      event,
      requestId,
      assumesRole: integration.assumesRole,
    });
    return result.ok ? readProxyResponse(result.value, '1.0') : undefined;
  }

  #nameIn(body: string): string | undefined {
    const [, path] = /^\$request\.body\.(.+)$/u.exec(this.#api.routeSelectionExpression) ?? [];
    if (path === undefined) return undefined;
    try {
      const value = lookUp(JSON.parse(body), path);
      return typeof value === 'string' ? value : undefined;
    } catch {
      return undefined;
    }
  }
}
