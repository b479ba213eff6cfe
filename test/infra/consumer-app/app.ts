/**
 * Somebody else's app: a REST API and a users table exist already, made elsewhere, and Rollcall is
 * put in front of a route.
 */
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Deployment, MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { RollcallAuthorizer } from '../../../infra/index.ts';

class OrdersStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const api = RestApi.fromRestApiAttributes(this, 'Orders', {
      restApiId: 'abc1234567',
      rootResourceId: 'root123456',
    });
    const rollcall = new RollcallAuthorizer(this, 'Rollcall', {
      usersTable: Table.fromTableName(this, 'People', 'people'),
      usersTableKey: 'email',
      issuers: [{ issuer: 'https://idp.example.com/', audience: ['orders'] }],
      userClaim: 'email',
      requireUserInDb: true,
    });
    const method = api.root
      .addResource('orders')
      .addMethod('GET', new MockIntegration(), { authorizer: rollcall.restToken() });
    const deployment = new Deployment(this, 'Deployment', { api, stageName: 'prod' });
    deployment.node.addDependency(method);
  }
}

const app = new App();
new OrdersStack(app, 'Orders');
