import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  ApiDefinition,
  Deployment,
  RestApi,
  SpecRestApi,
  type IRestApi,
  type RestApiBase,
} from 'aws-cdk-lib/aws-apigateway';
import {
  addGatewayResponses,
  type GatewayResponsesProps,
} from '../../../infra/apis/gateway-responses.ts';
import { messagesOf, testApp } from '../support/synth.ts';

function template(props?: GatewayResponsesProps): Template {
  const stack = new Stack(testApp(), 'Theirs');
  const api = new RestApi(stack, 'Api');
  api.root.addMethod('GET');
  addGatewayResponses(api, props);
  return Template.fromStack(stack);
}

function response(type: string, props?: GatewayResponsesProps): Record<string, unknown> {
  const [found] = Object.values(
    template(props).findResources('AWS::ApiGateway::GatewayResponse', {
      Properties: { ResponseType: type },
    }),
  ) as { readonly Properties: Record<string, unknown> }[];
  if (found === undefined) throw new Error(`No gateway response ${type}`);
  return found.Properties;
}

const TYPES = [
  'ACCESS_DENIED',
  'UNAUTHORIZED',
  'DEFAULT_4XX',
  'DEFAULT_5XX',
  'AUTHORIZER_FAILURE',
  'AUTHORIZER_CONFIGURATION_ERROR',
];
const CHALLENGE = 'gatewayresponse.header.WWW-Authenticate';
const ALLOW_ORIGIN = 'gatewayresponse.header.Access-Control-Allow-Origin';

describe('addGatewayResponses', () => {
  it.each([
    ['ACCESS_DENIED', '{"detail":"$context.authorizer.detail"}'],
    ['UNAUTHORIZED', '{"detail":"Not authenticated"}'],
    ['DEFAULT_4XX', '{"detail":$context.error.messageString}'],
    ['DEFAULT_5XX', '{"detail":"Authorization is unavailable"}'],
    ['AUTHORIZER_FAILURE', '{"detail":"Authorization is unavailable"}'],
    ['AUTHORIZER_CONFIGURATION_ERROR', '{"detail":"Authorization is unavailable"}'],
  ])('answers %s with %s', (type, body) => {
    expect(response(type)).toMatchObject({ ResponseTemplates: { 'application/json': body } });
  });

  it('answers with nothing else', () => {
    template().resourceCountIs('AWS::ApiGateway::GatewayResponse', TYPES.length);
  });

  it.each(['ACCESS_DENIED', 'UNAUTHORIZED'])('makes %s a 401 with a bare challenge', (type) => {
    expect(response(type)).toMatchObject({
      StatusCode: '401',
      ResponseParameters: { [CHALLENGE]: "'Bearer'" },
    });
  });

  it.each(['DEFAULT_4XX', 'DEFAULT_5XX'])('leaves the status of %s alone', (type) => {
    expect(response(type)).not.toHaveProperty('StatusCode');
  });

  it.each(['AUTHORIZER_FAILURE', 'AUTHORIZER_CONFIGURATION_ERROR'])('keeps %s a 500', (type) => {
    expect(response(type)).toMatchObject({ StatusCode: '500' });
  });

  it('can answer a denied user with 403, which is no challenge', () => {
    const denied = response('ACCESS_DENIED', { deniedStatusCode: 403 });
    expect(denied).toMatchObject({ StatusCode: '403' });
    expect(denied).not.toHaveProperty(['ResponseParameters', CHALLENGE]);
  });

  it('still challenges the unauthenticated then', () => {
    expect(response('UNAUTHORIZED', { deniedStatusCode: 403 })).toMatchObject({
      StatusCode: '401',
      ResponseParameters: { [CHALLENGE]: "'Bearer'" },
    });
  });

  it.each(['ACCESS_DENIED', 'UNAUTHORIZED'])('names realm and metadata in %s', (type) => {
    const props = {
      realm: 'orders',
      resourceMetadataUrl: 'https://api.example.com/.well-known/oauth-protected-resource',
    };
    expect(response(type, props)).toMatchObject({
      ResponseParameters: {
        [CHALLENGE]:
          '\'Bearer realm="orders", resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"\'',
      },
    });
  });

  it.each(TYPES)('lets pages of one origin read %s', (type) => {
    expect(response(type, { corsOrigin: 'https://app.example.com' })).toMatchObject({
      ResponseParameters: {
        [ALLOW_ORIGIN]: "'https://app.example.com'",
        'gatewayresponse.header.Access-Control-Expose-Headers': "'WWW-Authenticate'",
      },
    });
  });

  it.each(TYPES)('has no CORS headers on %s unless asked', (type) => {
    expect(response(type)).not.toHaveProperty(['ResponseParameters', ALLOW_ORIGIN]);
  });

  it.each(["it's", 'line\nbreak', '"quoted"', 'back\\slash'])(
    'refuses a realm that would break out of its header: %j',
    (realm) => {
      expect(() => template({ realm })).toThrow(/is not valid in a header/u);
    },
  );

  it('redeploys the API when an answer changes', () => {
    const deployment = (props: GatewayResponsesProps): string[] =>
      Object.keys(template(props).findResources('AWS::ApiGateway::Deployment', Match.anyValue()));
    expect(deployment({})).not.toEqual(deployment({ deniedStatusCode: 403 }));
  });
});

