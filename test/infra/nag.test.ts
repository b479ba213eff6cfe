/**
 * The packs of cdk-nag, as validation plugins: AwsSolutions over everything that can be deployed,
 * and those for regulated accounts over a deployment with the props for such accounts. Each
 * finding is fixed, or acknowledged beside the resource with its reason, and no acknowledgement
 * has outlived its finding.
 */
import { Stack, Validations, type App, type IPolicyValidationPlugin } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  NIST80053R5Checks,
  PCIDSS321Checks,
  ServerlessChecks,
  type NagPack,
} from 'cdk-nag';
import { AuthorizerStack, type AuthorizerStackProps } from '../../infra/authorizer-stack.ts';
import { construct, MINIMAL, testApp } from './support/synth.ts';

interface Checked {
  readonly app: App;
  /** Ids of all that was found, acknowledged or not. */
  readonly found: Set<string>;
  /** Where, as `<id> <path>`. */
  readonly places: Set<string>;
}

type Pack = new (scope: App) => NagPack & IPolicyValidationPlugin;

function checkedApp(pack: Pack = AwsSolutionsChecks): Checked {
  const app = testApp();
  const checks = new pack(app);
  const found = new Set<string>();
  const places = new Set<string>();
  const plugin: IPolicyValidationPlugin = {
    name: checks.name,
    validate: (context) => {
      const report = checks.validate(context);
      for (const { ruleName, violatingResources } of report.violations) {
        found.add(ruleName);
        for (const { constructPath } of violatingResources) {
          places.add(`${ruleName} ${constructPath}`);
        }
      }
      return report;
    },
  };
  Validations.of(app).addPlugins(plugin);
  return { app, found, places };
}

interface Acknowledged {
  readonly id: string;
  readonly reason: string;
  /** The construct that it is recorded at. */
  readonly path: string;
}

/** What is acknowledged of the rules of one pack. */
function acknowledged(app: App, pack = 'AwsSolutions'): readonly Acknowledged[] {
  return app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .filter(([id]) => id.startsWith(`${pack}::`))
      .map(([id, reason]) => ({ id: id.slice(`${pack}::`.length), reason, path: node.path })),
  );
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

const ENV = { account: '111122223333', region: 'eu-west-1' };

/** What a regulated account asks for: keys of its own, traces, somebody who is told, a limit. */
const REGULATED = (app: App): void => {
  const keys = new Stack(app, 'Keys', { env: ENV });
  new AuthorizerStack(app, 'Rollcall', {
    ...MINIMAL,
    env: ENV,
    httpApi: true,
    webSocketApi: true,
    tracing: true,
    logEncryptionKey: new Key(keys, 'Logs', { enableKeyRotation: true }),
    reservedConcurrency: 100,
    alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:alarms',
  });
};

const REGULATED_IN_VPC = (app: App): void => {
  const stack = new Stack(app, 'Theirs', { env: ENV });
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a'],
    privateSubnetIds: ['subnet-1'],
    vpcCidrBlock: '10.0.0.0/16',
  });
  construct(
    {
      vpc,
      tracing: true,
      logEncryptionKey: new Key(stack, 'Logs', { enableKeyRotation: true }),
      reservedConcurrency: 100,
      alarmTopic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:alarms'),
    },
    stack,
  );
};

describe.each([
  ['AwsSolutions', AwsSolutionsChecks],
  ['NIST.800.53.R5', NIST80053R5Checks],
  ['HIPAA.Security', HIPAASecurityChecks],
  ['PCI.DSS.321', PCIDSS321Checks],
  ['Serverless', ServerlessChecks],
] as readonly (readonly [string, Pack])[])('the pack %s', (name, pack) => {
  describe.each([
    ['the stack', REGULATED],
    ['the construct in a network', REGULATED_IN_VPC],
  ])('over %s with the props for regulated accounts', (_, build) => {
    const { app, found, places } = checkedApp(pack);
    beforeAll(() => build(app));

    it('finds nothing that is neither fixed nor acknowledged, not even a warning', () => {
      app.synth();
      const reasons = acknowledged(app, name);
      const isClosed = (place: string): boolean =>
        reasons.some(({ id, path }) => `${place}/`.startsWith(`${id} ${path}/`));
      const open = [...places].filter((place) => !isClosed(place));
      expect(places.size).toBeGreaterThan(0);
      expect(open).toEqual([]);
    });

    it('has no acknowledgement without a finding, and a reason for each', () => {
      app.synth();
      for (const { id, reason } of acknowledged(app, name)) {
        expect([...found]).toContain(id);
        expect(reason).toMatch(/^[A-Z].{40,}\.$/u);
      }
    });
  });
});

it.each([
  ['a log without a key', NIST80053R5Checks, /CloudWatchLogGroupEncrypted/u],
  ['an alarm that nobody hears', HIPAASecurityChecks, /CloudWatchAlarmAction/u],
] as readonly (readonly [string, Pack, RegExp])[])('finds %s', (_, pack, rule) => {
  const { app } = checkedApp(pack);
  new AuthorizerStack(app, 'Rollcall', MINIMAL);
  expect(() => app.synth()).toThrow(rule);
});

it('finds a table that cannot be recovered', () => {
  const { app } = checkedApp();
  const partitionKey = { name: 'id', type: AttributeType.STRING };
  new Table(new Stack(app, 'Theirs'), 'Table', { partitionKey });
  expect(() => app.synth()).toThrow(/AwsSolutions-DDB3/u);
});
