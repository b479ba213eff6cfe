/**
 * The deployed function: the bundle that was built and tested, with a role that can only read the
 * tables and write its own log.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Duration, Stack, type RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Alias,
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
  type IFunction,
  type IVersion,
} from 'aws-cdk-lib/aws-lambda';
import { RetentionDays, type LogGroup, type LogGroupClass } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeFunction, acknowledgeRegulated } from './apis/acknowledge.ts';
import type { Config } from '../lambda/settings/config.ts';
import { functionRole } from './function-role.ts';

/** How the function runs. */
export interface AuthorizerFunctionOptions {
  /**
   * In MB. Lambda allocates CPU in proportion.
   * @default 512
   */
  readonly memorySize?: number;
  /**
   * Number of provisioned execution environments. The authorizers then call the function through
   * an alias.
   * @default - none
   */
  readonly provisionedConcurrency?: number;
  /**
   * Reserved concurrency: the limit of concurrent executions. Requests beyond it fail with 500.
   * @default - the account default
   */
  readonly reservedConcurrency?: number;
  /**
   * VPC to run in, for an issuer that can be reached only from there. The VPC needs a route to
   * DynamoDB and to the issuers.
   * @default - none
   */
  readonly vpc?: IVpc;
  /** @default - the private subnets of `vpc` */
  readonly vpcSubnets?: SubnetSelection;
  /** @default - a group of its own in `vpc` */
  readonly securityGroups?: readonly ISecurityGroup[];
  /** @default RetentionDays.ONE_YEAR */
  readonly logRetention?: RetentionDays;
  /**
   * Lowest level of the lines that Lambda itself adds to the log. `INFO` adds a start and a report
   * line for each invocation, which together cost as much as its security event.
   * @default SystemLogLevel.WARN
   */
  readonly systemLogLevel?: SystemLogLevel;
  /**
   * Customer managed key of the log groups. A key of this app gets the statement that CloudWatch
   * Logs needs; a key of another app must have it.
   * @default - keys that CloudWatch Logs owns
   */
  readonly logEncryptionKey?: IKey;
  /**
   * Class of the function's log group. CloudWatch extracts metrics from the log lines only in the
   * class STANDARD. With any other class the alarms and the dashboard stay empty, and synth warns
   * (`rollcall:logs.class`).
   * @default LogGroupClass.STANDARD
   */
  readonly logGroupClass?: LogGroupClass;
  /**
   * Traces the function (X-Ray), and in `AuthorizerStack` the stage of the REST API and its
   * backend. A trace has no header and no token.
   * @default false
   */
  readonly tracing?: boolean;
  /**
   * Instruction set of the function. The bundle runs on both.
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture;
  /**
   * Code of the function.
   * @default - the bundle of `npm run build`
   */
  readonly code?: Code;
}

export interface AuthorizerFunctionProps extends AuthorizerFunctionOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** The tables that the function may read. It may decrypt with their customer managed keys. */
  readonly tables: readonly ITable[];
  readonly logLevel: Config['logLevel'];
  /** Removal policy of the log group. */
  readonly removalPolicy: RemovalPolicy;
}

