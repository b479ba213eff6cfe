/**
 * A decision as the answer of a REQUEST interceptor of Amazon Bedrock AgentCore Gateway: the request
 * on its way to the target, with who calls in its headers, or a response in the target's place.
 * Always a value: what a gateway does when its interceptor fails is not documented.
 */
import { REASONS, type Decision } from '../decision.ts';
import type { InterceptedRequest } from '../request/interceptor.ts';
import { bearerChallenge } from './challenge.ts';
import { fitContext, type ScopeRules } from './response-context.ts';

type Exchange =
  | { readonly transformedGatewayRequest: TransformedRequest }
  | { readonly transformedGatewayResponse: TransformedResponse };

interface TransformedRequest {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface TransformedResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the `http` shape, whose bodies are base64. */
  readonly contentType?: string;
  readonly body: unknown;
}

export type InterceptorResult = { readonly interceptorOutputVersion: '1.0' } & (
  { readonly mcp: Exchange } | { readonly http: Exchange }
);

export interface InterceptorOptions extends ScopeRules {
  /** Default: `X-Rollcall-`. */
  readonly identityHeaderPrefix?: string;
}

const CONTENT_TYPE = 'application/json';

/** The answer to `request`. */
export function interceptorResult(
  decision: Decision,
  request: InterceptedRequest,
  options: InterceptorOptions,
): InterceptorResult {
  const exchange: Exchange =
    decision.outcome === 'allow'
      ? { transformedGatewayRequest: passedOn(decision, request, options) }
      : { transformedGatewayResponse: refusal(decision, request, options) };
  return request.shape === 'mcp'
    ? { interceptorOutputVersion: '1.0', mcp: exchange }
    : { interceptorOutputVersion: '1.0', http: exchange };
}

/**
 * The body as it came, and every header but those under the prefix, which say who calls: a client
 * could write them too, in any case.
 */
function passedOn(
  decision: Decision,
  { body, headers = {} }: InterceptedRequest,
  { identityHeaderPrefix: prefix = 'X-Rollcall-', ...rules }: InterceptorOptions,
): TransformedRequest {
  const { userId, isAdmin, roles = '', reason } = fitContext(decision, rules).context;
  const others = Object.entries(headers).filter(
    ([name]) => !name.toLowerCase().startsWith(prefix.toLowerCase()),
  );
  return {
    body,
    headers: {
      ...Object.fromEntries(others),
      [`${prefix}User`]: headerSafe(String(userId)),
      [`${prefix}Admin`]: String(isAdmin),
      // Also without roles, so that none of the client's is left where headers are merged.
      [`${prefix}Roles`]: String(roles),
      [`${prefix}Reason`]: String(reason),
    },
  };
}

/**
 * A user id may hold what ends a header, or is not ASCII: percent-encoded, as is `%`, so that no two
 * ids look alike.
 */
function headerSafe(text: string): string {
  return text.replaceAll(/[^\u0021-\u0024\u0026-\u007e]/gu, (character) =>
    encodeURIComponent(character),
  );
}

function refusal(
  decision: Exclude<Decision, { readonly outcome: 'allow' }>,
  { shape, rpcId, isTooLarge }: InterceptedRequest,
  rules: InterceptorOptions,
): TransformedResponse {
  const statusCode = isTooLarge ? 413 : STATUS[decision.outcome];
  const detail = isTooLarge ? 'Request is too large' : REASONS[decision.reason].detail;
  const challenge = challengeOf(decision, rules);
  const headers = {
    'Content-Type': CONTENT_TYPE,
    ...(challenge !== undefined && { 'WWW-Authenticate': challenge }),
  };
  if (shape === 'http') {
    const body = Buffer.from(JSON.stringify({ detail })).toString('base64');
    return { statusCode, headers, contentType: CONTENT_TYPE, body };
  }
  // The status as the code: JSON-RPC and MCP keep −32768 to −32000 to themselves.
  const error = { code: statusCode, message: detail };
  return { statusCode, headers, body: { jsonrpc: '2.0', id: rpcId, error } };
}

const STATUS = { unauthenticated: 401, forbidden: 403, unavailable: 503 } as const;

function challengeOf(decision: Decision, rules: ScopeRules): string | undefined {
  if (decision.outcome === 'unauthenticated') {
    const { requiredScopes: scopes, resourceMetadataUrl } = rules;
    return bearerChallenge({ scopes, resourceMetadataUrl });
  }
  const { challenge } = fitContext(decision, rules).context;
  return challenge === undefined ? undefined : String(challenge);
}
