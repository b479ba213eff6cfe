/** `npm pack`, and what an app has that installs the tarball. Needs the package registry. */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');
const BIN = path.join(ROOT, 'node_modules', '.bin');

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Manifest;
const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-package-'));
const app = path.join(folder, 'app');
const installed = path.join(app, 'node_modules', 'rollcall');

let tarball: string;
let packedFiles: readonly string[];

async function run(program: string, args: readonly string[], cwd = app): Promise<string> {
  const env = {
    ...process.env,
    NO_COLOR: '1',
    NODE_NO_WARNINGS: '1',
    CDK_DISABLE_VERSION_CHECK: '1',
  };
  const { stdout } = await promisify(execFile)(program, [...args], {
    cwd,
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

function write(name: string, text: string): void {
  writeFileSync(path.join(app, name), text);
}

beforeAll(async () => {
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], ROOT);
  // The build that runs before may print as well.
  const [report] = JSON.parse(packed.slice(packed.indexOf('[\n'))) as [
    { filename: string; files: { path: string }[] },
  ];
  tarball = path.join(folder, report.filename);
  packedFiles = report.files.map((file) => file.path);

  mkdirSync(app);
  write('package.json', '{ "name": "empty-app", "private": true }\n');
  const { devDependencies } = manifest;
  await run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    tarball,
    `aws-cdk-lib@${devDependencies['aws-cdk-lib']}`,
    `constructs@${devDependencies['constructs']}`,
  ]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds what runs, its types, and its papers, and nothing of the development', () => {
    const foreign = packedFiles.filter(
      (file) =>
        !/^(?:lib\/.+\.(?:js|mjs|d\.ts)|lib\/package\.json|dist\/authorizer\/index\.mjs)$/u.test(
          file,
        ) &&
        !['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md'].includes(file),
    );
    expect(foreign).toEqual([]);
  });

  it.each(['package.json', 'LICENSE', 'dist/authorizer/index.mjs', 'lib/cli/rollcall.mjs'])(
    'holds %s',
    (file) => {
      expect(packedFiles).toContain(file);
    },
  );

  it('runs nothing when it is installed', () => {
    const hooks = /^(?:(?:pre|post)?install|prepare)$/u;
    expect(Object.keys(manifest.scripts).filter((name) => hooks.test(name))).toEqual([]);
  });

  it('depends on exactly what it imports', () => {
    const imported = new Set(
      packedFiles.filter((file) => file.startsWith('lib/')).flatMap(importedPackages),
    );
    const declared = [
      ...Object.keys(manifest.dependencies),
      ...Object.keys(manifest.peerDependencies),
    ];
    expect([...imported].sort()).toEqual(declared.sort());
  });
});

