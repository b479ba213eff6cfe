/**
 * A real MCP server behind the local AgentCore gateway. It has two tools; the second one needs a role.
 * It reads the caller from the headers that the interceptor writes.
 */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';

export const READ_TOOL = 'Orders___get_order';
export const DELETE_TOOL = 'Orders___delete_order';

/** Answers one request, without state. */
export async function answerMcpRequest(request: Request): Promise<Response> {
  const caller = decodeURIComponent(request.headers.get('x-rollcall-user') ?? 'nobody');
  const server = new McpServer({ name: 'orders', version: '1.0.0' });
  const says = (text: string) => ({ content: [{ type: 'text' as const, text }] });
  server.registerTool(READ_TOOL, { description: 'Reads an order' }, () =>
    says(`${caller} reads an order`),
  );
  server.registerTool(DELETE_TOOL, { description: 'Deletes an order' }, () =>
    says(`${caller} deletes an order`),
  );
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  return transport.handleRequest(request);
}
