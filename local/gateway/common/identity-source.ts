/**
 * Identity sources: the parts of a request that an authorizer is asked about, and by which its
 * answers are cached. REST writes `method.request.header.X`, WebSocket `route.request.header.X`,
 * HTTP `$request.header.X`; what they mean is the same.
 */
import { headerValues, type IncomingRequest } from './incoming.ts';
import { printed, UnsupportedTemplateError } from '../../template/properties.ts';

export interface IdentitySource {
  readonly from: 'header' | 'querystring' | 'context' | 'stageVariables';
  readonly name: string;
  /** As the template has it. */
  readonly expression: string;
}

/** What identity sources are read from. */
export interface IdentityInputs {
  readonly request: IncomingRequest;
  readonly context: Readonly<Record<string, unknown>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** HTTP APIs join what is repeated with commas; the others see the last value. */
  readonly repeats: 'joined' | 'last';
}

const EXPRESSION =
  /^\$?(?:(?:method\.|route\.)?request\.(?<part>header|querystring)|(?<other>context|stageVariables))\.(?<name>.+)$/u;

/** @throws UnsupportedTemplateError when the expression is of no known form. */
export function parseIdentitySource(expression: string): IdentitySource {
  const { part, other, name } = EXPRESSION.exec(expression)?.groups ?? {};
  const from = part ?? other;
  if (name === undefined || from === undefined) {
    throw new UnsupportedTemplateError(`Identity source ${expression} is not supported`);
  }
  return { from: from as IdentitySource['from'], name, expression };
}

/** The values of all sources; `undefined` when one is missing or empty. */
export function readIdentity(
  sources: readonly IdentitySource[],
  inputs: IdentityInputs,
): string[] | undefined {
  const values = sources.map((source) => readSource(source, inputs));
  return values.every((value) => value !== undefined && value !== '')
    ? (values as string[])
    : undefined;
}

function readSource(source: IdentitySource, inputs: IdentityInputs): string | undefined {
  const { name } = source;
  const oneOf = (values: readonly string[]) =>
    inputs.repeats === 'last' || values.length === 0 ? values.at(-1) : values.join(',');
  switch (source.from) {
    // In any case, as clients of HTTP/2 send lower case and are let in all the same.
    case 'header':
      return oneOf(headerValues(inputs.request.headers, name));
    case 'querystring':
      return oneOf(inputs.request.query.filter(([key]) => key === name).map(([, value]) => value));
    case 'context': {
      const value = lookUp(inputs.context, name);
      return value === undefined || value === null ? undefined : printed(value);
    }
    case 'stageVariables':
      return Object.hasOwn(inputs.stageVariables, name) ? inputs.stageVariables[name] : undefined;
  }
}

/** The value at a dotted path such as `identity.sourceIp`. */
export function lookUp(object: unknown, dottedPath: string): unknown {
  let value = object;
  for (const part of dottedPath.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
      return undefined;
    }
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}
