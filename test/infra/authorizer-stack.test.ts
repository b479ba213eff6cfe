import { Duration } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import type { AuthorizerStackProps } from '../../infra/authorizer-stack.ts';
import { authorizerStack, messagesOf, templateOf, variables } from './support/synth.ts';

const TABLE = 'AWS::DynamoDB::GlobalTable';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/k-1';
const EXISTING = { usersTableName: 'users', revokedTokensTableName: 'revoked' };

const usual = templateOf();
const everyApi = templateOf({ httpApi: true, webSocketApi: true });

const outputs = (template: Template): Readonly<Record<string, { readonly Value: unknown }>> =>
  template.toJSON()['Outputs'] as Record<string, { readonly Value: unknown }>;

/** What the role of the authorizer may do, by the sid of each statement. */
function statements(template: Template): readonly Record<string, unknown>[] {
  const [policy] = Object.values(
    template.findResources('AWS::IAM::Policy', {
      Properties: { PolicyName: Match.stringLikeRegexp('^Authorizer') },
    }),
  ) as { Properties: { PolicyDocument: { Statement: Record<string, unknown>[] } } }[];
  return policy?.Properties.PolicyDocument.Statement ?? [];
}

describe('the outputs', () => {
  it('are these for the REST API', () => {
    expect(Object.keys(outputs(usual)).sort()).toEqual([
      'ApiId',
      'ApiUrl',
      'AuthorizerFunctionName',
      'MaxRevocationDelaySeconds',
      'RevokedTokensTableName',
      'UsersTableName',
    ]);
  });

  it('are these for every API', () => {
    expect(Object.keys(outputs(everyApi)).sort()).toEqual([
      'ApiId',
      'ApiUrl',
      'AuthorizerFunctionName',
      'HttpApiId',
      'HttpApiUrl',
      'MaxRevocationDelaySeconds',
      'RevokedTokensTableName',
      'UsersTableName',
      'WebSocketApiId',
      'WebSocketUrl',
    ]);
  });

  it.each<[string, Partial<AuthorizerStackProps>, string]>([
    ['nothing without caches', {}, '0'],
    [
      'both caches together',
      { resultsCacheTtl: Duration.seconds(20), userCacheTtl: Duration.seconds(10) },
      '30',
    ],
    ['the life of a connection', { webSocketApi: true }, '7200'],
  ])('say how long a revocation may take to hold: %s', (_, props, Value) => {
    expect(outputs(templateOf(props))['MaxRevocationDelaySeconds']).toEqual({ Value });
  });

  it('name existing tables', () => {
    const arn = 'arn:aws:dynamodb:eu-west-1:111122223333:table/revoked';
    expect(outputs(templateOf({ ...EXISTING, revokedTokensTableName: arn }))).toMatchObject({
      UsersTableName: { Value: 'users' },
      RevokedTokensTableName: { Value: 'revoked' },
    });
  });
});

describe('the tables', () => {
  it('are made, and known to the function', () => {
    usual.resourceCountIs(TABLE, 2);
    expect(variables(usual)).toMatchObject({
      USERS_TABLE_NAME: { Ref: expect.stringMatching(/UsersTable/u) },
      REVOKED_TOKENS_TABLE_NAME: { Ref: expect.stringMatching(/RevokedTokens/u) },
    });
  });

  it('are the existing ones when named', () => {
    const template = templateOf(EXISTING);
    template.resourceCountIs(TABLE, 0);
    expect(variables(template)).toMatchObject({
      USERS_TABLE_NAME: 'users',
      REVOKED_TOKENS_TABLE_NAME: 'revoked',
    });
  });

  it('are kept, with the logs', () => {
    usual.allResources(TABLE, { DeletionPolicy: 'Retain' });
    expect(
      Object.keys(usual.findResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain' })),
    ).toEqual([
      expect.stringMatching(/^AuthorizerFunctionLogs/u),
      expect.stringMatching(/^AccessLog/u),
    ]);
  });

  it('are thrown away with the logs when ephemeral', () => {
    const template = templateOf({ ephemeral: true });
    template.allResources(TABLE, { DeletionPolicy: 'Delete' });
    template.allResources('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
    expect(variables(template)).toMatchObject({ USERS_TABLE_PERSISTENT: 'false' });
  });

  it('are encrypted with the key of the customer when there is one', () => {
    const env = { region: 'eu-west-1' };
    templateOf({ usersTableEncryptionKeyArn: KEY, env }).allResourcesProperties(TABLE, {
      Replicas: [{ SSESpecification: { KMSMasterKeyId: KEY } }],
    });
  });

  it('have replicas when there are Regions', () => {
    const env = { account: '111122223333', region: 'eu-west-1' };
    templateOf({ replicaRegions: ['eu-north-1'], env }).allResourcesProperties(TABLE, {
      Replicas: [{ Region: 'eu-north-1' }, { Region: 'eu-west-1' }],
    });
  });
});

describe('the role of the function', () => {
  it('has these rights and no others', () => {
    expect(statements(usual)).toEqual([
      {
        Sid: 'WriteOwnLogs',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^AuthorizerFunctionLogs/u), 'Arn'] },
      },
      {
        Sid: 'ReadTables',
        Effect: 'Allow',
        Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
        Resource: [
          { 'Fn::GetAtt': [expect.stringMatching(/^AuthorizerUsersTable/u), 'Arn'] },
          { 'Fn::GetAtt': [expect.stringMatching(/^RevokedTokens/u), 'Arn'] },
        ],
      },
    ]);
  });

  it('may decrypt the existing users table with its key', () => {
    const [, , decrypt] = statements(templateOf({ ...EXISTING, usersTableEncryptionKeyArn: KEY }));
    expect(decrypt).toMatchObject({ Action: 'kms:Decrypt', Resource: KEY });
  });
});

