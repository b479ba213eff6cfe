/**
 * Gateway responses of a REST API: the responses that the gateway generates. A response of the specific
 * type comes first, then `DEFAULT_4XX` or `DEFAULT_5XX`, then the built-in one, each as a whole:
 * a customised type inherits no header of the defaults.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
import { lookUp } from '../common/identity-source.ts';
import { valueMaps, type IncomingRequest } from '../common/incoming.ts';
import { printed } from '../../template/properties.ts';

/** A gateway response as the template describes it. */
export interface GatewayResponseModel {
  readonly responseType: string;
  readonly statusCode: number | undefined;
  /** `gatewayresponse.header.X` → a literal in single quotes, or where the value comes from. */
  readonly parameters: Readonly<Record<string, string>>;
  /** By content type. */
  readonly templates: Readonly<Record<string, string>>;
}

/** What the gateway answers when nothing is customised. */
const BUILT_IN = {
  UNAUTHORIZED: { status: 401, message: 'Unauthorized', errorType: 'UnauthorizedException' },
  ACCESS_DENIED: {
    status: 403,
    message: 'User is not authorized to access this resource',
    errorType: 'AccessDeniedException',
  },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    message: 'Missing Authentication Token',
    errorType: 'MissingAuthenticationTokenException',
  },
  AUTHORIZER_FAILURE: { status: 500, message: null, errorType: 'AuthorizerFailureException' },
  AUTHORIZER_CONFIGURATION_ERROR: {
    status: 500,
    message: null,
    errorType: 'AuthorizerConfigurationException',
  },
  INTEGRATION_FAILURE: {
    status: 502,
    message: 'Internal server error',
    errorType: 'InternalServerErrorException',
  },
  /** Not a type that can be customised by itself. */
  URI_TOO_LONG: { status: 414, message: 'Request URI Too Long', errorType: 'BadRequestException' },
} as const;

export type ResponseType = keyof typeof BUILT_IN;

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a response may refer to. */
export interface ResponseInputs {
  readonly request: IncomingRequest;
  /** `$context`, with `authorizer` only after an answer. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly pathParameters: Readonly<Record<string, string>>;
  /** Instead of the type's own message. */
  readonly message?: string;
}

/** Renders the response of `type` from the customised ones of an API. */
export function renderGatewayResponse(
  type: ResponseType,
  models: readonly GatewayResponseModel[],
  inputs: ResponseInputs,
): GatewayAnswer {
  const builtIn = BUILT_IN[type];
  const defaultType = builtIn.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
  const model =
    models.find(({ responseType }) => responseType === type) ??
    models.find(({ responseType }) => responseType === defaultType);
  const message = inputs.message ?? builtIn.message;
  const variables = {
    context: {
      ...inputs.context,
      error: { message, messageString: JSON.stringify(message), responseType: type },
    },
    stageVariables: inputs.stageVariables,
    method: { request: requestVariables(inputs) },
  };
  const [contentType, template] = Object.entries(model?.templates ?? {})[0] ?? [
    'application/json',
    // The two denials alone spell it with a capital.
    `{"${type === 'ACCESS_DENIED' ? 'Message' : 'message'}":$context.error.messageString}`,
  ];
  return {
    status: model?.statusCode ?? builtIn.status,
    headers: {
      'Content-Type': contentType,
      'x-amzn-ErrorType': builtIn.errorType,
      ...renderHeaders(model?.parameters ?? {}, variables),
    },
    body: substitute(template, variables),
  };
}

/** Plain substitution of `$context.…` and the like: no escaping, nothing for what is not there. */
function substitute(template: string, variables: unknown): string {
  return template.replaceAll(
    /\$(?:\{((?:context|stageVariables|method)\.[\w.-]+)\}|((?:context|stageVariables|method)(?:\.[\w-]+)+))/gu,
    (_whole, braced: string | undefined, bare: string | undefined) => {
      const value = lookUp(variables, braced ?? bare ?? '');
      return value === undefined || value === null ? '' : printed(value);
    },
  );
}

function renderHeaders(
  parameters: Readonly<Record<string, string>>,
  variables: unknown,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [target, source] of Object.entries(parameters)) {
    const [, name] = /^gatewayresponse\.header\.(.+)$/u.exec(target) ?? [];
    const [, literal] = /^'(.*)'$/su.exec(source) ?? [];
    const value = literal ?? lookUp(variables, source);
    if (name !== undefined && value !== undefined && value !== null) headers[name] = printed(value);
  }
  return headers;
}

/** `method.request.header.X` and its like; names are case-sensitive here. */
function requestVariables({ request, pathParameters }: ResponseInputs): unknown {
  return {
    header: valueMaps(request.headers).single,
    querystring: valueMaps(request.query).single,
    path: pathParameters,
  };
}
