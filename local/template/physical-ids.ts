/**
 * What `Ref` and `Fn::GetAtt` give for each type of resource once it is deployed. The ids are made
 * up from the logical ids, so that they are the same on every run.
 */
import { createHash } from 'node:crypto';

/** Where the template is pretended to be deployed. */
export interface Deployment {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly pseudoParameters: Readonly<Record<string, string>>;
}

/** A resource as far as naming needs it; `properties` gives one resolved property. */
interface Named {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: (name: string) => unknown;
}

/** @param region Default: `us-east-1`. */
export function deployment(stackName: string, region = 'us-east-1'): Deployment {
  const accountId = '000000000000';
  return {
    stackName,
    region,
    accountId,
    pseudoParameters: {
      'AWS::AccountId': accountId,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
      'AWS::StackName': stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    },
  };
}

/** Types whose name may be given, and the property that gives it. */
const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::Stage': 'StageName',
  'AWS::ApiGatewayV2::Stage': 'StageName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
};

/** What `Ref` gives. */
export function physicalId(resource: Named, { stackName, region, accountId }: Deployment): string {
  const { logicalId, type } = resource;
  const nameProperty = NAME_PROPERTIES[type];
  const name = nameProperty === undefined ? undefined : resource.properties(nameProperty);
  if (typeof name === 'string') return name;
  switch (type) {
    case 'AWS::Lambda::Alias':
      return qualified(resource.properties('FunctionName'), resource.properties('Name'), {
        region,
        accountId,
      });
    case 'AWS::Lambda::Version':
      return qualified(resource.properties('FunctionName'), '1', { region, accountId });
    case 'AWS::SNS::Topic':
      return `arn:aws:sns:${region}:${accountId}:${stackName}-${logicalId}`;
    case 'AWS::ApiGateway::RestApi':
    case 'AWS::ApiGatewayV2::Api':
      return shortId(`${stackName}/${logicalId}`, 10);
    case 'AWS::ApiGateway::Authorizer':
    case 'AWS::ApiGateway::Resource':
    case 'AWS::ApiGatewayV2::Authorizer':
    case 'AWS::ApiGatewayV2::Integration':
    case 'AWS::ApiGatewayV2::Route':
      return shortId(`${stackName}/${logicalId}`, 7);
    default:
      return `${stackName}-${logicalId}`;
  }
}

/** What `Fn::GetAtt` gives; undefined where it is not known. */
export function attribute(resource: Named, name: string, deployed: Deployment): string | undefined {
  const { region, accountId } = deployed;
  const id = physicalId(resource, deployed);
  switch (`${resource.type} ${name}`) {
    case 'AWS::Lambda::Function Arn':
      return `arn:aws:lambda:${region}:${accountId}:function:${id}`;
    case 'AWS::DynamoDB::Table Arn':
    case 'AWS::DynamoDB::GlobalTable Arn':
      return `arn:aws:dynamodb:${region}:${accountId}:table/${id}`;
    case 'AWS::ApiGateway::RestApi RootResourceId':
      return `${id}root`;
    case 'AWS::ApiGatewayV2::Api ApiEndpoint':
      return `${resource.properties('ProtocolType') === 'WEBSOCKET' ? 'wss' : 'https'}://${id}.execute-api.${region}.amazonaws.com`;
    case 'AWS::IAM::Role Arn':
      return `arn:aws:iam::${accountId}:role/${id}`;
    case 'AWS::Logs::LogGroup Arn':
      return `arn:aws:logs:${region}:${accountId}:log-group:${id}:*`;
    case 'AWS::KMS::Key Arn':
      return `arn:aws:kms:${region}:${accountId}:key/${id}`;
    case 'AWS::SQS::Queue Arn':
      return `arn:aws:sqs:${region}:${accountId}:${id}`;
    case 'AWS::ApiGateway::Authorizer AuthorizerId':
    case 'AWS::ApiGatewayV2::Authorizer AuthorizerId':
      return id;
    case 'AWS::Lambda::Version Version':
      return '1';
    default:
      return undefined;
  }
}

function qualified(
  functionName: unknown,
  qualifier: unknown,
  { region, accountId }: Pick<Deployment, 'region' | 'accountId'>,
): string {
  const text = String(functionName);
  const arn = text.startsWith('arn:')
    ? text
    : `arn:aws:lambda:${region}:${accountId}:function:${text}`;
  return `${arn}:${String(qualifier)}`;
}

function shortId(seed: string, length: number): string {
  const digest = createHash('sha256').update(seed).digest('hex');
  return BigInt(`0x${digest}`).toString(36).slice(0, length);
}