describe('the APIs', () => {
  it('are one REST API', () => {
    usual.resourceCountIs('AWS::ApiGateway::RestApi', 1);
    usual.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
  });

  it('are three when asked, around one authorizer function', () => {
    everyApi.resourceCountIs('AWS::ApiGateway::RestApi', 1);
    everyApi.hasResourceProperties('AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' });
    everyApi.hasResourceProperties('AWS::ApiGatewayV2::Api', { ProtocolType: 'WEBSOCKET' });
    everyApi.resourceCountIs('AWS::Lambda::Function', 2);
  });

  it('have a TOKEN authorizer that caches nothing', () => {
    usual.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'TOKEN',
      AuthorizerResultTtlInSeconds: 0,
    });
  });

  it('have a REQUEST authorizer when asked', () => {
    templateOf({ restAuthorizerType: 'request' }).hasResourceProperties(
      'AWS::ApiGateway::Authorizer',
      { Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0 },
    );
  });

  it('cache for as long as they are told', () => {
    const template = templateOf({ httpApi: true, resultsCacheTtl: Duration.minutes(1) });
    for (const type of ['AWS::ApiGateway::Authorizer', 'AWS::ApiGatewayV2::Authorizer']) {
      template.allResourcesProperties(type, { AuthorizerResultTtlInSeconds: 60 });
    }
  });

  it('deny with 403 when asked', () => {
    templateOf({ deniedStatusCode: 403 }).hasResourceProperties(
      'AWS::ApiGateway::GatewayResponse',
      { ResponseType: 'ACCESS_DENIED', StatusCode: '403' },
    );
  });
});

describe('an operator', () => {
  it('is told of alarms by the topic that is named', () => {
    const alarmTopicArn = 'arn:aws:sns:eu-west-1:111122223333:alarms';
    templateOf({ alarmTopicArn }).allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [alarmTopicArn],
    });
  });

  it.each<[string, Partial<AuthorizerStackProps>, readonly string[]]>([
    ['the default', {}, ['rollcall:revocation.jtiOptional', 'rollcall:usersTable.missing']],
    ['existing tables and required ids', { ...EXISTING, requireJti: true }, []],
    [
      'strict mode on a new table',
      { requireUserInDb: true, requireJti: true },
      ['rollcall:strict.lockout', 'rollcall:usersTable.missing'],
    ],
    [
      'a long cache on an HTTP API',
      { ...EXISTING, requireJti: true, httpApi: true, resultsCacheTtl: Duration.seconds(61) },
      ['rollcall:cache.denials'],
    ],
  ])('is warned of %s by these', (_, props, warnings) => {
    expect(messagesOf(authorizerStack(props))).toMatchObject({ warnings, errors: [] });
  });
});

describe('the resources', () => {
  /** A type that is unknown where the stack goes (a partition, an emulator) fails it as a whole. */
  const EVERYWHERE = [
    'AWS::ApiGateway::Account',
    'AWS::ApiGateway::Authorizer',
    'AWS::ApiGateway::Deployment',
    'AWS::ApiGateway::GatewayResponse',
    'AWS::ApiGateway::Method',
    'AWS::ApiGateway::RequestValidator',
    'AWS::ApiGateway::Resource',
    'AWS::ApiGateway::RestApi',
    'AWS::ApiGateway::Stage',
    'AWS::CloudWatch::Alarm',
    'AWS::CloudWatch::Dashboard',
    'AWS::DynamoDB::GlobalTable',
    'AWS::IAM::Policy',
    'AWS::IAM::Role',
    'AWS::Lambda::Function',
    'AWS::Lambda::Permission',
    'AWS::Logs::LogGroup',
  ];

  it('are of these types, but for conveniences that have a condition', () => {
    const { Resources: resources } = usual.toJSON() as {
      readonly Resources: Readonly<
        Record<string, { readonly Type: string; readonly Condition?: unknown }>
      >;
    };
    const unconditional = Object.values(resources).filter(
      ({ Condition }) => Condition === undefined,
    );
    expect([...new Set(unconditional.map(({ Type }) => Type))].sort()).toEqual(EVERYWHERE);
  });
});
