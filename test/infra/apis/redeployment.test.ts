/**
 * A change of an authorizer has to change the logical id of the API's deployment, else it never
 * reaches the stage.
 */
import { App, Aspects, CfnResource, Duration, Stack, type IAspect } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  CfnDeployment,
  CfnMethod,
  Deployment,
  MockIntegration,
  RestApi,
  type IRestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IConstruct } from 'constructs';
import type { RollcallAuthorizer } from '../../../infra/rollcall-authorizer.ts';
import { construct, messagesOf } from '../support/synth.ts';

const FLAG = '@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId';
const WARNING = 'rollcall:deployment.authorizerChanges';

/** An app as an older or hand-made `cdk.json` leaves it, unless `flag` is on. */
const stackOf = (flag = false): Stack =>
  new Stack(
    new App({ context: flag ? { [FLAG]: true } : {}, analyticsReporting: false }),
    'Theirs',
  );

const rollcall = (stack: Stack): RollcallAuthorizer =>
  construct({ usersTable: Table.fromTableName(stack, 'Users', 'users') }, stack);

const deploymentIds = (stack: Stack): readonly string[] =>
  Object.keys(Template.fromStack(stack).findResources('AWS::ApiGateway::Deployment'));

type Kind = 'restToken' | 'restRequest';

/** The one deployment of an API behind an authorizer that caches for `seconds`. */
function deploymentId(kind: Kind, seconds: number, flag: boolean): string {
  const stack = stackOf(flag);
  const authorizer = rollcall(stack)[kind]('Rest', { resultsCacheTtl: Duration.seconds(seconds) });
  new RestApi(stack, 'Api').root.addMethod('GET', undefined, { authorizer });
  const [id = '', ...others] = deploymentIds(stack);
  expect(others).toEqual([]);
  return id;
}

describe.each([
  ['off', false],
  ['on', true],
])('with the flag %s', (_, flag) => {
  it.each(['restToken', 'restRequest'] as const)(
    'a new TTL of %s makes a new deployment',
    (kind) => {
      expect(deploymentId(kind, 300, flag)).not.toBe(deploymentId(kind, 0, flag));
    },
  );

  it('no change makes none', () => {
    expect(deploymentId('restToken', 300, flag)).toBe(deploymentId('restToken', 300, flag));
  });

  it('a change that an Aspect makes counts, whenever the Aspect was added', () => {
    const idWith = (ttl: number | undefined): string | undefined => {
      const stack = stackOf(flag);
      const authorizer = rollcall(stack).restToken();
      new RestApi(stack, 'Api').root.addMethod('GET', undefined, { authorizer });
      const shorten: IAspect = {
        visit: (node: IConstruct) => {
          if (!CfnResource.isCfnResource(node)) return;
          if (node.cfnResourceType !== 'AWS::ApiGateway::Authorizer') return;
          if (ttl !== undefined) node.addPropertyOverride('AuthorizerResultTtlInSeconds', ttl);
        },
      };
      Aspects.of(stack).add(shorten);
      return deploymentIds(stack)[0];
    };
    expect(idWith(60)).not.toBe(idWith(undefined));
    expect(idWith(60)).toBe(idWith(60));
  });

  it('says nothing of an API whose deployment is of this app', () => {
    const stack = stackOf(flag);
    const authorizer = rollcall(stack).restToken();
    new RestApi(stack, 'Api').root.addMethod('GET', undefined, { authorizer });
    expect(messagesOf(stack).warnings).not.toContain(WARNING);
  });
});

it('deploys after the authorizer has changed', () => {
  const stack = stackOf();
  const authorizer = rollcall(stack).restToken();
  new RestApi(stack, 'Api').root.addMethod('GET', undefined, { authorizer });
  const template = Template.fromStack(stack);
  const [id] = Object.keys(template.findResources('AWS::ApiGateway::Authorizer'));
  template.hasResource('AWS::ApiGateway::Deployment', { DependsOn: Match.arrayWith([id]) });
});

