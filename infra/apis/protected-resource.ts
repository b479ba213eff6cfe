/**
 * Protected resource metadata (RFC 9728), which tells an OAuth or MCP client where to get a token
 * for an API. It is served without authorization, and on a REST API every challenge names it.
 */
import { CfnResource, Lazy, Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  MockIntegration,
  PassthroughBehavior,
  type CfnBasePathMapping,
  type IResource,
  type RestApiBase,
} from 'aws-cdk-lib/aws-apigateway';
import type { HttpApi, IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IConstruct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { executeApiUrl, withLiteralStage, withoutTokens } from './api-address.ts';
import { challengeWithMetadata } from './gateway-responses.ts';
import { addHttpMetadataRoutes } from './http-metadata-routes.ts';
import {
  checkMetadata,
  isPublicUrl,
  METADATA_HEADERS,
  METADATA_PREFLIGHT,
  metadataJson,
  WHY_OPEN,
  WELL_KNOWN,
  type MetadataFields,
  type ProtectedResourceProps,
} from './resource-metadata.ts';

export type { ProtectedResourceProps } from './resource-metadata.ts';

/** The symbol under which an authorizer publishes its issuers and scopes to the APIs. */
export const TOKEN_RULES: unique symbol = Symbol.for('rollcall.tokenRules') as never;

export interface TokenRules {
  readonly issuers: readonly string[];
  readonly requiredScopes: readonly string[];
  /** Takes the address of the metadata, for the challenge of a missing scope. */
  readonly nameMetadata: (url: string) => void;
}

/**
 * Serves the metadata of `api` at `/.well-known/oauth-protected-resource` (and, for a `resource`
 * with a path, below it: RFC 9728 §3.1). On a REST API every 401 names it, and a known user who
 * is denied gets a 403. An HTTP API cannot change its 401 and 403: clients find the metadata only at
 * the well-known address.
 *
 * @throws Error if a prop is not valid in a header or in the document
 */
export function addProtectedResourceMetadata(
  api: RestApiBase | HttpApi | IHttpApi,
  props: ProtectedResourceProps = {},
): void {
  checkMetadata(props);
  const fields = () => metadataFields(api, props);
  api.node.addValidation({ validate: () => problems(fields()) });
  if (!isRestApi(api)) {
    addHttpMetadataRoutes(api, { resource: props.resource, fields, paths: metadataPaths(props) });
    return;
  }
  const document = Lazy.string({
    produce: () =>
      velocityText(
        props.resource === undefined
          ? metadataJson(undefined, fields())
          : metadataJson(withLiteralStage(api, props.resource), fields()),
        props.resource === undefined,
      ),
  });
  for (const path of metadataPaths(props)) addRestRoute(api, path, document);
  const url = () => metadataUrl(api, props);
  challengeWithMetadata(api, { url, scopes: () => tokenRules(api)?.[1].requiredScopes ?? [] });
  nameToAuthorizer(api, Lazy.string({ produce: url }));
}

function isRestApi(api: RestApiBase | HttpApi | IHttpApi): api is RestApiBase {
  return 'restApiId' in api;
}

function metadataFields(api: IConstruct, props: ProtectedResourceProps): MetadataFields {
  const rules = tokenRules(api)?.[1];
  return {
    ...props,
    authorizationServers:
      props.authorizationServers ?? (rules?.issuers ?? []).filter((issuer) => isPublicUrl(issuer)),
    scopesSupported: (props.scopesSupported ?? rules?.requiredScopes ?? []).filter(
      (scope) => scope !== 'offline_access',
    ),
  };
}

function problems({ authorizationServers }: MetadataFields): string[] {
  return authorizationServers.length > 0
    ? []
    : [
        'addProtectedResourceMetadata has no authorization server: set authorizationServers (this app has no Rollcall authorizer whose issuers are URLs, or several)',
      ];
}

/** The one authorizer of the app, or of the API's stack. */
function tokenRules(api: IConstruct): readonly [IConstruct, TokenRules] | undefined {
  const found = api.node.root.node.findAll().flatMap((node) => {
    const rules = (node as { readonly [TOKEN_RULES]?: TokenRules })[TOKEN_RULES];
    return rules === undefined ? [] : [[node, rules] as const];
  });
  if (found.length === 1) return found[0];
  const near = found.filter(([node]) => Stack.of(node) === Stack.of(api));
  return near.length === 1 ? near[0] : undefined;
}

/** Below the API's address. */
function metadataPaths({ resource }: ProtectedResourceProps): readonly string[] {
  const path = resource === undefined ? '' : splitUrl(resource).path;
  return withoutTokens(path) === path && path !== ''
    ? [WELL_KNOWN, WELL_KNOWN + path]
    : [WELL_KNOWN];
}

/** The origin and the path of an address, without a trailing slash. */
function splitUrl(url: string): { readonly origin: string; readonly path: string } {
  const [, origin = '', path = ''] = /^((?:https?:\/\/)?[^/]+)(.*?)\/*$/u.exec(url) ?? [];
  return { origin, path };
}

/** Where the metadata of a REST API are, as a client reaches them. */
function metadataUrl(api: RestApiBase, { resource }: ProtectedResourceProps): string {
  const mapping = basePathMapping(api);
  const basePath = mapping?.basePath === undefined ? '' : `/${mapping.basePath}`;
  if (resource === undefined) {
    const own = mapping ? `https://${mapping.domainName}${basePath}` : executeApiUrl(api);
    if (own !== undefined) return own + WELL_KNOWN;
    throw new Error(
      'addProtectedResourceMetadata cannot determine the address of an API without a stage: set resource',
    );
  }
  const { origin, path } = splitUrl(withLiteralStage(api, resource));
  const [, firstPart = ''] = path.split('/');
  // The first part is the stage's here, or the mapping's: no path before it can be served.
  if (isStageAddress(origin)) return `${origin}/${firstPart}${WELL_KNOWN}`;
  if (basePath !== '' && `${path}/`.startsWith(`${basePath}/`)) {
    return `${origin}${basePath}${WELL_KNOWN}`;
  }
  return origin + WELL_KNOWN + path;
}

/** API Gateway's own address, or the local gateway's: the stage is in the path. */
function isStageAddress(origin: string): boolean {
  return origin.includes('.execute-api.') || origin.startsWith('http://');
}

/** The custom domain that this stack puts before the API, if any. */
function basePathMapping(api: RestApiBase): CfnBasePathMapping | undefined {
  const stack = Stack.of(api);
  const id = JSON.stringify(stack.resolve(api.restApiId));
  return stack.node
    .findAll()
    .filter(
      (node): node is CfnBasePathMapping =>
        CfnResource.isCfnResource(node) &&
        node.cfnResourceType === 'AWS::ApiGateway::BasePathMapping',
    )
    .find(
      (mapping) =>
        Stack.of(mapping) === stack && JSON.stringify(stack.resolve(mapping.restApiId)) === id,
    );
}

/** `GET` and `OPTIONS` at `path`, answered by the gateway itself. */
function addRestRoute(api: RestApiBase, path: string, document: string): void {
  const resource = pathOf(api.root, path.slice(1).split('/'));
  const headers = Object.entries(METADATA_HEADERS).map(
    ([name, value]) => [`method.response.header.${name}`, `'${value}'`] as const,
  );
  const method = resource.addMethod(
    'GET',
    new MockIntegration({
      passthroughBehavior: PassthroughBehavior.NEVER,
      requestTemplates: { 'application/json': '{"statusCode":200}' },
      integrationResponses: [
        {
          statusCode: '200',
          responseParameters: Object.fromEntries(headers),
          responseTemplates: { 'application/json': document },
        },
      ],
    }),
    {
      // Whatever the methods of this API have by default.
      authorizationType: AuthorizationType.NONE,
      apiKeyRequired: false,
      methodResponses: [
        {
          statusCode: '200',
          responseParameters: Object.fromEntries(headers.map(([name]) => [name, true])),
        },
      ],
    },
  );
  acknowledge(method, 'AwsSolutions-APIG4', WHY_OPEN);
  acknowledge(method, 'AwsSolutions-COG4', WHY_OPEN);
}

function pathOf(root: IResource, parts: readonly string[]): IResource {
  return parts.reduce(
    (parent, part, index) =>
      parent.getResource(part) ??
      parent.addResource(
        part,
        // With a preflight of its own, whatever the resources of this API have by default.
        index === parts.length - 1 || part === 'oauth-protected-resource'
          ? {
              defaultCorsPreflightOptions: {
                allowOrigins: ['*'],
                allowMethods: [...METADATA_PREFLIGHT.methods],
                allowHeaders: [...METADATA_PREFLIGHT.headers],
              },
            }
          : {},
      ),
    root,
  );
}

const RESOURCE_FROM_REQUEST =
  'https://$context.domainName$context.path.replaceAll("/.well-known/.*","")';

/**
 * JSON as a template of the gateway's (Velocity), in which `$` and `#` would begin something. The
 * resource is the address asked for, less the metadata's own path; of both, the caller chooses
 * only between the API's domains and their mappings.
 */
function velocityText(json: string, resourceFromRequest: boolean): string {
  const text = json.replaceAll(
    /\$(?!\{Token\[)|#/gu,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
  return resourceFromRequest ? `{"resource":"${RESOURCE_FROM_REQUEST}",${text.slice(1)}` : text;
}

/**
 * The function names the address in the challenge of a missing scope. Not across stacks, where it
 * would make each stack need the other, nor where the API's own description names the function.
 */
function nameToAuthorizer(api: RestApiBase, url: string): void {
  const [authorizer, rules] = tokenRules(api) ?? [];
  const { body, bodyS3Location } = (api.node.defaultChild ?? {}) as {
    readonly body?: unknown;
    readonly bodyS3Location?: unknown;
  };
  const isDescribed = body !== undefined || bodyS3Location !== undefined;
  if (authorizer && Stack.of(authorizer) === Stack.of(api) && !isDescribed) {
    rules?.nameMetadata(url);
  }
}
