/**
 * The packed package in apps of the CDK as people have them: an ES module in TypeScript, CommonJS
 * in JavaScript, a linked checkout with another copy of aws-cdk-lib (of the same release, and of
 * an older one), and an old app without feature flags. Each does what `scenarios.ts` says, and what
 * deploys is judged here.
 */
import { transformSync } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Facts } from './scenarios.ts';
import { BIN, InstalledApp, PEERS, ROOT } from './support.ts';

const SOURCE = readFileSync(path.join(ROOT, 'test/package/scenarios.ts'), 'utf8').replace(
  '../../infra/index.ts',
  'rollcall',
);
const COMMON_JS = transformSync(SOURCE, { loader: 'ts', format: 'cjs' }).code;

/** As `cdk init` writes them. Messages stay in the assembly, instead of being printed and thrown. */
const { context } = JSON.parse(readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')) as {
  readonly context: Readonly<Record<string, unknown>>;
};
const FLAGS = { ...context, '@aws-cdk/core:annotationsInValidationReport': false };

/** Makes an app and gives the program in it. */
type Kind = () => Promise<readonly [app: InstalledApp, program: string]>;

async function typeScript(): ReturnType<Kind> {
  const app = InstalledApp.at('newest');
  app.write('scenarios.mts', SOURCE);
  const types = ['--types', 'node', '--typeRoots', path.join(ROOT, 'node_modules/@types')];
  const modules = ['--target', 'esnext', '--module', 'nodenext'];
  const options = ['--ignoreConfig', '--strict', '--skipLibCheck', ...modules, ...types];
  await app.run(path.join(BIN, 'tsc'), [...options, 'scenarios.mts']);
  return [app, 'scenarios.mjs'];
}

function commonJs(which: 'lowest' | 'newest'): ReturnType<Kind> {
  const app = InstalledApp.at(which);
  app.write('scenarios.cjs', COMMON_JS);
  return Promise.resolve([app, 'scenarios.cjs']);
}

/** The app has its own aws-cdk-lib, and the linked package finds another one beside itself. */
function linked(which: 'lowest' | 'newest'): ReturnType<Kind> {
  const app = InstalledApp.at(`linked-${which}`);
  const modules = path.join(app.folder, 'node_modules');
  const checkout = path.join(app.folder, '..', `checkout-${which}`);
  mkdirSync(modules, { recursive: true });
  app.write('package.json', '{ "name": "linked-app", "private": true }\n');
  cpSync(InstalledApp.at(which).package, checkout, { recursive: true });
  copyOf(
    path.join(InstalledApp.at(which).folder, 'node_modules'),
    path.join(checkout, 'node_modules'),
  );
  symlinkSync(checkout, path.join(modules, 'rollcall'));
  for (const name of PEERS) {
    symlinkSync(
      path.join(InstalledApp.at('newest').folder, 'node_modules', name),
      path.join(modules, name),
    );
  }
  app.write('scenarios.cjs', COMMON_JS);
  return Promise.resolve([app, 'scenarios.cjs']);
}

/** Modules are known by their real paths, so a copy by hard links is another module. */
function copyOf(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-al', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const KINDS: readonly (readonly [string, Kind, object])[] = [
  ['an ES module in TypeScript', typeScript, FLAGS],
  ['CommonJS in JavaScript', () => commonJs('newest'), FLAGS],
  ['a linked checkout with a copy of the same aws-cdk-lib', () => linked('newest'), FLAGS],
  ['a linked checkout with an older aws-cdk-lib', () => linked('lowest'), FLAGS],
  ['the lowest aws-cdk-lib with its flags off', () => commonJs('lowest'), {}],
];

type Resource = Readonly<{
  Type: string;
  DependsOn?: unknown;
  Properties: Readonly<Record<string, unknown>>;
}>;

