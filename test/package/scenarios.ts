/**
 * What users of the CDK do with the construct, as one program: `apps.installed.ts` puts it into apps
 * of several kinds, with `rollcall` in place of the path below, runs it there and judges what it
 * prints. Flags come from the environment (`CDK_CONTEXT_JSON`), as from a `cdk.json`.
 */
import {
  App,
  Aspects,
  CfnParameter,
  CfnResource,
  Duration,
  NestedStack,
  RemovalPolicies,
  RemovalPolicy,
  Stack,
  type Environment,
} from 'aws-cdk-lib';
import {
  ApiDefinition,
  Deployment,
  MockIntegration,
  RestApi,
  SpecRestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Definition, GraphqlApi } from 'aws-cdk-lib/aws-appsync';
import { AttributeType, Table, TableV2, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct, type IConstruct } from 'constructs';
import { writeFileSync } from 'node:fs';
import {
  addGatewayResponses,
  AuthorizerStack,
  RollcallAuthorizer,
  RollcallDashboard,
  UsersTable,
  type RollcallAuthorizerProps,
} from '../../infra/index.ts';

/** What came out of one app. */
export interface Facts {
  readonly templates: Readonly<Record<string, unknown>>;
  /** Of warnings and errors, by their texts. */
  readonly messages: readonly string[];
}

const issuers = [{ issuer: 'https://idp.example.com/', audience: ['https://api.example.com'] }];
const HERE: Environment = { account: '111122223333', region: 'eu-west-1' };
const BOUNDARY = 'arn:aws:iam::111122223333:policy/boundary';
const partitionKey = { name: 'user_id', type: AttributeType.STRING };
const durable = {
  partitionKey,
  deletionProtection: true,
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
};
writeFileSync('schema.graphql', 'type Query { caller: String }\n');

const existing = (stack: Stack): ITable => Table.fromTableName(stack, 'Existing', 'users');
const rollcall = (
  scope: Construct,
  props: Partial<RollcallAuthorizerProps> = {},
): RollcallAuthorizer => new RollcallAuthorizer(scope, 'Rollcall', { issuers, ...props });

function restApi(
  stack: Stack,
  authorizer: RollcallAuthorizer,
  seconds: number,
  options: { readonly scope?: Construct } = {},
): RestApi {
  const api = new RestApi(stack, 'Api');
  api.root.addMethod('GET', new MockIntegration(), {
    authorizer: authorizer.restToken('RestToken', {
      resultsCacheTtl: Duration.seconds(seconds),
      ...options,
    }),
  });
  return api;
}

function graphqlApi(scope: Construct, authorizer: RollcallAuthorizer, from?: Construct): void {
  new GraphqlApi(scope, 'Graph', {
    name: 'Graph',
    definition: Definition.fromFile('schema.graphql'),
    authorizationConfig: {
      defaultAuthorization: authorizer.appSync(from === undefined ? {} : { scope: from }),
    },
  });
}

function eachTable(scope: IConstruct, change: (table: CfnResource) => void): void {
  const visit = (node: IConstruct) => {
    if (CfnResource.isCfnResource(node) && node.cfnResourceType.includes('DynamoDB')) change(node);
  };
  Aspects.of(scope).add({ visit });
}

