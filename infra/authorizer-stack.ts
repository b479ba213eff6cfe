/** What `cdk deploy` deploys: the tables, the authorizer, and an API with a route behind it. */
import { CfnOutput, Stack, type Duration, type StackProps } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { AuthorizerSettings } from './authorizer-settings.ts';
import { addGatewayResponses, type GatewayResponsesProps } from './gateway-responses.ts';
import { RollcallAuthorizer } from './rollcall-authorizer.ts';
import { RevokedTokensTable } from './users-table.ts';
import { Whoami } from './whoami.ts';

export interface AuthorizerStackProps
  extends StackProps, AuthorizerSettings, GatewayResponsesProps {
  readonly usersTableName?: string;
  readonly usersTableKey?: string;
  readonly usersTablePersistent?: boolean;
  readonly revokedTokensTableName?: string;
  readonly ephemeral?: boolean;
  readonly usersTableEncryptionKeyArn?: string;
  readonly alarmTopicArn?: string;
  readonly maxRevocationDelay?: Duration;
  readonly restAuthorizerType?: 'token' | 'request';
  readonly httpApi?: boolean;
  readonly webSocketApi?: boolean;
  readonly resultsCacheTtl?: Duration;
  readonly cloudWatchRole?: boolean;
}

export class AuthorizerStack extends Stack {
  readonly authorizer: RollcallAuthorizer;

  constructor(scope: Construct, id: string, props: AuthorizerStackProps) {
    super(scope, id, props);
    const { ephemeral = false } = props;
    const revokedTokensTable =
      props.revokedTokensTableName === undefined
        ? new RevokedTokensTable(this, 'RevokedTokens', { ephemeral }).table
        : this.existingTable('RevokedTokensTable', props.revokedTokensTableName);
    this.authorizer = new RollcallAuthorizer(this, 'Authorizer', {
      ...props,
      revokedTokensTable,
      ...(props.usersTableName !== undefined && {
        usersTable: this.existingTable('UsersTable', props.usersTableName),
      }),
    });
    const whoami = new Whoami(this, 'Whoami', props);

    const api = new RestApi(this, 'RestApi', {
      description: 'Routes behind the Rollcall authorizer',
      deployOptions: { stageName: 'prod' },
    });
    api.node.tryRemoveChild('Endpoint');
    api.root
      .addResource('whoami')
      .addMethod('GET', new LambdaIntegration(whoami.function, { allowTestInvoke: false }), {
        authorizer: this.authorizer.restToken(),
      });
    addGatewayResponses(api, props);

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'ApiId', { value: api.restApiId });
    new CfnOutput(this, 'UsersTableName', { value: this.authorizer.usersTable.tableName });
    new CfnOutput(this, 'RevokedTokensTableName', { value: revokedTokensTable.tableName });
    new CfnOutput(this, 'AuthorizerFunctionName', { value: this.authorizer.function.functionName });
  }

  private existingTable(id: string, nameOrArn: string): ITable {
    return nameOrArn.startsWith('arn:')
      ? Table.fromTableArn(this, id, nameOrArn)
      : Table.fromTableName(this, id, nameOrArn);
  }
}
