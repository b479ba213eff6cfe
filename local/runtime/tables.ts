/**
 * The tables of a template, in an embedded server with DynamoDB's HTTP protocol, so that functions
 * and tools use the real SDK. The tables are in memory.
 */
import {
  CreateTableCommand,
  DynamoDBClient,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOOPBACK } from './listen.ts';
import { guarded } from './loopback-guard.ts';
import type { ResolvedTemplate } from '../template/template.ts';

/** A table that the template does not create. */
export interface ExistingTable {
  readonly name: string;
  /** Partition key attribute, a string. */
  readonly key: string;
}

export interface Tables {
  /** Such as `http://127.0.0.1:4567`. */
  readonly endpoint: string;
  readonly client: DynamoDBDocumentClient;
  /** Environment variables with which the SDK uses these tables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** Dummy credentials that the embedded server accepts. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Starts the server on a free port and makes the tables. */
export async function startTables(
  template: ResolvedTemplate,
  existing: readonly ExistingTable[] = [],
): Promise<Tables> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  guard(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  const endpoint = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
  const { region } = template.deployment;
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint, region, credentials: CREDENTIALS }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  const definitions = [...declaredTables(template), ...existing.map((table) => simpleTable(table))];
  await Promise.all(definitions.map((input) => client.send(new CreateTableCommand(input))));
  return {
    endpoint,
    client,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
    close: () =>
      new Promise((resolve) => {
        client.destroy();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** The embedded server allows every origin. */
function guard(server: Server): void {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  for (const listener of listeners) server.on('request', guarded(listener.bind(server)));
}

function declaredTables(template: ResolvedTemplate): CreateTableCommandInput[] {
  const resources = ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'].flatMap((type) =>
    template.resourcesOfType(type),
  );
  return resources.map(({ physicalId, properties }) => {
    // CloudFormation and the API call the same things by the same names.
    const { AttributeDefinitions, KeySchema } = properties as Pick<
      CreateTableCommandInput,
      'AttributeDefinitions' | 'KeySchema'
    >;
    return {
      TableName: physicalId,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions,
      KeySchema,
    };
  });
}

function simpleTable({ name, key }: ExistingTable): CreateTableCommandInput {
  return {
    // The server knows tables by their names alone.
    TableName: name.replace(/^arn:.*:table\//u, ''),
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
    KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
  };
}
