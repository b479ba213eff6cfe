/**
 * Packages that only one check needs and that are too large to install for everybody: fetched
 * when the check runs, into `dist/tools`, and kept there. Also how a check says that it cannot run.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * The folder of `name@version`, installed if need be; undefined when that fails, for example
 * without a network.
 */
export function installOnDemand(name: string, version: string): string | undefined {
  const prefix = path.join(ROOT, 'dist', 'tools', `${name}@${version}`);
  const folder = path.join(prefix, 'node_modules', name);
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  console.log(`Installing ${name}@${version} into ${path.relative(ROOT, prefix)} …`);
  const { status } = spawnSync(
    'npm',
    ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`],
    { stdio: 'inherit', shell: process.platform === 'win32' },
  );
  return status === 0 && existsSync(folder) ? folder : undefined;
}

/** Says aloud that a check did not run, which is no failure of what it would have checked. */
export function skip(check: string, why: string): void {
  console.log(`SKIPPED: ${check}: ${why}`);
}

/** Runs Jest with a Node of one's choice; `args` are paths and options of Jest's. */
export function runJest(
  args: readonly string[],
  {
    node = process.execPath,
    env = {},
  }: { readonly node?: string; readonly env?: NodeJS.ProcessEnv },
): number {
  const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const { status } = spawnSync(node, [jest, '--runInBand', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  return status ?? 1;
}
