/** The examples against the construct: what an authorizer must not have otherwise, in every tool. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TemplateJson } from '../../local/template/template.ts';
import { parseTemplate } from '../release/yaml.ts';
import { authorizerFunction, templateOf } from '../infra/support/synth.ts';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples');
const read = (file: string) => readFileSync(path.join(EXAMPLES, file), 'utf8');

type Json = Readonly<Record<string, unknown>>;

const construct = templateOf({ httpApi: true }).toJSON() as TemplateJson;

function propertiesOf(template: TemplateJson, type: string): Json {
  const found = Object.values(template.Resources ?? {}).find(({ Type }) => Type === type);
  if (found === undefined) throw new Error(`There is no ${type}`);
  return found.Properties ?? {};
}

const REST = propertiesOf(construct, 'AWS::ApiGateway::Authorizer');
const HTTP = propertiesOf(construct, 'AWS::ApiGatewayV2::Authorizer');
const EXPRESSION = String(REST['IdentityValidationExpression']);

/** `a = "b"` anywhere in a file of Terraform. */
function assigned(text: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}\\s*=\\s*(.+)$`, 'mu').exec(text)?.[1];
}

const sam = parseTemplate(read('sam/template.yaml'));
const serverless = parseTemplate(read('serverless/serverless.yml')) as unknown as {
  readonly provider: { readonly httpApi: { readonly authorizers: { readonly rollcall: Json } } };
  readonly functions: {
    readonly authorizer: Json;
    readonly whoami: {
      readonly events: readonly [Json, { readonly http: { readonly authorizer: Json } }];
    };
  };
  readonly resources: TemplateJson;
};
const cloudformation = parseTemplate(read('cloudformation/api.yaml'));

interface SamAuthorizer {
  readonly Identity: Json;
  readonly [member: string]: unknown;
}

function samAuthorizer(type: string): SamAuthorizer {
  const { Auth } = propertiesOf(sam, type) as {
    readonly Auth: { readonly Authorizers: { readonly Rollcall: SamAuthorizer } };
  };
  return Auth.Authorizers.Rollcall;
}

describe('the authorizer of a REST API', () => {
  it.each([
    [
      'cloudformation',
      propertiesOf(cloudformation, 'AWS::ApiGateway::Authorizer')['IdentityValidationExpression'],
    ],
    ['sam', samAuthorizer('AWS::Serverless::Api').Identity['ValidationExpression']],
    [
      'serverless',
      serverless.functions.whoami.events[1].http.authorizer['identityValidationExpression'],
    ],
    [
      'terraform',
      JSON.parse(assigned(read('terraform/rest-api.tf'), 'identity_validation_expression') ?? '""'),
    ],
  ])('has the validation expression of the construct in %s', (_, expression) => {
    expect(EXPRESSION).toMatch(/^\^/u);
    expect(expression).toBe(EXPRESSION);
  });

  it.each([
    [
      'cloudformation',
      propertiesOf(cloudformation, 'AWS::ApiGateway::Authorizer')['AuthorizerResultTtlInSeconds'],
    ],
    ['sam', samAuthorizer('AWS::Serverless::Api').Identity['ReauthorizeEvery']],
    ['serverless', serverless.functions.whoami.events[1].http.authorizer['resultTtlInSeconds']],
    [
      'terraform',
      Number(assigned(read('terraform/rest-api.tf'), 'authorizer_result_ttl_in_seconds')),
    ],
  ])('caches nothing in %s', (_, ttl) => {
    expect(ttl).toBe(0);
    expect(REST['AuthorizerResultTtlInSeconds']).toBe(0);
  });
});

describe('the authorizer of an HTTP API', () => {
  const httpTerraform = read('terraform/http-api.tf');
  const { rollcall } = serverless.provider.httpApi.authorizers;
  const samHttp = samAuthorizer('AWS::Serverless::HttpApi');
  const cfn = propertiesOf(cloudformation, 'AWS::ApiGatewayV2::Authorizer');

  it.each([
    [
      'cloudformation',
      [
        cfn['AuthorizerPayloadFormatVersion'],
        cfn['EnableSimpleResponses'],
        cfn['AuthorizerResultTtlInSeconds'],
      ],
    ],
    [
      'sam',
      [
        samHttp['AuthorizerPayloadFormatVersion'],
        samHttp['EnableSimpleResponses'],
        samHttp.Identity['ReauthorizeEvery'],
      ],
    ],
    [
      'serverless',
      [
        rollcall['payloadVersion'],
        rollcall['enableSimpleResponses'],
        rollcall['resultTtlInSeconds'],
      ],
    ],
    [
      'terraform',
      [
        JSON.parse(assigned(httpTerraform, 'authorizer_payload_format_version') ?? '""'),
        // Simple unless the setting says policy.
        assigned(httpTerraform, 'enable_simple_responses')?.endsWith('== "simple"'),
        Number(assigned(httpTerraform, 'authorizer_result_ttl_in_seconds')),
      ],
    ],
  ])('asks for simple responses of payload 2.0 and caches nothing in %s', (_, found) => {
    const wanted = [
      HTTP['AuthorizerPayloadFormatVersion'],
      HTTP['EnableSimpleResponses'],
      HTTP['AuthorizerResultTtlInSeconds'],
    ];
    expect(wanted).toEqual(['2.0', true, 0]);
    expect(found).toEqual(wanted);
  });
});

describe('the role', () => {
  const ACTIONS = [
    'dynamodb:BatchGetItem',
    'dynamodb:GetItem',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ];

  it.each(['sam/template.yaml', 'serverless/serverless.yml', 'terraform/authorizer.tf'])(
    'may read the tables and write its log, and nothing else, in %s',
    (file) => {
      const actions = [...read(file).matchAll(/\b(?:dynamodb|logs|kms|ec2|s3|xray):[A-Z]\w+/gu)];
      expect([...new Set(actions.map(([action]) => action))].sort()).toEqual(ACTIONS);
    },
  );
});

describe('the tables', () => {
  it.each([
    ['sam', sam],
    ['serverless', serverless.resources],
  ])('are kept, recoverable and protected in %s', (_, { Resources = {} }) => {
    const tables = Object.values(Resources).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength(2);
    for (const table of tables) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          DeletionProtectionEnabled: true,
        },
      });
    }
  });

  it('are kept, recoverable and protected in terraform', () => {
    const blocks = read('terraform/authorizer.tf')
      .split(/^resource "aws_dynamodb_table"/mu)
      .slice(1);
    expect(blocks).toHaveLength(2);
    for (const block of blocks) {
      expect(assigned(block, 'deletion_protection_enabled')).toBe('true');
      expect(block).toMatch(/point_in_time_recovery \{\s+enabled = true/u);
      expect(assigned(block, 'prevent_destroy')).toBe('true');
    }
  });
});

describe('the function', () => {
  const { Timeout, Runtime, MemorySize } = authorizerFunction(templateOf());
  const { authorizer } = serverless.functions;
  const samFunction = sam.Resources?.['Authorizer']?.Properties as Json;
  const terraform = read('terraform/authorizer.tf');

  it.each([
    ['sam', [samFunction['Runtime'], samFunction['MemorySize'], samFunction['Timeout']]],
    ['serverless', [serverlessRuntime(), authorizer['memorySize'], authorizer['timeout']]],
    [
      'terraform',
      [
        JSON.parse(assigned(terraform, 'runtime') ?? '""'),
        Number(assigned(terraform, 'memory_size')),
        Number(assigned(terraform, 'timeout')),
      ],
    ],
  ])('runs as that of the construct in %s', (_, found) => {
    expect(found).toEqual([Runtime, MemorySize, Timeout]);
  });

  function serverlessRuntime(): unknown {
    return (serverless.provider as unknown as Json)['runtime'];
  }
});
