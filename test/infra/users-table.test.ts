import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RevokedTokensTable, UsersTable } from '../../infra/users-table.ts';
import { testApp } from './support/synth.ts';

const inRegion = (): Stack =>
  new Stack(testApp(), 'Theirs', { env: { account: '111122223333', region: 'eu-west-1' } });

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
    new Made(stack, 'Table', { replicaRegions: ['eu-central-1'] });
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: ['eu-central-1', 'eu-west-1'].map((Region) => ({
        Region,
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      })),
    });
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
