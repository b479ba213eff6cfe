/**
 * HTTP proxy integrations, to a backend on loopback: the request goes on as it came, with the
 * headers that the integration maps in place of the client's.
 */
import { lookUp } from './identity-source.ts';
import type { IncomingRequest } from './incoming.ts';
import type { WireResponse } from './proxy-response.ts';

export interface HttpProxyIntegration {
  readonly kind: 'http-proxy';
  /** With `{parameters}` of the path. */
  readonly uri: string;
  /** Undefined for the method of the request. */
  readonly method: string | undefined;
  readonly headers: readonly HeaderMapping[];
}

export interface HeaderMapping {
  readonly action: 'overwrite' | 'append' | 'remove';
  readonly name: string;
  /** A fixed value, or the dotted path of a variable. */
  readonly source: { readonly literal: string } | { readonly variable: string };
}

/** Whether a backend is on this machine: the local gateway sends nothing to any other. */
export function isLoopback(uri: string): boolean {
  return /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?(?:\/|$)/u.test(uri);
}

/** @param variables What mappings may refer to, such as `context.authorizer.userId`. */
export async function proxyRequest(
  { uri, method, headers: mappings }: HttpProxyIntegration,
  request: IncomingRequest,
  {
    pathParameters,
    variables,
  }: {
    readonly pathParameters: Readonly<Record<string, string>>;
    readonly variables: unknown;
  },
): Promise<WireResponse | undefined> {
  const headers = new Headers();
  for (const [name, value] of request.headers) {
    if (!OF_CONNECTION.has(name.toLowerCase())) headers.append(name, value);
  }
  for (const { action, name, source } of mappings) {
    const found = 'literal' in source ? source.literal : lookUp(variables, source.variable);
    const value = ['string', 'number', 'boolean'].includes(typeof found)
      ? String(found)
      : undefined;
    // What AWS makes of a variable that is not there is not said; the client's header goes.
    if (action !== 'append') headers.delete(name);
    if (action !== 'remove' && value !== undefined) headers.append(name, value);
  }
  const path = uri.replaceAll(/\{([^}+]+)\+?\}/gu, (_whole, name: string) =>
    (pathParameters[name] ?? '').split('/').map(encodeURIComponent).join('/'),
  );
  const hasBody = !['GET', 'HEAD'].includes(method ?? request.method);
  try {
    const response = await fetch(
      `${path}${request.rawQuery === '' ? '' : `?${request.rawQuery}`}`,
      {
        method: method ?? request.method,
        headers,
        redirect: 'manual',
        ...(hasBody && { body: new Uint8Array(request.body) }),
      },
    );
    return {
      status: response.status,
      headers: [...response.headers].filter(([name]) => !OF_CONNECTION.has(name)),
      body: Buffer.from(await response.arrayBuffer()),
    };
  } catch {
    return undefined;
  }
}

/** `content-encoding` too: what is read here is decoded. */
const OF_CONNECTION = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);
