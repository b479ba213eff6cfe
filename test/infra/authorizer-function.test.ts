import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { RemovalPolicy, Stack, type App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { IpAddresses, SecurityGroup, Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, SystemLogLevel } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  AuthorizerFunction,
  bundle,
  type AuthorizerFunctionProps,
} from '../../infra/authorizer-function.ts';
import { authorizerFunction, testApp } from './support/synth.ts';

function synthesize(
  props: Partial<AuthorizerFunctionProps> = {},
  stack = new Stack(testApp(), 'Theirs'),
): { template: Template; made: AuthorizerFunction; statements: readonly Statement[] } {
  const made = new AuthorizerFunction(stack, 'Function', {
    environment: { A: 'b' },
    tables: [Table.fromTableName(stack, 'Existing', 'users')],
    logLevel: 'INFO',
    removalPolicy: RemovalPolicy.RETAIN,
    ...props,
  });
  const template = Template.fromStack(stack);
  return { template, made, statements: statementsOf(template) };
}

interface Statement {
  readonly Sid: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

function statementsOf(template: Template): readonly Statement[] {
  return Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    ({ Properties }) =>
      (Properties as { PolicyDocument: { Statement: readonly Statement[] } }).PolicyDocument
        .Statement,
  );
}

const statement = (statements: readonly Statement[], sid: string): Statement | undefined =>
  statements.find(({ Sid }) => Sid === sid);

describe('AuthorizerFunction', () => {
  it('runs on Node 24 and Arm, for at most five seconds, with 512 MB', () => {
    expect(authorizerFunction(synthesize().template)).toMatchObject({
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 5,
      MemorySize: 512,
    });
  });

  it('has the environment that it is given', () => {
    expect(authorizerFunction(synthesize().template).Environment).toEqual({
      Variables: { A: 'b' },
    });
  });

  it('runs other code when given some', () => {
    const { template } = synthesize({ code: Code.fromInline('exports.handler = null;') });
    expect(authorizerFunction(template)).toMatchObject({
      Code: { ZipFile: 'exports.handler = null;' },
    });
  });

  it.each(['INFO', 'WARN', 'ERROR'] as const)(
    'lets security events of level INFO pass when diagnostics are at %s',
    (logLevel) => {
      expect(authorizerFunction(synthesize({ logLevel }).template)).toMatchObject({
        LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO' },
      });
    },
  );

  it('lets diagnostics of level DEBUG pass when they are asked for', () => {
    expect(authorizerFunction(synthesize({ logLevel: 'DEBUG' }).template)).toMatchObject({
      LoggingConfig: { ApplicationLogLevel: 'DEBUG' },
    });
  });

  it('does not pay for the start and report lines of Lambda', () => {
    expect(authorizerFunction(synthesize().template)).toMatchObject({
      LoggingConfig: { SystemLogLevel: 'WARN' },
    });
  });

  it('has them when they are asked for', () => {
    const { template } = synthesize({ systemLogLevel: SystemLogLevel.INFO });
    expect(authorizerFunction(template)).toMatchObject({
      LoggingConfig: { SystemLogLevel: 'INFO' },
    });
  });

  it('reserves no concurrency', () => {
    const properties = authorizerFunction(synthesize().template);
    expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('reserves concurrency when asked', () => {
    const { template } = synthesize({ reservedConcurrency: 20, memorySize: 1024 });
    expect(authorizerFunction(template)).toMatchObject({
      ReservedConcurrentExecutions: 20,
      MemorySize: 1024,
    });
  });

  it('is called directly', () => {
    const { made, template } = synthesize();
    expect(made.handler).toBe(made.function);
    template.resourceCountIs('AWS::Lambda::Alias', 0);
  });

  it('is called through an alias that is kept warm, when asked', () => {
    const { made, template } = synthesize({ provisionedConcurrency: 3 });
    expect(made.handler).not.toBe(made.function);
    template.hasResourceProperties('AWS::Lambda::Alias', {
      Name: 'live',
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 3 },
    });
  });

  it('keeps its log for a year, and when the stack goes', () => {
    synthesize().template.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain',
      Properties: { RetentionInDays: 365 },
    });
  });

  it('keeps its log for as long as it is told, and no longer than the stack', () => {
    const { template } = synthesize({
      logRetention: RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    template.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Delete',
      Properties: { RetentionInDays: 7 },
    });
  });
});

