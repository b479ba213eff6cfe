/** The HTTP and WebSocket APIs of a template: stages, routes, integrations, authorizers. */
import { DEFAULT_TTL_SECONDS, type AuthorizerModel } from '../common/authorizer.ts';
import { functionArnOfUri } from '../../runtime/functions.ts';
import { readCors, type CorsModel } from './http-cors.ts';
import { isLoopback, type HeaderMapping, type HttpProxyIntegration } from '../common/http-proxy.ts';
import { parseIdentitySource } from '../common/identity-source.ts';
import {
  map,
  optionalNumber,
  optionalText,
  supported,
  text,
  textList,
  textMap,
  UnsupportedTemplateError,
  type OnUnsupported,
} from '../../template/properties.ts';
import type { StageModel } from '../rest/rest-model.ts';
import type { ResolvedTemplate, Resource } from '../../template/template.ts';

export type V2Integration =
  | {
      readonly kind: 'lambda';
      readonly functionArn: string;
      readonly assumesRole: boolean;
      /** WebSocket APIs have one format only, which counts as 1.0. */
      readonly payloadFormatVersion: '1.0' | '2.0';
    }
  /** Does nothing, and succeeds. */
  | { readonly kind: 'mock' }
  | HttpProxyIntegration;

export interface V2Route {
  /** Such as `GET /orders/{id}`, `$default` or `$connect`. */
  readonly routeKey: string;
  readonly authorizerId: string | undefined;
  readonly integration: V2Integration | undefined;
  /** WebSocket only: whether what the integration returns goes back to the client. */
  readonly responds: boolean;
}

export interface V2ApiModel {
  readonly id: string;
  readonly protocol: 'HTTP' | 'WEBSOCKET';
  readonly stages: readonly StageModel[];
  readonly routes: readonly V2Route[];
  readonly authorizers: readonly AuthorizerModel[];
  /** WebSocket only, such as `$request.body.action`. */
  readonly routeSelectionExpression: string;
  readonly cors: CorsModel | undefined;
}

/**
 * @param onUnsupported Called for each API, integration and route that the local gateway cannot
 *   serve as AWS does; these are skipped. Without it, the first of them is thrown.
 * @throws UnsupportedTemplateError
 */
export function readV2Apis(
  template: ResolvedTemplate,
  onUnsupported?: OnUnsupported,
): V2ApiModel[] {
  const read = (api: Resource): V2ApiModel => {
    const { physicalId: id, properties } = api;
    if (properties['Body'] !== undefined) throw unsupported(api, 'Body');
    const protocol = text(properties, 'ProtocolType');
    if (protocol !== 'HTTP' && protocol !== 'WEBSOCKET') throw unsupported(api, protocol);
    const own = (type: string) =>
      template
        .resourcesOfType(`AWS::ApiGatewayV2::${type}`)
        .filter((resource) => resource.properties['ApiId'] === id);
    const integrations = new Map(
      supported(
        own('Integration'),
        (integration): [string, V2Integration] => [
          integration.physicalId,
          readIntegration(integration, protocol),
        ],
        onUnsupported,
      ),
    );
    return {
      id,
      protocol,
      stages: own('Stage').map((stage) => ({
        name: stage.physicalId,
        variables: textMap(stage.properties, 'StageVariables'),
      })),
      routes: supported(own('Route'), (route) => readRoute(route, integrations), onUnsupported),
      authorizers: own('Authorizer').map((authorizer) =>
        readAuthorizer(authorizer, { id, protocol }, template),
      ),
      routeSelectionExpression: optionalText(properties, 'RouteSelectionExpression') ?? '',
      cors:
        properties['CorsConfiguration'] === undefined
          ? undefined
          : readCors(map(properties, 'CorsConfiguration')),
    };
  };
  return supported(template.resourcesOfType('AWS::ApiGatewayV2::Api'), read, onUnsupported);
}

