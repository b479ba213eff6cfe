/**
 * CORS as an HTTP API does it: with a configuration the gateway answers preflights by itself, and
 * puts its own headers on the answers to the origins that it allows.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
import { headerValues, type IncomingRequest, type NameValue } from '../common/incoming.ts';
import type { JsonObject } from '../../../lambda/json.ts';
import { optionalNumber, optionalText, textList } from '../../template/properties.ts';
import type { WireResponse } from '../common/proxy-response.ts';

export interface CorsModel {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number | undefined;
  readonly credentials: boolean;
}

export function readCors(properties: JsonObject): CorsModel {
  return {
    origins: textList(properties, 'AllowOrigins'),
    methods: textList(properties, 'AllowMethods'),
    headers: textList(properties, 'AllowHeaders'),
    exposeHeaders: textList(properties, 'ExposeHeaders'),
    maxAgeSeconds: optionalNumber(properties, 'MaxAge'),
    credentials: optionalText(properties, 'AllowCredentials') === 'true',
  };
}

/** The answer to a preflight; undefined for any other request. */
export function preflightAnswer(
  cors: CorsModel,
  request: IncomingRequest,
): WireResponse | undefined {
  const isPreflight =
    request.method === 'OPTIONS' &&
    headerValues(request.headers, 'origin').length > 0 &&
    headerValues(request.headers, 'access-control-request-method').length > 0;
  if (!isPreflight) return undefined;
  const origin = corsHeaders(cors, request);
  const headers: readonly NameValue[] =
    origin.length === 0
      ? []
      : [
          ...origin,
          ['access-control-allow-methods', cors.methods.join(',')],
          ['access-control-allow-headers', cors.headers.join(',')],
          ...(cors.maxAgeSeconds === undefined
            ? []
            : ([['access-control-max-age', String(cors.maxAgeSeconds)]] as const)),
        ];
  return { status: 204, headers, body: '' };
}

/** The headers on an answer to an allowed origin; none otherwise. */
export function corsHeaders(cors: CorsModel, request: IncomingRequest): readonly NameValue[] {
  const origin = headerValues(request.headers, 'origin').at(-1);
  if (origin === undefined) return [];
  const any = cors.origins.includes('*');
  if (!any && !cors.origins.includes(origin)) return [];
  return [
    ['access-control-allow-origin', any ? '*' : origin],
    ...(cors.credentials ? ([['access-control-allow-credentials', 'true']] as const) : []),
    ...(cors.exposeHeaders.length > 0
      ? ([['access-control-expose-headers', cors.exposeHeaders.join(',')]] as const)
      : []),
  ];
}
