/** The users table and the table of revoked tokens, embedded, behind DynamoDB's real protocol. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const USERS_TABLE = 'users';
export const REVOKED_TOKENS_TABLE = 'revoked-tokens';

const REGION = 'eu-central-1';

type Row = Readonly<Record<string, unknown>>;

export class TestTables {
  readonly client: DynamoDBDocumentClient;
  readonly endpoint: string;
  /** DynamoDB Local keeps the tables of each access key apart. */
  readonly #credentials = { accessKeyId: randomBytes(8).toString('hex'), secretAccessKey: 'local' };
  readonly #server: Server | undefined;

  private constructor(endpoint: string, server: Server | undefined) {
    this.endpoint = endpoint;
    this.#server = server;
    this.client = DynamoDBDocumentClient.from(
      new DynamoDBClient({
        endpoint,
        region: REGION,
        credentials: this.#credentials,
        // The server may close an idle connection just when it is used again.
        maxAttempts: 3,
      }),
      { marshallOptions: { removeUndefinedValues: true } },
    );
  }

  /**
   * Starts an embedded table server, or uses the one at `endpoint` (by default what
   * `TEST_DYNAMODB_ENDPOINT` says, if anything), and makes both tables.
   */
  static async start(endpoint = process.env['TEST_DYNAMODB_ENDPOINT']): Promise<TestTables> {
    const server = endpoint === undefined ? await startServer() : undefined;
    const tables = new TestTables(endpoint ?? urlOf(server), server);
    await tables.create(USERS_TABLE, 'user_id');
    await tables.create(REVOKED_TOKENS_TABLE, 'token_id');
    return tables;
  }

  async create(name: string, key: string): Promise<void> {
    await this.client.send(
      new CreateTableCommand({
        TableName: name,
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  }

  /** The environment that makes the function use these tables. */
  get settings(): Readonly<Record<string, string>> {
    return {
      USERS_TABLE_NAME: USERS_TABLE,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: this.#credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: this.#credentials.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: this.endpoint,
    };
  }

  async putUser(userId: string, attributes: Row = {}): Promise<void> {
    await this.client.send(
      new PutCommand({ TableName: USERS_TABLE, Item: { user_id: userId, ...attributes } }),
    );
  }

  async deleteUser(userId: string): Promise<void> {
    await this.client.send(new DeleteCommand({ TableName: USERS_TABLE, Key: { user_id: userId } }));
  }

  async revoke(issuer: string, jti: string): Promise<void> {
    await this.client.send(
      new PutCommand({
        TableName: REVOKED_TOKENS_TABLE,
        Item: { token_id: `${issuer}#${jti}`, expires_at: Math.floor(Date.now() / 1000) + 3600 },
      }),
    );
  }

  async close(): Promise<void> {
    this.client.destroy();
    if (this.#server === undefined) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function startServer(): Promise<Server> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server | undefined): string {
  const address = server?.address() as AddressInfo | undefined;
  if (address === undefined) throw new Error('The table server is not listening');
  return `http://127.0.0.1:${address.port}`;
}
