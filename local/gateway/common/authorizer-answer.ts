/**
 * Checks what an authorizer answered as strictly as API Gateway parses it. An answer with a fault
 * is no answer: the caller gets a 500, not a guess at what was meant.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
import { isJsonObject, type JsonObject } from '../../../lambda/json.ts';
import type { Statement } from '../../template/policy.ts';
import { printed } from '../../template/properties.ts';

/** The longest `Resource`, in characters. */
export const MAX_RESOURCE_LENGTH = 512;
/** The longest answer to a WebSocket API, in bytes; the other kinds publish no limit. */
export const MAX_WEBSOCKET_ANSWER_BYTES = 8192;

/** The IAM form, ready to evaluate. */
export interface PolicyAnswer {
  readonly form: 'policy';
  readonly principalId: string;
  readonly statements: readonly Statement[];
  /** As returned: strings, numbers and booleans. */
  readonly context: JsonObject;
}

/** The simple form of payload 2.0; its context may be any JSON. */
export interface SimpleAnswer {
  readonly form: 'simple';
  readonly isAuthorized: boolean;
  readonly context: JsonObject;
}

export type Checked<T> =
  { readonly ok: true; readonly answer: T } | { readonly ok: false; readonly problem: string };

const DOCUMENT_MEMBERS = ['Version', 'Id', 'Statement'];
const STATEMENT_MEMBERS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

class Fault extends Error {}

/**
 * Reads the IAM form.
 *
 * @param allowNestedContext HTTP APIs with payload 2.0 take any JSON as context values.
 */
export function checkPolicyAnswer(
  value: unknown,
  { allowNestedContext = false, maxBytes = Number.POSITIVE_INFINITY } = {},
): Checked<PolicyAnswer> {
  return checked(() => {
    if (!isJsonObject(value)) throw new Fault('The answer is not an object');
    if (Buffer.byteLength(JSON.stringify(value)) > maxBytes) {
      throw new Fault(`The answer is longer than ${maxBytes} bytes`);
    }
    const { principalId, policyDocument, usageIdentifierKey } = value;
    if (typeof principalId !== 'string' || principalId === '') {
      throw new Fault('principalId is not a non-empty string');
    }
    if (usageIdentifierKey !== undefined && typeof usageIdentifierKey !== 'string') {
      throw new Fault('usageIdentifierKey is not a string');
    }
    return {
      form: 'policy',
      principalId,
      statements: readDocument(policyDocument),
      context: readContext(value['context'], allowNestedContext),
    };
  });
}

/** Reads the simple form, in which only the booleans themselves are a yes or a no. */
export function checkSimpleAnswer(value: unknown): Checked<SimpleAnswer> {
  return checked(() => {
    if (!isJsonObject(value)) throw new Fault('The answer is not an object');
    const { isAuthorized } = value;
    if (typeof isAuthorized !== 'boolean') throw new Fault('isAuthorized is not a boolean');
    return { form: 'simple', isAuthorized, context: readContext(value['context'], true) };
  });
}

/** `context` as backends and templates see it: every value is a string. */
export function stringifiedContext(context: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [name, printed(value)]));
}

function checked<T>(read: () => T): Checked<T> {
  try {
    return { ok: true, answer: read() };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, problem: error.message };
    throw error;
  }
}

function readDocument(document: unknown): Statement[] {
  if (!isJsonObject(document)) throw new Fault('policyDocument is not an object');
  refuseOtherMembers(document, DOCUMENT_MEMBERS, 'policyDocument');
  const { Version: version, Statement: statement } = document;
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    throw new Fault('policyDocument.Version is not a version of the policy language');
  }
  const statements: readonly unknown[] = Array.isArray(statement) ? statement : [statement];
  if (statements.length === 0) throw new Fault('policyDocument.Statement is empty');
  return statements.map((item) => readStatement(item));
}

function readStatement(statement: unknown): Statement {
  if (!isJsonObject(statement)) throw new Fault('A statement is not an object');
  refuseOtherMembers(statement, STATEMENT_MEMBERS, 'A statement');
  const { Effect: effect, Condition: condition } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw new Fault('Effect is not Allow or Deny');
  if ('Condition' in statement && !isJsonObject(condition)) {
    throw new Fault('Condition is not an object');
  }
  for (const [name, negated] of [
    ['Action', 'NotAction'],
    ['Resource', 'NotResource'],
  ] as const) {
    if (name in statement === negated in statement) {
      throw new Fault(`A statement needs ${name} or ${negated}, and not both`);
    }
  }
  const read: Record<string, readonly string[]> = {};
  for (const name of ['Action', 'NotAction', 'Resource', 'NotResource'] as const) {
    if (name in statement) read[name] = readTexts(statement[name], name);
  }
  for (const resource of [...(read['Resource'] ?? []), ...(read['NotResource'] ?? [])]) {
    if (resource.length > MAX_RESOURCE_LENGTH) {
      throw new Fault(`A Resource is longer than ${MAX_RESOURCE_LENGTH} characters`);
    }
    if (resource !== '*' && !resource.startsWith('arn:')) {
      throw new Fault('A Resource is neither an ARN nor *');
    }
  }
  return { Effect: effect, ...read, ...(condition !== undefined && { Condition: condition }) };
}

function readTexts(value: unknown, name: string): readonly string[] {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (texts.length > 0 && texts.every((text) => typeof text === 'string' && text !== '')) {
    return texts as readonly string[];
  }
  throw new Fault(`${name} is not a string or a list of strings`);
}

function readContext(context: unknown, allowNested: boolean): JsonObject {
  if (context === undefined) return {};
  if (!isJsonObject(context)) throw new Fault('context is not an object');
  if (Object.hasOwn(context, 'claims')) throw new Fault('context has the reserved name claims');
  for (const [name, value] of Object.entries(context)) {
    if (!allowNested && !['string', 'number', 'boolean'].includes(typeof value)) {
      throw new Fault(`context.${name} is not a string, a number or a boolean`);
    }
  }
  return context;
}

function refuseOtherMembers(object: JsonObject, known: readonly string[], what: string): void {
  const other = Object.keys(object).find((name) => !known.includes(name));
  if (other !== undefined) throw new Fault(`${what} has an unknown member ${other}`);
}
