/**
 * Requests to AWS about a deployment. Each client is loaded on first use, so that a command loads
 * only what it needs.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { failure, usageError } from './errors.ts';
import { serviceClock } from './service-clock.ts';
import { rememberTables } from './table-names.ts';

/** Attempts of one request, the first included. An operator can wait longer than an API's caller. */
const MAX_ATTEMPTS = 6;
/** Attempts of a request in a bulk operation, where the table may throttle. */
const MAX_BULK_ATTEMPTS = 15;
const REQUEST_HANDLER = {
  connectionTimeout: 5000,
  requestTimeout: 20_000,
  throwOnRequestTimeout: true,
} as const;
/** Of every client. */
export const CLIENT_OPTIONS = { maxAttempts: MAX_ATTEMPTS, requestHandler: REQUEST_HANDLER };

export interface TableClients {
  readonly tables: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
}

/**
 * Clients of DynamoDB. Numbers arrive as the function reads them.
 *
 * @param many more attempts per request, for many requests to a table that may throttle
 */
export async function tableClients({ many = false } = {}): Promise<TableClients> {
  const [{ DynamoDBClient }, { DynamoDBDocumentClient }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('@aws-sdk/lib-dynamodb'),
  ]);
  const tables = new DynamoDBClient({
    ...CLIENT_OPTIONS,
    ...(many && { maxAttempts: MAX_BULK_ATTEMPTS }),
  });
  serviceClock.observe(tables);
  rememberTables(tables);
  const documents = DynamoDBDocumentClient.from(tables, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: Number },
  });
  return { tables, documents };
}

/** The ARN of the caller. It needs no permission. If STS cannot be reached, it fails within seconds. */
export async function callerArn(): Promise<string> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const client = new STSClient({
    maxAttempts: 2,
    requestHandler: { ...REQUEST_HANDLER, connectionTimeout: 2000, requestTimeout: 5000 },
  });
  serviceClock.observe(client);
  const { Arn = 'unknown' } = await client.send(new GetCallerIdentityCommand({}));
  return Arn;
}

export interface StageRef {
  readonly apiId: string;
  readonly stage: string;
}

/** The outputs of a stack, by their names. */
export async function readStackOutputs(name: string): Promise<Readonly<Record<string, string>>> {
  const { CloudFormationClient, DescribeStacksCommand } =
    await import('@aws-sdk/client-cloudformation');
  try {
    const client = new CloudFormationClient(CLIENT_OPTIONS);
    serviceClock.observe(client);
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Object.fromEntries(
      (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
    ) as Record<string, string>;
  } catch (error) {
    // CloudFormation says that a stack does not exist with the error of a malformed request.
    if (error instanceof Error && error.name === 'ValidationError') {
      throw usageError(
        'stack_missing',
        `There is no stack ${name} in this account and Region`,
        'Check --stack, AWS_PROFILE and AWS_REGION, or use --local',
      );
    }
    throw error;
  }
}

/** The `DeletionPolicy` of a table, from the template of its stack. */
export async function deletionPolicyOf(tableName: string): Promise<string | undefined> {
  const { CloudFormationClient, DescribeStackResourcesCommand, GetTemplateCommand } =
    await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(CLIENT_OPTIONS);
  const { StackResources = [] } = await client.send(
    new DescribeStackResourcesCommand({ PhysicalResourceId: tableName }),
  );
  const resource = StackResources.find(
    ({ PhysicalResourceId: physicalId }) => physicalId === tableName,
  );
  if (resource?.LogicalResourceId === undefined) return undefined;
  const { TemplateBody } = await client.send(
    new GetTemplateCommand({ StackName: resource.StackName, TemplateStage: 'Processed' }),
  );
  // As it was written: JSON, or YAML with tags that mean nothing here.
  const { parse } = await import('yaml');
  const template = parse(TemplateBody ?? '{}', { logLevel: 'error' }) as {
    readonly Resources?: Readonly<Record<string, { readonly DeletionPolicy?: string }>>;
  };
  // Without a policy of its own, a resource is deleted with its stack.
  return template.Resources?.[resource.LogicalResourceId]?.DeletionPolicy ?? 'Delete';
}

export interface DeployedFunction {
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: string;
}

export async function readFunction(name: string): Promise<DeployedFunction> {
  const { LambdaClient, GetFunctionConfigurationCommand } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(CLIENT_OPTIONS);
  serviceClock.observe(client);
  const { Environment, LoggingConfig, FunctionName } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName: name }),
  );
  if (Environment?.Error !== undefined) {
    throw failure(
      'environment_unreadable',
      `The environment of function ${name} cannot be decrypted`,
      'Grant kms:Decrypt for its key to the caller',
    );
  }
  return {
    environment: Environment?.Variables ?? {},
    logGroup: LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName ?? name}`,
  };
}

/** Flushes the authorizer cache of a REST API's stage. */
export async function flushRestStage({ apiId, stage }: StageRef): Promise<void> {
  const { APIGatewayClient, FlushStageAuthorizersCacheCommand } =
    await import('@aws-sdk/client-api-gateway');
  await new APIGatewayClient(CLIENT_OPTIONS).send(
    new FlushStageAuthorizersCacheCommand({ restApiId: apiId, stageName: stage }),
  );
}

/** The same for an HTTP API. */
export async function flushHttpStage({ apiId, stage }: StageRef): Promise<void> {
  const { ApiGatewayV2Client, ResetAuthorizersCacheCommand } =
    await import('@aws-sdk/client-apigatewayv2');
  await new ApiGatewayV2Client(CLIENT_OPTIONS).send(
    new ResetAuthorizersCacheCommand({ ApiId: apiId, StageName: stage }),
  );
}

/** Log messages that match `filterPattern` since `sinceMs` (epoch milliseconds). */
export async function readLogMessages(
  logGroup: string,
  filterPattern: string,
  sinceMs: number,
): Promise<readonly string[]> {
  const { CloudWatchLogsClient, paginateFilterLogEvents } =
    await import('@aws-sdk/client-cloudwatch-logs');
  const client = new CloudWatchLogsClient(CLIENT_OPTIONS);
  const messages: string[] = [];
  const pages = paginateFilterLogEvents(
    { client },
    { logGroupName: logGroup, filterPattern, startTime: sinceMs },
  );
  for await (const { events = [] } of pages) {
    for (const { message } of events) if (message !== undefined) messages.push(message);
  }
  return messages;
}
