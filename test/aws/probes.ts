/**
 * Questions that AWS's documentation leaves open, asked of authorizers that do what their token
 * says. What is expected is what the local gateway takes for granted (`local/gateway`): an answer
 * that differs means that the local gateway has to change, not the authorizer.
 */
import { Duration, RemovalPolicy, Stack, type App } from 'aws-cdk-lib';
import {
  IdentitySource,
  MockIntegration,
  RequestAuthorizer,
  ResponseType,
  RestApi,
  TokenAuthorizer,
  type IAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as LambdaFunction, Runtime, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';

/** Throws what the token says, or lets in; a number lets in with a context of that many bytes. */
const SOURCE = `
exports.handler = async (event) => {
  const headers = event.headers ?? {};
  const token = event.authorizationToken ?? headers.authorization ?? headers.Authorization ?? '';
  const [, kind, text = ''] = /^Bearer (\\w+)\\.(.*)$/.exec(token) ?? [];
  if (kind === 'throw') throw new Error(text);
  const context = kind === 'bytes' ? { text: 'x'.repeat(Number(text)) } : {};
  if (event.version === '2.0') return { isAuthorized: true, context };
  return {
    principalId: 'probe',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
    },
    context,
  };
};
`;

export interface Question {
  /** What it finds out. */
  readonly asks: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expected: object;
}

export class ProbeStack extends Stack {
  readonly questions: readonly Question[];

  constructor(app: App, id: string) {
    super(app, id, { description: 'Rollcall: integration test, safe to delete' });
    const handler = new LambdaFunction(this, 'Authorizer', {
      code: Code.fromInline(SOURCE),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      timeout: Duration.seconds(5),
      logGroup: new LogGroup(this, 'Logs', {
        retention: RetentionDays.ONE_DAY,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    const rest = this.restApi(handler);
    const http = this.httpApi(handler);
    const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
    this.questions = [
      {
        asks: 'whether a thrown "Unauthorized" of another case is a 401 on a REST API',
        url: `${rest}token`,
        headers: bearer('throw.unauthorized'),
        expected: { status: 500, body: { type: 'AUTHORIZER_FAILURE' } },
      },
      {
        asks: 'which gateway response another error ends in',
        url: `${rest}token`,
        headers: bearer('throw.Something'),
        expected: { status: 500, body: { type: 'AUTHORIZER_FAILURE' } },
      },
      {
        asks: 'that a thrown "Unauthorized" is a 401 on a REST API',
        url: `${rest}token`,
        headers: bearer('throw.Unauthorized'),
        expected: { status: 401 },
      },
      {
        asks: 'what an HTTP API makes of a thrown "Unauthorized"',
        url: `${http}/`,
        headers: bearer('throw.Unauthorized'),
        expected: { status: 500, body: { message: 'Internal Server Error' } },
      },
      {
        asks: 'whether the validation expression of a TOKEN authorizer is anchored',
        url: `${rest}unanchored`,
        headers: { Authorization: 'before middle after' },
        expected: { status: 200 },
      },
      {
        asks: 'whether a missing identity source is a 401 without caching too',
        url: `${rest}request`,
        headers: {},
        expected: { status: 401 },
      },
      {
        asks: 'whether an answer of 9,000 bytes is taken on a REST API',
        url: `${rest}token`,
        headers: bearer('bytes.9000'),
        expected: { status: 200 },
      },
      {
        asks: 'whether an answer of 9,000 bytes is taken on an HTTP API',
        url: `${http}/`,
        headers: bearer('bytes.9000'),
        expected: { status: 200 },
      },
    ];
  }

  private restApi(handler: IFunction): string {
    const api = new RestApi(this, 'Rest', { cloudWatchRole: false });
    for (const [id, type] of Object.entries({
      Failure: ResponseType.AUTHORIZER_FAILURE,
      ConfigurationError: ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
    })) {
      const templates = { 'application/json': '{"type":"$context.error.responseType"}' };
      api.addGatewayResponse(id, { type, templates, statusCode: '500' });
    }
    const resultsCacheTtl = Duration.seconds(0);
    const routes: Readonly<Record<string, IAuthorizer>> = {
      token: new TokenAuthorizer(this, 'Token', { handler, resultsCacheTtl }),
      unanchored: new TokenAuthorizer(this, 'Unanchored', {
        handler,
        resultsCacheTtl,
        validationRegex: 'middle',
      }),
      request: new RequestAuthorizer(this, 'Request', {
        handler,
        resultsCacheTtl,
        identitySources: [IdentitySource.header('X-Probe')],
      }),
    };
    for (const [path, authorizer] of Object.entries(routes)) {
      const integration = new MockIntegration({
        requestTemplates: { 'application/json': '{"statusCode":200}' },
        integrationResponses: [{ statusCode: '200' }],
      });
      const methodResponses = [{ statusCode: '200' }];
      api.root.addResource(path).addMethod('GET', integration, { authorizer, methodResponses });
    }
    return api.url;
  }

  private httpApi(handler: IFunction): string {
    const api = new HttpApi(this, 'Http');
    api.addRoutes({
      path: '/',
      methods: [HttpMethod.GET],
      // Anything that answers 200 to everybody.
      integration: new HttpUrlIntegration('Backend', 'https://checkip.amazonaws.com'),
      authorizer: new HttpLambdaAuthorizer('Authorizer', handler, {
        resultsCacheTtl: Duration.seconds(0),
        responseTypes: [HttpLambdaResponseType.SIMPLE],
      }),
    });
    return api.apiEndpoint;
  }
}
