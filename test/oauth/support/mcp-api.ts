/** An MCP server behind Rollcall on a REST API, synthesized by the CDK and served on loopback. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addGatewayResponses } from '../../../infra/apis/gateway-responses.ts';
import {
  addProtectedResourceMetadata,
  type ProtectedResourceProps,
} from '../../../infra/apis/protected-resource.ts';
import { RollcallAuthorizer } from '../../../infra/rollcall-authorizer.ts';
import { RevokedTokensTable } from '../../../infra/users-table.ts';
import { startGateways } from '../../../local/gateway/gateways.ts';
import { Functions } from '../../../local/runtime/functions.ts';
import { startTables } from '../../../local/runtime/tables.ts';
import { deployment } from '../../../local/template/physical-ids.ts';
import { readAssembly } from '../../../local/template/synthesize.ts';
import { ResolvedTemplate } from '../../../local/template/template.ts';
import type { AuthorizationServer } from './authorization-server.ts';

export const PAGE_ORIGIN = 'https://app.example.com';

export interface McpApi {
  /** Of the MCP server, such as `http://127.0.0.1:3000/prod/mcp`. */
  readonly url: string;
  readonly putUser: (
    userId: string,
    attributes?: Readonly<Record<string, unknown>>,
  ) => Promise<void>;
  readonly revoke: (jti: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function startMcpApi(
  issuer: Pick<AuthorizationServer, 'url' | 'jwksUri'>,
  metadata: ProtectedResourceProps = {},
): Promise<McpApi> {
  process.env['CDK_VALIDATION'] = 'false';
  const directory = await mkdtemp(path.join(tmpdir(), 'mcp-api-'));
  await build({
    entryPoints: [path.join(import.meta.dirname, 'mcp-function.ts')],
    outfile: path.join(directory, 'function', 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  const app = new App({ outdir: path.join(directory, 'cdk.out'), analyticsReporting: false });
  describe(new Stack(app, 'Mcp'), issuer, path.join(directory, 'function'), metadata);
  app.synth();
  const assembly = await readAssembly(app.outdir);
  const template = new ResolvedTemplate(assembly.template, deployment(assembly.stackName));
  const tables = await startTables(template);
  const functions = new Functions(template, {
    assetPath: assembly.assetPath,
    environment: {
      ...tables.environment,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  const gateways = await startGateways({
    template,
    functions,
    clock: Date.now,
    port: { port: 0 },
    onExchange: () => {},
    onError: (error) => {
      throw error;
    },
  });
  const { Users = '', RevokedTokens = '' } = template.outputs();
  const put = async (table: string, item: Readonly<Record<string, unknown>>) => {
    await tables.client.send(new PutCommand({ TableName: table, Item: item }));
  };
  return {
    url: `${gateways.restUrl ?? ''}/mcp`,
    putUser: (userId, attributes = {}) => put(Users, { user_id: userId, ...attributes }),
    revoke: (jti) => put(RevokedTokens, { token_id: `${issuer.url}#${jti}` }),
    close: async () => {
      await gateways.close();
      await functions.close();
      await tables.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function describe(
  stack: Stack,
  { url, jwksUri }: Pick<AuthorizationServer, 'url' | 'jwksUri'>,
  functionDirectory: string,
  metadata: ProtectedResourceProps,
): void {
  const revokedTokens = new RevokedTokensTable(stack, 'Revoked', { ephemeral: true });
  const rollcall = new RollcallAuthorizer(stack, 'Rollcall', {
    issuers: [{ issuer: url, jwksUri, audience: ['https://mcp.example.com'] }],
    requiredScopes: ['mcp:read', 'mcp:write'],
    revokedTokensTable: revokedTokens.table,
    ephemeral: true,
  });
  const server = new LambdaFunction(stack, 'Server', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(functionDirectory),
  });
  const api = new RestApi(stack, 'Api', {
    defaultCorsPreflightOptions: {
      allowOrigins: [PAGE_ORIGIN],
      allowHeaders: ['Authorization', 'Content-Type', 'Mcp-Protocol-Version', 'Mcp-Session-Id'],
      allowCredentials: true,
    },
  });
  api.root
    .addResource('mcp')
    .addMethod('ANY', new LambdaIntegration(server), { authorizer: rollcall.restToken() });
  addProtectedResourceMetadata(api, metadata);
  addGatewayResponses(api, { corsOrigin: PAGE_ORIGIN, corsAllowCredentials: true });
  new CfnOutput(stack, 'Users', { value: rollcall.usersTable.tableName });
  new CfnOutput(stack, 'RevokedTokens', { value: revokedTokens.table.tableName });
}
