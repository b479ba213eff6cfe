/** The authorizers of a deployed REST, HTTP or WebSocket API, as API Gateway describes them. */
import { CLIENT_OPTIONS } from '../aws.ts';
import { usageError } from '../errors.ts';

/** A Lambda authorizer of any kind of API. */
export interface DeployedAuthorizer {
  readonly id: string;
  readonly name: string;
  readonly api: 'rest' | 'http' | 'websocket';
  /** `TOKEN` on REST APIs alone. */
  readonly type: 'TOKEN' | 'REQUEST';
  /** Name of the function that it calls, less a version or alias. */
  readonly functionName: string | undefined;
  readonly identitySources: readonly string[];
  /** Seconds; undefined where API Gateway does not say, as on WebSocket APIs. */
  readonly ttlSeconds: number | undefined;
  /** Of a TOKEN authorizer. */
  readonly validationExpression: string | undefined;
  /** Of an HTTP API. */
  readonly payloadFormatVersion: string | undefined;
  /** Of an HTTP API: whether it expects yes or no instead of a policy. */
  readonly simpleResponses: boolean;
}

/**
 * The Lambda authorizers of an API.
 *
 * @throws CliError if there is no such API
 */
export async function readAuthorizers(apiId: string): Promise<readonly DeployedAuthorizer[]> {
  const found = (await restAuthorizers(apiId)) ?? (await v2Authorizers(apiId));
  if (found !== undefined) return found;
  throw usageError(
    'api_missing',
    `There is no API ${apiId} in this account and Region`,
    'Give the id of a REST, HTTP or WebSocket API with --api, and check AWS_PROFILE and AWS_REGION',
  );
}

async function restAuthorizers(apiId: string): Promise<readonly DeployedAuthorizer[] | undefined> {
  const { APIGatewayClient, GetAuthorizersCommand } = await import('@aws-sdk/client-api-gateway');
  const client = new APIGatewayClient(CLIENT_OPTIONS);
  const found: DeployedAuthorizer[] = [];
  let position: string | undefined;
  do {
    const page = await orMissing(
      client.send(
        new GetAuthorizersCommand({ restApiId: apiId, limit: 500, ...(position && { position }) }),
      ),
    );
    if (page === undefined) return undefined;
    for (const item of page.items ?? []) {
      if (item.type !== 'TOKEN' && item.type !== 'REQUEST') continue;
      found.push({
        id: item.id ?? '',
        name: item.name ?? '',
        api: 'rest',
        type: item.type,
        functionName: functionNameOf(item.authorizerUri),
        identitySources: (item.identitySource ?? '')
          .split(',')
          .flatMap((source) => source.trim() || []),
        ttlSeconds: item.authorizerResultTtlInSeconds,
        validationExpression: item.identityValidationExpression,
        payloadFormatVersion: undefined,
        simpleResponses: false,
      });
    }
    ({ position } = page);
  } while (position !== undefined);
  return found;
}

async function v2Authorizers(apiId: string): Promise<readonly DeployedAuthorizer[] | undefined> {
  const { ApiGatewayV2Client, GetApiCommand, GetAuthorizersCommand } =
    await import('@aws-sdk/client-apigatewayv2');
  const client = new ApiGatewayV2Client(CLIENT_OPTIONS);
  const api = await orMissing(client.send(new GetApiCommand({ ApiId: apiId })));
  if (api === undefined) return undefined;
  const isHttp = api.ProtocolType === 'HTTP';
  const found: DeployedAuthorizer[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new GetAuthorizersCommand({ ApiId: apiId, ...(token && { NextToken: token }) }),
    );
    for (const item of page.Items ?? []) {
      if (item.AuthorizerType !== 'REQUEST') continue;
      found.push({
        id: item.AuthorizerId ?? '',
        name: item.Name ?? '',
        api: isHttp ? 'http' : 'websocket',
        type: 'REQUEST',
        functionName: functionNameOf(item.AuthorizerUri),
        identitySources: item.IdentitySource ?? [],
        ttlSeconds: isHttp ? item.AuthorizerResultTtlInSeconds : undefined,
        validationExpression: undefined,
        payloadFormatVersion: item.AuthorizerPayloadFormatVersion,
        simpleResponses: item.EnableSimpleResponses ?? false,
      });
    }
    token = page.NextToken;
  } while (token !== undefined);
  return found;
}

/** What was asked for, or undefined where it does not exist. */
async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return undefined;
    throw error;
  }
}

/** `…:function:authorizer:live/invocations` and `arn:…:function:authorizer` name `authorizer`. */
export function functionNameOf(uriOrArn: string | undefined): string | undefined {
  return /:function:([^:/]+)/u.exec(uriOrArn ?? '')?.[1];
}
