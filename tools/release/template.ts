/**
 * The authorizer as one CloudFormation template, made from the construct: for those who deploy
 * with CloudFormation, SAM, Terraform or the Serverless Framework. It needs no CDK bootstrap: the
 * code is in a bucket, under a key, that are parameters.
 */
import {
  App,
  Arn,
  ArnFormat,
  BootstraplessSynthesizer,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  Fn,
  Stack,
  Validations,
  type CfnResource,
  type IStackSynthesizer,
} from 'aws-cdk-lib';
import { Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnPolicy, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, Code } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup, CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { RollcallAuthorizer } from '../../infra/rollcall-authorizer.ts';
import { RevokedTokensTable, UsersTable } from '../../infra/users-table.ts';
import { asText, NO_VALUE, SettingParameters } from './parameters.ts';

/** What is released. */
export interface Release {
  readonly version: string;
  /** The page that the alarms refer to. */
  readonly runbookUrl: string;
  /** The feature flags of `cdk.json`. */
  readonly context: Readonly<Record<string, unknown>>;
}

/**
 * Settings that the construct has nothing to say about: a warning of theirs would be about no
 * deployment. No part of them is in the template.
 */
const PLACEHOLDERS = {
  issuers: [{ issuer: 'https://issuer.invalid', audience: ['any'] }],
  requireJti: true,
};

/** How the function runs; not settings of the authorizer. */
interface RuntimeParameters {
  readonly codeS3Bucket: CfnParameter;
  readonly codeS3Key: CfnParameter;
  readonly memorySize: CfnParameter;
  readonly reservedConcurrency: CfnParameter;
  readonly logRetentionDays: CfnParameter;
}

export class AuthorizerTemplate extends Stack {
  readonly #settings: SettingParameters;
  readonly #runtime: RuntimeParameters;

