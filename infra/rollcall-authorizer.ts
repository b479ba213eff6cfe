/**
 * The authorizer as a construct, for one's own APIs: the function with its role and log group, and
 * ready-made authorizers for each kind of API.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Duration, Lazy, RemovalPolicy, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  type IFunction,
} from 'aws-cdk-lib/aws-lambda';
import { RetentionDays, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Config } from '../lambda/config.ts';
import {
  functionEnvironment,
  resolvedConfig,
  type AuthorizerSettings,
} from './authorizer-settings.ts';
import { functionRole } from './function-role.ts';
import { durabilityFlaws, UsersTable } from './users-table.ts';

/** A bearer token that could be a JWT; anything else is refused before the function is called. */
export const TOKEN_VALIDATION_EXPRESSION =
  '^[Bb][Ee][Aa][Rr][Ee][Rr] [-_0-9A-Za-z]+\\.[-_0-9A-Za-z]+\\.[-_0-9A-Za-z]+$';

export interface RollcallAuthorizerProps extends AuthorizerSettings {
  readonly usersTable?: ITable;
  readonly usersTableKey?: string;
  readonly usersTablePersistent?: boolean;
  readonly ephemeral?: boolean;
  readonly usersTableEncryptionKey?: IKey;
  readonly revokedTokensTable?: ITable;
  readonly memorySize?: number;
}

export class RollcallAuthorizer extends Construct {
  readonly function: LambdaFunction;
  /** What the authorizers call: the function. */
  readonly handler: IFunction;
  readonly usersTable: ITable;
  readonly logGroup: ILogGroup;
  /** What the function will make of its settings. */
  readonly config: Config;

  constructor(scope: Construct, id: string, props: RollcallAuthorizerProps) {
    super(scope, id);
    const {
      usersTableKey,
      revokedTokensTable,
      usersTableEncryptionKey: encryptionKey,
      ephemeral = false,
    } = props;
    this.usersTable =
      props.usersTable ??
      new UsersTable(this, 'UsersTable', {
        ephemeral,
        ...(usersTableKey !== undefined && { partitionKey: usersTableKey }),
        ...(encryptionKey !== undefined && { encryptionKey }),
      }).table;
    const { logGroup, role } = functionRole(
      this,
      'Runs the Rollcall authorizer',
      RetentionDays.ONE_YEAR,
      ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    );
    this.logGroup = logGroup;
    const tables = {
      usersTableName: this.tableReference(this.usersTable),
      usersTablePersistent: Lazy.string({
        produce: () => {
          const persistent =
            props.usersTablePersistent ?? (durabilityFlaws(this.usersTable) ?? []).length === 0;
          return persistent ? undefined : 'false';
        },
      }),
      ...(usersTableKey !== undefined && { usersTableKey }),
      ...(revokedTokensTable && {
        revokedTokensTableName: this.tableReference(revokedTokensTable),
      }),
    };
    this.config = resolvedConfig(props, tables);
    role.addToPolicy(
      new PolicyStatement({
        sid: 'ReadTables',
        actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem'],
        resources: [this.usersTable, ...(revokedTokensTable ? [revokedTokensTable] : [])].map(
          (table) => table.tableArn,
        ),
      }),
    );
    this.function = new LambdaFunction(this, 'Function', {
      description: 'Rollcall: lets a request in when its token is genuine and its user on the list',
      code: bundledCode(),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySize ?? 512,
      timeout: Duration.seconds(5),
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2:
        props.logLevel === 'DEBUG' ? ApplicationLogLevel.DEBUG : ApplicationLogLevel.INFO,
      logGroup,
      role,
      environment: functionEnvironment(props, tables),
    });
    this.handler = this.function;
  }

  restToken(id = 'RestToken'): TokenAuthorizer {
    return new TokenAuthorizer(this, id, {
      handler: this.handler,
      validationRegex: TOKEN_VALIDATION_EXPRESSION,
      resultsCacheTtl: Duration.seconds(0),
    });
  }

  /** A table of another account or Region has to be named by its ARN. */
  private tableReference(table: ITable): string {
    const { account, region } = Stack.of(this);
    const elsewhere = [
      Token.compareStrings(table.env.account, account),
      Token.compareStrings(table.env.region, region),
    ].some(
      (comparison) =>
        comparison !== TokenComparison.SAME && comparison !== TokenComparison.BOTH_UNRESOLVED,
    );
    return elsewhere ? table.tableArn : table.tableName;
  }
}

/** The bundle as `npm run build` leaves it, and nothing that may lie beside it. */
function bundledCode(): Code {
  const directory = path.resolve(import.meta.dirname, '..', 'dist', 'authorizer');
  if (!existsSync(path.join(directory, 'index.mjs'))) {
    throw new Error(`${path.join(directory, 'index.mjs')} does not exist: run npm run build first`);
  }
  return Code.fromAsset(directory, { exclude: ['*', '!index.mjs'] });
}
