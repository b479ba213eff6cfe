/** What is taken for DynamoDB's answer to a read, and what is not. */
import { crc32 } from 'node:zlib';
import { NotDynamoDbError } from '../../../lambda/users/directory-errors.ts';
import {
  assertAnswerTo,
  type AnswerHeaders,
  type ReadOperation,
} from '../../../lambda/users/table-answer.ts';

const HEADERS = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'R1' };

const bytes = (body: unknown): Buffer =>
  Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

function isTaken(
  body: unknown,
  headers: AnswerHeaders = HEADERS,
  operation: ReadOperation = 'GetItem',
): boolean {
  try {
    assertAnswerTo(operation, headers, bytes(body));
    return true;
  } catch (error) {
    if (error instanceof NotDynamoDbError) return false;
    throw error;
  }
}

const isTakenOfBatch = (body: unknown): boolean => isTaken(body, HEADERS, 'BatchGetItem');

it.each([
  ['a string', { S: '' }],
  ['a number', { N: '1' }],
  ['bytes', { B: 'aGk=' }],
  ['true', { BOOL: true }],
  ['false', { BOOL: false }],
  ['null', { NULL: true }],
  ['a set of strings', { SS: ['a', 'b'] }],
  ['a set of numbers', { NS: ['1'] }],
  ['a set of bytes', { BS: ['aGk='] }],
  ['a list of several types', { L: [{ S: 'a' }, { N: '1' }] }],
  ['an empty list', { L: [] }],
  ['a map', { M: { a: { S: 'b' } } }],
])('takes an item with %s', (_, value) => {
  expect(isTaken({ Item: { attribute: value } })).toBe(true);
});

it.each([
  ['a string that is null', { S: null }],
  ['a number that is a number', { N: 1 }],
  ['bytes that are a number', { B: 1 }],
  ['a boolean that is a string', { BOOL: 'true' }],
  ['a null that is a string', { NULL: 'true' }],
  ['a set of strings with a number', { SS: ['a', 1] }],
  ['a set that is a string', { SS: 'a' }],
  ['a set of numbers with a number', { NS: ['1', 1] }],
  ['a set of bytes that is a string', { BS: 'aGk=' }],
  ['a list with a bare string after a value', { L: [{ S: 'a' }, 'a'] }],
  ['a list that is a map', { L: { 0: { S: 'a' } } }],
  ['a map with a bare string', { M: { a: { S: 'b' }, c: 'd' } }],
  ['a value without a type', 'alice'],
  ['a value of no type', {}],
  ['a value of two types', { S: 'alice', N: '1' }],
  ['a value of an unknown type', { T: 'alice' }],
  ['a type of the prototype', { constructor: 'alice' }],
])('does not take an item with %s', (_, value) => {
  expect(isTaken({ Item: { attribute: value } })).toBe(false);
});

it.each([
  ['an item', { Item: {}, ConsumedCapacity: { TableName: 't', CapacityUnits: 1 } }],
  ['a miss', { ConsumedCapacity: { TableName: 't', CapacityUnits: 1 } }],
  ['a member that is not known yet, beside an item', { Item: {}, Later: 1 }],
])('takes %s', (_, body) => {
  expect(isTaken(body)).toBe(true);
});

it.each([
  ['an item that is a list', { Item: [] }],
  ['an item that is null', { Item: null }],
  ["a batch's answer", { Responses: { users: [{ user_id: { S: 'alice' } }] } }],
  ["a batch's empty answer", { Responses: {}, UnprocessedKeys: {} }],
  ["a batch's answer without a part", { UnprocessedKeys: { users: { Keys: [] } } }],
  ["a batch's cost", { ConsumedCapacity: [] }],
  ["a batch's cost beside an item", { Item: {}, ConsumedCapacity: [] }],
  ['another member alone', { message: 'No' }],
  ['another member beside a bad item', { Item: null, message: 'No' }],
  ['a list', []],
  ['a string', '"no"'],
  ['null', 'null'],
  ['an empty body', ''],
  ['HTML', '<h1>Welcome</h1>'],
  ['a truncated answer', '{"Item":{"user_id":{"S":"alice"}'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
])('does not take %s for an answer', (_, body) => {
  expect(isTaken(body)).toBe(false);
});

describe('a miss, which is an empty object', () => {
  it.each([
    ['a request id', { 'x-amzn-requestid': 'R1' }],
    ['a checksum', { 'x-amz-crc32': String(crc32('{}')) }],
  ])('is one with %s of DynamoDB', (_, header: AnswerHeaders) => {
    expect(isTaken({}, { 'content-type': HEADERS['content-type'], ...header })).toBe(true);
  });

  it("is none without DynamoDB's headers", () => {
    expect(isTaken({}, { 'content-type': HEADERS['content-type'] })).toBe(false);
  });

  it('is none as an answer to a batch', () => {
    expect(isTakenOfBatch({})).toBe(false);
  });
});

describe('the checksum', () => {
  const ITEM = { Item: { user_id: { S: 'älice' } } };
  const withChecksum = (value: string) => ({ ...HEADERS, 'x-amz-crc32': value });

  it('is that of the bytes of the body', () => {
    expect(isTaken(ITEM, withChecksum(String(crc32(bytes(ITEM)))))).toBe(true);
  });

  it.each(['0', '', 'abc', String(crc32(bytes({ Item: {} })))])('may not be %j', (value) => {
    expect(isTaken(ITEM, withChecksum(value))).toBe(false);
  });
});

it.each([
  ['items and nothing unprocessed', { Responses: { users: [{ a: { S: 'x' } }] } }],
  ['no items', { Responses: { users: [] }, UnprocessedKeys: {} }],
  ['only what is unprocessed', { UnprocessedKeys: { users: { Keys: [{ a: { S: 'x' } }] } } }],
  ['what they cost', { Responses: {}, UnprocessedKeys: {}, ConsumedCapacity: [{}] }],
  ['a member that is not known yet', { Responses: {}, Later: 1 }],
])('takes of a batch %s', (_, body) => {
  expect(isTakenOfBatch(body)).toBe(true);
});

it.each([
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
])('does not take of a batch %s', (_, body) => {
  expect(isTakenOfBatch(body)).toBe(false);
});

it.each(['application/json', 'application/x-amz-json-1.1', 'Application/JSON; charset=utf-8'])(
  'takes an answer of type %s',
  (type) => {
    expect(isTaken({ Item: {} }, { 'content-type': type })).toBe(true);
  },
);

it.each([
  ['another type', { 'content-type': 'text/html' }],
  ['a type that ends like it', { 'content-type': 'text/application/json' }],
  ['no type', {}],
])('does not take JSON of %s for an answer', (_, headers: AnswerHeaders) => {
  expect(isTaken({ Item: {} }, headers)).toBe(false);
});
