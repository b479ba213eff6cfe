/** The command as a person runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

function cost(...args: string[]) {
  const script = path.join(root, 'tools', 'cost', 'main.ts');
  return spawnSync(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
}

const SHORT = ['--rps', '20', '--users', '50', '--seconds', '30'];

it('prints a column for each lifetime of the cache', () => {
  const { stdout } = cost(...SHORT, '--ttl', '0,30');
  expect(stdout).toMatch(/^revocation takes up to, s\s+0\s+30$/mu);
});

it('says of which day its prices are', () => {
  expect(cost(...SHORT).stdout).toMatch(/^Prices of \d{4}-\d{2}-\d{2}, us-east-1/mu);
});

it('writes a chart', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-cost-'));
  const chart = path.join(folder, 'cost.svg');
  cost(...SHORT, '--ttl', '0,30', '--chart', chart);
  const svg = readFileSync(chart, 'utf8');
  rmSync(folder, { recursive: true });
  expect(svg).toMatch(/^<svg [^>]*role="img".*at once.*up to 30 s.*<\/svg>\n$/su);
});

it.each([
  [['--rps', 'many'], '--rps takes numbers of 0.01 or more, not "many"'],
  [['--ttl', '0,-1'], '--ttl takes numbers of 0 or more, not "-1"'],
  [['--memory', '64'], '--memory takes numbers of 128 or more, not "64"'],
])('refuses %j', (args, message) => {
  expect(cost(...args)).toMatchObject({ status: 2, stderr: `${message}\n` });
});
