import { App, CfnParameter, RemovalPolicies, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  AttributeType,
  type CfnGlobalTable,
  Table,
  TableV2,
  type ITable,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import {
  durabilityFlaws,
  keyFlaws,
  nameOrArn,
  otherRegion,
} from '../../../infra/operations/table-facts.ts';
import { UsersTable } from '../../../infra/users-table.ts';
import { testApp } from '../support/synth.ts';

const partitionKey = { name: 'user_id', type: AttributeType.STRING };
const ALL_FLAWS = [
  'it is deleted with the stack',
  'it has no point-in-time recovery',
  'it has no deletion protection',
];
const HERE = { account: '111122223333', region: 'eu-west-1' };
const theirs = (env?: Partial<typeof HERE>, id = 'Theirs'): Stack =>
  new Stack(testApp(), id, env === undefined ? {} : { env });

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

  it.each(['Table', 'TableV2'])('sees an override of a %s', (kind) => {
    const stack = theirs();
    const props = {
      partitionKey,
      deletionProtection: true,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    };
    const table = (
      kind === 'Table' ? new Table(stack, 'Table', props) : new TableV2(stack, 'Table', props)
    ) as ITable;
    const resource = table.node.defaultChild as CfnGlobalTable;
    resource.addOverride('DeletionPolicy', 'Delete');
    expect(durabilityFlaws(table)).toEqual([ALL_FLAWS[0]]);
    resource.addOverride('DeletionPolicy', 'Retain');
    expect(durabilityFlaws(table)).toEqual([]);
    const path = kind === 'Table' ? '' : 'Replicas.0.';
    resource.addPropertyOverride(`${path}DeletionProtectionEnabled`, false);
    expect(durabilityFlaws(table)).toEqual([ALL_FLAWS[2]]);
    resource.addPropertyDeletionOverride(
      `${path}PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled`,
    );
    expect(durabilityFlaws(table)).toEqual([ALL_FLAWS[1], ALL_FLAWS[2]]);
  });

  it('takes a value that only the deployment knows for no yes', () => {
    const stack = theirs();
    const { table } = new UsersTable(stack, 'Table');
    const parameter = new CfnParameter(stack, 'Protected');
    (table.node.defaultChild as CfnGlobalTable).addPropertyOverride(
      'Replicas.0.DeletionProtectionEnabled',
      parameter.value,
    );
    expect(durabilityFlaws(table)).toEqual(['its deletion protection is known only at deployment']);
  });

  it('asks every replica', () => {
    const stack = theirs(HERE);
    const { table } = new UsersTable(stack, 'Table', { replicaRegions: ['eu-central-1'] });
    expect(durabilityFlaws(table)).toEqual([]);
    (table.node.defaultChild as CfnGlobalTable).addPropertyOverride(
      'Replicas.1.DeletionProtectionEnabled',
      false,
    );
    expect(durabilityFlaws(table)).toEqual([ALL_FLAWS[2]]);
  });
});

describe('keyFlaws', () => {
  const flawsOf = (props: Partial<TableProps>, key = 'user_id'): readonly string[] =>
    keyFlaws({ table: new Table(theirs(), 'Table', { partitionKey, ...props }) as ITable, key });

  it('finds none in a table that is keyed by the one string attribute', () => {
    expect(flawsOf({})).toEqual([]);
  });

  it.each([
    [
      'another attribute',
      { partitionKey: { name: 'jti', type: AttributeType.STRING } },
      ['its partition key is jti'],
    ],
    [
      'a number',
      { partitionKey: { name: 'user_id', type: AttributeType.NUMBER } },
      ['its partition key is of type N'],
    ],
    [
      'a sort key too',
      { sortKey: { name: 'tenant', type: AttributeType.STRING } },
      ['it has the sort key tenant'],
    ],
  ])('finds %s', (_, props, flaws) => {
    expect(flawsOf(props)).toEqual(flaws);
  });

  it('finds the same in a table of the other kind', () => {
    const sortKey = { name: 'tenant', type: AttributeType.NUMBER };
    const table = new TableV2(theirs(), 'Table', { partitionKey, sortKey }) as ITable;
    expect(keyFlaws({ table, key: 'token_id' })).toEqual([
      'its partition key is user_id',
      'it has the sort key tenant',
    ]);
  });

  it('cannot know a table of another app', () => {
    const table = Table.fromTableName(theirs(), 'Table', 'users');
    expect(keyFlaws({ table, key: 'anything' })).toEqual([]);
  });
});

