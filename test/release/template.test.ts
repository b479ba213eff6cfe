/** The template of a release, held against the construct that it is made from. */
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AuthorizerStack } from '../../infra/authorizer-stack.ts';
import { loadSettings } from '../../infra/load-settings.ts';
import { ALL_SETTING_NAMES } from '../../infra/settings/stack-settings.ts';
import type { JsonObject } from '../../lambda/json.ts';
import { boolean } from '../../lambda/settings/grammar.ts';
import { parseConfig, type Config } from '../../lambda/settings/config.ts';
import { SETTING_NAMES } from '../../lambda/settings/table.ts';
import { deployment } from '../../local/template/physical-ids.ts';
import {
  ResolvedTemplate,
  type Resource,
  type TemplateJson,
} from '../../local/template/template.ts';
import {
  PARAMETER_SETTINGS,
  parameterName,
  WITHOUT_PARAMETER,
} from '../../tools/release/parameters.ts';
import { MAX_TEMPLATE_BYTES, releaseTemplate, templateText } from '../../tools/release/release.ts';
import { testApp } from '../infra/support/synth.ts';
import { parametersOf, withParameters } from './support.ts';
import { parseTemplate } from './yaml.ts';

type Env = Readonly<Record<string, string>>;

const CODE = { CodeS3Bucket: 'releases', CodeS3Key: 'rollcall-authorizer.zip' };
const BASE: Env = { JWT_ISSUER: 'https://idp.example.com/', JWT_AUDIENCE: 'api' };
const ISSUERS = JSON.stringify([
  { issuer: 'https://a.example.com', audience: 'x', userNamespace: 'a' },
  { issuer: 'https://idp.example.com/', audience: 'x', userNamespace: 'b' },
]);

/** What has to be set as well for a setting to be one that the function takes. */
const BESIDE: Readonly<Record<string, Env>> = {
  TRUSTED_ISSUERS: { JWT_ISSUER: '', JWT_AUDIENCE: '' },
  PLATFORM_ADMIN_ISSUER: {
    JWT_ISSUER: '',
    JWT_AUDIENCE: '',
    TRUSTED_ISSUERS: ISSUERS,
    PLATFORM_ADMIN_EMAIL: 'admin',
  },
  BOOTSTRAP_EXPIRES_AT: { PLATFORM_ADMIN_EMAIL: 'admin' },
};

let template: TemplateJson;

beforeAll(() => {
  template = parseTemplate(templateText(releaseTemplate()));
});

/** The template deployed with settings, by their names in the environment. */
function deployed(env: Env): ResolvedTemplate {
  const values = { ...CODE, ...parametersOf(template, env) };
  return new ResolvedTemplate(withParameters(template, values), deployment('Rollcall'));
}

/** The stack of the CDK with the same settings, deployed. */
function deployedByCdk(env: Env): ResolvedTemplate {
  const app = testApp();
  const { props } = loadSettings(
    {},
    Object.entries(env)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  );
  const stack = new AuthorizerStack(app, 'Rollcall', props);
  const json = app.synth().getStackByName(stack.stackName).template as TemplateJson;
  return new ResolvedTemplate(json, deployment('Rollcall'));
}

function authorizerOf(resolved: ResolvedTemplate): Resource {
  const name = resolved.outputs()['AuthorizerFunctionName'];
  const found = resolved
    .resourcesOfType('AWS::Lambda::Function')
    .find(({ physicalId }) => physicalId === name);
  if (found === undefined) throw new Error('There is no authorizer');
  return found;
}

function environmentOf(resolved: ResolvedTemplate): Env {
  const { Environment } = authorizerOf(resolved).properties as {
    readonly Environment: { readonly Variables: Env };
  };
  return Environment.Variables;
}

/** What the function makes of its environment, wherever its tables are. */
function configOf(resolved: ResolvedTemplate): Config {
  const { UsersTableName: users, RevokedTokensTableName: revoked } = resolved.outputs();
  const tables: Env = { [users ?? '']: 'users', [revoked ?? '']: 'revoked' };
  const environment = Object.fromEntries(
    Object.entries(environmentOf(resolved)).map(([name, value]) => [name, tables[value] ?? value]),
  );
  const result = parseConfig(environment);
  if (!result.ok) throw new Error(result.problems.join('; '));
  return result.config;
}

