import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Functions, functionArnOfUri } from '../../../local/runtime/functions.ts';
import { deployment } from '../../../local/template/physical-ids.ts';
import { ResolvedTemplate, type TemplateJson } from '../../../local/template/template.ts';
import { lambdaFunction, permission } from '../support/templates.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:Test-Fn';
const ENVIRONMENT_SOURCE = 'exports.handler = async () => process.env;';

const open: Functions[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((functions) => functions.close()));
});

function start(
  resources: TemplateJson['Resources'],
  options: Partial<ConstructorParameters<typeof Functions>[1]> = {},
): { functions: Functions; sourceArn: string } {
  const template = new ResolvedTemplate(
    { Resources: { Api: { Type: 'AWS::ApiGateway::RestApi' }, ...resources } },
    deployment('Test'),
  );
  const functions = new Functions(template, { assetPath: () => undefined, ...options });
  open.push(functions);
  const apiId = template.resource('Api').physicalId;
  return {
    functions,
    sourceArn: `arn:aws:execute-api:us-east-1:000000000000:${apiId}/authorizers/a1`,
  };
}

it('calls a function that a permission lets API Gateway call', async () => {
  const { functions, sourceArn } = start({
    Fn: lambdaFunction('exports.handler = async (event) => event.n + 1;'),
    May: permission('Fn', 'Api', '/authorizers/*'),
  });
  expect(await functions.call(ARN, { sourceArn, event: { n: 1 } })).toEqual({ ok: true, value: 2 });
});

it.each([
  ['of something else', '/other/*', {}],
  ['for another service', '/authorizers/*', { Principal: 'events.amazonaws.com' }],
  ['to do something else', '/authorizers/*', { Action: 'lambda:GetFunction' }],
])('takes no permission %s', async (_what, suffix, changes) => {
  const may = permission('Fn', 'Api', suffix);
  const { functions, sourceArn } = start({
    Fn: lambdaFunction('exports.handler = async () => 1;'),
    May: { ...may, Properties: { ...may.Properties, ...changes } },
  });
  expect(await functions.call(ARN, { sourceArn, event: {} })).toMatchObject({
    ok: false,
    notInvoked: true,
  });
});

it('wants a permission on the alias when the alias is called', async () => {
  const resources = {
    Fn: lambdaFunction('exports.handler = async () => 1;'),
    Live: {
      Type: 'AWS::Lambda::Alias',
      Properties: { FunctionName: { Ref: 'Fn' }, Name: 'live' },
    },
  };
  const onFunction = start({ ...resources, May: permission('Fn', 'Api', '/*') });
  const { sourceArn } = onFunction;
  const call = { sourceArn, event: {} };
  expect(await onFunction.functions.call(`${ARN}:live`, call)).toMatchObject({ notInvoked: true });
  const may = permission('Fn', 'Api', '/*');
  const onAlias = start({
    ...resources,
    May: { ...may, Properties: { ...may.Properties, FunctionName: { Ref: 'Live' } } },
  });
  expect(await onAlias.functions.call(`${ARN}:live`, call)).toEqual({ ok: true, value: 1 });
});

it('does not know a function that the template lacks', async () => {
  const { functions, sourceArn } = start({});
  expect(await functions.call(ARN, { sourceArn, event: {} })).toMatchObject({ notInvoked: true });
});

it("gives a function its variables, Lambda's own, and those of the local stack", async () => {
  const { functions, sourceArn } = start(
    {
      Fn: lambdaFunction(ENVIRONMENT_SOURCE, {
        Environment: { Variables: { TABLE: { Ref: 'Users' }, N: 1 } },
        LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'WARN' },
        MemorySize: 512,
      }),
      Users: { Type: 'AWS::DynamoDB::GlobalTable' },
    },
    { environment: { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' } },
  );
  const result = await functions.call(ARN, { sourceArn, event: {}, assumesRole: true });
  expect(result).toMatchObject({
    ok: true,
    value: {
      TABLE: 'Test-Users',
      N: '1',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'Test-Fn',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_LAMBDA_LOG_LEVEL: 'WARN',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      _HANDLER: 'index.handler',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    },
  });
  expect(result).not.toHaveProperty('value.HOME');
});

it('starts cold with changed variables, and keeps earlier changes', async () => {
  const { functions, sourceArn } = start({
    Fn: lambdaFunction(ENVIRONMENT_SOURCE, { Environment: { Variables: { A: '1', B: '1' } } }),
  });
  const call = { sourceArn, event: {}, assumesRole: true };
  await functions.call(ARN, call);
  await functions.configure('Test-Fn', { A: '2' });
  await functions.configure('Test-Fn', { B: '2' });
  expect(await functions.call(ARN, call)).toMatchObject({ value: { A: '2', B: '2' } });
});

describe('code in an asset', () => {
  const code = { Code: { S3Bucket: 'assets', S3Key: 'abc.zip' }, Handler: 'main.run' };

  it('is taken from the directory of the asset', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'asset-'));
    writeFileSync(path.join(directory, 'main.mjs'), 'export const run = async () => 7;');
    const { functions, sourceArn } = start(
      { Fn: lambdaFunction('', code) },
      { assetPath: (key) => (key === 'abc.zip' ? directory : undefined) },
    );
    const result = await functions.call(ARN, { sourceArn, event: {}, assumesRole: true });
    expect(result).toEqual({ ok: true, value: 7 });
    rmSync(directory, { recursive: true });
  });

  it('is missed by name when it is not at hand', async () => {
    const { functions, sourceArn } = start({ Fn: lambdaFunction('', code) });
    await expect(functions.call(ARN, { sourceArn, event: {}, assumesRole: true })).rejects.toThrow(
      'Test-Fn',
    );
  });
});

it('finds the function in the URI of an integration', () => {
  const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${ARN}/invocations`;
  expect(functionArnOfUri(uri)).toBe(ARN);
  expect(functionArnOfUri(ARN)).toBe(ARN);
  expect(() => functionArnOfUri('http://example.com')).toThrow('http://example.com');
});
