/**
 * The identity sources and the validation expression of each kind of API. This file does not import
 * the CDK, because the command line compares deployed authorizers with it.
 */

/** A bearer token that could be a JWT; anything else is rejected before the function is called. */
export const TOKEN_VALIDATION_EXPRESSION =
  '^[Bb][Ee][Aa][Rr][Ee][Rr] [-_0-9A-Za-z]+\\.[-_0-9A-Za-z]+\\.[-_0-9A-Za-z]+$';

/** Where REST and HTTP APIs look for the token; a cache must be keyed on it. */
export const TOKEN_SOURCE = {
  rest: 'method.request.header.Authorization',
  http: '$request.header.Authorization',
} as const;

/** Where a WebSocket API looks for it, by `WEBSOCKET_TOKEN_SOURCE`. */
export function webSocketTokenSource(setting: string): string {
  if (setting === 'subprotocol') return 'route.request.header.Sec-WebSocket-Protocol';
  return setting.startsWith('query:')
    ? `route.request.querystring.${setting.slice('query:'.length)}`
    : 'route.request.header.Authorization';
}

/** Header names are the same in any case; the rest of an identity source is not. */
export function includesTokenSource(identitySources: readonly string[], source: string): boolean {
  return identitySources.some((given) => given.toLowerCase() === source.toLowerCase());
}
