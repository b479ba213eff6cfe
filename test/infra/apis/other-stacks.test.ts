/** The function in one stack, the API in another: no cycle, and every permission where it belongs. */
import { Duration, NestedStack, Stack, type App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpUrlIntegration,
  WebSocketMockIntegration,
} from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Definition, GraphqlApi } from 'aws-cdk-lib/aws-appsync';
import { Construct } from 'constructs';
import path from 'node:path';
import { RollcallAuthorizer } from '../../../infra/rollcall-authorizer.ts';
import { construct, messagesOf, MINIMAL, ROOT, testApp } from '../support/synth.ts';

const PERMISSION = 'AWS::Lambda::Permission';
const schema = path.join(ROOT, 'test/infra/support/schema.graphql');

interface Stacks {
  readonly rollcall: RollcallAuthorizer;
  readonly api: Stack;
}

/** The construct in a stack, and another for the API. */
function stacks(): Stacks {
  const app = testApp();
  const api = new Stack(app, 'Api');
  return { rollcall: construct({}, new Stack(app, 'Auth')), api };
}

function graphqlApi(
  scope: Construct,
  id: string,
  rollcall: RollcallAuthorizer,
  from = scope,
): void {
  new GraphqlApi(scope, id, {
    name: id,
    definition: Definition.fromFile(schema),
    authorizationConfig: { defaultAuthorization: rollcall.appSync({ scope: from }) },
  });
}

const attach: Readonly<Record<string, (stacks: Stacks) => void>> = {
  'restToken()': ({ rollcall, api: scope }) => {
    const authorizer = rollcall.restToken('RestToken', { scope });
    new RestApi(scope, 'Rest').root.addMethod('GET', undefined, { authorizer });
  },
  'restRequest()': ({ rollcall, api: scope }) => {
    const authorizer = rollcall.restRequest('RestRequest', { scope });
    new RestApi(scope, 'Rest').root.addMethod('GET', undefined, { authorizer });
  },
  'http()': ({ rollcall, api }) => {
    new HttpApi(api, 'Http').addRoutes({
      path: '/',
      methods: [HttpMethod.GET],
      integration: new HttpUrlIntegration('Backend', 'https://backend.example.com'),
      authorizer: rollcall.http(),
    });
  },
  'webSocket()': ({ rollcall, api }) => {
    new WebSocketApi(api, 'WebSocket', {
      connectRouteOptions: {
        integration: new WebSocketMockIntegration('Connect'),
        authorizer: rollcall.webSocket(),
      },
    });
  },
  'appSync()': ({ rollcall, api }) => graphqlApi(api, 'Graphql', rollcall),
};

describe.each(Object.entries(attach))('%s', (_, attachTo) => {
  it('synthesizes, and its permission is in the stack of the API', () => {
    const both = stacks();
    attachTo(both);
    expect(() => (both.api.node.root as App).synth()).not.toThrow();
    const [permission] = Object.values(Template.fromStack(both.api).findResources(PERMISSION));
    expect(JSON.stringify(permission)).toContain('"Fn::GetStackOutput":{"StackName":"Auth"');
    Template.fromStack(Stack.of(both.rollcall)).resourceCountIs(PERMISSION, 0);
  });

  it('refers to nothing of the API from the stack of the function', () => {
    const both = stacks();
    attachTo(both);
    const auth = JSON.stringify(Template.fromStack(Stack.of(both.rollcall)).toJSON());
    expect(auth).not.toMatch(/Fn::(?:ImportValue|GetStackOutput)/u);
  });

  it('works from a nested stack, whose parent has the function', () => {
    const parent = new Stack(testApp(), 'Parent');
    const rollcall = new RollcallAuthorizer(parent, 'Rollcall', MINIMAL);
    const api = new NestedStack(parent, 'Nested');
    attachTo({ rollcall, api });
    Template.fromStack(api).resourceCountIs(PERMISSION, 1);
    // The parent gives the function to the nested stack, and takes nothing back.
    const outputs = Object.keys(Template.fromStack(api).findOutputs('*'));
    expect(outputs.filter((name) => name.includes('Rollcall'))).toEqual([]);
    expect(JSON.stringify(Template.fromStack(parent).toJSON())).not.toContain('Outputs.');
  });

  it('works for a function of a nested stack, whose parent has the API', () => {
    const api = new Stack(testApp(), 'Parent');
    const rollcall = new RollcallAuthorizer(new NestedStack(api, 'Nested'), 'Rollcall', MINIMAL);
    attachTo({ rollcall, api });
    Template.fromStack(api).resourceCountIs(PERMISSION, 1);
  });
});

