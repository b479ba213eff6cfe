/** Where the bundle takes its credentials from, seen from the table that it signs requests to. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Authorizer } from '../../support/bundle.ts';
import { eventOf } from '../../support/events.ts';
import { TestIssuer } from '../../support/issuer.ts';

const ENDPOINT_TOKEN = 'token-of-the-endpoint';
const HOUR_MS = 3_600_000;

let issuer: TestIssuer;
let table: RecordingServer;
let endpoint: RecordingServer;
let authorizer: Authorizer;

/** Answers every request alike, and keeps the headers of each. */
class RecordingServer {
  readonly requests: IncomingHttpHeaders[] = [];
  /** Takes requests and does not answer. */
  hangs = false;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(answer: () => unknown): Promise<RecordingServer> {
    const server = createServer();
    const recording = new RecordingServer(server);
    server.on('request', (request, response) => {
      recording.requests.push(request.headers);
      if (recording.hangs) return;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return recording;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

beforeEach(async () => {
  issuer = await TestIssuer.start();
  table = await RecordingServer.start(() => ({ Item: { user_id: { S: 'alice' } } }));
  endpoint = await RecordingServer.start(() => ({
    AccessKeyId: 'KEY-OF-THE-ENDPOINT',
    SecretAccessKey: 'secret',
    Token: 'session-of-the-endpoint',
    Expiration: new Date(Date.now() + HOUR_MS).toISOString(),
  }));
});

afterEach(async () => {
  await Promise.all([authorizer.close(), issuer.close(), table.close(), endpoint.close()]);
});

async function decideWith(env: Readonly<Record<string, string>>): Promise<void> {
  authorizer = await Authorizer.start({
    ...issuer.settings,
    USERS_TABLE_NAME: 'users',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    ...env,
  });
  await authorizer.invoke(eventOf('rest-token', `Bearer ${issuer.token()}`));
}

const FROM_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'KEY-OF-THE-ENVIRONMENT',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

const fromEndpoint = () => ({
  AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint.url}/credentials`,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: ENDPOINT_TOKEN,
});

it('signs with the credentials of the environment', async () => {
  await decideWith(FROM_ENVIRONMENT);
  expect(table.requests[0]?.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=KEY-OF-THE-ENVIRONMENT\/\d{8}\/eu-central-1\/dynamodb\/aws4_request,/u,
  );
});

it('sends the session token of the environment', async () => {
  await decideWith({ ...FROM_ENVIRONMENT, AWS_SESSION_TOKEN: 'session' });
  expect(table.requests[0]?.['x-amz-security-token']).toBe('session');
});

it('signs with the credentials of the container endpoint', async () => {
  await decideWith(fromEndpoint());
  expect(table.requests[0]?.authorization).toContain('Credential=KEY-OF-THE-ENDPOINT/');
});

it('sends the session token of the container endpoint', async () => {
  await decideWith(fromEndpoint());
  expect(table.requests[0]?.['x-amz-security-token']).toBe('session-of-the-endpoint');
});

it('shows the container endpoint its authorization token', async () => {
  await decideWith(fromEndpoint());
  expect(endpoint.requests[0]?.authorization).toBe(ENDPOINT_TOKEN);
});

it('asks the container endpoint once for as long as its credentials last', async () => {
  await decideWith(fromEndpoint());
  await authorizer.invoke(eventOf('rest-token', `Bearer ${issuer.token()}`));
  expect(endpoint.requests).toHaveLength(1);
});

it('asks the container endpoint again when it has not answered once', async () => {
  endpoint.hangs = true;
  await decideWith(fromEndpoint());
  endpoint.hangs = false;
  await authorizer.invoke(eventOf('rest-token', `Bearer ${issuer.token()}`));
  expect(authorizer.lastDecision).toMatchObject({ outcome: 'allow', reason: 'user_found' });
});

it('is unavailable while the container endpoint does not answer, and says why', async () => {
  endpoint.hangs = true;
  await decideWith(fromEndpoint());
  expect(authorizer.lastDecision).toMatchObject({
    reason: 'directory_unavailable',
    cause: 'timeout',
  });
});

it('prefers the environment to the container endpoint', async () => {
  await decideWith({ ...FROM_ENVIRONMENT, ...fromEndpoint() });
  expect(endpoint.requests).toEqual([]);
});

it('lets in with the credentials of the container endpoint', async () => {
  await decideWith(fromEndpoint());
  expect(authorizer.lastDecision).toMatchObject({ outcome: 'allow', reason: 'user_found' });
});

it('is unavailable without credentials, and says why', async () => {
  await decideWith({});
  expect(authorizer.lastDecision).toMatchObject({
    reason: 'directory_unavailable',
    cause: 'access_denied',
  });
});

it('never asks the table without credentials', async () => {
  await decideWith({});
  expect(table.requests).toEqual([]);
});
