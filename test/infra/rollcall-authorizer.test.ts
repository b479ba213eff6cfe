import { Duration, Lazy, RemovalPolicies, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table, TableV2, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { RollcallAuthorizer } from '../../infra/rollcall-authorizer.ts';
import type { RollcallAuthorizerProps } from '../../infra/rollcall-authorizer-props.ts';
import { UsersTable } from '../../infra/users-table.ts';
import { construct, messagesOf, MINIMAL, testApp, variables } from './support/synth.ts';

const TABLE = 'AWS::DynamoDB::GlobalTable';
const ENV = { account: '111122223333', region: 'eu-west-1' };
const theirs = (env?: typeof ENV): Stack =>
  new Stack(testApp(), 'Theirs', env === undefined ? {} : { env });

/** In a stack of theirs, with a table that exists unless told otherwise. */
function made(
  props: Partial<RollcallAuthorizerProps> = {},
  stack = theirs(),
): { stack: Stack; authorizer: RollcallAuthorizer } {
  const usersTable = Table.fromTableName(stack, 'Existing', 'users');
  return { stack, authorizer: construct({ usersTable, ...props }, stack) };
}

function synthesized(
  props: Partial<RollcallAuthorizerProps> = {},
  stack = theirs(),
): { template: Template; env: Readonly<Record<string, unknown>> } {
  const template = Template.fromStack(made(props, stack).stack);
  return { template, env: variables(template) };
}

const ephemeralTable = (stack: Stack): ITable =>
  new TableV2(stack, 'Users', {
    partitionKey: { name: 'user_id', type: AttributeType.STRING },
  }) as ITable;

describe('the users table', () => {
  it('is the one that exists', () => {
    const { template, env } = synthesized();
    expect(env).toMatchObject({ USERS_TABLE_NAME: 'users' });
    template.resourceCountIs(TABLE, 0);
  });

  it('is made when none is given, with the key that is asked for', () => {
    const stack = theirs();
    construct({ usersTableKey: 'pk' }, stack);
    const template = Template.fromStack(stack);
    template.hasResource(TABLE, {
      DeletionPolicy: 'Retain',
      Properties: { KeySchema: [{ AttributeName: 'pk' }] },
    });
    const [logicalId] = Object.keys(template.findResources(TABLE));
    expect(variables(template)).toMatchObject({
      USERS_TABLE_NAME: { Ref: logicalId },
      USERS_TABLE_KEY: 'pk',
    });
  });

  it('is made with replicas when asked', () => {
    const stack = theirs(ENV);
    construct({ replicaRegions: ['eu-central-1'] }, stack);
    Template.fromStack(stack).hasResourceProperties(TABLE, {
      Replicas: [{ Region: 'eu-central-1' }, { Region: 'eu-west-1' }],
    });
  });

  it('is made to be thrown away when asked, and the log with it', () => {
    const stack = theirs();
    construct({ ephemeral: true }, stack);
    const template = Template.fromStack(stack);
    template.hasResource(TABLE, { DeletionPolicy: 'Delete' });
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
  });

  const ARN = 'arn:aws:dynamodb:eu-west-1:111122223333:table/users';
  it.each([
    ['its name in its own account and Region', ENV, 'users'],
    ['its ARN in another Region', { ...ENV, region: 'eu-north-1' }, ARN],
    ['its ARN in another account', { ...ENV, account: '444455556666' }, ARN],
    ['its ARN where neither is known', undefined, ARN],
  ])('that was imported by its ARN goes by %s', (_, env, name) => {
    const stack = theirs(env);
    const usersTable = Table.fromTableArn(stack, 'Users', ARN);
    expect(synthesized({ usersTable }, stack).env).toMatchObject({ USERS_TABLE_NAME: name });
  });

  it.each([
    ['lasts for all that is known of another app', () => undefined, undefined],
    [
      'lasts when it is made to last',
      (stack: Stack) => new UsersTable(stack, 'Users').table,
      undefined,
    ],
    ['does not last when it is deleted with its stack', ephemeralTable, 'false'],
  ])('%s', (_, tableIn, persistent) => {
    const stack = theirs();
    const usersTable = tableIn(stack);
    expect(
      synthesized(usersTable === undefined ? {} : { usersTable }, stack).env[
        'USERS_TABLE_PERSISTENT'
      ],
    ).toBe(persistent);
  });

  it.each([
    [true, undefined],
    [false, 'false'],
  ])('lasts as it is said to: %s', (usersTablePersistent, persistent) => {
    const stack = theirs();
    const usersTable = ephemeralTable(stack);
    const { env } = synthesized({ usersTable, usersTablePersistent }, stack);
    expect(env['USERS_TABLE_PERSISTENT']).toBe(persistent);
  });

  it('does not last when an aspect has it deleted', () => {
    const stack = theirs();
    construct({}, stack);
    RemovalPolicies.of(stack).destroy();
    expect(variables(Template.fromStack(stack))).toMatchObject({ USERS_TABLE_PERSISTENT: 'false' });
  });
});

describe('the revoked tokens', () => {
  it('are not asked for', () => {
    expect(synthesized().env).not.toHaveProperty('REVOKED_TOKENS_TABLE_NAME');
  });

  it('are asked for when there is a table, which the role may read', () => {
    const stack = theirs();
    const revokedTokensTable = Table.fromTableName(stack, 'Revoked', 'revoked');
    const { template, env } = synthesized({ revokedTokensTable }, stack);
    expect(env).toMatchObject({ REVOKED_TOKENS_TABLE_NAME: 'revoked' });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Sid: 'ReadTables', Resource: [Match.anyValue(), Match.anyValue()] }),
        ]),
      },
    });
  });
});

