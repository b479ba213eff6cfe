/**
 * Rollcall in front of MCP Context Forge, a container that trusts the header of its proxy. The
 * gateway overwrites that header with the user that Rollcall has found, so that a client cannot
 * send its own.
 */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod, MappingValue, ParameterMapping } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { RollcallAuthorizer } from 'rollcall';

/** What the container's `PROXY_USER_HEADER` says. */
const USER_HEADER = 'X-Authenticated-User';

const stack = new Stack(new App(), 'ContextForge');

const rollcall = new RollcallAuthorizer(stack, 'Rollcall', {
  issuers: [
    {
      issuer: process.env['JWT_ISSUER'] ?? 'https://idp.example.com',
      audience: [process.env['JWT_AUDIENCE'] ?? 'https://forge.example.com'],
      ...(process.env['JWKS_URI'] && { jwksUri: process.env['JWKS_URI'] }),
    },
  ],
  requireUserInDb: true,
});

const container = process.env['CONTAINER_URL'] ?? 'https://forge.internal.example.com';

const api = new HttpApi(stack, 'Api', { description: 'MCP Context Forge behind Rollcall' });
api.addRoutes({
  path: '/{proxy+}',
  methods: [HttpMethod.ANY],
  authorizer: rollcall.http(),
  integration: new HttpUrlIntegration('Container', `${container}/{proxy}`, {
    parameterMapping: new ParameterMapping()
      .overwriteHeader(USER_HEADER, MappingValue.contextVariable('authorizer.userId'))
      // The container has no use for the token.
      .removeHeader('Authorization'),
  }),
});

new CfnOutput(stack, 'Url', { value: api.apiEndpoint });
new CfnOutput(stack, 'UsersTableName', { value: rollcall.usersTable.tableName });
