/** What a regulated account asks of everything that is deployed into it. */
import { App, Aspects, CfnResource, PermissionsBoundary, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { LogGroupClass } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { AuthorizerStack } from '../../infra/authorizer-stack.ts';
import {
  authorizerFunction,
  construct,
  messagesOf,
  MINIMAL,
  templateOf,
  testApp,
} from './support/synth.ts';

const BOUNDARY = 'arn:aws:iam::111122223333:policy/boundary';
const EVERYTHING = { httpApi: true, webSocketApi: true, corsOrigin: '*' } as const;
const theirs = (): Stack => new Stack(testApp(), 'Theirs');

type Resources = Readonly<
  Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>
>;
const ofType = (template: Template, type: string) =>
  Object.values(template.findResources(type) as Resources).map(({ Properties = {} }) => Properties);

describe('a permissions boundary', () => {
  it('of the stack reaches every role', () => {
    const permissionsBoundary = PermissionsBoundary.fromArn(BOUNDARY);
    const roles = ofType(templateOf({ ...EVERYTHING, permissionsBoundary }), 'AWS::IAM::Role');
    expect(roles.length).toBeGreaterThanOrEqual(3);
    for (const role of roles) expect(role['PermissionsBoundary']).toBe(BOUNDARY);
  });

  it('of the construct reaches its roles and no other', () => {
    const stack = theirs();
    const permissionsBoundary = ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', BOUNDARY);
    construct({ permissionsBoundary }, stack);
    const roles = ofType(Template.fromStack(stack), 'AWS::IAM::Role');
    expect(roles.map((role) => role['PermissionsBoundary'])).toEqual([BOUNDARY]);
  });
});

it('tags reach everything of the construct that can have tags', () => {
  const stack = theirs();
  const rollcall = construct({ provisionedConcurrency: 1 }, stack);
  Tags.of(rollcall).add('cost-centre', '4711');
  const resources = Object.values(Template.fromStack(stack).toJSON()['Resources'] as Resources);
  const untagged = (resources as { Type?: string; Properties?: { Tags?: unknown } }[])
    .filter((one) => !JSON.stringify(one.Properties ?? {}).includes('"cost-centre"'))
    .map(({ Type }) => Type);
  // CloudFormation has no tags for these.
  expect(new Set(untagged)).toEqual(
    new Set([
      'AWS::IAM::Policy',
      'AWS::Lambda::Alias',
      'AWS::Lambda::Version',
      'AWS::Logs::QueryDefinition',
    ]),
  );
});

describe('tracing', () => {
  it('is of the function, its backend and the stage', () => {
    const template = templateOf({ tracing: true });
    const functions = ofType(template, 'AWS::Lambda::Function');
    expect(functions.map((one) => one['TracingConfig'])).toEqual([
      { Mode: 'Active' },
      { Mode: 'Active' },
    ]);
    template.hasResourceProperties('AWS::ApiGateway::Stage', { TracingEnabled: true });
    for (const policy of ofType(template, 'AWS::IAM::Policy')) {
      expect(JSON.stringify(policy)).toMatch(/xray:PutTraceSegments/u);
    }
  });

  it('is off unless asked for', () => {
    const template = templateOf();
    for (const one of ofType(template, 'AWS::Lambda::Function')) {
      expect(one['TracingConfig']).toBeUndefined();
    }
    template.hasResourceProperties('AWS::ApiGateway::Stage', { TracingEnabled: Match.absent() });
  });
});

it.each([
  [undefined, 'arm64'],
  [Architecture.X86_64, 'x86_64'],
])('runs on the architecture %s', (architecture, name) => {
  const template = templateOf(architecture === undefined ? {} : { architecture });
  for (const one of ofType(template, 'AWS::Lambda::Function')) {
    expect(one['Architectures']).toEqual([name]);
  }
});

describe('logs', () => {
  it('are all encrypted with the key, which lets CloudWatch Logs use it', () => {
    const app = testApp();
    const keys = new Stack(app, 'Keys');
    const logEncryptionKey = new Key(keys, 'Logs');
    const stack = new AuthorizerStack(app, 'Rollcall', {
      ...MINIMAL,
      ...EVERYTHING,
      logEncryptionKey,
    });
    const groups = ofType(Template.fromStack(stack), 'AWS::Logs::LogGroup');
    expect(groups).toHaveLength(3);
    for (const group of groups) expect(group['KmsKeyId']).toBeDefined();
    const [key] = ofType(Template.fromStack(keys), 'AWS::KMS::Key');
    expect(JSON.stringify(key).match(/kms:EncryptionContext:aws:logs:arn/gu)).toHaveLength(1);
  });

  it('of the gateways are below /aws/vendedlogs/, with a name that a kept log does not block', () => {
    const id = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
    templateOf().hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: { 'Fn::Join': ['', ['/aws/vendedlogs/apigateway/Rollcall-', id]] },
    });
  });

  it.each([
    ['the default class', {}, undefined, false],
    ['STANDARD', { logGroupClass: LogGroupClass.STANDARD }, 'STANDARD', false],
    [
      'INFREQUENT_ACCESS',
      { logGroupClass: LogGroupClass.INFREQUENT_ACCESS },
      'INFREQUENT_ACCESS',
      true,
    ],
  ])('of the class %s keep or lose the metrics', (_, props, name, isWarned) => {
    const stack = theirs();
    construct(props, stack);
    const [group] = ofType(Template.fromStack(stack), 'AWS::Logs::LogGroup');
    expect(group?.['LogGroupClass']).toBe(name);
    expect(messagesOf(stack).warnings.includes('rollcall:logs.class')).toBe(isWarned);
  });

  it('lose the metrics when a guard-rail changes their class', () => {
    const stack = theirs();
    construct({}, stack);
    const visit = (node: IConstruct) => {
      if (CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::Logs::LogGroup') {
        node.addPropertyOverride('LogGroupClass', 'INFREQUENT_ACCESS');
      }
    };
    Aspects.of(stack).add({ visit });
    expect(messagesOf(stack).warnings).toContain('rollcall:logs.class');
  });
});

it('changes nothing for those who ask for nothing', () => {
  const template = Template.fromStack(new AuthorizerStack(new App(), 'Rollcall', MINIMAL));
  expect(authorizerFunction(template)).not.toHaveProperty('TracingConfig');
  for (const group of ofType(template, 'AWS::Logs::LogGroup')) {
    expect(group).not.toHaveProperty('KmsKeyId');
  }
});
