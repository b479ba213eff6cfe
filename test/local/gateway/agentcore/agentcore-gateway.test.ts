/**
 * The MCP SDK's client calls tools of a real MCP server through the local AgentCore gateway, with
 * the bundle that deploys as its interceptor.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import {
  DISABLED_USER,
  KNOWN_USER,
  PLATFORM_ADMIN,
  UNKNOWN_USER,
} from '../../../../local/demo-users.ts';
import { DELETE_TOOL, READ_TOOL } from '../../../../local/runtime/mcp-server.ts';
import { startLocalStack, type LocalStack, type SecurityEvent } from '../../../../local/stack.ts';

let stack: LocalStack;
const events: SecurityEvent[] = [];

beforeAll(async () => {
  stack = await startLocalStack();
  stack.events.on('securityEvent', (event) => events.push(event));
}, 120_000);
afterAll(() => stack.close());
beforeEach(() => void (events.length = 0));

interface Connected {
  readonly client: Client;
  readonly call: (tool: string) => Promise<string>;
}

const open: Client[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
});

async function connect(email: string, headers: Record<string, string> = {}): Promise<Connected> {
  const token = await stack.issueToken({ email });
  const client = new Client({ name: 'test', version: '1.0.0' });
  open.push(client);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(stack.mcpUrl), {
      requestInit: { headers: { Authorization: `Bearer ${token}`, ...headers } },
    }),
  );
  const call = async (name: string) => {
    const { content } = (await client.callTool({ name })) as CallToolResult;
    return content[0]?.type === 'text' ? content[0].text : '';
  };
  return { client, call };
}

async function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(stack.mcpUrl, {
    method: 'POST',
    headers: {
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

const toolCall = (name: unknown, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name },
});

it('lets a user on the list call a tool, which learns who calls', async () => {
  const { call } = await connect(KNOWN_USER);
  expect(await call(READ_TOOL)).toBe(`${KNOWN_USER} reads an order`);
  expect(events.at(-1)).toMatchObject({
    outcome: 'allow',
    reason: 'user_found',
    event_kind: 'agentcore',
    user_id: KNOWN_USER,
  });
  expect(events.at(-1)).not.toHaveProperty('api_id');
});

it('tells the tool what the table says, and not what the client says', async () => {
  const { call } = await connect(KNOWN_USER, { 'x-rollcall-user': PLATFORM_ADMIN });
  expect(await call(READ_TOOL)).toBe(`${KNOWN_USER} reads an order`);
});

it('refuses a user who is not on the list, with the reason', async () => {
  await expect(connect(UNKNOWN_USER)).rejects.toThrow(/User not found/u);
});

it('refuses a user who is disabled between two calls', async () => {
  const user = 'turing@example.com';
  await stack.putUser(user, { is_active: true });
  const { call } = await connect(user);
  expect(await call(READ_TOOL)).toContain(user);
  await stack.putUser(user, { is_active: false });
  await expect(call(READ_TOOL)).rejects.toThrow(/Account disabled/u);
});

it('refuses a disabled user', async () => {
  await expect(connect(DISABLED_USER)).rejects.toThrow(/Account disabled/u);
});

it('refuses a tool whose role the user lacks, and lists it all the same', async () => {
  const { client, call } = await connect(KNOWN_USER);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([READ_TOOL, DELETE_TOOL]);
  await expect(call(DELETE_TOOL)).rejects.toThrow(/Tool not allowed for this user/u);
  expect(events.at(-1)).toMatchObject({ reason: 'tool_not_allowed', outcome: 'forbidden' });
});

it('lets one with the role call it', async () => {
  const user = 'hopper@example.com';
  await stack.putUser(user, { roles: ['admin'] });
  const { call } = await connect(user);
  expect(await call(DELETE_TOOL)).toBe(`${user} deletes an order`);
});

it('does not ask the bootstrap admin for a role', async () => {
  const { call } = await connect(PLATFORM_ADMIN);
  expect(await call(DELETE_TOOL)).toBe(`${PLATFORM_ADMIN} deletes an order`);
});

it('challenges a request without a token, and repeats its id', async () => {
  const response = await post(toolCall(READ_TOOL, 'seven'));
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await response.json()).toEqual({
    jsonrpc: '2.0',
    id: 'seven',
    error: { code: 401, message: 'Not authenticated' },
  });
});

it('refuses a batch that holds a refused call, whole', async () => {
  const token = await stack.issueToken({ email: KNOWN_USER });
  const batch = [toolCall(READ_TOOL, 1), toolCall(DELETE_TOOL, 2)];
  const response = await post(batch, { Authorization: `Bearer ${token}` });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ id: null, error: { code: 403 } });
});

it.each([{ 'Mcp-Name': READ_TOOL }, { 'Mcp-Method': 'tools/list' }])(
  'refuses a call whose headers say otherwise: %j',
  async (headers) => {
    const user = 'hopper@example.com';
    await stack.putUser(user, { roles: ['admin'] });
    const token = await stack.issueToken({ email: user });
    const response = await post(toolCall(DELETE_TOOL), {
      Authorization: `Bearer ${token}`,
      ...headers,
    });
    expect(response.status).toBe(403);
  },
);

it('answers 503 and calls nothing while the table is down', async () => {
  const { call } = await connect(KNOWN_USER);
  await stack.configure({ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' });
  try {
    await expect(call(READ_TOOL)).rejects.toThrow(/Authorization is unavailable/u);
    expect(events.at(-1)).toMatchObject({ reason: 'directory_unavailable' });
  } finally {
    await stack.configure({ AWS_ENDPOINT_URL_DYNAMODB: stack.tableEndpoint });
  }
  expect(await call(READ_TOOL)).toContain(KNOWN_USER);
});

it('answers 503 while it is misconfigured', async () => {
  await stack.configure({ USER_CACHE_TTL_SECONDS: 'often' });
  try {
    expect((await post(toolCall(READ_TOOL))).status).toBe(503);
  } finally {
    await stack.configure({ USER_CACHE_TTL_SECONDS: '' });
  }
});
