/** An MCP server in a Lambda function, behind a REST API that only users on the list can call. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import path from 'node:path';
import { addProtectedResourceMetadata, RollcallAuthorizer } from 'rollcall';

const stack = new Stack(new App(), 'McpServer');

const rollcall = new RollcallAuthorizer(stack, 'Rollcall', {
  issuers: [
    {
      issuer: process.env['JWT_ISSUER'] ?? 'https://idp.example.com',
      audience: [process.env['JWT_AUDIENCE'] ?? 'https://mcp.example.com'],
      ...(process.env['JWKS_URI'] && { jwksUri: process.env['JWKS_URI'] }),
    },
  ],
});

const server = new NodejsFunction(stack, 'Server', {
  entry: path.join(import.meta.dirname, 'server.ts'),
  runtime: Runtime.NODEJS_24_X,
  memorySize: 512,
  bundling: { format: OutputFormat.CJS, externalModules: [] },
});

const api = new RestApi(stack, 'Api', { description: 'An MCP server behind Rollcall' });
api.root
  .addResource('mcp')
  .addMethod('ANY', new LambdaIntegration(server), { authorizer: rollcall.restToken() });
addProtectedResourceMetadata(api, { resourceName: 'Orders' });

new CfnOutput(stack, 'McpUrl', { value: api.urlForPath('/mcp') });
new CfnOutput(stack, 'UsersTableName', { value: rollcall.usersTable.tableName });
