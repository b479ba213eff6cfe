/**
 * Runs each example as far as its own tool goes without an account, with the files of a release.
 * A tool that is not there is skipped aloud.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOptions } from '../options.ts';
import { ROOT, writeRelease } from '../release/release.ts';
import { installOnDemand, skip } from './on-demand.ts';

const HELP = `
Runs the examples: cfn-lint, terraform and Serverless, each where it is installed or can be had.

  npm run test:examples
`;

const SERVERLESS = ['serverless', '3.40.0'] as const;
const EXAMPLES = path.join(ROOT, 'examples');
/** W3005: the CDK and Serverless write dependencies out that a reference implies. */
const CFN_LINT = ['--ignore-checks', 'W3005', '--'];

/** What Serverless has to make of `serverless.yml`. */
const AUTHORIZERS = {
  'AWS::ApiGatewayV2::Authorizer': {
    AuthorizerPayloadFormatVersion: '2.0',
    AuthorizerResultTtlInSeconds: 0,
    EnableSimpleResponses: true,
    IdentitySource: ['$request.header.Authorization'],
  },
  'AWS::ApiGateway::Authorizer': {
    AuthorizerResultTtlInSeconds: 0,
    IdentitySource: 'method.request.header.Authorization',
    Type: 'TOKEN',
  },
} as const;

readOptions(HELP, {});
const scratch = mkdtempSync(path.join(tmpdir(), 'rollcall-examples-'));
try {
  await writeRelease(path.join(scratch, 'release'));
  lint('the template of the release', [path.join(scratch, 'release/rollcall.template.yaml')]);
  lint('cloudformation', [path.join(EXAMPLES, 'cloudformation/api.yaml')]);
  lint('sam', [
    path.join(withZip('sam'), 'template.yaml'),
    path.join(EXAMPLES, 'sam/release.yaml'),
  ]);
  checkServerless();
  checkTerraform();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Runs a program; undefined where there is none. */
function run(program: string, args: readonly string[], cwd = scratch) {
  const { error, status, stdout, stderr } = spawnSync(program, [...args], {
    cwd,
    encoding: 'utf8',
    env: {
      ...process.env,
      // Nothing here may reach an account.
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      SLS_TELEMETRY_DISABLED: '1',
      SLS_NOTIFICATIONS_MODE: 'off',
      CI: 'true',
    },
  });
  return error === undefined
    ? { ok: status === 0, output: `${stdout}${stderr}`.trim() }
    : undefined;
}

function report(what: string, ok: boolean, output: string): void {
  console.log(`${ok ? 'ok' : 'FAILED'}: ${what}`);
  if (ok) return;
  console.log(output);
  process.exitCode = 1;
}

function lint(what: string, files: readonly string[]): void {
  const result = run('cfn-lint', [...CFN_LINT, ...files]);
  if (result === undefined) skip(`cfn-lint of ${what}`, 'cfn-lint is not installed');
  else report(`cfn-lint of ${what}`, result.ok, result.output);
}

/** A copy of an example with the zip of the release beside it, as its README asks for. */
function withZip(name: string): string {
  const folder = path.join(scratch, name);
  cpSync(path.join(EXAMPLES, name), folder, { recursive: true });
  cpSync(
    path.join(scratch, 'release/rollcall-authorizer.zip'),
    path.join(folder, 'rollcall-authorizer.zip'),
  );
  return folder;
}

interface Resources {
  readonly [id: string]: {
    readonly Type: string;
    readonly Properties: Readonly<Record<string, unknown>>;
  };
}

function checkServerless(): void {
  const installed = installOnDemand(...SERVERLESS);
  if (installed === undefined) {
    skip('serverless package', `${SERVERLESS.join('@')} could not be installed`);
    return;
  }
  const folder = withZip('serverless');
  const program = path.join(installed, 'bin/serverless.js');
  const result = run(process.execPath, [program, 'package'], folder);
  report('serverless package', result?.ok === true, result?.output ?? '');
  if (result?.ok !== true) return;
  const file = path.join(folder, '.serverless/cloudformation-template-update-stack.json');
  const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as { readonly Resources: Resources };
  for (const [type, wanted] of Object.entries(AUTHORIZERS)) {
    const found = Object.values(Resources).find(({ Type }) => Type === type)?.Properties ?? {};
    const wrong = Object.entries(wanted).filter(
      ([name, value]) => JSON.stringify(found[name]) !== JSON.stringify(value),
    );
    report(`serverless makes the ${type}`, wrong.length === 0, JSON.stringify({ wrong, found }));
  }
  lint('what serverless packages', [file]);
}

function checkTerraform(): void {
  const folder = withZip('terraform');
  const format = run('terraform', ['fmt', '-check', '-diff', '-no-color'], folder);
  if (format === undefined) {
    skip('terraform', 'it is not installed');
    return;
  }
  report('terraform fmt', format.ok, format.output);
  const init = run('terraform', ['init', '-backend=false', '-input=false', '-no-color'], folder);
  if (init?.ok !== true) {
    skip('terraform validate', 'the AWS provider could not be downloaded');
    return;
  }
  const validate = run('terraform', ['validate', '-no-color'], folder);
  report('terraform validate', validate?.ok === true, validate?.output ?? '');
}
