/**
 * Installs the dependencies when they are missing or older than `package-lock.json`, so that
 * `npm start` and `npm test` work in a fresh clone. Plain JavaScript: it runs before anything
 * is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';

if (process.argv.length > 2) {
  const asksForHelp = process.argv.includes('--help');
  console[asksForHelp ? 'log' : 'error'](
    'Installs the dependencies if they are missing or older than package-lock.json.\n\n  node tools/setup.mjs',
  );
  process.exit(asksForHelp ? 0 : 2);
}

const MINIMUM_NODE = [20, 19];
const root = path.resolve(import.meta.dirname, '..');
const stamp = path.join(root, 'node_modules', '.installed-from');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
  console.error(
    `Rollcall needs Node ${MINIMUM_NODE.join('.')} or newer; this is ${process.version}.`,
  );
  process.exit(1);
}

const lock = createHash('sha256')
  .update(readFileSync(path.join(root, 'package-lock.json')))
  .digest('hex');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) process.exit(0);

console.log('Installing dependencies (npm ci) …');
const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (status !== 0) {
  console.error('npm ci failed; see its messages above.');
  process.exit(status ?? 1);
}
writeFileSync(stamp, lock);
