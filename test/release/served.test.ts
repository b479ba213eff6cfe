/**
 * What somebody without the CDK has deployed, on this machine: the zip and the template of the
 * release, and beside them the APIs of `examples/cloudformation`, over real HTTP.
 */
import { unzipSync } from 'fflate';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalStack, type LocalStack } from '../../local/stack.ts';
import { describeHttpApi, describeRestApi, describeStrictMode } from '../local/support/whoami.ts';
import { writeRelease } from '../../tools/release/release.ts';
import { joined, parametersOf, withParameters } from './support.ts';
import { parseTemplate } from './yaml.ts';

const START_TIMEOUT_MS = 120_000;
const CODE = { CodeS3Bucket: 'releases', CodeS3Key: 'rollcall/rollcall-authorizer.zip' };

const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-served-'));
const stacks: LocalStack[] = [];

/** Deploys what the release says, with the function's code as Lambda would unzip it. */
async function deploy(options: { readonly strict: boolean }): Promise<LocalStack> {
  const template = parseTemplate(
    readFileSync(path.join(folder, 'release/rollcall.template.yaml'), 'utf8'),
  );
  const api = parseTemplate(
    readFileSync(
      path.resolve(import.meta.dirname, '../../examples/cloudformation/api.yaml'),
      'utf8',
    ),
  );
  const started = await startLocalStack({
    ...options,
    assemble: (settings) =>
      Promise.resolve({
        directory: mkdtempSync(path.join(folder, 'stack-')),
        stackName: 'Rollcall',
        template: joined(
          withParameters(template, { ...CODE, ...parametersOf(template, settings) }),
          api,
        ),
        assetPath: (key) => (key === CODE.CodeS3Key ? path.join(folder, 'code') : undefined),
      }),
  });
  stacks.push(started);
  return started;
}

let stack: LocalStack;
let strictStack: LocalStack;

beforeAll(async () => {
  await writeRelease(path.join(folder, 'release'));
  mkdirSync(path.join(folder, 'code'));
  const archive = readFileSync(path.join(folder, 'release/rollcall-authorizer.zip'));
  for (const [name, contents] of Object.entries(unzipSync(archive))) {
    writeFileSync(path.join(folder, 'code', name), contents);
  }
  stack = await deploy({ strict: false });
  strictStack = await deploy({ strict: true });
}, START_TIMEOUT_MS);

afterAll(async () => {
  for (const each of stacks) await each.close();
  rmSync(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

describeRestApi(() => stack);
describeStrictMode(() => strictStack);
describeHttpApi(() => stack);

it('gives the outputs that an API needs', () => {
  const { AuthorizerFunctionArn: arn = '', AuthorizerInvocationUri: uri } = stack.outputs;
  expect(arn).toMatch(/^arn:aws:lambda:us-east-1:000000000000:function:/u);
  expect(uri).toBe(
    `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`,
  );
  expect(stack.outputs).toMatchObject({
    UsersTableName: stack.usersTable.name,
    RevokedTokensTableName: stack.revokedTokensTableName,
  });
});
