/**
 * Runs the tests of the bundle on Node 24, which is what Lambda runs it on; development machines
 * may have an older one. Skipped aloud where there is no such Node to be had.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { readForwarded } from '../options.ts';
import { installOnDemand, runJest, skip } from './on-demand.ts';

const HELP = `
Runs the tests of the bundle on Node 24, which Lambda runs: this Node, or one from the registry.

  npm run test:node24 [-- options of Jest]
`;

const VERSION = '24.21.0';
const SUITES = ['test/lambda/handler.test.ts', 'test/attacks', 'test/faults/timers.test.ts'];

/** A Node 24: this one, or one from the registry; undefined where neither is. */
function findNode24(): string | undefined {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const folder = installOnDemand(`node-${platform}-${process.arch}`, VERSION);
  if (folder === undefined) return undefined;
  const node = path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return stdout?.startsWith('v24.') ? node : undefined;
}

function main(jestArgs: readonly string[]): number {
  const node = findNode24();
  if (node === undefined) {
    skip('tests on Node 24', `there is none for ${process.platform} ${process.arch}`);
    return 0;
  }
  return runJest([...SUITES, ...jestArgs], { node });
}

process.exitCode = main(readForwarded(HELP));
