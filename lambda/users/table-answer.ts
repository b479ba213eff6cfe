/**
 * Whether an HTTP answer with status 200 is DynamoDB's answer to the read that was made. The SDK
 * takes an empty body, or any JSON object, for "no such item"; what stands between the function and
 * DynamoDB (a proxy, an endpoint under repair) answers in HTML, in JSON of its own or not at all,
 * and that is not a user who is missing. Pure but for the checksum.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
import { crc32 } from 'node:zlib';
import { isJsonObject, type JsonObject } from '../json.ts';
import { NotDynamoDbError } from './directory-errors.ts';

export type ReadOperation = 'GetItem' | 'BatchGetItem';

/** Header names are in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | undefined>>;

type Check = (value: unknown) => boolean;

/** The members of an answer by operation, and what each has to be. */
const MEMBERS: Readonly<Record<ReadOperation, ReadonlyMap<string, Check>>> = {
  GetItem: new Map<string, Check>([
    ['Item', isItem],
    ['ConsumedCapacity', isJsonObject],
  ]),
  BatchGetItem: new Map<string, Check>([
    ['Responses', (tables) => isJsonObject(tables) && Object.values(tables).every(isItems)],
    ['UnprocessedKeys', isJsonObject],
    ['ConsumedCapacity', Array.isArray],
  ]),
};

/** The types of an attribute's value, and what the value has to be in JSON. */
const ATTRIBUTE_TYPES = new Map<string, Check>([
  ['S', isString],
  ['N', isString],
  ['B', isString],
  ['BOOL', isBoolean],
  ['NULL', isBoolean],
  ['SS', isStrings],
  ['NS', isStrings],
  ['BS', isStrings],
  ['L', (value) => Array.isArray(value) && value.every(isAttributeValue)],
  ['M', isItem],
]);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Checks the answer to a read.
 *
 * @param body the whole body
 * @throws NotDynamoDbError when anything else than DynamoDB's own answer to `operation` is there
 */
export function assertAnswerTo(
  operation: ReadOperation,
  headers: AnswerHeaders,
  body: Uint8Array,
): void {
  if (!isJsonType(headers)) throw new NotDynamoDbError('The answer is not JSON');
  // DynamoDB sends the checksum of what it has written; emulators do not always.
  const checksum = headers['x-amz-crc32'];
  if (checksum !== undefined && checksum !== String(crc32(body))) {
    throw new NotDynamoDbError('The checksum does not match');
  }
  const answer = parseObject(body);
  if (answer === undefined) throw new NotDynamoDbError('The answer is not a JSON object');
  if (!hasMembersOf(operation, answer, headers)) {
    throw new NotDynamoDbError(`The answer is not one to ${operation}`);
  }
}

function isJsonType(headers: AnswerHeaders): boolean {
  return /^application\/(?:x-amz-)?json/iu.test(headers['content-type'] ?? '');
}

/** Every answer of DynamoDB has one. */
function isSigned(headers: AnswerHeaders): boolean {
  return headers['x-amzn-requestid'] !== undefined || headers['x-amz-crc32'] !== undefined;
}

function parseObject(body: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(body));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * GetItem says of a missing item nothing at all, so the headers have to say that it is DynamoDB
 * who says it. BatchGetItem says of every key either what there is or that it was not processed.
 * A member that is not known yet is fine beside one that only DynamoDB writes.
 */
function hasMembersOf(operation: ReadOperation, answer: JsonObject, headers: AnswerHeaders) {
  const hasItems = (operation === 'GetItem' ? 'Item' : 'Responses') in answer;
  const isMiss = operation === 'GetItem' ? isSigned(headers) : 'UnprocessedKeys' in answer;
  if (!hasItems && !isMiss) return false;
  const checks = MEMBERS[operation];
  return Object.entries(answer).every(([name, value]) => checks.get(name)?.(value) ?? hasItems);
}

function isItems(value: unknown): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isItem(value: unknown): boolean {
  return isJsonObject(value) && Object.values(value).every(isAttributeValue);
}

/** One member, which names the type. */
function isAttributeValue(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const [[type, content] = ['', undefined], ...others] = Object.entries(value);
  return others.length === 0 && ATTRIBUTE_TYPES.get(type)?.(content) === true;
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every(isString);
}