/** The members but those named, which differ between any two deployments. */
function without(members: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

/** The name of a table that an output may give by its ARN. */
function nameOf(nameOrArn = ''): string {
  return nameOrArn.replace(/^.*\//u, '');
}

/** What the role of the authorizer may do, wherever its tables and its log are. */
function rightsOf(resolved: ResolvedTemplate): readonly unknown[] {
  const role = String(authorizerOf(resolved).properties['Role']).replace(/^.*\//u, '');
  const names = resolved.outputs();
  return resolved
    .resourcesOfType('AWS::IAM::Policy')
    .filter(({ properties }) => (properties['Roles'] as readonly string[]).includes(role))
    .flatMap(
      ({ properties }) =>
        (properties['PolicyDocument'] as { readonly Statement: readonly object[] }).Statement,
    )
    .map((statement) => {
      const right = JSON.parse(
        JSON.stringify(statement)
          .replaceAll(nameOf(names['UsersTableName']), 'USERS')
          .replaceAll(nameOf(names['RevokedTokensTableName']), 'REVOKED')
          .replaceAll(/log-group:[^:"]+/gu, 'log-group:LOG'),
      ) as { Resource: string | string[] };
      right.Resource = [right.Resource].flat().sort();
      return right;
    });
}

describe('parameters', () => {
  it('has one for every setting of the function, named after it', () => {
    for (const name of SETTING_NAMES) {
      expect(template.Parameters).toHaveProperty([parameterName(name), 'Default'], '');
    }
    expect(parameterName('JWT_ISSUER')).toBe('JwtIssuer');
    expect(parameterName('REQUIRE_USER_IN_DB')).toBe('RequireUserInDb');
  });

  it('has one for every setting of the stack, or a reason why not', () => {
    const names = [
      ...PARAMETER_SETTINGS.map(({ name }) => name),
      ...Object.keys(WITHOUT_PARAMETER),
    ];
    expect(names.sort()).toEqual([...ALL_SETTING_NAMES].sort());
  });

  it('needs a value for the bucket alone', () => {
    const needed = Object.entries(template.Parameters ?? {})
      .filter(([, { Default: fallback }]) => fallback === undefined)
      .map(([name]) => name);
    expect(needed).toEqual(['CodeS3Bucket']);
  });

  const booleans = PARAMETER_SETTINGS.filter(({ grammar }) => grammar === boolean);

  it.each(booleans)('admits true, false and nothing for $name', ({ name }) => {
    const parameter = (template.Parameters ?? {})[parameterName(name)] as {
      readonly AllowedPattern: string;
    };
    const allows = (value: string) => new RegExp(parameter.AllowedPattern, 'u').test(value);
    expect(['', 'true', 'False'].map(allows)).toEqual([true, true, true]);
    expect(['yes', '1', 'truest'].map(allows)).toEqual([false, false, false]);
  });
});

describe('the environment of the function', () => {
  it('leaves out every setting that is empty, booleans too', () => {
    expect(Object.keys(environmentOf(deployed(BASE))).sort()).toEqual([
      'JWT_AUDIENCE',
      'JWT_ISSUER',
      'REVOKED_TOKENS_TABLE_NAME',
      'USERS_TABLE_NAME',
    ]);
  });

  const settings = PARAMETER_SETTINGS.filter(({ name }) =>
    (SETTING_NAMES as readonly string[]).includes(name),
  );

  it.each(settings)('with $name is what the construct makes of it', ({ name, example }) => {
    const env = { ...BASE, ...BESIDE[name], [name]: example };
    expect(configOf(deployed(env))).toEqual(configOf(deployedByCdk(env)));
    // The example must make a difference, or the comparison says nothing.
    expect(environmentOf(deployed(env))[name]).toBe(example);
  });

  it('has the very text of a boolean, in whatever case', () => {
    const env = { ...BASE, REQUIRE_USER_IN_DB: 'True' };
    expect(environmentOf(deployed(env))['REQUIRE_USER_IN_DB']).toBe('True');
    expect(configOf(deployed(env)).requireUserInDb).toBe(true);
  });
});

describe('the function', () => {
  const runtime = ({ properties }: Resource) => {
    const others = without(properties, 'Code', 'Environment', 'Role', 'Description', 'Tags');
    const logging = without(others['LoggingConfig'] as JsonObject, 'LogGroup');
    return { ...others, MemorySize: Number(others['MemorySize']), LoggingConfig: logging };
  };

  it.each([BASE, { ...BASE, LOG_LEVEL: 'DEBUG' }, { ...BASE, LOG_LEVEL: 'ERROR' }])(
    'runs as that of the construct does (%j)',
    (env) => {
      expect(runtime(authorizerOf(deployed(env)))).toEqual(
        runtime(authorizerOf(deployedByCdk(env))),
      );
    },
  );

  it('has its code from the bucket, under the key', () => {
    expect(authorizerOf(deployed(BASE)).properties['Code']).toEqual({
      S3Bucket: 'releases',
      S3Key: 'rollcall-authorizer.zip',
    });
  });

  const KEY = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555';

  it.each([
    BASE,
    { ...BASE, USERS_TABLE_NAME: 'my-users', REVOKED_TOKENS_TABLE_NAME: 'my-revoked' },
    {
      ...BASE,
      USERS_TABLE_NAME: 'arn:aws:dynamodb:us-east-1:111122223333:table/my-users',
    },
    { ...BASE, USERS_TABLE_KMS_KEY_ARN: KEY },
  ])('may do what the function of the construct may, and no more (%j)', (env) => {
    const rights = rightsOf(deployed(env));
    expect(rights.length).toBeGreaterThan(1);
    expect(rights).toEqual(rightsOf(deployedByCdk(env)));
  });
});

describe('the tables', () => {
  const tablesOf = (resolved: ResolvedTemplate) =>
    resolved.resourcesOfType('AWS::DynamoDB::GlobalTable').map(({ properties }) => properties);
  const KEY = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555';

  it.each([BASE, { ...BASE, USERS_TABLE_KEY: 'email' }, { ...BASE, USERS_TABLE_KMS_KEY_ARN: KEY }])(
    'are those of the construct (%j)',
    (env) => {
      const byKey = (tables: readonly object[]) =>
        [...tables].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
      expect(byKey(tablesOf(deployed(env)))).toEqual(byKey(tablesOf(deployedByCdk(env))));
    },
  );

  it.each(['UsersTable', 'RevokedTokensTable'])('keeps %s when the stack goes', (name) => {
    expect(template.Resources?.[name]).toMatchObject({
      Type: 'AWS::DynamoDB::GlobalTable',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  it('are not made where they are given', () => {
    const env = { ...BASE, USERS_TABLE_NAME: 'mine', REVOKED_TOKENS_TABLE_NAME: 'my-revoked' };
    expect(tablesOf(deployed(env))).toEqual([]);
    expect(deployed(env).outputs()).toMatchObject({
      UsersTableName: 'mine',
      RevokedTokensTableName: 'my-revoked',
    });
  });
});

describe('alarms', () => {
  const alarmsOf = (resolved: ResolvedTemplate) =>
    resolved.resourcesOfType('AWS::CloudWatch::Alarm').map(({ properties }) => properties);
  const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alarms';

  it.each([BASE, { ...BASE, ROLLCALL_ALARM_TOPIC_ARN: TOPIC }])(
    'are those of the construct (%j)',
    (env) => {
      const comparable = (resolved: ResolvedTemplate) =>
        alarmsOf(resolved)
          .map((alarm) => without(alarm, 'AlarmDescription', 'Dimensions'))
          .sort((a, b) => String(a['MetricName']).localeCompare(String(b['MetricName'])));
      expect(comparable(deployed(env)).length).toBeGreaterThan(5);
      expect(comparable(deployed(env))).toEqual(comparable(deployedByCdk(env)));
    },
  );
});

describe('the template', () => {
  it('needs no bootstrap and no asset', () => {
    const text = templateText(releaseTemplate());
    expect(text).not.toMatch(/bootstrap\/|cdk-hnb659fds|AssetParameters|aws:cdk:path/iu);
    expect(Object.keys(template.Parameters ?? {})).not.toContain('BootstrapVersion');
  });

  it('is short enough for a request to CloudFormation', () => {
    expect(Buffer.byteLength(templateText(releaseTemplate()))).toBeLessThanOrEqual(
      MAX_TEMPLATE_BYTES,
    );
  });

  it('means the same in YAML as in JSON', () => {
    expect(template).toEqual(JSON.parse(JSON.stringify(releaseTemplate())));
  });

  it('has the outputs that others build on', () => {
    expect(Object.keys(template.Outputs ?? {}).sort()).toEqual([
      'AuthorizerFunctionArn',
      'AuthorizerFunctionName',
      'AuthorizerInvocationUri',
      'RevokedTokensTableName',
      'UsersTableName',
    ]);
  });

  it('is read by the CDK as it was written', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-template-'));
    try {
      const templateFile = path.join(folder, 'template.json');
      writeFileSync(templateFile, JSON.stringify(template));
      const app = new App({ outdir: folder, analyticsReporting: false });
      new CfnInclude(new Stack(app, 'Included'), 'Template', { templateFile });
      // The order in `DependsOn` means nothing.
      const sorted = (resources: TemplateJson['Resources']) =>
        Object.entries(resources ?? {}).map(([id, resource]) => {
          const { DependsOn: others = [] } = resource as { readonly DependsOn?: string[] };
          return [id, { ...resource, DependsOn: [...others].sort() }];
        });
      const included = app.synth().getStackByName('Included').template as TemplateJson;
      expect(sorted(included.Resources)).toEqual(sorted(template.Resources));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('refuses an issuer without an audience, and no issuer at all, by its rules', () => {
    const { Rules } = template as unknown as { readonly Rules: Readonly<Record<string, unknown>> };
    expect(Object.keys(Rules).sort()).toEqual(['HasAudience', 'HasIssuer']);
  });
});
