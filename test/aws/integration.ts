/**
 * An integration test for a real account: what only AWS can tell. It deploys an issuer (a Cognito
 * user pool), the authorizer in strict mode before a REST and an HTTP API, and an authorizer that
 * probes what AWS does not document; then it asks all of them over HTTP.
 */
import {
  ExpectedResult,
  IntegTest,
  type IApiCall,
  type IDeployAssert,
} from '@aws-cdk/integ-tests-alpha';
import { RemovalPolicies, RemovalPolicy, Stack, type App } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { randomUUID } from 'node:crypto';
import { Whoami } from '../../infra/apis/whoami.ts';
import { addGatewayResponses, RollcallAuthorizer } from '../../infra/index.ts';
import { ProbeStack } from './probes.ts';

const USER = 'ada';
/** Another one for each run, with a character of each kind that Cognito asks for. */
const PASSWORD = `Aa1-${randomUUID()}`;
const COGNITO = 'CognitoIdentityServiceProvider';

/** The authorizer as an app of one's own has it, with everything that it makes a throwaway. */
class AuthorizerUnderTest extends Stack {
  readonly pool: UserPool;
  readonly clientId: string;
  readonly rollcall: RollcallAuthorizer;
  readonly restUrl: string;
  readonly httpUrl: string;

  constructor(app: App, id: string) {
    super(app, id, { description: 'Rollcall: integration test, safe to delete' });
    this.pool = new UserPool(this, 'Users', {
      selfSignUpEnabled: false,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const authFlows = { adminUserPassword: true };
    this.clientId = this.pool.addClient('Client', { authFlows }).userPoolClientId;
    this.rollcall = new RollcallAuthorizer(this, 'Authorizer', {
      issuers: [
        {
          issuer: this.pool.userPoolProviderUrl,
          clientId: [this.clientId],
          tokenUse: 'access',
          userClaim: 'username',
        },
      ],
      requireUserInDb: true,
      ephemeral: true,
    });
    const backend = new Whoami(this, 'Whoami').function;
    const rest = new RestApi(this, 'Rest', { cloudWatchRole: false });
    rest.root.addResource('whoami').addMethod('GET', new LambdaIntegration(backend), {
      authorizer: this.rollcall.restToken(),
    });
    addGatewayResponses(rest);
    const http = new HttpApi(this, 'Http');
    http.addRoutes({
      path: '/whoami',
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration('Whoami', backend),
      authorizer: this.rollcall.http(),
    });
    this.restUrl = `${rest.url}whoami`;
    this.httpUrl = `${http.apiEndpoint}/whoami`;
  }
}

/** Steps that run one after the other. */
class Steps {
  readonly #assertions: IDeployAssert;
  #last: IApiCall | undefined;

  constructor(assertions: IDeployAssert) {
    this.#assertions = assertions;
  }

  aws(service: string, api: string, parameters: object, outputPaths?: string[]): IApiCall {
    return this.#after(this.#assertions.awsApiCall(service, api, parameters, outputPaths));
  }

  /** GETs an address and expects an answer like `expected`. */
  get(url: string, headers: Readonly<Record<string, string>>, expected: object): void {
    const call = this.#assertions.httpApiCall(url, { headers: { ...headers } });
    this.#after(call).expect(ExpectedResult.objectLike({ ...expected }));
  }

  #after(call: IApiCall): IApiCall {
    this.#last?.next(call);
    this.#last = call;
    return call;
  }
}

/** The whole test, as an app that `cdk deploy` runs and `cdk destroy` removes. */
export function integrationTest(app: App): IntegTest {
  const stack = new AuthorizerUnderTest(app, 'RollcallIntegration');
  const probes = new ProbeStack(app, 'RollcallProbes');
  RemovalPolicies.of(app).destroy();
  const test = new IntegTest(app, 'Integration', { testCases: [stack, probes] });
  const steps = new Steps(test.assertions);
  askAuthorizer(steps, stack);
  for (const { url, headers, expected } of probes.questions) steps.get(url, headers, expected);
  return test;
}

function askAuthorizer(steps: Steps, stack: AuthorizerUnderTest): void {
  const { pool, clientId, rollcall, restUrl, httpUrl } = stack;
  const { userPoolId: UserPoolId } = pool;
  steps.aws(COGNITO, 'adminCreateUser', { UserPoolId, Username: USER, MessageAction: 'SUPPRESS' });
  steps.aws(COGNITO, 'adminSetUserPassword', {
    UserPoolId,
    Username: USER,
    Password: PASSWORD,
    Permanent: true,
  });
  const path = 'AuthenticationResult.AccessToken';
  const signIn = steps.aws(
    COGNITO,
    'adminInitiateAuth',
    {
      UserPoolId,
      ClientId: clientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: USER, PASSWORD },
    },
    [path],
  );
  const bearer = { Authorization: `Bearer ${signIn.getAttString(path)}` };
  const TableName = rollcall.usersTable.tableName;
  const putRow = (attributes: object) =>
    steps.aws('DynamoDB', 'putItem', {
      TableName,
      Item: { user_id: { S: USER }, ...attributes },
    });

  // No token, and junk: 401 with a challenge on the REST API, which its pages cannot change away.
  const challenge = { 'www-authenticate': 'Bearer' };
  steps.get(
    restUrl,
    {},
    { status: 401, headers: challenge, body: { detail: 'Not authenticated' } },
  );
  steps.get(restUrl, { Authorization: 'Bearer junk' }, { status: 401, headers: challenge });
  steps.get(httpUrl, {}, { status: 401, body: { message: 'Unauthorized' } });
  // Strict mode: a genuine token whose user has no row.
  const notInDb = { status: 401, body: { detail: 'User not found in database' } };
  steps.get(restUrl, bearer, { ...notInDb, headers: challenge });
  steps.get(httpUrl, bearer, { status: 403, body: { message: 'Forbidden' } });
  // A row opens both at once, and what a REST API hands on are strings.
  putRow({ roles: { L: [{ S: 'operator' }] } });
  const asRest = { userId: USER, isAdmin: 'false', roles: 'operator', authMethod: 'database' };
  steps.get(restUrl, bearer, { status: 200, body: asRest });
  steps.get(httpUrl, bearer, { status: 200, body: { ...asRest, isAdmin: false } });
  // A disabled user is out with the next request.
  putRow({ is_active: { BOOL: false } });
  steps.get(restUrl, bearer, { status: 401, body: { detail: 'Account disabled' } });
  steps.get(httpUrl, bearer, { status: 403 });
  // A row that cannot be read is an outage, never an answer.
  putRow({ is_active: { S: 'yes' } });
  const unavailable = { detail: 'Authorization is unavailable' };
  steps.get(restUrl, bearer, { status: 500, body: unavailable });
  steps.get(httpUrl, bearer, { status: 500, body: { message: 'Internal Server Error' } });
}
