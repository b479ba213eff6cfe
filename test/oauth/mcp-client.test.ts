/**
 * The official MCP SDK's client finds its way in: through the challenge and the metadata to a real
 * authorization server, and back to an MCP server behind Rollcall on the local gateway.
 */
import { create, type AxiosError } from 'axios';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { claimsOf } from './support/tokens.ts';
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from './support/authorization-server.ts';
import { PAGE_ORIGIN, startMcpApi, type McpApi } from './support/mcp-api.ts';
import { UserAgent } from './support/user-agent.ts';

let authorizationServer: AuthorizationServer;
let api: McpApi;

beforeAll(async () => {
  authorizationServer = await startAuthorizationServer();
  api = await startMcpApi(authorizationServer);
  await api.putUser('alice');
}, 120_000);

afterAll(async () => {
  authorizationServer.close();
  await api.close();
});

beforeEach(() =>
  authorizationServer.control({
    subject: 'alice',
    scopes: ALL_SCOPES,
    expired: false,
    refresh: true,
  }),
);

const ALL_SCOPES = 'mcp:read mcp:write';

/**
 * A client whose requests are written down, such as `POST /prod/mcp 401`.
 *
 * @param serverUrl What the client is told, where that is not the address of the gateway.
 */
function newClient(user: UserAgent, serverUrl = new URL(api.url), behind = api) {
  const transcript: string[] = [];
  const recordingFetch: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    // As a custom domain does, whose root is mapped to the stage.
    const gateway = behind.url.replace(/\/mcp$/u, '');
    const isDomain = url.hostname === 'mcp.example.com';
    const response = await fetch(isDomain ? `${gateway}${url.pathname}` : url, init);
    const side = url.origin === serverUrl.origin ? '' : 'issuer ';
    transcript.push(`${init?.method ?? 'GET'} ${side}${url.pathname} ${response.status}`);
    return response;
  };
  /** Connects as an application does that lets its user sign in, up to twice. */
  const connect = async (signIns = 2): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(serverUrl, {
      authProvider: user,
      fetch: recordingFetch,
    });
    try {
      await client.connect(transport);
      return client;
    } catch (error) {
      if (!(error instanceof UnauthorizedError) || signIns === 0) throw error;
      await transport.finishAuth(user.code);
      return connect(signIns - 1);
    }
  };
  return { connect, transcript };
}

async function whoami(client: Client): Promise<string> {
  const { content } = (await client.callTool({ name: 'whoami' })) as CallToolResult;
  return content[0]?.type === 'text' ? content[0].text : '';
}

it('signs in and calls a tool', async () => {
  const user = new UserAgent();
  const { connect, transcript } = newClient(user);
  const client = await connect();
  expect(await whoami(client)).toBe('alice may mcp:read and mcp:write');
  await client.close();
  expect(transcript).toMatchInlineSnapshot(`
   [
     "POST /prod/mcp 401",
     "GET /prod/.well-known/oauth-protected-resource 200",
     "GET issuer /.well-known/oauth-authorization-server 200",
     "POST issuer /reg 201",
     "GET /prod/.well-known/oauth-protected-resource 200",
     "GET issuer /.well-known/oauth-authorization-server 200",
     "POST issuer /token 200",
     "POST /prod/mcp 200",
     "POST /prod/mcp 202",
     "POST /prod/mcp 200",
   ]
  `);
});

it('asks for the required scopes and for this resource', async () => {
  const user = new UserAgent();
  const client = await newClient(user).connect();
  await client.close();
  const { searchParams } = user.signIns[0] ?? new URL('about:blank');
  expect(searchParams.get('scope')).toBe(ALL_SCOPES);
  expect(searchParams.get('resource')).toBe(api.url.replace(/\/mcp$/u, ''));
});

it('is not sent round when the user is not on the list, and is told why', async () => {
  await authorizationServer.control({ subject: 'mallory' });
  const user = new UserAgent();
  const { connect, transcript } = newClient(user);
  await expect(connect()).rejects.toThrow(/403.*User not found|User not found/u);
  expect(user.signIns).toHaveLength(1);
  expect(transcript).toMatchInlineSnapshot(`
   [
     "POST /prod/mcp 401",
     "GET /prod/.well-known/oauth-protected-resource 200",
     "GET issuer /.well-known/oauth-authorization-server 200",
     "POST issuer /reg 201",
     "GET /prod/.well-known/oauth-protected-resource 200",
     "GET issuer /.well-known/oauth-authorization-server 200",
     "POST issuer /token 200",
     "POST /prod/mcp 403",
   ]
  `);
});

