/**
 * The console: a page on loopback where the local stack can be seen at work, and the calls that
 * the page makes. It has an origin of its own, apart from the APIs', and logs nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen, type PortChoice } from '../runtime/listen.ts';
import type { LocalStack } from '../stack.ts';
import { createRoutes, type Routes } from './api.ts';
import { streamEvents } from './event-stream.ts';
import { refusalOf, SECURITY_HEADERS } from './guard.ts';
import { InputError, readBody } from './input.ts';
import { Recorder } from './recorder.ts';
import { readStaticFiles } from './static-files.ts';

export interface Console {
  /** Such as `http://127.0.0.1:3003/`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export interface ConsoleOptions {
  /** Default: any free one. */
  readonly port?: PortChoice;
  /** Told of faults of the console itself. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Serves the console of a running stack. Close it before the stack.
 *
 * @throws PortTakenError
 */
export async function startConsole(
  stack: LocalStack,
  { port: choice = { port: 0 }, onError = console.error }: ConsoleOptions = {},
): Promise<Console> {
  const files = await readStaticFiles();
  const recorder = new Recorder(stack);
  const routes = createRoutes(stack, recorder);

  const { url, port, close } = await listen((incoming, response) => {
    void serve(incoming, response).catch((error: unknown) => {
      onError(error);
      if (response.headersSent) response.destroy();
      else answer(response, 500, { error: 'The console failed; its terminal says why' });
    });
  }, choice);

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = incoming;
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const refusal = refusalOf(method, headers, port);
    if (refusal !== undefined) {
      // What is left of the body is not wanted.
      response.setHeader('Connection', 'close');
      return answer(response, refusal.status, { error: refusal.error });
    }
    const [pathname = '/', query = ''] = (incoming.url ?? '/').split('?');
    if (method === 'GET' && pathname === '/api/events') {
      return streamEvents(recorder, incoming, response);
    }
    const file = method === 'GET' || method === 'HEAD' ? files.get(pathname) : undefined;
    if (file !== undefined) {
      response.setHeader('Content-Type', file.contentType);
      response.end(method === 'HEAD' ? undefined : file.content);
      return;
    }
    const found = findRoute(routes, method, pathname);
    if (found === undefined) return answer(response, 404, { error: 'There is no such thing here' });
    try {
      const input =
        method === 'GET'
          ? Object.fromEntries(new URLSearchParams(query))
          : await readBody(incoming);
      answer(response, 200, await found.route(input, found.id));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      answer(response, error.status, { error: error.message });
    }
  }

  return {
    url: `${url}/`,
    close: async () => {
      recorder.close();
      await close();
    },
  };
}

function findRoute(
  routes: Routes,
  method: string,
  pathname: string,
): { readonly route: Routes[string]; readonly id: string } | undefined {
  const exact = routes[`${method} ${pathname}`];
  if (exact !== undefined) return { route: exact, id: '' };
  const [, parent, last = ''] = /^(.+)\/([^/]+)$/u.exec(pathname) ?? [];
  const route = routes[`${method} ${parent}/*`];
  const id = decoded(last);
  return route === undefined || id === undefined ? undefined : { route, id };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
