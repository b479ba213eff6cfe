/** The document of RFC 9728 §2: its props, their checks, and its JSON. */
import { isPrivateConnection, scope as scopeToken } from '../../lambda/settings/grammar.ts';
import { withoutTokens } from './api-address.ts';

export interface ProtectedResourceProps {
  /**
   * URL of the resource as clients know it, such as `https://mcp.example.com/mcp`: HTTPS (plain
   * HTTP only to loopback), without query and fragment.
   * @default - the URL of the metadata request without the metadata's own path, so it is right at the
   * execute-api address and at a custom domain
   */
  readonly resource?: string;
  /**
   * Issuers of the tokens that the API accepts.
   * @default - the issuers of the Rollcall authorizer in this app, if there is exactly one
   */
  readonly authorizationServers?: readonly string[];
  /**
   * Scopes that a client should request.
   * @default - the required scopes of that authorizer
   */
  readonly scopesSupported?: readonly string[];
  /**
   * Human-readable name of the resource.
   * @default - none
   */
  readonly resourceName?: string;
  /**
   * HTTPS URL of the developer documentation.
   * @default - none
   */
  readonly documentationUrl?: string;
}

/** Where the metadata is, below an API's address (RFC 9728 §3). */
export const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** An hour and a changed list of scopes would be a long time to be wrong. */
export const METADATA_HEADERS = {
  'Cache-Control': 'public, max-age=300',
  'Access-Control-Allow-Origin': '*',
} as const;

/** Anybody may read the metadata, from any page and with any header. */
export const METADATA_PREFLIGHT = {
  methods: ['GET', 'OPTIONS'],
  headers: ['*', 'Authorization'],
} as const;

/** The reason for cdk-nag's finding of a route without authorization. */
export const WHY_OPEN =
  'Clients read this before they have a token (RFC 9728), and nothing in it is secret.';

/** @throws Error that names the invalid prop */
export function checkMetadata(props: ProtectedResourceProps): void {
  const { resource, authorizationServers, scopesSupported = [], resourceName } = props;
  if (resource !== undefined) checkUrl('resource', resource);
  if (authorizationServers?.length === 0) {
    throw new Error('authorizationServers is empty: name an issuer, or omit it');
  }
  for (const server of authorizationServers ?? []) checkUrl('authorizationServers', server);
  if (props.documentationUrl !== undefined) checkUrl('documentationUrl', props.documentationUrl);
  for (const scope of scopesSupported) {
    if (!scopeToken(scope).ok) {
      throw new Error(
        `scopesSupported has ${JSON.stringify(scope)}, which is not a scope (RFC 6749 §3.3)`,
      );
    }
    if (scope === 'offline_access') {
      throw new Error(
        'scopesSupported has offline_access, which a client requests from the authorization server: remove it',
      );
    }
  }
  if (resourceName !== undefined && !/^[^\p{Cc}]{1,256}$/u.test(resourceName)) {
    throw new Error('resourceName must be 1 to 256 characters without control characters');
  }
}

/** Whether `text` can be named as an authorization server. A value of the deployment's can. */
export function isPublicUrl(text: string): boolean {
  const known = withoutTokens(text.replace(/^\$\{Token\[[^\]]*\]\}/u, 'https://unresolved'));
  if (!/^[\u0021\u0023-\u0026\u0028-\u005b\u005d-\u007e]+$/u.test(known)) return false;
  if (/[?#]/u.test(known) || !URL.canParse(known)) return false;
  const url = new URL(known);
  return url.username === '' && url.password === '' && isPrivateConnection(url);
}

function checkUrl(name: string, text: string): void {
  if (isPublicUrl(text)) return;
  throw new Error(
    `${name} ${JSON.stringify(text)} must be an https:// URL (http:// only to a loopback address) of printable ASCII without quotes, credentials, query and fragment`,
  );
}

/** The metadata but for `resource`, with their defaults filled in. */
export interface MetadataFields extends ProtectedResourceProps {
  readonly authorizationServers: readonly string[];
  readonly scopesSupported: readonly string[];
}

/** The members in the RFC's order; one that says nothing is left out. */
export function metadataJson(resource: string | undefined, fields: MetadataFields): string {
  const { authorizationServers, scopesSupported, resourceName, documentationUrl } = fields;
  return JSON.stringify({
    resource,
    authorization_servers: authorizationServers,
    ...(scopesSupported.length > 0 && { scopes_supported: scopesSupported }),
    bearer_methods_supported: ['header'],
    resource_name: resourceName,
    resource_documentation: documentationUrl,
  });
}
