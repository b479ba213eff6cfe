/** The REST APIs of a template: stages, routes, authorizers and gateway responses. */
import { DEFAULT_TTL_SECONDS, type AuthorizerModel } from '../common/authorizer.ts';
import { functionArnOfUri } from '../../runtime/functions.ts';
import { checkMappingTemplate } from './mapping-template.ts';
import type { GatewayResponseModel } from './gateway-response.ts';
import { isLoopback, type HeaderMapping, type HttpProxyIntegration } from '../common/http-proxy.ts';
import { parseIdentitySource } from '../common/identity-source.ts';
import type { JsonObject } from '../../../lambda/json.ts';
import {
  map,
  optionalNumber,
  optionalText,
  supported,
  text,
  textMap,
  UnsupportedTemplateError,
  type OnUnsupported,
} from '../../template/properties.ts';
import type { ResolvedTemplate, Resource } from '../../template/template.ts';

export interface StageModel {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
}

export type RestIntegration =
  | {
      readonly kind: 'lambda';
      readonly functionArn: string;
      readonly assumesRole: boolean;
    }
  | HttpProxyIntegration
  /** Answers by itself; here with the fixed headers of its response. */
  | {
      readonly kind: 'mock';
      readonly statusCode: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly bodyTemplate: string;
    };

export interface RestRoute {
  readonly method: string;
  /** The resource's path, such as `/orders/{id}`. */
  readonly path: string;
  readonly resourceId: string;
  readonly authorizerId: string | undefined;
  readonly integration: RestIntegration;
}

export interface RestApiModel {
  readonly id: string;
  readonly stages: readonly StageModel[];
  readonly routes: readonly RestRoute[];
  readonly authorizers: readonly AuthorizerModel[];
  readonly gatewayResponses: readonly GatewayResponseModel[];
}

/**
 * @param onUnsupported Called for each API and method that the local gateway cannot serve as AWS
 *   does; these are skipped. Without it, the first of them is thrown.
 * @throws UnsupportedTemplateError
 */
export function readRestApis(
  template: ResolvedTemplate,
  onUnsupported?: OnUnsupported,
): RestApiModel[] {
  const read = (api: Resource): RestApiModel => {
    for (const property of ['Body', 'BodyS3Location', 'Policy']) {
      if (api.properties[property] !== undefined) throw unsupported(api, property);
    }
    const own = (type: string) =>
      template
        .resourcesOfType(type)
        .filter(({ properties }) => properties['RestApiId'] === api.physicalId);
    const paths = resourcePaths(`${api.physicalId}root`, own('AWS::ApiGateway::Resource'));
    return {
      id: api.physicalId,
      stages: own('AWS::ApiGateway::Stage').map(({ physicalId, properties }) => ({
        name: physicalId,
        variables: textMap(properties, 'Variables'),
      })),
      routes: supported(
        own('AWS::ApiGateway::Method'),
        (method) => readMethod(method, paths),
        onUnsupported,
      ),
      authorizers: own('AWS::ApiGateway::Authorizer').map((authorizer) =>
        readAuthorizer(authorizer, api.physicalId, template),
      ),
      gatewayResponses: own('AWS::ApiGateway::GatewayResponse').map(({ properties }) => ({
        responseType: text(properties, 'ResponseType'),
        statusCode: optionalNumber(properties, 'StatusCode'),
        parameters: textMap(properties, 'ResponseParameters'),
        templates: textMap(properties, 'ResponseTemplates'),
      })),
    };
  };
  return supported(template.resourcesOfType('AWS::ApiGateway::RestApi'), read, onUnsupported);
}

function resourcePaths(rootId: string, resources: readonly Resource[]): Map<string, string> {
  const paths = new Map([[rootId, '/']]);
  const parts = new Map(resources.map(({ physicalId, properties }) => [physicalId, properties]));
  const pathOf = (id: string): string => {
    const known = paths.get(id);
    if (known !== undefined) return known;
    const properties = parts.get(id);
    if (properties === undefined) throw new UnsupportedTemplateError(`No API resource ${id}`);
    const path = `${pathOf(text(properties, 'ParentId')).replace(/\/$/u, '')}/${text(properties, 'PathPart')}`;
    paths.set(id, path);
    return path;
  };
  for (const id of parts.keys()) pathOf(id);
  return paths;
}

function readMethod(method: Resource, paths: ReadonlyMap<string, string>): RestRoute {
  const { properties } = method;
  const resourceId = text(properties, 'ResourceId');
  const authorizationType = optionalText(properties, 'AuthorizationType') ?? 'NONE';
  if (!['NONE', 'CUSTOM'].includes(authorizationType)) {
    throw unsupported(method, `AuthorizationType ${authorizationType}`);
  }
  if (properties['ApiKeyRequired'] === true) throw unsupported(method, 'ApiKeyRequired');
  const required = Object.entries(map(properties, 'RequestParameters')).filter(
    ([name, isRequired]) => isRequired === true && !name.startsWith('method.request.path.'),
  );
  if (properties['RequestModels'] !== undefined || required.length > 0) {
    throw unsupported(method, 'validation of requests');
  }
  return {
    method: text(properties, 'HttpMethod'),
    path: paths.get(resourceId) ?? '/',
    resourceId,
    authorizerId: authorizationType === 'CUSTOM' ? text(properties, 'AuthorizerId') : undefined,
    integration: readIntegration(method, map(properties, 'Integration')),
  };
}

