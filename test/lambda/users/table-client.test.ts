/** The DynamoDB client before a table that fails: bounded attempts, and no foreign answer taken. */
import { BatchGetCommand, GetCommand, NumberValue } from '@aws-sdk/lib-dynamodb';
import { causeOfError } from '../../../lambda/users/directory-errors.ts';
import { createTableClient } from '../../../lambda/users/table-client.ts';
import { FaultProxy, type FaultName } from '../../support/fault-proxy.ts';
import { TestTables, USERS_TABLE } from '../../support/tables.ts';

const environment = { ...process.env };
let tables: TestTables;
let proxy: FaultProxy;
let client: ReturnType<typeof createTableClient>;

beforeAll(async () => {
  tables = await TestTables.start();
  proxy = await FaultProxy.start(tables.endpoint);
  Object.assign(process.env, tables.settings, { AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
  client = createTableClient();
});

afterAll(async () => {
  process.env = environment;
  client.destroy();
  await Promise.all([tables.close(), proxy.close()]);
});

beforeEach(() => {
  proxy.fault = undefined;
  proxy.requests = 0;
});

const read = (userId = 'alice', abortSignal?: AbortSignal) =>
  client.send(new GetCommand({ TableName: USERS_TABLE, Key: { user_id: userId } }), {
    ...(abortSignal && { abortSignal }),
  });

async function causeOf(work: Promise<unknown>) {
  try {
    await work;
    return 'no failure';
  } catch (error) {
    return causeOfError(error);
  }
}

it('reads an item', async () => {
  await tables.putUser('alice', { roles: ['reader'], tokens_valid_after: 7 });
  const { Item: item } = await read();
  expect(item).toEqual({ user_id: 'alice', roles: ['reader'], tokens_valid_after: 7 });
});

it('reads that there is no item', async () => {
  expect((await read('nobody')).Item).toBeUndefined();
});

it('reads a number too large for JavaScript as one that is not exact', async () => {
  await tables.putUser('large', { tokens_valid_after: NumberValue.from('1e100') });
  expect((await read('large')).Item).toMatchObject({ tokens_valid_after: 1e100 });
});

it('reads a number without a digit as none', async () => {
  proxy.fault = 'number without a digit';
  expect((await read()).Item).toEqual({ tokens_valid_after: Number.NaN });
});

it.each<[FaultName, string]>([
  ['huge', 'too_large'],
  ['500', 'http_status'],
  ['503 in HTML', 'http_status'],
  ['too many requests', 'http_status'],
  ['redirect', 'http_status'],
  ['200 in HTML', 'bad_json'],
  ['no body', 'bad_json'],
  ['garbage', 'bad_json'],
  ['JSON of another', 'bad_json'],
  ['JSON null', 'bad_json'],
  ["{} without DynamoDB's headers", 'bad_json'],
  ['another checksum', 'bad_json'],
  ['status 204', 'bad_json'],
  ['an answer to a batch', 'bad_json'],
  ['wrong key', 'wrong_key'],
  ['throttle', 'throttled'],
  ['access denied', 'access_denied'],
  ['missing table', 'table_missing'],
])('fails by %s with cause %s, after one attempt', async (fault, cause) => {
  proxy.fault = fault;
  expect(await causeOf(read())).toBe(cause);
  expect(proxy.requests).toBe(1);
});

it.each<FaultName>(['hang', 'hang-halfway'])(
  'gives up by itself when the table fails by %s',
  async (fault) => {
    proxy.fault = fault;
    expect(await causeOf(read())).toBe('timeout');
  },
);

it('ends with the signal when the table drips', async () => {
  proxy.fault = 'drip';
  const controller = new AbortController();
  const cause = causeOf(read('alice', controller.signal));
  controller.abort();
  expect(await cause).toBe('timeout');
});

it.each<FaultName>(['200 in HTML', 'no body', 'JSON of another', 'JSON null', 'garbage'])(
  'does not take %s for an answer to a batch either',
  async (fault) => {
    proxy.fault = fault;
    const keys = { [USERS_TABLE]: { Keys: [{ user_id: 'alice' }] } };
    expect(await causeOf(client.send(new BatchGetCommand({ RequestItems: keys })))).toBe(
      'bad_json',
    );
  },
);

it('reads again after each failure', async () => {
  proxy.fault = 'reset';
  await causeOf(read());
  proxy.fault = undefined;
  expect((await read()).Item).toMatchObject({ user_id: 'alice' });
});
