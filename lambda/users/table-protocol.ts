/**
 * DynamoDB's protocol (AWS JSON 1.0) for the two reads that are made here, in place of the SDK's,
 * which takes an empty body, or any JSON at all, for "no such item". What stands between us and
 * DynamoDB (a proxy, an endpoint under repair) answers in HTML, in JSON of its own or not at all,
 * and that is not a user who is missing.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { IncomingMessage } from 'node:http';
import { NotDynamoDbError } from './directory-errors.ts';

const SERVICE = 'DynamoDB_20120810';
const CONTENT_TYPE = 'application/x-amz-json-1.0';
/** What CloudTrail shows of who has read. */
const USER_AGENT = 'rollcall';
/** An item has at most 400 KB, and two are read. */
const MAX_ANSWER_BYTES = 1024 * 1024;
/** What each member of an answer has to be, by operation. */
const GET_ITEM = new Map<string, (value: unknown) => boolean>([
  ['Item', isItem],
  ['ConsumedCapacity', isObject],
]);
const BATCH_GET_ITEM = new Map<string, (value: unknown) => boolean>([
  ['Responses', (tables) => isObject(tables) && Object.values(tables).every(isItems)],
  ['UnprocessedKeys', isObject],
  ['ConsumedCapacity', Array.isArray],
]);
/** The types of an attribute's value, and what the value has to be in JSON. */
const ATTRIBUTE_TYPES = new Map<string, (value: unknown) => boolean>([
  ['S', isText],
  ['N', isText],
  ['B', isBytes],
  ['BOOL', (value) => typeof value === 'boolean'],
  ['NULL', (value) => typeof value === 'boolean'],
  ['SS', isTexts],
  ['NS', isTexts],
  ['BS', (value) => Array.isArray(value) && value.every(isBytes)],
  ['L', (value) => Array.isArray(value) && value.every(isAttributeValue)],
  ['M', isItem],
]);

/** An answer that is larger than any that could be right. */
class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}

/** An answer that says no, by the name that the service gives to it. */
class ServiceError extends Error {
  override readonly name: string;
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number };
  constructor(name: string, httpStatusCode: number) {
    super(name);
    this.name = name;
    this.$fault = httpStatusCode < 500 ? 'client' : 'server';
    this.$metadata = { httpStatusCode };
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

interface Operation {
  /** `GetItem` or `BatchGetItem`. */
  readonly name: string;
}

interface SerializationContext {
  readonly endpoint: () => Promise<Endpoint>;
}

interface Endpoint {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
}

/** What is used of a response; the body is Node's, not yet read. */
interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: IncomingMessage;
}

/**
 * The protocol as the SDK's client takes one. A read that fails rejects with an error whose name
 * `directory-errors.ts` knows.
 */
export const tableProtocol = {
  async serializeRequest({ name }: Operation, input: object, { endpoint }: SerializationContext) {
    const { protocol, hostname, port, path } = await endpoint();
    return {
      method: 'POST',
      protocol,
      hostname,
      port,
      path: path.endsWith('/') ? path : `${path}/`,
      query: {},
      headers: {
        'content-type': CONTENT_TYPE,
        'x-amz-target': `${SERVICE}.${name}`,
        'user-agent': USER_AGENT,
      },
      body: JSON.stringify(input),
    };
  },
  async deserializeResponse({ name }: Operation, _context: unknown, response: HttpAnswer) {
    const { statusCode, headers } = response;
    const answer = parseObject(await readBody(response.body));
    if (statusCode !== 200) throw new ServiceError(errorName(answer, headers), statusCode);
    if (!isJsonType(headers) || answer === undefined || !isAnswerTo(name, answer)) {
      throw new NotDynamoDbError('Not an answer of DynamoDB');
    }
    return { ...answer, $metadata: { httpStatusCode: statusCode } };
  },
  // Asked by the SDK's own protocols alone.
  getShapeId: () => 'aws.protocols#awsJson1_0',
  getRequestType: () => Object,
  getResponseType: () => Object,
  getPayloadCodec: () => undefined,
  updateServiceEndpoint: (request: unknown) => request,
  setSerdeContext: () => undefined,
} as unknown as NonNullable<DynamoDBClientConfig['protocol']>;

async function readBody(body: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLargeError('More than an answer can have');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function parseObject(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'), reviveBinary);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Binary values (`{"B": "<base64>"}`, and `BS` for sets) as bytes, lest they pass for text. In a
 * map, what has that name is an object, so it is not mistaken for one.
 */
function reviveBinary(name: string, value: unknown): unknown {
  if (name === 'B' && isText(value)) return toBytes(value);
  if (name === 'BS' && isTexts(value)) return value.map(toBytes);
  return value;
}

function toBytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array;
}

function isJsonType(headers: HttpAnswer['headers']): boolean {
  return /^application\/(?:x-amz-)?json/iu.test(headers['content-type'] ?? '');
}

/**
 * A miss of GetItem is `{}`, so JSON of somebody else's is told by members that no answer has.
 * Beside valid items they may be there: that is DynamoDB, which has learnt something since.
 * BatchGetItem says of every key either what there is or that it was not looked for.
 */
function isAnswerTo(operation: string, answer: JsonObject): boolean {
  const isBatch = operation === 'BatchGetItem';
  const known = isBatch ? BATCH_GET_ITEM : GET_ITEM;
  const hasItems = (isBatch ? 'Responses' : 'Item') in answer;
  if (isBatch && !hasItems && !('UnprocessedKeys' in answer)) return false;
  return Object.entries(answer).every(([name, value]) => known.get(name)?.(value) ?? hasItems);
}

function isItems(value: unknown): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isItem(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isAttributeValue);
}

/** One member, which names the type. */
function isAttributeValue(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [[type, content] = ['', undefined], ...others] = Object.entries(value);
  return others.length === 0 && ATTRIBUTE_TYPES.get(type)?.(content) === true;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

/** `com.amazonaws.dynamodb.v20120810#ThrottlingException` less the part before `#`. */
function errorName(answer: JsonObject | undefined, headers: HttpAnswer['headers']): string {
  const type = answer?.['__type'] ?? headers['x-amzn-errortype'];
  if (typeof type !== 'string') return 'UnknownError';
  return (type.split('#').at(-1) ?? type).split(':')[0] ?? type;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