function readIntegration(method: Resource, integration: JsonObject): RestIntegration {
  switch (integration['Type']) {
    case 'AWS_PROXY':
      return {
        kind: 'lambda',
        functionArn: functionArnOfUri(text(integration, 'Uri')),
        assumesRole: integration['Credentials'] !== undefined,
      };
    case 'MOCK': {
      const [response = {}] = (integration['IntegrationResponses'] ?? []) as readonly JsonObject[];
      const bodyTemplate = textMap(response, 'ResponseTemplates')['application/json'] ?? '';
      checkMappingTemplate(bodyTemplate);
      return {
        kind: 'mock',
        statusCode: optionalNumber(response, 'StatusCode') ?? 200,
        headers: {
          ...(bodyTemplate !== '' && { 'Content-Type': 'application/json' }),
          ...fixedHeaders(textMap(response, 'ResponseParameters')),
        },
        bodyTemplate,
      };
    }
    case 'HTTP_PROXY': {
      const httpMethod = text(integration, 'IntegrationHttpMethod');
      const uri = text(integration, 'Uri');
      if (!isLoopback(uri)) throw unsupported(method, `a backend at ${uri}, not on loopback,`);
      return {
        kind: 'http-proxy',
        uri,
        method: httpMethod === 'ANY' ? undefined : httpMethod,
        headers: Object.entries(textMap(integration, 'RequestParameters')).flatMap(
          ([target, source]) => readMapping(method, target, source),
        ),
      };
    }
    default:
      throw unsupported(method, `Integration.Type ${String(integration['Type'])}`);
  }
}

/** `integration.request.header.X: context.authorizer.userId`, or a fixed value in single quotes. */
function readMapping(method: Resource, target: string, source: string): HeaderMapping[] {
  // Parameters of the path are put in by their names.
  if (target.startsWith('integration.request.path.')) return [];
  const [, name] = /^integration\.request\.header\.(.+)$/u.exec(target) ?? [];
  const [, literal] = /^'(.*)'$/su.exec(source) ?? [];
  if (name === undefined) throw unsupported(method, `the mapping ${target}`);
  return [
    {
      action: 'overwrite',
      name,
      source: literal === undefined ? { variable: source } : { literal },
    },
  ];
}

/** `method.response.header.X: "'value'"` → `X: value`. */
function fixedHeaders(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([target, source]) => [
      target.replace('method.response.header.', ''),
      source.replace(/^'(.*)'$/su, '$1'),
    ]),
  );
}

function readAuthorizer(
  authorizer: Resource,
  apiId: string,
  { deployment: { region, accountId } }: ResolvedTemplate,
): AuthorizerModel {
  const { properties, physicalId } = authorizer;
  const type = text(properties, 'Type');
  if (type !== 'TOKEN' && type !== 'REQUEST') throw unsupported(authorizer, `Type ${type}`);
  const identitySources = (optionalText(properties, 'IdentitySource') ?? '')
    .split(',')
    .map((expression) => expression.trim())
    .filter((expression) => expression !== '')
    .map((expression) => parseIdentitySource(expression));
  const ttlSeconds =
    optionalNumber(properties, 'AuthorizerResultTtlInSeconds') ?? DEFAULT_TTL_SECONDS;
  if (type === 'TOKEN' && (identitySources.length !== 1 || identitySources[0]?.from !== 'header')) {
    throw unsupported(authorizer, 'a TOKEN authorizer without exactly one header to read');
  }
  if (ttlSeconds > 0 && identitySources.length === 0) {
    throw unsupported(authorizer, 'caching without an identity source');
  }
  const expression = optionalText(properties, 'IdentityValidationExpression') ?? '';
  return {
    id: physicalId,
    name: text(properties, 'Name'),
    type,
    functionArn: functionArnOfUri(text(properties, 'AuthorizerUri')),
    sourceArn: `arn:aws:execute-api:${region}:${accountId}:${apiId}/authorizers/${physicalId}`,
    assumesRole: properties['AuthorizerCredentials'] !== undefined,
    identitySources,
    // AWS does not say whether the expression is anchored, so it is written with ^ and $; a search
    // shows a missing anchor by what it lets through.
    validationExpression:
      type === 'TOKEN' && expression !== ''
        ? // oxlint-disable-next-line require-unicode-regexp -- Java's syntax, which the flag refuses in part
          new RegExp(expression)
        : undefined,
    ttlSeconds,
    payloadFormatVersion: undefined,
    simpleResponses: false,
  };
}

function unsupported(resource: Resource, what: string): UnsupportedTemplateError {
  return new UnsupportedTemplateError(
    `${resource.logicalId}: ${what} is not supported by the local gateway`,
  );
}