describe('an API of any kind', () => {
  const WARNING = 'rollcall:deployment.gatewayResponses';
  const RESPONSE = 'AWS::ApiGateway::GatewayResponse';
  const DEPLOYMENT = 'AWS::ApiGateway::Deployment';
  const theirs = (): Stack => new Stack(testApp(), 'Theirs');
  const imported = (stack: Stack): RestApiBase =>
    RestApi.fromRestApiAttributes(stack, 'Imported', {
      restApiId: 'abc',
      rootResourceId: 'root',
    }) as RestApiBase;
  const spec = (stack: Stack): SpecRestApi =>
    new SpecRestApi(stack, 'Api', {
      apiDefinition: ApiDefinition.fromInline({
        openapi: '3.0.1',
        info: { title: 'Orders', version: '1' },
        paths: { '/': { get: { responses: {} } } },
      }),
    });
  const deploymentOf = (stack: Stack): string | undefined =>
    Object.keys(Template.fromStack(stack).findResources(DEPLOYMENT))[0];

  it('that was imported by its id alone has its answers', () => {
    const stack = theirs();
    addGatewayResponses(RestApi.fromRestApiId(stack, 'Imported', 'abc'));
    Template.fromStack(stack).allResourcesProperties(RESPONSE, { RestApiId: 'abc' });
    Template.fromStack(stack).resourceCountIs(RESPONSE, TYPES.length);
  });

  it('that was imported is warned of when nothing deploys it', () => {
    const stack = theirs();
    addGatewayResponses(imported(stack));
    expect(messagesOf(stack).warnings).toEqual([WARNING]);
  });

  it('that was imported is deployed again by the Deployment of this app', () => {
    const idWith = (realm: string): string | undefined => {
      const stack = theirs();
      const api = imported(stack);
      new Deployment(stack, 'Deployment', { api: api as IRestApi });
      addGatewayResponses(api, { realm });
      expect(messagesOf(stack).warnings).toEqual([]);
      return deploymentOf(stack);
    };
    expect(idWith('one')).not.toBe(idWith('two'));
    expect(idWith('one')).toBe(idWith('one'));
  });

  it.each([
    ['of a specification', spec],
    [
      'without a deployment of its own',
      (stack: Stack) => {
        const api = new RestApi(stack, 'Api', { deploy: false });
        api.root.addMethod('GET');
        new Deployment(stack, 'Deployment', { api: api as IRestApi });
        return api;
      },
    ],
  ])('%s has its answers, and is deployed again when they change', (_, make) => {
    const idWith = (realm: string): string | undefined => {
      const stack = theirs();
      addGatewayResponses(make(stack), { realm });
      Template.fromStack(stack).resourceCountIs(RESPONSE, TYPES.length);
      expect(messagesOf(stack).warnings).toEqual([]);
      return deploymentOf(stack);
    };
    expect(idWith('one')).not.toBe(idWith('two'));
  });
});