describe('the settings', () => {
  it('may hold what is known only at deployment, such as a user pool', () => {
    const stack = theirs();
    const pool = new UserPool(stack, 'Pool');
    const client = pool.addClient('App');
    const { env } = synthesized(
      {
        issuers: [
          {
            issuer: pool.userPoolProviderUrl,
            clientId: [client.userPoolClientId],
            tokenUse: 'access',
          },
        ],
      },
      stack,
    );
    expect(env).toMatchObject({
      JWT_ISSUER: stack.resolve(pool.userPoolProviderUrl),
      JWT_CLIENT_ID: stack.resolve(client.userPoolClientId),
    });
  });

  it('fail the synthesis when they cannot work', () => {
    expect(() => construct({ issuers: [] })).toThrow(/issuers is empty/u);
  });
});

describe('what is said at synthesis', () => {
  const EXISTING = { warnings: [], errors: [], texts: [] };
  const strict = { requireUserInDb: true };

  it('is nothing about an existing table', () => {
    expect(messagesOf(made().stack)).toEqual(EXISTING);
  });

  it.each<[string, Partial<RollcallAuthorizerProps>, readonly string[]]>([
    ['no table', {}, ['rollcall:usersTable.missing']],
    ['no table in strict mode', strict, ['rollcall:strict.lockout', 'rollcall:usersTable.missing']],
    [
      'a table to be thrown away',
      { ephemeral: true },
      ['rollcall:usersTable.ephemeral', 'rollcall:usersTable.missing'],
    ],
  ])('of %s', (_, props, warnings) => {
    const stack = theirs();
    construct(props, stack);
    expect(messagesOf(stack)).toMatchObject({ warnings, errors: [] });
  });

  it('is that a table of the same app begins empty, in strict mode', () => {
    const stack = theirs();
    const usersTable = new UsersTable(stack, 'Users').table;
    construct({ usersTable, ...strict }, stack);
    expect(messagesOf(stack).warnings).toEqual(['rollcall:strict.lockout']);
  });

  it('is that a table of the same app would be lost', () => {
    const stack = theirs();
    construct({ usersTable: ephemeralTable(stack) }, stack);
    expect(messagesOf(stack).warnings).toEqual(['rollcall:usersTable.ephemeral']);
  });

  it('is that an existing table is said not to last', () => {
    expect(messagesOf(made({ usersTablePersistent: false }).stack).warnings).toEqual([
      'rollcall:usersTable.ephemeral',
    ]);
  });

  it('is silenced by an acknowledgement', () => {
    const stack = theirs();
    const id = 'rollcall:usersTable.missing';
    const authorizer = construct({ ephemeral: true }, stack);
    Validations.of(authorizer).acknowledge({ id, reason: 'The users are imported tonight.' });
    expect(messagesOf(stack).warnings).toEqual(['rollcall:usersTable.ephemeral']);
  });

  const maxRevocationDelay = Duration.seconds(60);
  const userCacheTtl = Duration.seconds(30);

  it('is an error when caches exceed the budget', () => {
    const { stack, authorizer } = made({ maxRevocationDelay, userCacheTtl });
    authorizer.appSync({ resultsCacheTtl: Duration.seconds(31) });
    expect(messagesOf(stack).errors).toEqual(['rollcall:revocation.budget']);
  });

  it('is nothing when caches just keep to the budget', () => {
    const { stack, authorizer } = made({ maxRevocationDelay, userCacheTtl });
    authorizer.appSync({ resultsCacheTtl: Duration.seconds(30) });
    expect(messagesOf(stack)).toEqual(EXISTING);
  });

  it.each([[['$request.header.X-Key']], [[]]])(
    'is an error when an HTTP API caches under %j',
    (identitySources) => {
      const { stack, authorizer } = made();
      authorizer.http('Http', { identitySources, resultsCacheTtl: Duration.seconds(1) });
      expect(messagesOf(stack).errors).toEqual(['rollcall:cache.identitySource']);
    },
  );

  it.each([[['method.request.querystring.key']], [[]]])(
    'is an error when a REST API caches under %j',
    (identitySources) => {
      const { stack, authorizer } = made();
      const options = { identitySources, resultsCacheTtl: Duration.seconds(1) };
      authorizer.restRequest('Rest', options)._attachToApi({ restApiId: 'x' } as never);
      expect(messagesOf(stack).errors).toEqual(['rollcall:cache.identitySource']);
    },
  );

  it('is an error when the environment does not fit', () => {
    const audience = Array.from({ length: 100 }, (_, index) => `${index}-${'x'.repeat(40)}`);
    const { stack } = made({ issuers: [{ issuer: 'https://idp.example.com', audience }] });
    expect(messagesOf(stack).errors).toEqual(['rollcall:environment.size']);
  });
});

