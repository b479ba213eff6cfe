/** Somebody's own app on the local gateway: a CDK app by its command, a cloud assembly, a template. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { App, Stack } from 'aws-cdk-lib';
import { HttpIntegration, MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RollcallAuthorizer } from '../../infra/rollcall-authorizer.ts';
import { KNOWN_USER, UNKNOWN_USER } from '../../local/demo-users.ts';
import { startLocalStack, type LocalStack } from '../../local/stack.ts';
import { assembleOwnApp } from '../../local/template/own-app.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function serve(app: string, strict = false): Promise<[LocalStack, readonly string[]]> {
  const unsupported: string[] = [];
  const stack = await startLocalStack({
    strict,
    assemble: (settings) => assembleOwnApp(app, settings),
    onUnsupported: (problem) => unsupported.push(problem),
  });
  cleanUps.push(stack.close);
  return [stack, unsupported];
}

/** An app with an integration that the local gateway does not know. */
async function ownAssembly(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'own-app-'));
  cleanUps.push(() => rm(directory, { recursive: true }));
  process.env['CDK_VALIDATION'] = 'false';
  const app = new App({ outdir: directory, analyticsReporting: false });
  const stack = new Stack(app, 'Own');
  const rollcall = new RollcallAuthorizer(stack, 'Rollcall', {
    issuers: [{ issuer: 'https://idp.example.com', audience: ['theirs'], userClaim: 'upn' }],
    requireUserInDb: true,
  });
  const api = new RestApi(stack, 'Api', {
    defaultMethodOptions: { authorizer: rollcall.restToken() },
  });
  const answer = {
    integrationResponses: [{ statusCode: '200', responseTemplates: { 'application/json': '{}' } }],
    requestTemplates: { 'application/json': '{"statusCode":200}' },
  };
  api.root.addResource('known').addMethod('GET', new MockIntegration(answer));
  api.root.addResource('unknown').addMethod('GET', new HttpIntegration('https://x.example'));
  app.synth();
  return directory;
}

const status = async (stack: LocalStack, route: string, email: string): Promise<number> => {
  const token = await stack.issueToken({ email });
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetch(`${stack.url}${route}`, { headers })).status;
};

it('serves the example of an MCP server, whose tool knows who calls', async () => {
  const [stack, unsupported] = await serve(
    'TSX_TSCONFIG_PATH=examples/mcp-server/tsconfig.json node --import tsx examples/mcp-server/app.ts',
  );
  expect(unsupported).toEqual([]);
  const call = async (email: string) => {
    const token = await stack.issueToken({ email });
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${stack.url}/mcp`), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      }),
    );
    const { content } = (await client.callTool({ name: 'whoami' })) as CallToolResult;
    await client.close();
    return content;
  };
  expect(await call(KNOWN_USER)).toEqual([{ type: 'text', text: KNOWN_USER }]);
  await expect(call(UNKNOWN_USER)).rejects.toThrow(/User not found/u);
  const metadata = await fetch(`${stack.url}/.well-known/oauth-protected-resource`);
  expect(await metadata.json()).toMatchObject({
    resource: stack.url,
    authorization_servers: [stack.identityProvider.issuer],
    resource_name: 'Orders',
  });
}, 120_000);

it('serves the example of a container that trusts a header, which no client can send', async () => {
  const seen: unknown[] = [];
  const container = createServer((request, response) => {
    seen.push(request.headers['x-authenticated-user'], request.headers.authorization);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(container, 'listening');
  cleanUps.push(() => Promise.resolve(container.close()));
  const { port } = container.address() as AddressInfo;
  const [stack] = await serve(
    `CONTAINER_URL=http://127.0.0.1:${port} TSX_TSCONFIG_PATH=examples/context-forge/tsconfig.json node --import tsx examples/context-forge/app.ts`,
  );
  const token = await stack.issueToken({ email: KNOWN_USER });
  const response = await fetch(`${stack.httpUrl}/tools`, {
    headers: { Authorization: `Bearer ${token}`, 'X-Authenticated-User': 'admin@example.com' },
  });
  expect(response.status).toBe(200);
  expect(seen).toEqual([KNOWN_USER, undefined]);
}, 120_000);

it('names what it does not serve, and serves the rest of a cloud assembly', async () => {
  const directory = await ownAssembly();
  const [stack, unsupported] = await serve(directory);
  expect(unsupported).toEqual([
    expect.stringMatching(/^Api\S+: a backend at https:\/\/x\.example, not on loopback/u),
  ]);
  expect(await status(stack, '/known', KNOWN_USER)).toBe(200);
  expect(await status(stack, '/known', UNKNOWN_USER)).toBe(403);
  // As if the route were not there.
  expect(await status(stack, '/unknown', KNOWN_USER)).toBe(403);
  expect(stack.settings()).toMatchObject({ REQUIRE_USER_IN_DB: 'true', USER_CLAIM: 'email' });
  await stack.close();
  expect(existsSync(path.join(directory, 'manifest.json'))).toBe(true);
}, 60_000);

it('serves an app with several issuers, and tables that are not its own', async () => {
  const directory = await ownAssembly();
  const file = path.join(directory, 'Own.template.json');
  const json = JSON.parse(await readFile(file, 'utf8')) as {
    readonly Resources: Record<
      string,
      { readonly Type: string; Properties: Record<string, unknown> }
    >;
  };
  const authorizer = Object.values(json.Resources).find(
    ({ Type: type, Properties: properties }) =>
      type === 'AWS::Lambda::Function' &&
      String(properties['Description']).startsWith('Rollcall: '),
  );
  if (authorizer === undefined) throw new Error('No authorizer');
  authorizer.Properties['Environment'] = {
    Variables: { TRUSTED_ISSUERS: '[]', USERS_TABLE_NAME: 'theirs', USERS_TABLE_KEY: 'id' },
  };
  await writeFile(file, JSON.stringify(json));
  const [stack] = await serve(directory);
  expect(await status(stack, '/known', KNOWN_USER)).toBe(200);
}, 60_000);

it('says of an app that fails what it printed', async () => {
  await expect(assembleOwnApp('echo "no such thing" >&2; exit 1', {})).rejects.toThrow(
    /cannot be synthesized\.\nno such thing/u,
  );
});

it('says of a template without an authorizer that it has none', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'own-app-'));
  cleanUps.push(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'empty.template.json');
  await writeFile(file, '{"Resources":{}}');
  await expect(serve(file)).rejects.toThrow(/Expected one authorizer of Rollcall/u);
});
