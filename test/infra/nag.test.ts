/**
 * cdk-nag's AwsSolutions pack, as a validation plugin, over everything that can be deployed: each
 * finding is fixed, or acknowledged beside the resource with its reason, and no acknowledgement
 * has outlived its finding.
 */
import { Stack, Validations, type App, type IPolicyValidationPlugin } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AuthorizerStack, type AuthorizerStackProps } from '../../infra/authorizer-stack.ts';
import { construct, MINIMAL, testApp } from './support/synth.ts';

interface Checked {
  readonly app: App;
  /** Ids of all that was found, acknowledged or not. */
  readonly found: Set<string>;
}

function checkedApp(): Checked {
  const app = testApp();
  const checks = new AwsSolutionsChecks(app);
  const found = new Set<string>();
  const plugin: IPolicyValidationPlugin = {
    name: checks.name,
    validate: (context) => {
      const report = checks.validate(context);
      for (const { ruleName } of report.violations) found.add(ruleName);
      return report;
    },
  };
  Validations.of(app).addPlugins(plugin);
  return { app, found };
}

function acknowledged(app: App): readonly { readonly id: string; readonly reason: string }[] {
  return app.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Record<string, string>))
    .map(([id, reason]) => ({ id: id.replace(/^AwsSolutions::/u, ''), reason }));
}

const stackWith =
  (props: Partial<AuthorizerStackProps>) =>
  (app: App): void => {
    new AuthorizerStack(app, 'Rollcall', { ...MINIMAL, ...props });
  };

const inVpc = (app: App): void => {
  const stack = new Stack(app, 'Theirs');
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a', 'b'],
    privateSubnetIds: ['subnet-1', 'subnet-2'],
    vpcCidrBlock: '10.0.0.0/16',
  });
  construct({ vpc }, stack);
};

const deployments: readonly [string, (app: App) => void][] = [
  ['the default stack', stackWith({})],
  [
    'the stack with every API and CORS',
    stackWith({ httpApi: true, webSocketApi: true, corsOrigin: '*' }),
  ],
  ['the stack for OAuth clients', stackWith({ httpApi: true, protectedResource: true })],
  ['the stack with a REQUEST authorizer', stackWith({ restAuthorizerType: 'request' })],
  ['the stack in an account that logs', stackWith({ cloudWatchRole: false })],
  ['a throwaway', stackWith({ ephemeral: true })],
  [
    'the stack around existing tables with a key',
    stackWith({
      usersTableName: 'users',
      revokedTokensTableName: 'revoked',
      usersTableEncryptionKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/k-1',
    }),
  ],
  ['the construct in a network, kept warm', inVpc],
];

describe.each(deployments)('%s', (_, build) => {
  const checked = checkedApp();
  beforeAll(() => build(checked.app));

  it('has no finding that is neither fixed nor acknowledged', () => {
    expect(() => checked.app.synth()).not.toThrow();
  });

  it('has no acknowledgement without a finding', () => {
    checked.app.synth();
    for (const { id } of acknowledged(checked.app)) expect([...checked.found]).toContain(id);
  });

  it('gives a reason for each', () => {
    for (const { reason } of acknowledged(checked.app)) expect(reason).toMatch(/^[A-Z].{40,}\.$/u);
  });
});

it('finds a table that cannot be recovered', () => {
  const { app } = checkedApp();
  const partitionKey = { name: 'id', type: AttributeType.STRING };
  new Table(new Stack(app, 'Theirs'), 'Table', { partitionKey });
  expect(() => app.synth()).toThrow(/AwsSolutions-DDB3/u);
});