describe('the place of a table', () => {
  const ARN = 'arn:aws:dynamodb:eu-west-1:111122223333:table/users';
  const imported = (stack: Stack, arn = ARN): ITable => Table.fromTableArn(stack, 'Table', arn);

  it('is the Region of its ARN', () => {
    const stack = theirs({ ...HERE, region: 'eu-north-1' });
    expect(otherRegion(stack, imported(stack))).toBe('eu-west-1');
    const home = theirs(HERE);
    expect(otherRegion(home, imported(home))).toBeUndefined();
  });

  it('is not known to be elsewhere where the stack can go anywhere', () => {
    const stack = theirs();
    expect(otherRegion(stack, imported(stack))).toBeUndefined();
  });

  it('is the Region of the stack that makes it', () => {
    const app = testApp();
    const users = new UsersTable(new Stack(app, 'Users', { env: HERE }), 'Users').table;
    const away = new Stack(app, 'Away', { env: { ...HERE, region: 'us-east-1' } });
    expect(otherRegion(away, users)).toBe('eu-west-1');
    expect(otherRegion(new Stack(app, 'Home', { env: HERE }), users)).toBeUndefined();
  });

  it('is the Region of a replica', () => {
    const app = testApp();
    const { table } = new UsersTable(new Stack(app, 'Users', { env: HERE }), 'Users', {
      replicaRegions: ['us-east-1'],
    });
    const replica = (table as unknown as TableV2).replica('us-east-1') as ITable;
    const there = new Stack(app, 'There', { env: { ...HERE, region: 'us-east-1' } });
    expect(otherRegion(there, replica)).toBeUndefined();
    expect(otherRegion(new Stack(app, 'Home', { env: HERE }), replica)).toBe('us-east-1');
  });

  it.each([
    ['a parameter', (stack: Stack) => new CfnParameter(stack, 'Arn').valueAsString],
    ['an attribute', () => Token.asString({ 'Fn::GetAtt': ['Elsewhere', 'Arn'] })],
    ['an import', () => Token.asString({ 'Fn::ImportValue': 'users-arn' })],
  ])('is unknown when its ARN is %s, so it goes by its ARN', (_, arnIn) => {
    const stack = theirs(HERE);
    const arn = arnIn(stack);
    expect(nameOrArn(stack, imported(stack, arn))).toBe(arn);
    expect(otherRegion(stack, imported(new Stack(stack, 'Nested'), arn))).toBeUndefined();
  });

  it('is here when the ARN says so by pseudo parameters', () => {
    const stack = theirs();
    const table = imported(stack, `arn:aws:dynamodb:${stack.region}:${stack.account}:table/users`);
    expect(stack.resolve(nameOrArn(stack, table))).toEqual(stack.resolve(table.tableName));
  });

  it('is not here when the ARN names another Region beside a pseudo parameter', () => {
    const stack = theirs(HERE);
    const table = imported(
      stack,
      `arn:aws:dynamodb:us-east-1:${Token.asString({ Ref: 'AWS::AccountId' })}:table/users`,
    );
    expect(nameOrArn(stack, table)).toBe(table.tableArn);
    expect(otherRegion(stack, table)).toBe('us-east-1');
  });

  it('is here for a table that goes by its name', () => {
    const stack = theirs();
    expect(nameOrArn(stack, Table.fromTableName(stack, 'Table', 'users'))).toBe('users');
  });
});
