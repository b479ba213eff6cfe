/**
 * The responses of a REST API to denied requests: the body `{"detail": …}`, and a
 * `WWW-Authenticate: Bearer` challenge (RFC 6750 §3) on every 401. A customised response inherits
 * nothing from `DEFAULT_4XX`, so each one has all of its headers.
 *
 * The props of one API are collected until synthesis, so that `addGatewayResponses` and
 * `addProtectedResourceMetadata` can be called in any order.
 */
import { Annotations, AspectPriority, Aspects, Lazy } from 'aws-cdk-lib';
import { GatewayResponse, ResponseType, type IRestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IConstruct } from 'constructs';
import { bearerChallenge } from '../../lambda/response/challenge.ts';
import { resourceOf } from '../final-template.ts';
import { withLiteralStage, withoutTokens, type AnyRestApi } from './api-address.ts';
import { redeployWith } from './redeployment.ts';

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
   * Scopes that every token must have, in `scope` (string) or `scp` (list).
   * @default - none
   */
  readonly requiredScopes?: readonly string[];
  /**
   * Source of the challenge of a 403 (`error="insufficient_scope"`, RFC 6750 §3.1), if the metadata
   * URL is known. `context`: the authorizer's answer, which has a challenge only if a scope is
   * missing. `static`: the same challenge on every 403, for a gateway that does not map the context.
   * @default 'context'
   */
  readonly scopeChallenge?: 'context' | 'static';
  /**
   * The one origin whose pages may read the responses, or `*`.
   * @default - no CORS headers
   */
  readonly corsOrigin?: string;
  /**
   * Whether pages of that origin may send credentials, such as cookies. Not with `*`.
   * @default false
   */
  readonly corsAllowCredentials?: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is asked for each API until synthesis. */
interface Wishes {
  readonly props: Mutable<GatewayResponsesProps>;
  /** From `addProtectedResourceMetadata`; a `resourceMetadataUrl` of the props wins. */
  metadata?: { readonly url: () => string; readonly scopes: () => readonly string[] };
}

const WISHES = new WeakMap<AnyRestApi, Wishes>();

const UNAVAILABLE = '{"detail":"Authorization is unavailable"}';

/**
 * Adds the gateway responses to `api`: a `RestApi`, a `SpecRestApi` or an imported API. A second
 * call adds to the props of the first. For an imported API without a `Deployment` in this app, synth
 * warns (`rollcall:deployment.gatewayResponses`): the responses do not reach its stage.
 *
 * @throws Error if a prop is not valid in a header
 */
export function addGatewayResponses(api: AnyRestApi, props: GatewayResponsesProps = {}): void {
  const wishes = wishesOf(api);
  for (const [name, value] of Object.entries(props)) {
    if (value !== undefined) Object.assign(wishes.props, { [name]: value });
  }
  // Invalid props are rejected here, so that the stack trace names the caller.
  challenges(api, wishes);
  corsHeaders(wishes.props);
}

/** Names the metadata of `api` in its challenges; a known user is denied with 403 from then on. */
export function challengeWithMetadata(
  api: AnyRestApi,
  metadata: NonNullable<Wishes['metadata']>,
): void {
  wishesOf(api).metadata = metadata;
}

/** The wishes for `api`; with the first of them, the responses are made. */
function wishesOf(api: AnyRestApi): Wishes {
  const known = WISHES.get(api);
  if (known !== undefined) return known;
  const wishes: Wishes = { props: {} };
  WISHES.set(api, wishes);
  addResponses(api, wishes);
  return wishes;
}