it('steps up once when a scope is missing, and then works', async () => {
  await authorizationServer.control({ scopes: 'mcp:read', refresh: false });
  const user = new UserAgent();
  user.beforeSignIn = async () => {
    if (user.signIns.length === 2) await authorizationServer.control({ scopes: ALL_SCOPES });
  };
  const { connect, transcript } = newClient(user);
  const client = await connect();
  expect(await whoami(client)).toBe('alice may mcp:read and mcp:write');
  await client.close();
  expect(user.signIns).toHaveLength(2);
  expect(user.signIns[1]?.searchParams.get('scope')).toBe(ALL_SCOPES);
  expect(transcript).toMatchInlineSnapshot(`
   [
     "POST /prod/mcp 401",
     "GET /prod/.well-known/oauth-protected-resource 200",
     "GET issuer /.well-known/oauth-authorization-server 200",
     "POST issuer /reg 201",
     "GET /prod/.well-known/oauth-protected-resource 200",
     "GET issuer /.well-known/oauth-authorization-server 200",
     "POST issuer /token 200",
     "POST /prod/mcp 403",
     "GET /prod/.well-known/oauth-protected-resource 200",
     "GET issuer /.well-known/oauth-authorization-server 200",
     "GET /prod/.well-known/oauth-protected-resource 200",
     "GET issuer /.well-known/oauth-authorization-server 200",
     "POST issuer /token 200",
     "POST /prod/mcp 200",
     "POST /prod/mcp 202",
     "POST /prod/mcp 200",
   ]
  `);
});

it('stops when the scope is still missing after that', async () => {
  await authorizationServer.control({ scopes: 'mcp:read' });
  const user = new UserAgent();
  await expect(newClient(user).connect()).rejects.toThrow(/403/u);
  expect(user.signIns).toHaveLength(1);
});

it('refreshes a token that has expired, without the user', async () => {
  await authorizationServer.control({ expired: true });
  const user = new UserAgent();
  const { connect, transcript } = newClient(user);
  await expect(connect()).rejects.toThrow(/401 after successful authentication/u);
  await authorizationServer.control({ expired: false });
  transcript.length = 0;
  const client = await connect();
  expect(await whoami(client)).toContain('alice');
  await client.close();
  expect(user.signIns).toHaveLength(1);
  expect(transcript).toMatchInlineSnapshot(`
   [
     "POST /prod/mcp 401",
     "GET /prod/.well-known/oauth-protected-resource 200",
     "GET issuer /.well-known/oauth-authorization-server 200",
     "POST issuer /token 200",
     "POST /prod/mcp 200",
     "POST /prod/mcp 202",
     "POST /prod/mcp 200",
   ]
  `);
});

it('is not sent to sign in again when its token has been revoked', async () => {
  const user = new UserAgent();
  const client = await newClient(user).connect();
  const { jti } = claimsOf(user.saved?.access_token ?? '');
  await api.revoke(String(jti));
  await expect(whoami(client)).rejects.toThrow(/Token has been revoked/u);
  await client.close();
  expect(user.signIns).toHaveLength(1);
});