/** Packages by name: `aws-cdk-lib/aws-lambda` is of `aws-cdk-lib`. */
function importedPackages(file: string): readonly string[] {
  const source = readFileSync(path.join(installed, file), 'utf8');
  const pattern =
    /(?:\bfrom\s*|\bimport\s*|\bimport\(\s*|\brequire\(\s*)["']((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[\w./-]+)?["']/gu;
  return [...source.matchAll(pattern)]
    .map(([, name = '']) => name)
    .filter((name) => !builtinModules.includes(name));
}

const APP_BODY = `
const app = new App({ outdir: process.argv[2] });
const stack = new Stack(app, 'Shop');
const authorizer = new RollcallAuthorizer(stack, 'Authorizer', {
  issuers: [{ issuer: 'https://idp.example.com/', audience: ['https://api.example.com'] }],
});
const api = new RestApi(stack, 'Api');
api.root.addMethod('GET', undefined, { authorizer: authorizer.restToken() });
addGatewayResponses(api);
new AuthorizerStack(app, 'Whole', {
  issuers: [{ issuer: 'https://idp.example.com/', audience: ['https://api.example.com'] }],
  requireUserInDb: true,
});
app.synth();
`;
const NAMES = 'addGatewayResponses, AuthorizerStack, RollcallAuthorizer';
const APPS = {
  'app.mjs': `import { App, Stack } from 'aws-cdk-lib';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ${NAMES} } from 'rollcall';
${APP_BODY}`,
  'app.cjs': `const { App, Stack } = require('aws-cdk-lib');
const { RestApi } = require('aws-cdk-lib/aws-apigateway');
const { ${NAMES} } = require('rollcall');
${APP_BODY}`,
};

describe.each(['app.mjs', 'app.cjs'] as const)('an installed construct in %s', (name) => {
  const out = path.join(app, `cdk.out.${name}`);

  beforeAll(async () => {
    write(name, APPS[name]);
    await run(process.execPath, [name, out]);
  });

  it.each(['Shop', 'Whole'])('synthesizes the stack %s with an authorizer', (stack) => {
    const template = JSON.parse(readFileSync(path.join(out, `${stack}.template.json`), 'utf8')) as {
      Resources: Record<string, { Type: string }>;
    };
    expect(Object.values(template.Resources).map(({ Type }) => Type)).toContain(
      'AWS::ApiGateway::Authorizer',
    );
  });

  it('deploys the bundle that the package brings', () => {
    const bundle = readFileSync(path.join(installed, 'dist/authorizer/index.mjs'));
    const assets = readdirSync(out)
      .map((entry) => path.join(out, entry, 'index.mjs'))
      .filter((file) => existsSync(file));
    expect(assets.map((file) => readFileSync(file).equals(bundle))).toContain(true);
  });
});

describe('types', () => {
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

  it.each(['typed.mts', 'typed.cts'])('compile in %s, their declarations checked', async (name) => {
    write(name, TYPED);
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--target', 'esnext'];
    const modules = ['--module', 'nodenext', '--types', '', '--exactOptionalPropertyTypes'];
    const errors = await compilerErrors([...options, ...modules, name]);
    // aws-cdk-lib itself does not hold to exactOptionalPropertyTypes.
    expect(errors.filter((line) => !line.startsWith('node_modules/aws-cdk-lib/'))).toEqual([]);
  });
});

/** The first line of every error. */
async function compilerErrors(args: readonly string[]): Promise<readonly string[]> {
  const output = await run(path.join(BIN, 'tsc'), ['--pretty', 'false', ...args]).catch(
    (error: unknown) => (error as { stdout: string }).stdout,
  );
  return output.split('\n').filter((line) => /error TS\d+/u.test(line));
}

describe('the command line', () => {
  it('answers npx rollcall --help', async () => {
    const help = await run('npx', ['--no-install', 'rollcall', '--help']);
    expect(help).toMatch(
      /^Usage: rollcall [\s\S]*\busers\b[\s\S]*\bpreflight\b[\s\S]*\bexplain\b/u,
    );
  });
});

describe('identityFrom', () => {
  const EVENT = JSON.stringify({
    requestContext: {
      authorizer: {
        userId: 'alice',
        isAdmin: 'false',
        authMethod: 'database',
        reason: 'user_found',
      },
    },
  });
  const PRINT = `console.log(identityFrom(${EVENT}).isAdmin);`;

  it.each([
    ['import', 'module', `import { identityFrom } from 'rollcall/identity'; ${PRINT}`],
    ['require', 'commonjs', `const { identityFrom } = require('rollcall/identity'); ${PRINT}`],
  ])('is there by %s', async (_, type, source) => {
    const printed = await run(process.execPath, [`--input-type=${type}`, '--eval', source]);
    expect(printed).toBe('false\n');
  });
});

describe('the package linters', () => {
  it('has nothing that publint objects to', async () => {
    const report = await run(path.join(BIN, 'publint'), ['run', tarball, '--strict']);
    expect(report).toContain('All good!');
  });

  it('has no type that attw finds wrong', async () => {
    const report = await run(path.join(BIN, 'attw'), [tarball, '--format', 'json']);
    expect((JSON.parse(report) as { problems?: unknown }).problems ?? {}).toEqual({});
  });
});
