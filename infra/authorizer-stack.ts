/**
 * The stack of `cdk deploy`: the tables, the authorizer, APIs with a protected route, and a
 * dashboard.
 */
import { CfnOutput, Fn, Lazy, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Duration } from 'aws-cdk-lib';
import { Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { logGroupOf } from './function-role.ts';
import type { GatewayResponsesProps } from './apis/gateway-responses.ts';
import { RollcallDashboard } from './operations/monitoring.ts';
import type { RollcallAuthorizerProps } from './rollcall-authorizer-props.ts';
import { RollcallAuthorizer } from './rollcall-authorizer.ts';
import { RevokedTokensTable } from './users-table.ts';
import { WhoamiHttpApi } from './apis/whoami-http-api.ts';
import { WhoamiRestApi, type WhoamiApiProps } from './apis/whoami-rest-api.ts';
import { WhoamiWebSocketApi } from './apis/whoami-websocket-api.ts';
import { Whoami } from './apis/whoami.ts';

/** The last one is a prop of every stack, of another type, and reaches every role of it. */
type GivenByTheStack =
  'usersTable' | 'revokedTokensTable' | 'encryptionKey' | 'alarmTopic' | 'permissionsBoundary';

export interface AuthorizerStackProps
  extends StackProps, Omit<RollcallAuthorizerProps, GivenByTheStack>, GatewayResponsesProps {
  /**
   * Name or ARN of a users table that exists, such as one restored from a backup. It is used as is.
   * @default - the stack makes a table
   */
  readonly usersTableName?: string;
  /**
   * ARN of the customer managed KMS key of the users table. It also encrypts the tables that the
   * stack makes.
   * @default - keys that DynamoDB owns
   */
  readonly usersTableEncryptionKeyArn?: string;
  /**
   * Name or ARN of a revoked-tokens table that exists. Its partition key is the string `token_id`.
   * @default - the stack makes a table
   */
  readonly revokedTokensTableName?: string;
  /**
   * Type of the REST API's authorizer. `token` rejects malformed headers without calling the
   * function; `request` gives security events the caller's address (`source_ip`).
   * @default 'token'
   */
  readonly restAuthorizerType?: 'token' | 'request';
  /**
   * Adds an HTTP API.
   * @default false
   */
  readonly httpApi?: boolean;
  /**
   * Adds a WebSocket API.
   * @default false
   */
  readonly webSocketApi?: boolean;
  /**
   * Serves protected resource metadata (RFC 9728) for OAuth and MCP clients, and names them in the
   * challenge. A known user who is denied gets a 403 then.
   * @default false
   */
  readonly protectedResource?: boolean;
  /**
   * How long the REST API and the HTTP API cache an answer for the same token, up to an hour. A
   * disabled user keeps access meanwhile.
   * @default Duration.seconds(0)
   */
  readonly resultsCacheTtl?: Duration;
  /**
   * Requests per second to each API, on average.
   * @default 100
   */
  readonly throttlingRateLimit?: number;
  /**
   * Burst limit: concurrent requests to each API.
   * @default 200
   */
  readonly throttlingBurstLimit?: number;
  /**
   * Gives API Gateway the role that it logs with, for the account and Region. Set it to false if
   * that has been done.
   * @default true
   */
  readonly cloudWatchRole?: boolean;
  /**
   * ARN of the SNS topic that alarms notify.
   * @default - no notification
   */
  readonly alarmTopicArn?: string;
}

export class AuthorizerStack extends Stack {
  readonly authorizer: RollcallAuthorizer;

  constructor(scope: Construct, id: string, props: AuthorizerStackProps) {
    super(scope, id, { description: 'API Gateway behind the Rollcall authorizer', ...props });
    const { usersTableName, usersTableEncryptionKeyArn: keyArn, alarmTopicArn } = props;
    const ephemeral = props.ephemeral ?? false;
    const encryptionKey = keyArn === undefined ? undefined : Key.fromKeyArn(this, 'Key', keyArn);
    const revokedTokensTable =
      props.revokedTokensTableName === undefined
        ? new RevokedTokensTable(this, 'RevokedTokens', {
            ephemeral,
            ...(encryptionKey && { encryptionKey }),
            ...(props.replicaRegions && { replicaRegions: props.replicaRegions }),
          }).table
        : this.existingTable('RevokedTokensTable', props.revokedTokensTableName);
    const { permissionsBoundary: _ofTheStack, ...authorizerProps } = props;
    this.authorizer = new RollcallAuthorizer(this, 'Authorizer', {
      ...authorizerProps,
      revokedTokensTable,
      ...(encryptionKey && { encryptionKey }),
      ...(usersTableName !== undefined && {
        usersTable: this.existingTable('UsersTable', usersTableName, encryptionKey),
      }),
      ...(alarmTopicArn !== undefined && {
        alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn),
      }),
    });
    this.output('UsersTableName', this.authorizer.usersTable.tableName);
    this.output('RevokedTokensTableName', revokedTokensTable.tableName);
    this.output('AuthorizerFunctionName', this.authorizer.function.functionName);
    this.output(
      'MaxRevocationDelaySeconds',
      Lazy.string({ produce: () => String(this.authorizer.maxRevocationDelay.toSeconds()) }),
    );
    this.addApis(props);
    new RollcallDashboard(this, 'Monitoring', {
      function: this.authorizer.function,
      metrics: this.authorizer.metrics,
      ...(props.runbookUrl !== undefined && { runbookUrl: props.runbookUrl }),
    });
  }

  private addApis(props: AuthorizerStackProps): void {
    const caching = { ...(props.resultsCacheTtl && { resultsCacheTtl: props.resultsCacheTtl }) };
    const common: WhoamiApiProps = {
      backend: new Whoami(this, 'Whoami', props).function,
      accessLog: logGroupOf(this, 'AccessLog', {
        retention: props.logRetention ?? RetentionDays.ONE_YEAR,
        removalPolicy: props.ephemeral === true ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
        encryptionKey: props.logEncryptionKey,
        logGroupName: this.accessLogName(),
      }),
      throttlingRateLimit: props.throttlingRateLimit ?? 100,
      throttlingBurstLimit: props.throttlingBurstLimit ?? 200,
      protectedResource: props.protectedResource ?? false,
    };
    const rest = new WhoamiRestApi(this, 'Rest', {
      ...props,
      ...common,
      authorizer:
        props.restAuthorizerType === 'request'
          ? this.authorizer.restRequest('RestRequest', caching)
          : this.authorizer.restToken('RestToken', caching),
      cloudWatchRole: props.cloudWatchRole ?? true,
    });
    this.output('ApiUrl', rest.api.url);
    this.output('ApiId', rest.api.restApiId);
    if (props.httpApi === true) {
      const http = new WhoamiHttpApi(this, 'Http', {
        ...props,
        ...common,
        authorizer: this.authorizer.http('Http', caching),
      });
      this.output('HttpApiUrl', http.stage.url);
      this.output('HttpApiId', http.api.apiId);
    }
    if (props.webSocketApi === true) {
      const webSocket = new WhoamiWebSocketApi(this, 'WebSocket', {
        ...common,
        authorizer: this.authorizer.webSocket(),
        ...(rest.loggingAccount && { loggingAccount: rest.loggingAccount }),
      });
      this.output('WebSocketUrl', webSocket.stage.url);
      this.output('WebSocketApiId', webSocket.api.apiId);
    }
  }

  /**
   * Below `/aws/vendedlogs/` every API may write without a statement of its own in the account's
   * resource policy for logs, which holds 5,120 characters. The end of the stack's ARN is in the
   * name, since a log that was kept would be in the way of the next stack of the same name.
   */
  private accessLogName(): string {
    const id = Fn.select(2, Fn.split('/', this.stackId));
    return `/aws/vendedlogs/apigateway/${this.stackName}-${id}`;
  }

  private existingTable(id: string, nameOrArn: string, encryptionKey?: IKey): ITable {
    return Table.fromTableAttributes(this, id, {
      ...(nameOrArn.startsWith('arn:') ? { tableArn: nameOrArn } : { tableName: nameOrArn }),
      ...(encryptionKey && { encryptionKey }),
    });
  }

  private output(name: string, value: string): void {
    new CfnOutput(this, name, { value });
  }
}
