/**
 * The routes of an HTTP API that serve protected resource metadata. HTTP APIs have no mock
 * integration, so a small function answers; it has no permissions.
 */
import { Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import {
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  type HttpApi,
  type IHttpApi,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { functionRole } from '../function-role.ts';
import { acknowledge } from './acknowledge.ts';
import {
  METADATA_HEADERS,
  METADATA_PREFLIGHT,
  metadataJson,
  WHY_OPEN,
  type MetadataFields,
} from './resource-metadata.ts';

export interface HttpMetadata {
  readonly resource: string | undefined;
  readonly fields: () => MetadataFields;
  readonly paths: readonly string[];
}

const SOURCE = `'use strict';
const METADATA = JSON.parse(process.env.METADATA);
const HEADERS = ${JSON.stringify({ ...METADATA_HEADERS, 'Content-Type': 'application/json' })};
const PREFLIGHT = ${JSON.stringify({
  'Access-Control-Allow-Origin': METADATA_HEADERS['Access-Control-Allow-Origin'],
  'Access-Control-Allow-Methods': METADATA_PREFLIGHT.methods.join(','),
  'Access-Control-Allow-Headers': METADATA_PREFLIGHT.headers.join(','),
})};

exports.handler = async ({ rawPath, requestContext: { domainName, http } }) => {
  if (http.method === 'OPTIONS') return { statusCode: 204, headers: PREFLIGHT };
  const resource = 'https://' + domainName + rawPath.replace(/\\/\\.well-known\\/.*$/, '');
  return { statusCode: 200, headers: HEADERS, body: JSON.stringify({ resource, ...METADATA }) };
};
`;

/** Adds the routes, without authorization, and the function behind them. */
export function addHttpMetadataRoutes(
  api: HttpApi | IHttpApi,
  { resource, fields, paths }: HttpMetadata,
): void {
  const scope = new Construct(api, 'ProtectedResource');
  const { logGroup, role } = functionRole(
    scope,
    'Runs the function that serves protected resource metadata',
    { retention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY },
  );
  const backend = new LambdaFunction(scope, 'Function', {
    description: 'Serves protected resource metadata (RFC 9728)',
    code: Code.fromInline(SOURCE),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 128,
    timeout: Duration.seconds(3),
    loggingFormat: LoggingFormat.JSON,
    logGroup,
    role,
    environment: { METADATA: Lazy.string({ produce: () => metadataJson(resource, fields()) }) },
  });
  const integration = new HttpLambdaIntegration('Integration', backend);
  for (const [index, path] of paths.entries()) {
    for (const method of [HttpMethod.GET, HttpMethod.OPTIONS]) {
      const route = new HttpRoute(scope, `${method}${index === 0 ? '' : 'AtPath'}`, {
        httpApi: api,
        routeKey: HttpRouteKey.with(path, method),
        integration,
        authorizer: new HttpNoneAuthorizer(),
      });
      acknowledge(route, 'AwsSolutions-APIG4', WHY_OPEN);
    }
  }
}