it('has the same id in a second synthesis', () => {
  const stack = stackOf();
  const authorizer = rollcall(stack).restToken();
  new RestApi(stack, 'Api').root.addMethod('GET', undefined, { authorizer });
  const app = stack.node.root as App;
  const ids = () =>
    Object.entries(
      (
        app.synth({ force: true }).getStackByName('Theirs').template as {
          Resources: Record<string, { Type: string }>;
        }
      ).Resources,
    ).flatMap(([id, { Type }]) => (Type === 'AWS::ApiGateway::Deployment' ? [id] : []));
  expect(ids()).toEqual(ids());
});

it('leaves the deployments of other APIs alone', () => {
  const idsWith = (seconds: number): readonly string[] => {
    const stack = stackOf();
    const authorizer = rollcall(stack).restToken('Rest', {
      resultsCacheTtl: Duration.seconds(seconds),
    });
    new RestApi(stack, 'Api').root.addMethod('GET', undefined, { authorizer });
    new RestApi(stack, 'Other').root.addMethod('GET');
    return deploymentIds(stack);
  };
  const [before, after] = [idsWith(300), idsWith(0)];
  expect(before).toHaveLength(2);
  expect(before.filter((id) => after.includes(id))).toEqual([expect.stringMatching(/^Other/u)]);
});

describe('an API that was imported', () => {
  const API = { restApiId: 'abc1234567', rootResourceId: 'root123456' };
  const importedIn = (stack: Stack): IRestApi =>
    RestApi.fromRestApiAttributes(stack, 'Imported', API);
  const protect = (stack: Stack, seconds = 0): IRestApi => {
    const api = importedIn(stack);
    const authorizer = rollcall(stack).restToken('Rest', {
      resultsCacheTtl: Duration.seconds(seconds),
    });
    api.root.addResource('orders').addMethod('GET', new MockIntegration(), { authorizer });
    return api;
  };

  it.each([
    ['off', false],
    ['on', true],
  ])('is deployed again by the Deployment of this app, with the flag %s', (_, flag) => {
    const idWith = (seconds: number): string | undefined => {
      const stack = stackOf(flag);
      new Deployment(stack, 'Deployment', { api: protect(stack, seconds), stageName: 'prod' });
      expect(messagesOf(stack).warnings).not.toContain(WARNING);
      return deploymentIds(stack)[0];
    };
    expect(idWith(300)).not.toBe(idWith(0));
    expect(idWith(300)).toBe(idWith(300));
  });

  it.each([
    ['no deployment in this app', () => {}],
    [
      'a bare CfnDeployment',
      (stack: Stack) => new CfnDeployment(stack, 'Bare', { restApiId: API.restApiId }),
    ],
    [
      'a Deployment of another API',
      (stack: Stack) =>
        new Deployment(stack, 'Deployment', {
          api: RestApi.fromRestApiAttributes(stack, 'Another', { ...API, restApiId: 'xyz' }),
        }),
    ],
  ])('is warned of with %s', (_, deploy) => {
    const stack = stackOf();
    protect(stack);
    deploy(stack);
    const { warnings, texts } = messagesOf(stack);
    expect(warnings).toContain(WARNING);
    expect(texts.join('\n')).toContain('Theirs/Rollcall/Rest');
  });

  it('is not warned of with the flag on', () => {
    const stack = stackOf(true);
    protect(stack);
    expect(messagesOf(stack).warnings).not.toContain(WARNING);
  });
});

it('finds the method that an L1 construct makes', () => {
  const idWith = (seconds: number): string | undefined => {
    const stack = stackOf();
    const api = new RestApi(stack, 'Api');
    const authorizer = rollcall(stack).restToken('Rest', {
      resultsCacheTtl: Duration.seconds(seconds),
    });
    const method = api.root.addMethod('GET', undefined, { authorizer });
    new CfnMethod(stack, 'Method', {
      httpMethod: 'POST',
      restApiId: api.restApiId,
      resourceId: api.root.resourceId,
      authorizerId: authorizer.authorizerId,
      authorizationType: 'CUSTOM',
    }).node.addDependency(method);
    return deploymentIds(stack)[0];
  };
  expect(idWith(300)).not.toBe(idWith(0));
});
