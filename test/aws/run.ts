/**
 * `npm run test:aws`: deploys the integration test into the account of the AWS credentials at
 * hand, which asks its questions while it deploys, and destroys it again, whatever came out.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { readOptions } from '../../tools/options.ts';

readOptions(
  `
Deploys the integration test into the account of the AWS credentials at hand, which asks its questions
while it deploys, and destroys it again. It costs a few cents and takes some minutes.

  npm run test:aws
`,
  {},
);

const APP = ['--app', 'npx tsx test/aws/app.ts', '--output', 'cdk.out/integration', '--all'];

function cdk(...args: readonly string[]): boolean {
  console.log(`\n$ npx cdk ${args.join(' ')}`);
  const cwd = path.resolve(import.meta.dirname, '../..');
  return spawnSync('npx', ['cdk', ...args], { cwd, stdio: 'inherit' }).status === 0;
}

const passed = cdk('deploy', ...APP, '--require-approval', 'never', '--no-rollback');
const isGone = cdk('destroy', ...APP, '--force');
console.log(passed ? '\nEvery assertion held.' : '\nAn assertion failed, or a stack: see above.');
if (!isGone) {
  console.error(
    'The stacks could not be destroyed. Delete RollcallIntegration, RollcallProbes and the stack of the assertions (Integration…DeployAssert…) by hand.',
  );
}
process.exitCode = passed && isGone ? 0 : 1;