export class AuthorizerFunction extends Construct {
  readonly function: LambdaFunction;
  /** The target of the authorizers: the function, or its alias. */
  readonly handler: IFunction;
  readonly logGroup: LogGroup;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: AuthorizerFunctionProps) {
    super(scope, id);
    const { logGroup, role } = functionRole(this, 'Runs the Rollcall authorizer', {
      retention: props.logRetention ?? RetentionDays.ONE_YEAR,
      removalPolicy: props.removalPolicy,
      encryptionKey: props.logEncryptionKey,
      logGroupClass: props.logGroupClass,
    });
    this.logGroup = logGroup;
    this.role = role;
    grantRead(role, props.tables);
    if (props.vpc !== undefined) grantNetworkInterfaces(role);
    acknowledgeFindings(this, role, props);
    this.function = new LambdaFunction(this, 'Function', {
      description: 'Rollcall: lets a request in when its token is genuine and its user on the list',
      code: props.code ?? bundle(),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture ?? Architecture.ARM_64,
      memorySize: props.memorySize ?? 512,
      // Below the ten seconds that an HTTP API waits; the function's own deadlines are shorter.
      timeout: Duration.seconds(5),
      loggingFormat: LoggingFormat.JSON,
      // Security events have the level INFO and must always be logged.
      applicationLogLevelV2:
        props.logLevel === 'DEBUG' ? ApplicationLogLevel.DEBUG : ApplicationLogLevel.INFO,
      systemLogLevelV2: props.systemLogLevel ?? SystemLogLevel.WARN,
      logGroup,
      role,
      ...(props.tracing === true && { tracing: Tracing.ACTIVE }),
      environment: { ...props.environment },
      ...(props.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrency,
      }),
      ...(props.vpc !== undefined && { vpc: props.vpc }),
      ...(props.vpcSubnets !== undefined && { vpcSubnets: props.vpcSubnets }),
      ...(props.securityGroups !== undefined && { securityGroups: [...props.securityGroups] }),
    });
    // The classes write optional members as `| undefined`, which is not quite their interfaces.
    const { provisionedConcurrency } = props;
    this.handler =
      provisionedConcurrency === undefined
        ? this.function
        : (new Alias(this, 'Live', {
            aliasName: 'live',
            version: this.function.currentVersion as IVersion,
            provisionedConcurrentExecutions: provisionedConcurrency,
          }) as IFunction);
  }
}

/** One row and its revocation in one round trip, or one row alone; no query, no scan, no write. */
function grantRead(role: Role, tables: readonly ITable[]): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'ReadTables',
      actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem'],
      resources: tables.map((table) => table.tableArn),
    }),
  );
  const keys = tables.flatMap(({ encryptionKey }) => encryptionKey?.keyArn ?? []);
  if (keys.length === 0) return;
  const { region, urlSuffix } = Stack.of(role);
  role.addToPolicy(
    new PolicyStatement({
      sid: 'DecryptTables',
      actions: ['kms:Decrypt'],
      resources: [...new Set(keys)],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${urlSuffix}` } },
    }),
  );
}

/** The actions that Lambda needs to attach the function to a VPC. */
function grantNetworkInterfaces(role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: 'JoinNetwork',
      actions: [
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resources: ['*'],
    }),
  );
}

/** Findings of cdk-nag that do not apply to a function which authorizes. */
function acknowledgeFindings(
  scope: Construct,
  role: Role,
  { vpc, tracing }: AuthorizerFunctionOptions,
): void {
  const services = [
    ...(vpc === undefined ? [] : ['creates network interfaces, whose ids are not known before']),
    ...(tracing === true ? ['writes traces, which no resource holds'] : []),
  ];
  if (services.length > 0) {
    acknowledge(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      `With the rights of the function Lambda ${services.join(', and ')}.`,
    );
  }
  acknowledgeFunction(scope);
  if (vpc !== undefined) return;
  acknowledgeRegulated(
    scope,
    'LambdaInsideVPC',
    'It calls DynamoDB and public key servers over TLS and no private address; the prop vpc runs it in a network where a policy asks for one.',
  );
}

const BUNDLE_DIRECTORY = path.resolve(import.meta.dirname, '..', 'dist', 'authorizer');

/**
 * The file that `npm run build` writes, without any other file in its directory.
 *
 * @throws Error if the file does not exist
 */
export function bundle(directory = BUNDLE_DIRECTORY): Code {
  const file = path.join(directory, 'index.mjs');
  if (!existsSync(file)) throw new Error(`${file} does not exist: run npm run build first`);
  return Code.fromAsset(directory, { exclude: ['*', '!index.mjs'] });
}
