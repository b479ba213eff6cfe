/**
 * The event of a REQUEST interceptor of Amazon Bedrock AgentCore Gateway: a client's request on its
 * way to a target, as JSON (`mcp`) or with a base64 body (`http`).
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
import { isJsonObject, ownMember, type JsonObject } from '../json.ts';
import type { ToolUse } from '../tool-use.ts';

export interface InterceptedRequest {
  readonly shape: 'mcp' | 'http';
  /** As it came; undefined if there is none. */
  readonly body: unknown;
  /** Undefined if the gateway passes none, which is its default. */
  readonly headers: JsonObject | undefined;
  /** The id that a JSON-RPC error has to repeat; null for a notification or a batch. */
  readonly rpcId: string | number | null;
  /** Whether event and answer, which repeats the request, exceed what Lambda takes together. */
  readonly isTooLarge: boolean;
  readonly toolUse: ToolUse;
}

/** 6 MB for event and answer together, less what the answer adds to the request. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024 - 16 * 1024;

/** Marks of other kinds of events. */
const FOREIGN_MARKS = ['type', 'version', 'methodArn', 'routeArn', 'requestContext'];

/** Reads an event; undefined if it is not one of a REQUEST interceptor. */
export function parseInterceptorEvent(event: JsonObject): InterceptedRequest | undefined {
  if (event['interceptorInputVersion'] !== '1.0') return undefined;
  if (FOREIGN_MARKS.some((mark) => Object.hasOwn(event, mark))) return undefined;
  const [shape, ...others] = (['mcp', 'http'] as const).filter((name) =>
    Object.hasOwn(event, name),
  );
  if (shape === undefined || others.length > 0) return undefined;
  const exchange = event[shape];
  // What a target has answered is not for this function to judge.
  if (!isJsonObject(exchange) || Object.hasOwn(exchange, 'gatewayResponse')) return undefined;
  const request = ownMember(exchange, 'gatewayRequest');
  if (!isJsonObject(request)) return undefined;

  const body = ownMember(request, 'body');
  const given = ownMember(request, 'headers');
  const headers = isJsonObject(given) && Object.keys(given).length > 0 ? given : undefined;
  const id = shape === 'mcp' && isJsonObject(body) ? ownMember(body, 'id') : undefined;
  return {
    shape,
    body,
    headers,
    rpcId: typeof id === 'string' || typeof id === 'number' ? id : null,
    isTooLarge: bytesOf(event) + bytesOf({ body, headers }) > MAX_PAYLOAD_BYTES,
    toolUse: toolUse(shape === 'mcp' ? fromText(body) : fromBase64(body), headers ?? {}),
  };
}

function bytesOf(value: JsonObject): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** A body is parsed by the gateway; one that is not may still be read as JSON by a target. */
function fromText(body: unknown): unknown {
  return typeof body === 'string' ? parseJson(body) : body;
}

function fromBase64(body: unknown): unknown {
  return typeof body === 'string' ? parseJson(Buffer.from(body, 'base64').toString()) : undefined;
}

function parseJson(text: string): unknown {
  try {
    // Some readers take a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch {
    return undefined;
  }
}

/** Which tools the JSON-RPC messages of a body call, one message or a batch. */
function toolUse(body: unknown, headers: JsonObject): ToolUse {
  const messages: readonly unknown[] = Array.isArray(body) && body.length > 0 ? body : [body];
  const methods = headerValues(headers, 'mcp-method');
  const names = headerValues(headers, 'mcp-name');
  const tools: string[] = [];
  let isUnclear = false;
  for (const message of messages) {
    const method = memberOf(message, 'method');
    // The headers of the stateless protocol must agree with the body (MCP 2026-07-28).
    if (methods.some((value) => value !== method)) isUnclear = true;
    if (method !== 'tools/call') continue;
    const name = memberOf(memberOf(message, 'params'), 'name');
    if (names.some((value) => value !== name)) isUnclear = true;
    if (typeof name === 'string' && name !== '') tools.push(name);
    else isUnclear = true;
  }
  return { tools, isUnclear };
}

function memberOf(value: unknown, name: string): unknown {
  return isJsonObject(value) ? ownMember(value, name) : undefined;
}

function headerValues(headers: JsonObject, lowerCaseName: string): readonly unknown[] {
  return Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === lowerCaseName)
    .map(([, value]) => value);
}