function addResponses(api: AnyRestApi, wishes: Wishes): void {
  // A header whose value turns out undefined is not there.
  const header = (value: () => string | undefined) => Lazy.string({ produce: value });
  const cors = Object.fromEntries(
    [ALLOW_ORIGIN, ALLOW_CREDENTIALS, EXPOSE_HEADERS].map((name) => [
      name,
      header(() => corsHeaders(wishes.props)[name]),
    ]),
  );
  const challenge = (status: 'unauthorized' | 'denied') => ({
    'WWW-Authenticate': header(() => challenges(api, wishes)[status]),
  });
  const made: GatewayResponse[] = [];
  const add = (
    id: string,
    type: ResponseType,
    body: string,
    { statusCode, headers }: { statusCode?: string; headers?: Record<string, string> } = {},
  ) => {
    const response = new GatewayResponse(api, id, {
      restApi: api as IRestApi,
      type,
      templates: { 'application/json': body },
      responseHeaders: { ...headers, ...cors },
      ...(statusCode !== undefined && { statusCode }),
    });
    made.push(response);
  };

  add('AccessDenied', ResponseType.ACCESS_DENIED, '{"detail":"$context.authorizer.detail"}', {
    statusCode: Lazy.string({ produce: () => String(deniedStatusCode(wishes)) }),
    headers: challenge('denied'),
  });
  add('Unauthorized', ResponseType.UNAUTHORIZED, '{"detail":"Not authenticated"}', {
    statusCode: '401',
    headers: challenge('unauthorized'),
  });
  add('Default4xx', ResponseType.DEFAULT_4XX, '{"detail":$context.error.messageString}');
  add('Default5xx', ResponseType.DEFAULT_5XX, UNAVAILABLE);
  // Named as well: their status must stay 500 even if DEFAULT_5XX is changed.
  add('AuthorizerFailure', ResponseType.AUTHORIZER_FAILURE, UNAVAILABLE, { statusCode: '500' });
  add('AuthorizerConfigurationError', ResponseType.AUTHORIZER_CONFIGURATION_ERROR, UNAVAILABLE, {
    statusCode: '500',
  });
  // The CDK does it for an API whose deployment it makes with the API.
  if (api.latestDeployment === undefined) redeployResponses(api, made);
}

/** Makes the responses part of the deployments of this app, or says that nothing deploys them. */
function redeployResponses(api: AnyRestApi, responses: readonly GatewayResponse[]): void {
  const visit = (node: IConstruct) => {
    if (node !== api) return;
    const reached = responses.map((response) => {
      const resource = resourceOf(response);
      return resource !== undefined && redeployWith(resource, api.restApiId);
    });
    if (reached.every((isReached) => isReached)) return;
    Annotations.of(api).addWarningV2(
      'rollcall:deployment.gatewayResponses',
      'The gateway responses do not reach the stage of this API: this app has no Deployment construct of it. Deploy the stage again after every change (aws apigateway create-deployment), or make a Deployment in this app.',
    );
  };
  Aspects.of(api).add({ visit }, { priority: AspectPriority.READONLY });
}

function deniedStatusCode({ props, metadata }: Wishes): 401 | 403 {
  return metadata === undefined ? (props.deniedStatusCode ?? 401) : 403;
}

/** `WWW-Authenticate` of a 401, and of a denied request, as the gateway's mapping writes them. */
function challenges(
  api: AnyRestApi,
  wishes: Wishes,
): { readonly unauthorized: string; readonly denied: string | undefined } {
  const { realm, scopeChallenge = 'context', ...props } = wishes.props;
  const given = props.resourceMetadataUrl ?? wishes.metadata?.url();
  const resourceMetadataUrl = given === undefined ? undefined : withLiteralStage(api, given);
  const scopes =
    resourceMetadataUrl === undefined
      ? []
      : (props.requiredScopes ?? wishes.metadata?.scopes() ?? []);
  const parameters = { realm, resourceMetadataUrl, scopes };
  const unauthorized = literal(bearerChallenge(parameters));
  if (deniedStatusCode(wishes) === 401) return { unauthorized, denied: unauthorized };
  if (resourceMetadataUrl === undefined) return { unauthorized, denied: undefined };
  return {
    unauthorized,
    denied:
      scopeChallenge === 'context'
        ? 'context.authorizer.challenge'
        : literal(bearerChallenge({ ...parameters, error: 'insufficient_scope' })),
  };
}

const ALLOW_ORIGIN = 'Access-Control-Allow-Origin';
const ALLOW_CREDENTIALS = 'Access-Control-Allow-Credentials';
const EXPOSE_HEADERS = 'Access-Control-Expose-Headers';

function corsHeaders({
  corsOrigin,
  corsAllowCredentials = false,
}: GatewayResponsesProps): Readonly<Record<string, string>> {
  if (corsOrigin === undefined) return {};
  if (corsAllowCredentials && corsOrigin === '*') {
    throw new Error(
      'corsAllowCredentials needs a single corsOrigin: browsers reject credentials with * (Fetch, CORS protocol)',
    );
  }
  return {
    [ALLOW_ORIGIN]: literal(corsOrigin),
    [EXPOSE_HEADERS]: literal('WWW-Authenticate'),
    ...(corsAllowCredentials && { [ALLOW_CREDENTIALS]: literal('true') }),
  };
}

/** A fixed header value as API Gateway writes one: between single quotes, which it cannot hold. */
function literal(value: string): string {
  if (!/^[\u0020-\u0026\u0028-\u007e]+$/u.test(withoutTokens(value))) {
    throw new Error(
      `${JSON.stringify(value)} is not valid in a header: use printable ASCII without a single quote`,
    );
  }
  return `'${value}'`;
}