  constructor(app: App, id: string, { version, runbookUrl }: Release) {
    super(app, id, {
      description: `Rollcall ${version}: an API Gateway Lambda authorizer with a list of users`,
      // The class writes optional members as `| undefined`, which is not quite its interface.
      synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
      analyticsReporting: false,
    });
    Validations.of(this).acknowledge(
      {
        id: 'CloudFormation-Validate::W1001',
        reason: 'An output refers to a table only where the condition of the table holds.',
      },
      {
        id: 'CloudFormation-Validate::W1030',
        reason: 'An empty parameter is used nowhere: a condition stands before every use.',
      },
    );
    this.#runtime = this.#runtimeParameters();
    this.#settings = new SettingParameters(this, 'Settings');
    const users = this.#table('USERS_TABLE_NAME', new UsersTable(this, 'UsersTable').table);
    const revoked = this.#table(
      'REVOKED_TOKENS_TABLE_NAME',
      new RevokedTokensTable(this, 'RevokedTokensTable').table,
    );
    const { codeS3Bucket, codeS3Key } = this.#runtime;
    const authorizer = new RollcallAuthorizer(this, 'Authorizer', {
      ...PLACEHOLDERS,
      usersTable: users.table,
      revokedTokensTable: revoked.table,
      code: Code.fromCfnParameters({
        bucketNameParam: codeS3Bucket,
        objectKeyParam: codeS3Key,
      }),
      runbookUrl,
    });
    this.#configure(authorizer, users.nameOrArn, revoked.nameOrArn);
    this.#nameKeyAttribute(users.resource);
    this.#encrypt([users.resource, revoked.resource]);
    this.#decrypt(authorizer);
    this.#addOutputs(authorizer, users.nameOrArn, revoked.nameOrArn);
  }

  #parameter(id: string, props: ConstructorParameters<typeof CfnParameter>[2]): CfnParameter {
    return new CfnParameter(this, id, props);
  }

  #runtimeParameters(): RuntimeParameters {
    return {
      codeS3Bucket: this.#parameter('CodeS3Bucket', {
        description: 'Bucket that has rollcall-authorizer.zip, in the Region of the stack.',
        minLength: 1,
      }),
      codeS3Key: this.#parameter('CodeS3Key', {
        description: 'Key of rollcall-authorizer.zip in the bucket.',
        default: 'rollcall-authorizer.zip',
        minLength: 1,
      }),
      memorySize: this.#parameter('MemorySize', {
        description: 'Memory of the function in MB. The share of a processor is in proportion.',
        type: 'Number',
        default: 512,
        minValue: 128,
        maxValue: 10_240,
      }),
      reservedConcurrency: this.#parameter('ReservedConcurrency', {
        description:
          'Most environments of the function at a time. Requests beyond it fail with 500. Unset: the account default.',
        default: '',
        allowedPattern: '^[0-9]{0,5}$',
      }),
      logRetentionDays: this.#parameter('LogRetentionDays', {
        description: 'Days for which the log is kept.',
        type: 'Number',
        default: '365',
        allowedValues: LOG_RETENTION_DAYS.map(String),
      }),
    };
  }

  /** The table that is named by name or ARN, or else the one that the template makes. */
  #table(setting: 'USERS_TABLE_NAME' | 'REVOKED_TOKENS_TABLE_NAME', made: ITable) {
    const given = this.#settings.value(setting);
    const what = setting === 'USERS_TABLE_NAME' ? 'UsersTable' : 'RevokedTokensTable';
    const makesTable = new CfnCondition(this, `Makes${what}`, {
      expression: Fn.conditionNot(this.#settings.isSet(setting)),
    });
    const isArn = new CfnCondition(this, `${what}IsNamedByArn`, {
      expression: Fn.conditionEquals(Fn.select(0, Fn.split(':', given)), 'arn'),
    });
    const resource = made.node.defaultChild as CfnResource;
    resource.cfnOptions.condition = makesTable;
    // For good: a table with another logical id would be another table.
    resource.overrideLogicalId(what);
    const arnOfName = Arn.format(
      {
        service: 'dynamodb',
        resource: 'table',
        resourceName: given,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      },
      this,
    );
    const tableArn = asText(
      Fn.conditionIf(
        makesTable.logicalId,
        made.tableArn,
        Fn.conditionIf(isArn.logicalId, given, arnOfName),
      ),
    );
    return {
      resource,
      table: Table.fromTableAttributes(this, `The${what}`, { tableArn }),
      nameOrArn: asText(Fn.conditionIf(makesTable.logicalId, made.tableName, given)),
    };
  }

  /** What depends on parameters, over what the construct has made of the placeholders. */
  #configure(authorizer: RollcallAuthorizer, usersTable: string, revokedTokens: string): void {
    const settings = this.#settings;
    const { memorySize, reservedConcurrency, logRetentionDays } = this.#runtime;
    const logsDebug = new CfnCondition(this, 'LogsDebug', {
      expression: Fn.conditionEquals(settings.value('LOG_LEVEL'), 'DEBUG'),
    });
    const reserves = new CfnCondition(this, 'ReservesConcurrency', {
      expression: Fn.conditionNot(Fn.conditionEquals(reservedConcurrency.valueAsString, '')),
    });
    for (const resource of authorizer.node.findAll()) {
      if (resource instanceof CfnFunction) {
        resource.overrideLogicalId('AuthorizerFunction');
        resource.addPropertyOverride(
          'Environment.Variables',
          settings.environment({
            USERS_TABLE_NAME: usersTable,
            REVOKED_TOKENS_TABLE_NAME: revokedTokens,
          }),
        );
        resource.addPropertyOverride('MemorySize', memorySize.valueAsNumber);
        resource.addPropertyOverride(
          'ReservedConcurrentExecutions',
          Fn.conditionIf(reserves.logicalId, reservedConcurrency.valueAsString, NO_VALUE),
        );
        resource.addPropertyOverride(
          'LoggingConfig.ApplicationLogLevel',
          Fn.conditionIf(logsDebug.logicalId, 'DEBUG', 'INFO'),
        );
      } else if (resource instanceof CfnLogGroup) {
        resource.addPropertyOverride('RetentionInDays', logRetentionDays.valueAsNumber);
      } else if (resource instanceof CfnAlarm) {
        const actions = [settings.value('ROLLCALL_ALARM_TOPIC_ARN')];
        for (const property of ['AlarmActions', 'OKActions']) {
          resource.addPropertyOverride(
            property,
            settings.either('ROLLCALL_ALARM_TOPIC_ARN', actions),
          );
        }
      } else if (resource instanceof CfnQueryDefinition) {
        // Two deployments in one account are two folders of queries.
        const name = resource.name.replace(/^.*\//u, '');
        resource.name = Fn.sub(`\${AWS::StackName}/${name}`);
      }
    }
  }

  #nameKeyAttribute(usersTable: CfnResource): void {
    const key = this.#settings.either(
      'USERS_TABLE_KEY',
      this.#settings.value('USERS_TABLE_KEY'),
      'user_id',
    );
    usersTable.addPropertyOverride('AttributeDefinitions.0.AttributeName', key);
    usersTable.addPropertyOverride('KeySchema.0.AttributeName', key);
  }

  /** With the customer managed key, if there is one. */
  #encrypt(tables: readonly CfnResource[]): void {
    const setting = 'USERS_TABLE_KMS_KEY_ARN';
    for (const table of tables) {
      table.addPropertyOverride(
        'SSESpecification',
        this.#settings.either(setting, { SSEEnabled: true, SSEType: 'KMS' }, { SSEEnabled: false }),
      );
      table.addPropertyOverride(
        'Replicas.0.SSESpecification',
        this.#settings.either(setting, { KMSMasterKeyId: this.#settings.value(setting) }),
      );
    }
  }

  /** The function may decrypt with that key. */
  #decrypt(authorizer: RollcallAuthorizer): void {
    const setting = 'USERS_TABLE_KMS_KEY_ARN';
    const policy = new CfnPolicy(this, 'DecryptTables', {
      policyName: 'DecryptTables',
      roles: [authorizer.function.role?.roleName ?? ''],
      policyDocument: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'DecryptTables',
            effect: Effect.ALLOW,
            actions: ['kms:Decrypt'],
            resources: [this.#settings.value(setting)],
            conditions: {
              StringEquals: { 'kms:ViaService': `dynamodb.${this.region}.${this.urlSuffix}` },
            },
          }),
        ],
      }),
    });
    policy.cfnOptions.condition = this.#settings.isSet(setting);
  }

  #addOutputs(authorizer: RollcallAuthorizer, usersTable: string, revokedTokens: string): void {
    const { functionArn, functionName } = authorizer.function;
    const uri = `arn:${this.partition}:apigateway:${this.region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
    const outputs = {
      AuthorizerFunctionArn: [functionArn, 'For the permission that lets the API invoke it'],
      AuthorizerFunctionName: [functionName, 'For rollcall --function'],
      AuthorizerInvocationUri: [uri, 'AuthorizerUri of the authorizer of the API'],
      UsersTableName: [usersTable, 'The list of users'],
      RevokedTokensTableName: [revokedTokens, 'The revoked tokens and sessions'],
    } as const;
    for (const [name, [value, description]] of Object.entries(outputs)) {
      new CfnOutput(this, name, { value, description });
    }
  }
}

/** Of CloudWatch Logs. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** A template as JSON. */
export type TemplateJson = Readonly<Record<string, unknown>>;

/** The template of a release. */
export function synthesizeTemplate(release: Release): TemplateJson {
  const app = new App({
    analyticsReporting: false,
    // Paths of constructs mean nothing to those who only see the template.
    context: { ...release.context, 'aws:cdk:enable-path-metadata': false },
  });
  const stack = new AuthorizerTemplate(app, 'Rollcall', release);
  return app.synth().getStackByName(stack.stackName).template as TemplateJson;
}