describe.each(KINDS)('%s', (_, make, flags) => {
  let facts: Readonly<Record<string, Facts & { readonly thrown?: string }>>;

  beforeAll(async () => {
    const [app, program] = await make();
    await app.run(process.execPath, [program, 'facts.json'], {
      CDK_CONTEXT_JSON: JSON.stringify(flags),
      CDK_VALIDATION: 'false',
    });
    facts = JSON.parse(readFileSync(path.join(app.folder, 'facts.json'), 'utf8')) as typeof facts;
  });

  const of = (scenario: string): Facts => {
    const found = facts[scenario];
    if (found?.thrown !== undefined || found === undefined) throw new Error(found?.thrown);
    return found;
  };
  const ids = (scenario: string): readonly string[] =>
    of(scenario)
      .messages.flatMap((text) => /rollcall:[\w.]+(?=[)\]]+"$)/u.exec(text)?.[0] ?? [])
      .filter((id) => id !== 'rollcall:usersTable.missing');
  const resources = (
    scenario: string,
    type: string,
    stack = 'Shop',
  ): readonly (readonly [string, Resource])[] => {
    const { Resources } = of(scenario).templates[stack] as { Resources: Record<string, Resource> };
    return Object.entries(Resources).filter(([, { Type }]) => Type === type);
  };
  const deployment = (scenario: string) => resources(scenario, 'AWS::ApiGateway::Deployment')[0];
  const variables = (scenario: string) =>
    resources(scenario, 'AWS::Lambda::Function')
      .map(([, { Properties }]) => Properties['Environment'] as { Variables?: object } | undefined)
      .map((environment) => environment?.Variables as Readonly<Record<string, unknown>>)
      .find((found) => found?.['USERS_TABLE_NAME'] !== undefined);

  it('runs every scenario', () => {
    const thrown = Object.entries(facts).filter(([, one]) => one.thrown !== undefined);
    expect(thrown).toEqual([]);
  });

  describe('a change of an authorizer', () => {
    it('makes a new deployment, after the authorizer', () => {
      const [before, after] = [deployment('cached for 300 s'), deployment('not cached')];
      expect(before?.[0]).not.toBe(after?.[0]);
      const [authorizer] = resources('not cached', 'AWS::ApiGateway::Authorizer')[0] ?? [];
      expect(after?.[1].DependsOn).toContain(authorizer);
      expect(ids('not cached')).toEqual([]);
    });

    it('reaches an imported API by the Deployment of the app, and is warned of without', () => {
      expect(ids('an imported API with a Deployment')).toEqual([]);
      const isFlagOn = Object.keys(flags).length > 0;
      expect(ids('an imported API').toSorted()).toEqual([
        ...(isFlagOn ? [] : ['rollcall:deployment.authorizerChanges']),
        'rollcall:deployment.gatewayResponses',
      ]);
    });
  });

  describe('the users table', () => {
    it.each([
      'a lasting table',
      'a lasting table of their own',
      'a lasting table of their own, of the old kind',
      'hardened by an Aspect',
    ])('lasts: %s', (scenario) => {
      expect(ids(scenario)).toEqual([]);
      expect(variables(scenario)).not.toHaveProperty('USERS_TABLE_PERSISTENT');
    });

    it.each(['destroyed by RemovalPolicies', 'destroyed by an override'])(
      'does not last: %s',
      (scenario) => {
        expect(ids(scenario)).toEqual(['rollcall:usersTable.ephemeral']);
        expect(variables(scenario)).toHaveProperty('USERS_TABLE_PERSISTENT', 'false');
      },
    );

    it('of another Region, or with another key, is an error', () => {
      expect(ids('a table of another Region')).toEqual(['rollcall:usersTable.region']);
      expect(ids('a table with another key')).toEqual(['rollcall:usersTable.key']);
    });

    it('goes by an ARN that only the deployment knows', () => {
      expect(variables('a table by an ARN that is a token')).toMatchObject({
        USERS_TABLE_NAME: { Ref: 'UsersTableArn' },
      });
    });
  });

  it('names every dashboard of an account differently', () => {
    const names = ['eu-west-1', 'us-east-1'].flatMap((region) =>
      resources('dashboards', 'AWS::CloudWatch::Dashboard', `Whole-${region}`).map(
        ([, { Properties }]) => Properties['DashboardName'],
      ),
    );
    expect(names.map(String).toSorted()).toEqual([
      'Whole-Another-eu-west-1',
      'Whole-Another-us-east-1',
      'Whole-Monitoring-eu-west-1',
      'Whole-Monitoring-us-east-1',
    ]);
  });

  it('protects APIs of other stacks, with the permission beside each', () => {
    const permissions = (stack: string) =>
      resources('APIs of other stacks', 'AWS::Lambda::Permission', stack).length;
    expect(['Auth', 'Shop', 'Graphs'].map(permissions)).toEqual([0, 1, 1]);
    const { templates } = of('an API of a nested stack');
    expect(JSON.stringify(templates['Shop'])).not.toContain('Outputs.');
  });

  it('gives two AppSync APIs of one id a permission each', () => {
    const permissions = ['Shop', 'Three', 'Four'].map(
      (stack) => resources('two AppSync APIs with one id', 'AWS::Lambda::Permission', stack).length,
    );
    expect(permissions).toEqual([2, 1, 1]);
  });

  it('says when alarms would vanish, and when they would not', () => {
    expect(ids('alarms to a closed topic')).toEqual(['rollcall:alarms.topicKey']);
    expect(ids('alarms to an open topic')).toEqual([]);
  });

  it('gives a specified API its answers', () => {
    expect(resources('a specified API', 'AWS::ApiGateway::GatewayResponse')).toHaveLength(6);
  });

  it('keeps to a regulated account', () => {
    const one = (type: string) => resources('a regulated account', type)[0]?.[1].Properties;
    expect(one('AWS::IAM::Role')).toMatchObject({
      PermissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
    });
    expect(one('AWS::Lambda::Function')).toMatchObject({ TracingConfig: { Mode: 'Active' } });
    expect(one('AWS::Logs::LogGroup')).toHaveProperty('KmsKeyId');
    expect(ids('a regulated account')).toEqual([]);
  });
});
