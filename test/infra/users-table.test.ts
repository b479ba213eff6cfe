import { App, RemovalPolicies, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { durabilityFlaws, RevokedTokensTable, UsersTable } from '../../infra/users-table.ts';
import { testApp } from './support/synth.ts';

const inRegion = (): Stack =>
  new Stack(testApp(), 'Theirs', { env: { account: '111122223333', region: 'eu-west-1' } });
const partitionKey = { name: 'user_id', type: AttributeType.STRING };
const ALL_FLAWS = [
  'it is deleted with the stack',
  'it has no point-in-time recovery',
  'it has no deletion protection',
];

describe.each([
  ['UsersTable', UsersTable, 'user_id'],
  ['RevokedTokensTable', RevokedTokensTable, 'token_id'],
] as const)('%s', (_, Made, key) => {
  it('is kept, recoverable, protected and paid by request', () => {
    const stack = new Stack(testApp(), 'Theirs');
    new Made(stack, 'Table');
    Template.fromStack(stack).hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    });
  });

  it('is deleted with its stack, without recovery and protection, when ephemeral', () => {
    const stack = new Stack(testApp(), 'Theirs');
    new Made(stack, 'Table', { ephemeral: true });
    Template.fromStack(stack).hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: {
        Replicas: [
          {
            DeletionProtectionEnabled: false,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
          },
        ],
      },
    });
  });

  it("is encrypted with DynamoDB's own key", () => {
    const stack = new Stack(testApp(), 'Theirs');
    new Made(stack, 'Table');
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      SSESpecification: { SSEEnabled: false },
    });
  });

  it("is encrypted with a customer's key when given one", () => {
    const stack = inRegion();
    const encryptionKey = new Key(stack, 'Key');
    const { table } = new Made(stack, 'Table', { encryptionKey });
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [{ SSESpecification: { KMSMasterKeyId: Match.anyValue() } }],
    });
    expect(table.encryptionKey).toBe(encryptionKey);
  });

  it('has replicas that last as well', () => {
    const stack = inRegion();
    const { table } = new Made(stack, 'Table', { replicaRegions: ['eu-central-1'] });
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: ['eu-central-1', 'eu-west-1'].map((Region) => ({
        Region,
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      })),
    });
    expect(durabilityFlaws(table)).toEqual([]);
  });
});

describe('UsersTable', () => {
  it('takes another key', () => {
    const stack = new Stack(testApp(), 'Theirs');
    new UsersTable(stack, 'Table', { partitionKey: 'pk' });
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    });
  });

  it('forgets nobody by itself', () => {
    const stack = new Stack(testApp(), 'Theirs');
    new UsersTable(stack, 'Table');
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TimeToLiveSpecification: Match.absent(),
    });
  });
});

describe('RevokedTokensTable', () => {
  it('lets DynamoDB collect what has expired', () => {
    const stack = new Stack(testApp(), 'Theirs');
    new RevokedTokensTable(stack, 'Table');
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
  });
});

describe('durabilityFlaws', () => {
  it('cannot know a table of another app', () => {
    const stack = new Stack(new App(), 'Theirs');
    expect(durabilityFlaws(Table.fromTableName(stack, 'Table', 'users'))).toBeUndefined();
  });

  it('finds none in a table of ours', () => {
    const { table } = new UsersTable(new Stack(new App(), 'Theirs'), 'Table');
    expect(durabilityFlaws(table)).toEqual([]);
  });

  it('finds all in an ephemeral one', () => {
    const { table } = new UsersTable(new Stack(new App(), 'Theirs'), 'Table', { ephemeral: true });
    expect(durabilityFlaws(table)).toEqual(ALL_FLAWS);
  });

  it.each([
    ['removalPolicy', { removalPolicy: RemovalPolicy.DESTROY }, 0],
    ['recovery', { pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: false } }, 1],
    ['protection', { deletionProtection: false }, 2],
  ])('finds the want of %s in a table of either kind', (_, flaw, index) => {
    const props = {
      partitionKey,
      removalPolicy: RemovalPolicy.RETAIN,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      ...flaw,
    };
    const stack = new Stack(new App(), 'Theirs');
    expect(durabilityFlaws(new Table(stack, 'One', props) as never)).toEqual([ALL_FLAWS[index]]);
    expect(durabilityFlaws(new TableV2(stack, 'Two', props) as never)).toEqual([ALL_FLAWS[index]]);
  });

  it('counts a table that is kept except on creation as kept', () => {
    const { table } = new UsersTable(new Stack(new App(), 'Theirs'), 'Table');
    table.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    expect(durabilityFlaws(table)).toEqual([]);
  });

  it('sees a removal policy that an aspect changed', () => {
    const stack = new Stack(testApp(), 'Theirs');
    const { table } = new UsersTable(stack, 'Table');
    RemovalPolicies.of(stack).destroy();
    Template.fromStack(stack);
    expect(durabilityFlaws(table)).toEqual([ALL_FLAWS[0]]);
  });
});