describe('maxRevocationDelay', () => {
  const delayOf = (
    attach: (authorizer: RollcallAuthorizer) => unknown,
    props: Partial<RollcallAuthorizerProps> = {},
  ): number => {
    const { authorizer } = made(props);
    attach(authorizer);
    return authorizer.maxRevocationDelay.toSeconds();
  };
  const minute = { resultsCacheTtl: Duration.minutes(1) };

  it('is nothing without caches', () => {
    expect(delayOf((authorizer) => authorizer.restToken())).toBe(0);
  });

  it('is the longest cache of a gateway and that of the function together', () => {
    const delay = delayOf(
      (authorizer) => [authorizer.http('Http', minute), authorizer.restToken()],
      { userCacheTtl: Duration.seconds(10) },
    );
    expect(delay).toBe(70);
  });

  it('is the life of a connection where there is a WebSocket', () => {
    expect(delayOf((authorizer) => [authorizer.webSocket(), authorizer.appSync(minute)])).toBe(
      7200,
    );
  });
});

describe('what an operator is left with', () => {
  it('is told by a topic when one is given', () => {
    const stack = theirs();
    const alarmTopic = new Topic(stack, 'Topic');
    const { template } = synthesized({ alarmTopic }, stack);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [stack.resolve(alarmTopic.topicArn)],
    });
  });

  it('has thresholds and a runbook of their own', () => {
    const { template } = synthesized({
      alarmThresholds: { rejections: 7 },
      runbookUrl: 'https://wiki.example/rollcall',
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 7,
      AlarmDescription: Match.stringLikeRegexp('https://wiki.example/rollcall#rejection-spike'),
    });
  });

  it('has saved queries', () => {
    synthesized().template.resourceCountIs('AWS::Logs::QueryDefinition', 4);
  });

  it('can have two of them in one stack', () => {
    const stack = theirs();
    const usersTable = Table.fromTableName(stack, 'Existing', 'users');
    construct({ usersTable }, stack);
    new RollcallAuthorizer(stack, 'Second', { ...MINIMAL, usersTable });
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 2);
  });
});

it('takes a lazy name of a table', () => {
  const stack = theirs();
  const usersTable = Table.fromTableName(stack, 'Lazy', Lazy.string({ produce: () => 'late' }));
  expect(synthesized({ ...MINIMAL, usersTable }, stack).env).toMatchObject({
    USERS_TABLE_NAME: 'late',
  });
});
