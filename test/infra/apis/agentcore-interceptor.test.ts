import { Stack, type App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Gateway, GatewayAuthorizer, LambdaInterceptor } from 'aws-cdk-lib/aws-bedrockagentcore';
import { construct, ISSUER, messagesOf, testApp } from '../support/synth.ts';

function gatewayIn(stack: Stack, discoveryUrl?: string): Gateway {
  return new Gateway(stack, 'Gateway', {
    gatewayName: 'orders',
    authorizerConfiguration:
      discoveryUrl === undefined
        ? GatewayAuthorizer.withNoAuth()
        : GatewayAuthorizer.usingCustomJwt({ discoveryUrl, allowedAudience: ['a'] }),
  });
}

function theirs(app: App = testApp()): Stack {
  return new Stack(app, 'Theirs');
}

const discovery = (issuer: string) => `${issuer}/.well-known/openid-configuration`;

it('is what the gateway of the CDK takes, headers and permission included', () => {
  const stack = theirs();
  const rollcall = construct({}, stack);
  gatewayIn(stack).addInterceptor(rollcall.agentCoreInterceptor());
  const template = Template.fromStack(stack);
  const [functionId] = Object.keys(
    template.findResources('AWS::Lambda::Function', {
      Properties: { Environment: {} },
    }),
  );
  template.hasResourceProperties('AWS::BedrockAgentCore::Gateway', {
    InterceptorConfigurations: [
      {
        InterceptionPoints: ['REQUEST'],
        InputConfiguration: { PassRequestHeaders: true },
        Interceptor: { Lambda: { Arn: { 'Fn::GetAtt': [functionId, 'Arn'] } } },
      },
    ],
  });
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain(
    'lambda:InvokeFunction',
  );
});

it('makes of a gateway what the interceptor of the CDK makes of it', () => {
  const templateWith = (own: boolean) => {
    const stack = theirs();
    const rollcall = construct({}, stack);
    const interceptor = own
      ? rollcall.agentCoreInterceptor()
      : LambdaInterceptor.forRequest(rollcall.handler, { passRequestHeaders: true });
    gatewayIn(stack).addInterceptor(interceptor);
    return Template.fromStack(stack).toJSON();
  };
  expect(templateWith(true)).toEqual(templateWith(false));
});

it('can be given to the gateway when it is made', () => {
  const stack = theirs();
  const rollcall = construct({}, stack);
  new Gateway(stack, 'Gateway', {
    gatewayName: 'orders',
    authorizerConfiguration: GatewayAuthorizer.withNoAuth(),
    interceptorConfigurations: [rollcall.agentCoreInterceptor()],
  });
  Template.fromStack(stack).resourceCountIs('AWS::BedrockAgentCore::Gateway', 1);
});

it('holds a revocation at once, for it keeps nothing', () => {
  const stack = theirs();
  const rollcall = construct({}, stack);
  gatewayIn(stack).addInterceptor(rollcall.agentCoreInterceptor());
  expect(rollcall.maxRevocationDelay.toSeconds()).toBe(0);
});

describe('rollcall:agentCore.issuer', () => {
  const warnings = (discoveryUrl?: string) => {
    const stack = theirs();
    const rollcall = construct({}, stack);
    gatewayIn(stack, discoveryUrl).addInterceptor(rollcall.agentCoreInterceptor());
    return messagesOf(stack).warnings;
  };

  it('warns of a gateway that trusts another issuer', () => {
    expect(warnings(discovery('https://other.example.com'))).toContain('rollcall:agentCore.issuer');
  });

  it.each([ISSUER.replace(/\/$/u, ''), ISSUER])('does not of the same one: %s', (issuer) => {
    expect(warnings(discovery(issuer))).not.toContain('rollcall:agentCore.issuer');
  });

  it('does not of a gateway without an authorizer of its own', () => {
    expect(warnings()).not.toContain('rollcall:agentCore.issuer');
  });
});
