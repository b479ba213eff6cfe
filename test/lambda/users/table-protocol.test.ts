/** DynamoDB's protocol by itself: what is asked, what is taken for an answer, and what is not. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { tableProtocol } from '../../../lambda/users/table-protocol.ts';

const protocol = tableProtocol as unknown as {
  serializeRequest(operation: unknown, input: object, context: unknown): Promise<unknown>;
  deserializeResponse(operation: unknown, context: unknown, response: unknown): Promise<unknown>;
};
const GET_ITEM = { name: 'GetItem' };
const BATCH_GET_ITEM = { name: 'BatchGetItem' };

const endpoint = (path: string) => ({
  endpoint: () =>
    Promise.resolve({ protocol: 'https:', hostname: 'table.example', port: 8000, path }),
});

function answer(
  body: unknown,
  statusCode = 200,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/x-amz-json-1.0' },
  operation = GET_ITEM,
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return protocol.deserializeResponse(
    operation,
    {},
    {
      statusCode,
      headers,
      body: Readable.from([Buffer.from(text)]) as IncomingMessage,
    },
  );
}

it('asks for the operation in the header that names it', async () => {
  expect(await protocol.serializeRequest(GET_ITEM, { TableName: 't' }, endpoint('/'))).toEqual({
    method: 'POST',
    protocol: 'https:',
    hostname: 'table.example',
    port: 8000,
    path: '/',
    query: {},
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.GetItem',
      'user-agent': 'rollcall',
    },
    body: '{"TableName":"t"}',
  });
});

it("keeps the path of an endpoint's URL", async () => {
  expect(await protocol.serializeRequest(GET_ITEM, {}, endpoint('/proxy'))).toMatchObject({
    path: '/proxy/',
  });
});

it('takes an item', async () => {
  const item = {
    user_id: { S: 'alice' },
    roles: { L: [{ S: 'a' }] },
    more: { M: { n: { N: '1' } } },
  };
  expect(await answer({ Item: item })).toMatchObject({ Item: item });
});

it.each([
  ['a text', { S: '' }],
  ['a number', { N: '1' }],
  ['true', { BOOL: true }],
  ['false', { BOOL: false }],
  ['nothing', { NULL: true }],
  ['a set of texts', { SS: ['a', 'b'] }],
  ['a set of numbers', { NS: ['1'] }],
  ['a list of several types', { L: [{ S: 'a' }, { N: '1' }] }],
  ['an empty list', { L: [] }],
  ['a map', { M: { a: { S: 'b' } } }],
])('takes %s', async (_, value) => {
  expect(await answer({ Item: { attribute: value } })).toMatchObject({
    Item: { attribute: value },
  });
});

it.each([
  ['a text that is none', { S: null }],
  ['a number that is a number', { N: 1 }],
  ['bytes that are no text', { B: 1 }],
  ['a truth that is a text', { BOOL: 'true' }],
  ['a nothing that is a text', { NULL: 'true' }],
  ['a set of texts with a number', { SS: ['a', 1] }],
  ['a set that is a text', { SS: 'a' }],
  ['a set of numbers with a number', { NS: ['1', 1] }],
  ['a set of bytes that is a text', { BS: 'aGk=' }],
  ['a set of bytes with a number', { BS: ['aGk=', 1] }],
  ['a list with a bare text after a value', { L: [{ S: 'a' }, 'a'] }],
  ['a list that is a map', { L: { 0: { S: 'a' } } }],
  ['a map with a bare text', { M: { a: { S: 'b' }, c: 'd' } }],
])('does not take %s', async (_, value) => {
  await expect(answer({ Item: { attribute: value } })).rejects.toMatchObject({
    name: 'NotDynamoDbError',
  });
});

it.each([
  ['an item', { Item: {}, ConsumedCapacity: { TableName: 't', CapacityUnits: 1 } }],
  ['a miss', { ConsumedCapacity: { TableName: 't', CapacityUnits: 1 } }],
])('takes what %s has cost', async (_, body) => {
  expect(await answer(body)).toMatchObject(body);
});

it('takes an answer without an item', async () => {
  expect(await answer({})).toEqual({ $metadata: { httpStatusCode: 200 } });
});

it('takes an item beside a member that is not known yet', async () => {
  expect(await answer({ Item: {}, Later: 1 })).toMatchObject({ Item: {} });
});

it('takes binary values as bytes', async () => {
  expect(await answer({ Item: { email: { B: 'aGk=' } } })).toMatchObject({
    Item: { email: { B: new Uint8Array([104, 105]) } },
  });
});

it('takes sets of binary values as bytes', async () => {
  expect(await answer({ Item: { roles: { BS: ['aGk='] } } })).toMatchObject({
    Item: { roles: { BS: [new Uint8Array([104, 105])] } },
  });
});

it('leaves an attribute of the name B alone', async () => {
  const item = { map: { M: { B: { S: 'aGk=' } } } };
  expect(await answer({ Item: item })).toMatchObject({ Item: item });
});

it.each([
  ['an item that is a list', { Item: [] }],
  ['an item that is null', { Item: null }],
  ['a value without a type', { Item: { user_id: 'alice' } }],
  ['a value of no type', { Item: { user_id: {} } }],
  ['a value of two types', { Item: { user_id: { S: 'alice', N: '1' } } }],
  ['a value of an unknown type', { Item: { user_id: { T: 'alice' } } }],
  ['a text that is a number', { Item: { user_id: { S: 1 } } }],
  ['a number that is no text', { Item: { tokens_valid_after: { N: 1 } } }],
  ['a boolean that is a text', { Item: { is_active: { BOOL: 'true' } } }],
  ['a list with a bare text', { Item: { roles: { L: ['a'] } } }],
  ['a set with a number', { Item: { roles: { SS: [1] } } }],
  ['a type of the prototype', { Item: { user_id: { constructor: 'alice' } } }],
  ["a batch's answer", { Responses: { users: [{ user_id: { S: 'alice' } }] } }],
  ["a batch's answer that is empty", { Responses: {}, UnprocessedKeys: {} }],
  ["a batch's answer without a part", { UnprocessedKeys: { users: { Keys: [] } } }],
  ["a batch's cost", { ConsumedCapacity: [] }],
  ["a batch's cost beside an item", { Item: {}, ConsumedCapacity: [] }],
  ['another member alone', { message: 'No' }],
  ['another member beside a bad item', { Item: null, message: 'No' }],
  ['a list', []],
  ['a text', '"no"'],
  ['nothing', ''],
])('does not take %s for an answer', async (_, body) => {
  await expect(answer(body)).rejects.toMatchObject({ name: 'NotDynamoDbError' });
});

const batchAnswer = (body: unknown) => answer(body, 200, undefined, BATCH_GET_ITEM);

it.each([
  ['items and nothing unprocessed', { Responses: { users: [{ a: { S: 'x' } }] } }],
  ['no items', { Responses: { users: [] }, UnprocessedKeys: {} }],
  ['only what is unprocessed', { UnprocessedKeys: { users: { Keys: [{ a: { S: 'x' } }] } } }],
  ['what they cost', { Responses: {}, UnprocessedKeys: {}, ConsumedCapacity: [{}] }],
  ['a member that is not known yet', { Responses: {}, Later: 1 }],
])('takes of a batch %s', async (_, body) => {
  expect(await batchAnswer(body)).toMatchObject(body);
});

it.each([
  ['nothing', {}],
  ['an item', { Item: { a: { S: 'x' } } }],
  ['a cost alone', { ConsumedCapacity: [] }],
  ['responses that are a list', { Responses: [] }],
  ['responses that hold an item', { Responses: { users: { user_id: { S: 'alice' } } } }],
  ['responses that hold a bad item', { Responses: { users: [{ user_id: 'alice' }] } }],
  ['unprocessed keys that are a list', { Responses: {}, UnprocessedKeys: [] }],
  ['what one item costs', { Responses: {}, ConsumedCapacity: {} }],
  ['responses that hold a bad item after a good one', { Responses: { users: [{}, { a: 'x' }] } }],
  ['another member alone', { message: 'No' }],
  ['another member beside unprocessed keys', { UnprocessedKeys: {}, message: 'No' }],
])('does not take of a batch %s', async (_, body) => {
  await expect(batchAnswer(body)).rejects.toMatchObject({ name: 'NotDynamoDbError' });
});

it.each(['application/json', 'application/x-amz-json-1.1', 'Application/JSON; charset=utf-8'])(
  'takes an answer of type %s',
  async (type) => {
    expect(await answer({}, 200, { 'content-type': type })).toBeDefined();
  },
);

it.each([
  ['another type', { 'content-type': 'text/html' }],
  ['a type that ends like it', { 'content-type': 'text/application/json' }],
  ['no type', {}],
])('does not take JSON of %s for an answer', async (_, headers: Record<string, string>) => {
  await expect(answer({}, 200, headers)).rejects.toMatchObject({ name: 'NotDynamoDbError' });
});

it('takes an answer of 1 MiB', async () => {
  const body = JSON.stringify({}).padEnd(1024 * 1024, ' ');
  expect(await answer(body)).toEqual({ $metadata: { httpStatusCode: 200 } });
});

it('refuses an answer of more than 1 MiB', async () => {
  const body = JSON.stringify({}).padEnd(1024 * 1024 + 1, ' ');
  await expect(answer(body)).rejects.toMatchObject({ name: 'AnswerTooLargeError' });
});

it.each([
  ['in the body', { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' }, {}],
  ['in the body without a namespace', { __type: 'ThrottlingException' }, {}],
  ['in the header', {}, { 'x-amzn-errortype': 'ThrottlingException:http://example.com/' }],
])('names an error as the service does, %s', async (_, body, headers) => {
  await expect(answer(body, 400, headers)).rejects.toMatchObject({
    name: 'ThrottlingException',
    $metadata: { httpStatusCode: 400 },
  });
});

it('keeps the status of an error that has no name', async () => {
  await expect(answer('<html>', 503, {})).rejects.toMatchObject({
    name: 'UnknownError',
    $fault: 'server',
    $metadata: { httpStatusCode: 503 },
  });
});

it.each([
  [400, 'client'],
  [499, 'client'],
  [500, 'server'],
])('blames for status %i the %s', async (status, fault) => {
  await expect(answer({ __type: 'X' }, status)).rejects.toMatchObject({ $fault: fault });
});

it('says nothing of the message of an error', async () => {
  await expect(answer({ __type: 'X', message: 'secret' }, 400)).rejects.toMatchObject({
    message: 'X',
  });
});