const SCENARIOS: Readonly<Record<string, (app: App) => void>> = {
  'cached for 300 s': (app) => {
    const stack = new Stack(app, 'Shop');
    restApi(stack, rollcall(stack, { usersTable: existing(stack) }), 300);
  },
  'not cached': (app) => {
    const stack = new Stack(app, 'Shop');
    restApi(stack, rollcall(stack, { usersTable: existing(stack) }), 0);
  },
  'an imported API': (app) => {
    const stack = new Stack(app, 'Shop');
    const attributes = { restApiId: 'abc1234567', rootResourceId: 'root123456' };
    const api = RestApi.fromRestApiAttributes(stack, 'Imported', attributes);
    const authorizer = rollcall(stack, { usersTable: existing(stack) }).restToken();
    api.root.addResource('orders').addMethod('GET', new MockIntegration(), { authorizer });
    addGatewayResponses(api);
  },
  'an imported API with a Deployment': (app) => {
    const stack = new Stack(app, 'Shop');
    const attributes = { restApiId: 'abc1234567', rootResourceId: 'root123456' };
    const api = RestApi.fromRestApiAttributes(stack, 'Imported', attributes);
    const authorizer = rollcall(stack, { usersTable: existing(stack) }).restToken();
    api.root.addResource('orders').addMethod('GET', new MockIntegration(), { authorizer });
    addGatewayResponses(api);
    new Deployment(stack, 'Deployment', { api, stageName: 'prod' });
  },
  'a lasting table': (app) => {
    rollcall(new Stack(app, 'Shop'));
  },
  'a lasting table of their own': (app) => {
    const stack = new Stack(app, 'Shop');
    const usersTable = new TableV2(stack, 'Users', durable) as ITable;
    rollcall(stack, { usersTable });
  },
  'a lasting table of their own, of the old kind': (app) => {
    const stack = new Stack(app, 'Shop');
    rollcall(stack, { usersTable: new Table(stack, 'Users', durable) as ITable });
  },
  'destroyed by RemovalPolicies': (app) => {
    rollcall(new Stack(app, 'Shop'));
    RemovalPolicies.of(app).destroy();
  },
  'destroyed by an override': (app) => {
    const { usersTable } = rollcall(new Stack(app, 'Shop'));
    (usersTable.node.defaultChild as CfnResource).addOverride('DeletionPolicy', 'Delete');
  },
  'hardened by an Aspect': (app) => {
    const stack = new Stack(app, 'Shop');
    const removalPolicy = RemovalPolicy.DESTROY;
    const usersTable = new Table(stack, 'Users', { partitionKey, removalPolicy }) as ITable;
    rollcall(stack, { usersTable });
    eachTable(app, (table) => {
      table.applyRemovalPolicy(RemovalPolicy.RETAIN);
      table.addPropertyOverride('DeletionProtectionEnabled', true);
      table.addPropertyOverride(
        'PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
        true,
      );
    });
  },
  dashboards: (app) => {
    for (const region of ['eu-west-1', 'us-east-1']) {
      const env = { ...HERE, region };
      const stack = new AuthorizerStack(app, `Whole-${region}`, {
        issuers,
        env,
        stackName: 'Whole',
      });
      new RollcallDashboard(stack, 'Another', stack.authorizer);
    }
  },
  'a table of another Region': (app) => {
    const data = new Stack(app, 'Data', { env: { ...HERE, region: 'us-east-1' } });
    const table = new TableV2(data, 'Users', { ...durable, tableName: 'users' }) as ITable;
    rollcall(new Stack(app, 'Shop', { env: HERE }), { usersTable: table });
  },
  'a table by an ARN that is a token': (app) => {
    const stack = new Stack(app, 'Shop', { env: HERE });
    const arn = new CfnParameter(stack, 'UsersTableArn').valueAsString;
    rollcall(stack, { usersTable: Table.fromTableArn(stack, 'Users', arn) });
  },
  'APIs of other stacks': (app) => {
    const authorizer = rollcall(new Stack(app, 'Auth'));
    const shop = new Stack(app, 'Shop');
    restApi(shop, authorizer, 60, { scope: shop });
    const graphs = new Stack(app, 'Graphs');
    graphqlApi(graphs, authorizer, graphs);
    new HttpApi(new Stack(app, 'Http'), 'Api', { defaultAuthorizer: authorizer.http() });
  },
  'an API of a nested stack': (app) => {
    const parent = new Stack(app, 'Shop');
    const authorizer = rollcall(parent);
    const nested = new NestedStack(parent, 'Nested');
    restApi(nested, authorizer, 0, { scope: nested });
  },
  'alarms to a closed topic': (app) => {
    const stack = new Stack(app, 'Shop');
    const masterKey = new Key(stack, 'Key');
    rollcall(stack, { alarmTopic: new Topic(stack, 'Alarms', { masterKey }) });
  },
  'alarms to an open topic': (app) => {
    const stack = new Stack(app, 'Shop');
    const masterKey = new Key(stack, 'Key');
    rollcall(stack, { alarmTopic: new Topic(stack, 'Alarms', { masterKey }) });
    masterKey.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));
  },
  'a table with another key': (app) => {
    const stack = new Stack(app, 'Shop');
    const sortKey = { name: 'tenant', type: AttributeType.STRING };
    const usersTable = new TableV2(stack, 'Users', { ...durable, sortKey }) as ITable;
    rollcall(stack, { usersTable });
  },
  'a specified API': (app) => {
    const stack = new Stack(app, 'Shop');
    rollcall(stack).appSync();
    const api = new SpecRestApi(stack, 'Api', {
      apiDefinition: ApiDefinition.fromInline({
        openapi: '3.0.1',
        info: { title: 'Orders', version: '1' },
        paths: { '/': { get: { responses: {} } } },
      }),
    });
    addGatewayResponses(api);
  },
  'a regulated account': (app) => {
    const stack = new Stack(app, 'Shop', { env: HERE });
    rollcall(stack, {
      tracing: true,
      logEncryptionKey: new Key(stack, 'LogKey'),
      permissionsBoundary: ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', BOUNDARY),
      usersTable: new UsersTable(stack, 'Users').table,
    });
  },
  'two AppSync APIs with one id': (app) => {
    const stack = new Stack(app, 'Shop');
    const authorizer = rollcall(stack);
    for (const id of ['One', 'Two']) graphqlApi(new Construct(stack, id), authorizer);
    for (const id of ['Three', 'Four']) {
      const other = new Stack(app, id);
      graphqlApi(other, authorizer, other);
    }
  },
};

function factsOf(build: (app: App) => void): Facts | { readonly thrown: string } {
  try {
    const app = new App({ analyticsReporting: false });
    build(app);
    const { stacks } = app.synth();
    return {
      templates: Object.fromEntries(
        stacks.map(({ id, template }: { id: string; template: unknown }) => [id, template]),
      ),
      messages: stacks.flatMap(({ messages }) =>
        messages.map(({ entry }) => JSON.stringify(entry.data)),
      ),
    };
  } catch (error) {
    return { thrown: String(error) };
  }
}

writeFileSync(
  process.argv[2] ?? 'facts.json',
  JSON.stringify(
    Object.fromEntries(Object.entries(SCENARIOS).map(([name, build]) => [name, factsOf(build)])),
  ),
);
