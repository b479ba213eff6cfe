/**
 * What one request was answered with and why, for observers of the gateway: the console, the
 * tests, the log on the terminal.
 */
export interface Exchange {
  readonly api: 'rest' | 'http' | 'websocket';
  readonly requestId: string;
  readonly method: string;
  /** Without the query, which may hold a token. */
  readonly path: string;
  readonly status: number;
  /** What became of the authorizer; undefined when the route has none or was not reached. */
  readonly authorizer: AuthorizerTrace | undefined;
}

export interface AuthorizerTrace {
  readonly name: string;
  readonly status: 'no_identity' | 'unauthorized' | 'failed' | 'misconfigured' | 'answered';
  /** Whether the answer came from the gateway's cache. */
  readonly cached: boolean;
  /** The answer as checked: a policy or a simple answer. */
  readonly answer?: unknown;
  /** Why there is no answer. */
  readonly problem?: string;
  /** What the answer says to this request. */
  readonly verdict?: 'allowed' | 'explicitly_denied' | 'implicitly_denied';
}

/** Called once a request, when its answer is known. */
export type ExchangeListener = (exchange: Exchange) => void;

/** The trace of an authorizer's result. */
export function traceOf(
  name: string,
  result:
    | { readonly status: 'answered'; readonly answer: unknown; readonly cached: boolean }
    | { readonly status: 'no_identity' | 'unauthorized' }
    | { readonly status: 'failed' | 'misconfigured'; readonly problem: string },
  verdict?: AuthorizerTrace['verdict'],
): AuthorizerTrace {
  return { name, cached: false, ...result, ...(verdict && { verdict }) };
}
