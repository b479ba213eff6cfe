/**
 * A small Amazon Bedrock AgentCore Gateway: `/mcp` in front of one MCP server, with the authorizer
 * function as its REQUEST interceptor and no authorizer of its own. If the
 * interceptor fails or answers in an unknown form, which AWS does not document, the answer is a 500
 * and no target is called.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-interceptors-types.html
 */
import { isJsonObject, type JsonObject } from '../../../lambda/json.ts';
import type { Functions } from '../../runtime/functions.ts';
import { valueMaps, type IncomingRequest } from '../common/incoming.ts';
import type { WireResponse } from '../common/proxy-response.ts';

/** Answers a request, as an MCP server that speaks streamable HTTP does. */
export type McpTarget = (request: Request) => Promise<Response>;

export interface AgentCoreGatewayOptions {
  readonly functions: Functions;
  /** Of the interceptor. */
  readonly functionArn: string;
  readonly target: McpTarget;
}

const MCP_PATH = '/mcp';

export class AgentCoreGateway {
  readonly #options: AgentCoreGatewayOptions;

  constructor(options: AgentCoreGatewayOptions) {
    this.#options = options;
  }

  async handle(request: IncomingRequest | undefined): Promise<WireResponse> {
    if (request === undefined) return plain(413, 'Request Too Long');
    if (request.rawPath !== MCP_PATH) return plain(404, 'Not Found');
    if (request.method !== 'POST') return plain(405, 'Method Not Allowed');
    const text = request.body.toString();
    const body = parseJson(text);
    if (body === undefined) return plain(400, 'The body is not JSON');
    const headers = valueMaps(request.headers).single;
    const gatewayRequest = { path: MCP_PATH, httpMethod: 'POST', headers, body };
    const result = await this.#options.functions.call(this.#options.functionArn, {
      // The gateway's role may call it.
      assumesRole: true,
      sourceArn: '',
      requestId: request.requestId,
      event: {
        interceptorInputVersion: '1.0',
        mcp: { rawGatewayRequest: { body: text }, gatewayRequest },
      },
    });
    const output = result.ok ? readOutput(result.value) : undefined;
    if (output === undefined) return plain(500, 'The interceptor failed');
    const { transformedGatewayResponse, transformedGatewayRequest } = output;
    if (transformedGatewayResponse !== undefined) return asWire(transformedGatewayResponse);
    return this.#forward(headers, transformedGatewayRequest ?? {}, body);
  }

  /** The interceptor's headers win over the client's, whatever their case. */
  async #forward(
    own: Readonly<Record<string, string>>,
    transformed: JsonObject,
    body: unknown,
  ): Promise<WireResponse> {
    const headers = new Headers();
    for (const [name, value] of [...Object.entries(own), ...textEntries(transformed['headers'])]) {
      if (!CONNECTION_HEADERS.has(name.toLowerCase())) headers.set(name, value);
    }
    const response = await this.#options.target(
      new Request(`http://target.invalid${MCP_PATH}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(transformed['body'] ?? body),
      }),
    );
    return {
      status: response.status,
      headers: [...response.headers],
      body: Buffer.from(await response.arrayBuffer()),
    };
  }
}

const CONNECTION_HEADERS = new Set(['connection', 'content-length', 'host', 'transfer-encoding']);

interface Output {
  readonly transformedGatewayRequest: JsonObject | undefined;
  readonly transformedGatewayResponse: JsonObject | undefined;
}

function readOutput(value: unknown): Output | undefined {
  if (!isJsonObject(value) || value['interceptorOutputVersion'] !== '1.0') return undefined;
  const { mcp } = value;
  if (!isJsonObject(mcp)) return undefined;
  const { transformedGatewayRequest: request, transformedGatewayResponse: response } = mcp;
  if (![request, response].every((part) => part === undefined || isJsonObject(part))) {
    return undefined;
  }
  return {
    transformedGatewayRequest: request as JsonObject | undefined,
    transformedGatewayResponse: response as JsonObject | undefined,
  };
}

function asWire({ statusCode, headers, body }: JsonObject): WireResponse {
  return {
    status: typeof statusCode === 'number' ? statusCode : 200,
    headers: textEntries(headers),
    body: JSON.stringify(body ?? null),
  };
}

function textEntries(headers: unknown): [string, string][] {
  return Object.entries(isJsonObject(headers) ? headers : {}).flatMap(([name, value]) =>
    typeof value === 'string' && /^[A-Za-z0-9_-]+$/u.test(name) ? [[name, value]] : [],
  );
}

function plain(status: number, message: string): WireResponse {
  const body = JSON.stringify({ message });
  return { status, headers: [['Content-Type', 'application/json']], body };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
