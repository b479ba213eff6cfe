/**
 * What a REST API says when a request does not get through: the body `{"detail": …}`, and a
 * `WWW-Authenticate: Bearer` challenge (RFC 6750 §3) on every 401. A customised response inherits
 * nothing from `DEFAULT_4XX`, so each one carries all of its headers.
 */
import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

export interface GatewayResponsesProps {
  /**
   * Status of the REST API for a known user who is denied: 401 or 403.
   * @default 401
   */
  readonly deniedStatusCode?: 401 | 403;
  /**
   * `realm` of the challenge (RFC 9110 §11.5).
   * @default - none
   */
  readonly realm?: string;
  /**
   * URL of the protected resource's metadata, named in the `WWW-Authenticate` challenge (RFC 9728
   * §5.1).
   * @default - not named
   */
  readonly resourceMetadataUrl?: string;
  /**
   * The one origin whose pages may read the answers, or `*`.
   * @default - no CORS headers
   */
  readonly corsOrigin?: string;
}

const UNAVAILABLE = '{"detail":"Authorization is unavailable"}';

/**
 * Gives `api` its answers.
 *
 * @throws Error when a prop could not stand in a header
 */
export function addGatewayResponses(api: RestApi, props: GatewayResponsesProps = {}): void {
  const { deniedStatusCode = 401, corsOrigin } = props;
  const challenge = { 'WWW-Authenticate': literal(bearerChallenge(props)) };
  const cors: Record<string, string> =
    corsOrigin === undefined
      ? {}
      : {
          'Access-Control-Allow-Origin': literal(corsOrigin),
          'Access-Control-Expose-Headers': literal('WWW-Authenticate'),
        };
  const add = (
    id: string,
    type: ResponseType,
    body: string,
    { statusCode, headers }: { statusCode?: number; headers?: Record<string, string> } = {},
  ) =>
    api.addGatewayResponse(id, {
      type,
      templates: { 'application/json': body },
      responseHeaders: { ...headers, ...cors },
      ...(statusCode !== undefined && { statusCode: String(statusCode) }),
    });

  add('AccessDenied', ResponseType.ACCESS_DENIED, '{"detail":"$context.authorizer.detail"}', {
    statusCode: deniedStatusCode,
    headers: deniedStatusCode === 401 ? challenge : {},
  });
  add('Unauthorized', ResponseType.UNAUTHORIZED, '{"detail":"Not authenticated"}', {
    statusCode: 401,
    headers: challenge,
  });
  add('Default4xx', ResponseType.DEFAULT_4XX, '{"detail":$context.error.messageString}');
  add('Default5xx', ResponseType.DEFAULT_5XX, UNAVAILABLE);
  // Named as well: their status must stay 500 whatever somebody makes of DEFAULT_5XX.
  add('AuthorizerFailure', ResponseType.AUTHORIZER_FAILURE, UNAVAILABLE, { statusCode: 500 });
  add('AuthorizerConfigurationError', ResponseType.AUTHORIZER_CONFIGURATION_ERROR, UNAVAILABLE, {
    statusCode: 500,
  });
}

/**
 * The value of `WWW-Authenticate`.
 *
 * @throws Error when a parameter could not stand in quotes (RFC 9110 §5.6.4)
 */
export function bearerChallenge({
  realm,
  resourceMetadataUrl,
}: Pick<GatewayResponsesProps, 'realm' | 'resourceMetadataUrl'>): string {
  const parameters = Object.entries({ realm, resource_metadata: resourceMetadataUrl }).flatMap(
    ([name, value]) => {
      if (value === undefined) return [];
      if (/["\\]/u.test(value)) throw new Error(unfit(value, 'double quote or backslash'));
      return [`${name}="${value}"`];
    },
  );
  return parameters.length === 0 ? 'Bearer' : `Bearer ${parameters.join(', ')}`;
}

/** A fixed header value as API Gateway writes one: between single quotes, which it cannot hold. */
function literal(value: string): string {
  if (!/^[\u0020-\u0026\u0028-\u007e]+$/u.test(value)) {
    throw new Error(unfit(value, 'single quote'));
  }
  return `'${value}'`;
}

function unfit(value: string, character: string): string {
  return `${JSON.stringify(value)} cannot stand in a header: use printable ASCII without a ${character}`;
}