describe('the role of the function', () => {
  it('has no managed policy', () => {
    synthesize().template.hasResourceProperties('AWS::IAM::Role', {
      ManagedPolicyArns: Match.absent(),
      AssumeRolePolicyDocument: {
        Statement: [{ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    });
  });

  it('may write its log and read the table, and nothing else', () => {
    const { statements } = synthesize();
    expect(statements.map(({ Sid }) => Sid)).toEqual(['WriteOwnLogs', 'ReadTables']);
  });

  it('may write to its own log group alone', () => {
    const { statements, template } = synthesize();
    const [group] = Object.keys(template.findResources('AWS::Logs::LogGroup'));
    expect(statement(statements, 'WriteOwnLogs')).toMatchObject({
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: { 'Fn::GetAtt': [group, 'Arn'] },
    });
  });

  it('may get items of the tables, and neither query, scan nor write', () => {
    const stack = new Stack(testApp(), 'Theirs');
    const arn = 'arn:aws:dynamodb:eu-west-1:111122223333:table/';
    const tables = ['users', 'revoked'].map((name) =>
      Table.fromTableArn(stack, name, `${arn}${name}`),
    );
    const { statements } = synthesize({ tables }, stack);
    expect(statement(statements, 'ReadTables')).toEqual({
      Sid: 'ReadTables',
      Effect: 'Allow',
      Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
      Resource: [`${arn}revoked`, `${arn}users`],
    });
  });

  it('may decrypt with the key of a table, through DynamoDB alone', () => {
    const stack = new Stack(testApp(), 'Theirs');
    const encryptionKey = new Key(stack, 'Key');
    const table = new Table(stack, 'Table', {
      partitionKey: { name: 'user_id', type: AttributeType.STRING },
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey,
    });
    const { statements } = synthesize({ tables: [table as never, table as never] }, stack);
    expect(statement(statements, 'DecryptTables')).toEqual({
      Sid: 'DecryptTables',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: stack.resolve(encryptionKey.keyArn),
      Condition: {
        StringEquals: {
          'kms:ViaService': stack.resolve(`dynamodb.${stack.region}.${stack.urlSuffix}`),
        },
      },
    });
  });

  it('may do nothing with a network', () => {
    expect(statement(synthesize().statements, 'JoinNetwork')).toBeUndefined();
  });
});

describe('in a network', () => {
  const inVpc = () => {
    const stack = new Stack(testApp(), 'Theirs');
    const vpc = new Vpc(stack, 'Vpc', { ipAddresses: IpAddresses.cidr('10.0.0.0/16'), maxAzs: 2 });
    // The class writes optional members as `| undefined`, which is not quite its interface.
    return { stack, vpc: vpc as IVpc };
  };

  it('is outside of any unless asked', () => {
    expect(authorizerFunction(synthesize().template)).not.toHaveProperty('VpcConfig');
  });

  it('joins it with a security group of its own', () => {
    const { stack, vpc } = inVpc();
    const { template, statements } = synthesize({ vpc }, stack);
    expect(authorizerFunction(template)).toMatchObject({
      VpcConfig: { SubnetIds: [expect.anything(), expect.anything()] },
    });
    expect(statement(statements, 'JoinNetwork')).toMatchObject({ Resource: '*' });
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
  });

  it('joins the subnets and groups that it is given', () => {
    const { stack, vpc } = inVpc();
    const group = new SecurityGroup(stack, 'Group', { vpc });
    const subnets = vpc.privateSubnets.slice(0, 1);
    const { template } = synthesize(
      { vpc, vpcSubnets: { subnets }, securityGroups: [group] },
      stack,
    );
    expect(authorizerFunction(template)).toMatchObject({
      VpcConfig: {
        SubnetIds: [stack.resolve(subnets[0]?.subnetId)],
        SecurityGroupIds: [stack.resolve(group.securityGroupId)],
      },
    });
  });
});

describe('bundle', () => {
  it('is the one file, whatever lies beside it', () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'rollcall-'));
    writeFileSync(path.join(directory, 'index.mjs'), 'export const handler = null;');
    writeFileSync(path.join(directory, 'stale.mjs'), '');
    const stack = new Stack(testApp(), 'Theirs');
    synthesize({ code: bundle(directory) }, stack);
    const assembly = (stack.node.root as App).synth();
    const asset = readdirSync(assembly.directory).find((name) => name.startsWith('asset.'));
    expect(readdirSync(path.join(assembly.directory, asset ?? ''))).toEqual(['index.mjs']);
  });

  it('says how to build it when it is missing', () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'rollcall-'));
    expect(() => bundle(directory)).toThrow(/does not exist: run npm run build first/u);
  });

  it('is what the tests were built with, by default', () => {
    const code = authorizerFunction(synthesize().template)['Code'];
    expect(authorizerFunction(synthesize({ code: bundle() }).template)['Code']).toEqual(code);
  });
});
