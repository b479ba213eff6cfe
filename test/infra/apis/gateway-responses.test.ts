import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  addGatewayResponses,
  type GatewayResponsesProps,
} from '../../../infra/apis/gateway-responses.ts';
import { testApp } from '../support/synth.ts';

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
      expect(() => template({ realm })).toThrow(/cannot stand in a header/u);
    },
  );

  it('redeploys the API when an answer changes', () => {
    const deployment = (props: GatewayResponsesProps): string[] =>
      Object.keys(template(props).findResources('AWS::ApiGateway::Deployment', Match.anyValue()));
    expect(deployment({})).not.toEqual(deployment({ deniedStatusCode: 403 }));
  });
});