describe('a page of another origin', () => {
  const preflight = (origin: string) =>
    fetch(api.url, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type,mcp-protocol-version',
      },
    });

  it('may ask with its token and the headers of the protocol', async () => {
    const { status, headers } = await preflight(PAGE_ORIGIN);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(PAGE_ORIGIN);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain(
      'authorization,content-type,mcp-protocol-version',
    );
  });

  it('can read the challenge', async () => {
    const { status, headers } = await fetch(api.url, {
      method: 'POST',
      headers: { Origin: PAGE_ORIGIN },
    });
    expect(status).toBe(401);
    expect(headers.get('access-control-allow-origin')).toBe(PAGE_ORIGIN);
    expect(headers.get('access-control-expose-headers')).toBe('WWW-Authenticate');
    expect(headers.get('www-authenticate')).toContain('resource_metadata="http://127.0.0.1');
  });

  it('can read the metadata from anywhere, preflight included', async () => {
    const url = api.url.replace(/\/mcp$/u, '/.well-known/oauth-protected-resource');
    const { headers } = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://elsewhere.example',
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'mcp-protocol-version',
      },
    });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-headers')).toContain('*');
    const metadata = await fetch(url);
    expect(metadata.headers.get('access-control-allow-origin')).toBe('*');
    expect(metadata.headers.get('content-type')).toBe('application/json');
    expect(metadata.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await metadata.json()).toEqual({
      resource: api.url.replace(/\/mcp$/u, ''),
      authorization_servers: [authorizationServer.url],
      scopes_supported: ['mcp:read', 'mcp:write'],
      bearer_methods_supported: ['header'],
    });
  });
});

describe('axios with the usual refresh interceptor', () => {
  /** Asks for a new token when a request ends in 401, once. */
  function refreshingAxios(tokens: { access_token: string }, refresh: () => Promise<string>) {
    const http = create();
    http.interceptors.request.use((config) => {
      config.headers.set('Authorization', `Bearer ${tokens.access_token}`);
      return config;
    });
    http.interceptors.response.use(undefined, async (error: AxiosError) => {
      const { config, response } = error;
      if (response?.status !== 401 || config === undefined) throw error;
      tokens.access_token = await refresh();
      // The request interceptor puts the new token in.
      return http.request(config);
    });
    return http;
  }

  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'axios', version: '1.0.0' },
    },
  };
  const accept = { Accept: 'application/json, text/event-stream' };

  async function signedIn(): Promise<UserAgent> {
    const user = new UserAgent();
    const client = await newClient(user).connect();
    await client.close();
    return user;
  }

  it('refreshes an expired token and gets through', async () => {
    await authorizationServer.control({ expired: true });
    const expired = new UserAgent();
    await expect(newClient(expired).connect()).rejects.toThrow(/401/u);
    await authorizationServer.control({ expired: false });
    const fresh = await signedIn();
    const refresh = jest.fn().mockResolvedValue(fresh.saved?.access_token);
    const http = refreshingAxios({ access_token: expired.saved?.access_token ?? '' }, refresh);
    const { status } = await http.post(api.url, initialize, { headers: accept });
    expect(status).toBe(200);
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('does not refresh for one who is not on the list', async () => {
    await authorizationServer.control({ subject: 'mallory' });
    const user = new UserAgent();
    await expect(newClient(user).connect()).rejects.toThrow(/User not found/u);
    const refresh = jest.fn().mockResolvedValue('');
    const http = refreshingAxios({ access_token: user.saved?.access_token ?? '' }, refresh);
    await expect(http.post(api.url, initialize, { headers: accept })).rejects.toMatchObject({
      response: { status: 403, data: { detail: 'User not found' } },
    });
    expect(refresh).not.toHaveBeenCalled();
  });
});

it('serves the stateless form of the protocol, without a handshake', async () => {
  const user = new UserAgent();
  const client = await newClient(user).connect();
  await client.close();
  const response = await fetch(api.url, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${user.saved?.access_token}`,
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'whoami',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: 'whoami' },
    }),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    id: 7,
    result: { content: [{ text: 'alice may mcp:read and mcp:write' }] },
  });
});

it('finds its way in behind a custom domain, by the well-known place of a resource with a path', async () => {
  const resource = 'https://mcp.example.com/mcp';
  const behindDomain = await startMcpApi(authorizationServer, { resource });
  try {
    await behindDomain.putUser('alice');
    const user = new UserAgent();
    const { connect, transcript } = newClient(user, new URL(resource), behindDomain);
    const client = await connect();
    expect(await whoami(client)).toContain('alice');
    await client.close();
    expect(user.signIns[0]?.searchParams.get('resource')).toBe(resource);
    expect(transcript.slice(0, 2)).toEqual([
      'POST /mcp 401',
      'GET /.well-known/oauth-protected-resource/mcp 200',
    ]);
  } finally {
    await behindDomain.close();
  }
});