it.each([
  ['another stack', (auth: Stack) => new Stack(auth.node.root as App, 'Api')],
  ['a nested stack', (auth: Stack) => new NestedStack(auth, 'Api')],
])(
  'says what to do when the authorizer is made beside the function for an API of %s',
  (_, apiOf) => {
    const auth = new Stack(testApp(), 'Auth');
    const authorizer = construct({}, auth).restToken();
    new RestApi(apiOf(auth), 'Rest').root.addMethod('GET', undefined, { authorizer });
    expect(() => (auth.node.root as App).synth()).toThrow(/another stack .*option scope/u);
  },
);

it('protects methods that another stack adds to an API that it imports', () => {
  const app = testApp();
  const api = new RestApi(new Stack(app, 'Api'), 'Rest');
  api.root.addMethod('GET');
  const auth = new Stack(app, 'Auth');
  const imported = RestApi.fromRestApiAttributes(auth, 'Imported', {
    restApiId: api.restApiId,
    rootResourceId: api.restApiRootResourceId,
  });
  const authorizer = construct({}, auth).restToken();
  imported.root.addResource('orders').addMethod('GET', undefined, { authorizer });
  expect(() => app.synth()).not.toThrow();
});

it('counts in the revocation delay, and is judged like any other', () => {
  const { rollcall, api: scope } = stacks();
  const authorizer = rollcall.restRequest('Rest', {
    scope,
    resultsCacheTtl: Duration.minutes(5),
    identitySources: ['method.request.header.X-Tenant'],
  });
  new RestApi(scope, 'Rest1').root.addMethod('GET', undefined, { authorizer });
  expect(rollcall.maxRevocationDelay.toSeconds()).toBe(300);
  expect(messagesOf(Stack.of(rollcall)).errors).toContain('rollcall:cache.identitySource');
});

it('is part of the deployment of its API', () => {
  const deploymentWith = (seconds: number): string | undefined => {
    const { rollcall, api: scope } = stacks();
    const resultsCacheTtl = Duration.seconds(seconds);
    const authorizer = rollcall.restToken('Rest', { scope, resultsCacheTtl });
    new RestApi(scope, 'Api').root.addMethod('GET', undefined, { authorizer });
    return Object.keys(Template.fromStack(scope).findResources('AWS::ApiGateway::Deployment'))[0];
  };
  expect(deploymentWith(300)).not.toBe(deploymentWith(0));
});

it('calls the alias of a function that is kept warm', () => {
  const app = testApp();
  const scope = new Stack(app, 'Api');
  const rollcall = construct({ provisionedConcurrency: 1 }, new Stack(app, 'Auth'));
  const authorizer = rollcall.restToken('Rest', { scope });
  new RestApi(scope, 'Rest1').root.addMethod('GET', undefined, { authorizer });
  Template.fromStack(scope).hasResourceProperties(PERMISSION, {
    FunctionName: { 'Fn::GetStackOutput': { OutputName: Match.stringLikeRegexp('Live') } },
  });
});

describe('two AppSync APIs', () => {
  it('may have the same id, beside the construct', () => {
    const stack = new Stack(testApp(), 'Theirs');
    const rollcall = construct({}, stack);
    for (const name of ['Orders', 'Invoices']) {
      graphqlApi(new Construct(stack, name), 'Api', rollcall, stack);
    }
    Template.fromStack(stack).resourceCountIs(PERMISSION, 2);
  });

  it('may have the same id in stacks of their own', () => {
    const app = testApp();
    const rollcall = construct({}, new Stack(app, 'Auth'));
    const scopes = ['Orders', 'Invoices'].map((name) => new Stack(app, name));
    for (const scope of scopes) graphqlApi(scope, 'Api', rollcall);
    for (const scope of scopes) Template.fromStack(scope).resourceCountIs(PERMISSION, 1);
  });
});