function readRoute(route: Resource, integrations: ReadonlyMap<string, V2Integration>): V2Route {
  const { properties } = route;
  const authorizationType = optionalText(properties, 'AuthorizationType') ?? 'NONE';
  if (!['NONE', 'CUSTOM'].includes(authorizationType)) {
    throw unsupported(route, `AuthorizationType ${authorizationType}`);
  }
  if (properties['ApiKeyRequired'] === true) throw unsupported(route, 'ApiKeyRequired');
  const target = optionalText(properties, 'Target')?.replace(/^integrations\//u, '');
  const integration = target === undefined ? undefined : integrations.get(target);
  if (target !== undefined && integration === undefined) throw unsupported(route, 'its Target');
  return {
    routeKey: text(properties, 'RouteKey'),
    authorizerId: authorizationType === 'CUSTOM' ? text(properties, 'AuthorizerId') : undefined,
    integration,
    responds: optionalText(properties, 'RouteResponseSelectionExpression') === '$default',
  };
}

function readIntegration(integration: Resource, protocol: 'HTTP' | 'WEBSOCKET'): V2Integration {
  const { properties } = integration;
  const type = text(properties, 'IntegrationType');
  if (type === 'MOCK' && protocol === 'WEBSOCKET') return { kind: 'mock' };
  if (type === 'HTTP_PROXY' && protocol === 'HTTP') {
    const method = optionalText(properties, 'IntegrationMethod') ?? 'ANY';
    const uri = text(properties, 'IntegrationUri');
    if (!isLoopback(uri)) throw unsupported(integration, `a backend at ${uri}, not on loopback,`);
    return {
      kind: 'http-proxy',
      uri,
      method: method === 'ANY' ? undefined : method,
      headers: Object.entries(textMap(properties, 'RequestParameters')).map(([target, source]) =>
        readMapping(integration, target, source),
      ),
    };
  }
  if (type !== 'AWS_PROXY') throw unsupported(integration, `IntegrationType ${type}`);
  return {
    kind: 'lambda',
    functionArn: functionArnOfUri(text(properties, 'IntegrationUri')),
    assumesRole: properties['CredentialsArn'] !== undefined,
    payloadFormatVersion:
      protocol === 'WEBSOCKET' ? '1.0' : payloadFormat(integration, 'PayloadFormatVersion'),
  };
}

/** `overwrite:header.X: $context.authorizer.userId`, or a fixed value. */
function readMapping(integration: Resource, target: string, source: string): HeaderMapping {
  const [, action, name] = /^(overwrite|append|remove):header\.(.+)$/u.exec(target) ?? [];
  const isVariable = /^\$(?:context|stageVariables)\.[\w.-]+$/u.test(source);
  if (action === undefined || name === undefined || (source.includes('$') && !isVariable)) {
    throw unsupported(integration, `the mapping ${target}: ${source}`);
  }
  return {
    action: action as HeaderMapping['action'],
    name,
    source: isVariable ? { variable: source.slice(1) } : { literal: source },
  };
}

function readAuthorizer(
  authorizer: Resource,
  api: Pick<V2ApiModel, 'id' | 'protocol'>,
  { deployment: { region, accountId } }: ResolvedTemplate,
): AuthorizerModel {
  const { properties, physicalId } = authorizer;
  const type = text(properties, 'AuthorizerType');
  if (type !== 'REQUEST') throw unsupported(authorizer, `AuthorizerType ${type}`);
  const http = api.protocol === 'HTTP';
  const ttl = optionalNumber(properties, 'AuthorizerResultTtlInSeconds');
  // AWS rejects both; the CDK checks neither.
  if (!http && ttl !== undefined) throw unsupported(authorizer, 'caching on a WebSocket API');
  if (ttl !== undefined && ttl > 3600) throw unsupported(authorizer, 'a TTL of more than an hour');
  const identitySources = textList(properties, 'IdentitySource').map((expression) =>
    parseIdentitySource(expression),
  );
  if (http && ttl !== undefined && ttl > 0 && identitySources.length === 0) {
    throw unsupported(authorizer, 'caching without an identity source');
  }
  const payloadFormatVersion = http
    ? payloadFormat(authorizer, 'AuthorizerPayloadFormatVersion')
    : undefined;
  const simpleResponses = optionalText(properties, 'EnableSimpleResponses') === 'true';
  if (simpleResponses && payloadFormatVersion !== '2.0') {
    throw unsupported(authorizer, 'a simple response to payload 1.0');
  }
  return {
    id: physicalId,
    name: text(properties, 'Name'),
    type,
    functionArn: functionArnOfUri(text(properties, 'AuthorizerUri')),
    sourceArn: `arn:aws:execute-api:${region}:${accountId}:${api.id}/authorizers/${physicalId}`,
    assumesRole: properties['AuthorizerCredentialsArn'] !== undefined,
    identitySources,
    validationExpression: undefined,
    ttlSeconds: http ? (ttl ?? DEFAULT_TTL_SECONDS) : 0,
    payloadFormatVersion,
    simpleResponses,
  };
}

function payloadFormat(resource: Resource, property: string): '1.0' | '2.0' {
  const version = optionalText(resource.properties, property) ?? 'none';
  if (version === '1.0' || version === '2.0') return version;
  throw unsupported(resource, `${property} ${version}`);
}

function unsupported(resource: Resource, what: string): UnsupportedTemplateError {
  return new UnsupportedTemplateError(
    `${resource.logicalId}: ${what} is not supported by the local gateway`,
  );
}
