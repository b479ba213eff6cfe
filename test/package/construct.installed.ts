/** CDK apps that have installed the package, with the oldest aws-cdk-lib that it admits and the newest. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BIN, CDK_APPS, InstalledApp, manifest, PEERS, peersOf } from './support.ts';

const APP_BODY = `
const issuers = [{ issuer: 'https://idp.example.com/', audience: ['https://api.example.com'] }];
const app = new App({ outdir: process.argv[2] });
const stack = new Stack(app, 'Shop', { env: { account: '111122223333', region: 'eu-west-1' } });
const vpc = new Vpc(stack, 'Vpc');
const authorizer = new RollcallAuthorizer(stack, 'Authorizer', {
  issuers,
  vpc,
  provisionedConcurrency: 1,
  replicaRegions: ['eu-central-1'],
  platformAdminEmail: 'admin@example.com',
});
const api = new RestApi(stack, 'Api');
api.root.addMethod('GET', undefined, { authorizer: authorizer.restToken() });
addGatewayResponses(api);
new GraphqlApi(stack, 'Graph', {
  name: 'Graph',
  definition: Definition.fromFile('schema.graphql'),
  authorizationConfig: { defaultAuthorization: authorizer.appSync() },
});
new AuthorizerStack(app, 'Whole', {
  issuers,
  requireUserInDb: true,
  httpApi: true,
  webSocketApi: true,
});
app.synth();
`;
const IMPORTS = [
  [`App, Stack`, 'aws-cdk-lib'],
  ['RestApi', 'aws-cdk-lib/aws-apigateway'],
  ['Definition, GraphqlApi', 'aws-cdk-lib/aws-appsync'],
  ['Vpc', 'aws-cdk-lib/aws-ec2'],
  ['addGatewayResponses, AuthorizerStack, RollcallAuthorizer', 'rollcall'],
] as const;
const APPS = {
  'app.mjs':
    IMPORTS.map(([names, from]) => `import { ${names} } from '${from}';\n`).join('') + APP_BODY,
  'app.cjs':
    IMPORTS.map(([names, from]) => `const { ${names} } = require('${from}');\n`).join('') +
    APP_BODY,
};

const TYPED = `import { App, Stack } from 'aws-cdk-lib';
import { RollcallAuthorizer, type RollcallAuthorizerProps } from 'rollcall';
import { identityFrom, type Identity } from 'rollcall/identity';
const props: RollcallAuthorizerProps = {
  issuers: [{ issuer: 'https://idp.example.com/', audience: ['https://api.example.com'] }],
};
new RollcallAuthorizer(new Stack(new App(), 'Shop'), 'Authorizer', props);
export const caller: Identity = identityFrom({});
export const isAdmin: boolean = caller.isAdmin;
// @ts-expect-error -- issuers is required
new RollcallAuthorizer(new Stack(new App(), 'Bad'), 'Authorizer', {});
`;

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}

it('declares its peers by the lowest version that works, and as optional', () => {
  for (const name of PEERS) expect(manifest.peerDependencies[name]).toMatch(/^\^\d+\.\d+\.\d+$/u);
  expect(Object.keys(manifest.peerDependencies)).toEqual(PEERS);
  expect(manifest.peerDependenciesMeta).toEqual(
    Object.fromEntries(PEERS.map((name) => [name, { optional: true }])),
  );
});

describe.each(CDK_APPS)('with the %s aws-cdk-lib', (which) => {
  const app = InstalledApp.at(which);

  beforeAll(() => {
    app.write('schema.graphql', 'type Query { caller: String }\n');
  });

  it('runs what it says it runs', () => {
    const [cdk = ''] = peersOf(which);
    const file = path.join(app.folder, 'node_modules/aws-cdk-lib/package.json');
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
    expect(`aws-cdk-lib@${version}`).toBe(cdk);
  });

  describe.each(['app.mjs', 'app.cjs'] as const)('an app in %s', (name) => {
    const template = (stack: string) =>
      JSON.parse(
        readFileSync(path.join(app.folder, `out.${name}`, `${stack}.template.json`), 'utf8'),
      ) as Template;

    beforeAll(async () => {
      app.write(name, APPS[name]);
      await app.run(process.execPath, [name, `out.${name}`]);
    });

    it.each(['Shop', 'Whole'])('synthesizes the stack %s with an authorizer', (stack) => {
      expect(Object.values(template(stack).Resources).map(({ Type }) => Type)).toContain(
        'AWS::ApiGateway::Authorizer',
      );
    });

    it('deploys the bundle that the package brings', () => {
      const bundle = readFileSync(path.join(app.package, 'dist/authorizer/index.mjs'));
      const out = path.join(app.folder, `out.${name}`);
      const assets = readdirSync(out)
        .map((entry) => path.join(out, entry, 'index.mjs'))
        .filter((file) => existsSync(file));
      expect(assets.map((file) => readFileSync(file).equals(bundle))).toContain(true);
    });
  });

  it.each(['typed.mts', 'typed.cts'])('compiles %s, declarations and all', async (name) => {
    app.write(name, TYPED);
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--target', 'esnext'];
    const modules = ['--module', 'nodenext', '--types', '', '--exactOptionalPropertyTypes'];
    const output = await app
      .run(path.join(BIN, 'tsc'), ['--pretty', 'false', ...options, ...modules, name])
      .catch((error: unknown) => (error as { stdout: string }).stdout);
    const errors = output
      .split('\n')
      .filter((line) => /error TS\d+/u.test(line))
      // aws-cdk-lib itself does not hold to exactOptionalPropertyTypes.
      .filter((line) => !line.startsWith('node_modules/aws-cdk-lib/'));
    expect(errors).toEqual([]);
  });
});
