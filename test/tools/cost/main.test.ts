/** The command as a person runs it. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

function cost(...args: string[]) {
  const script = path.join(root, 'tools', 'cost', 'main.ts');
  return spawnSync(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
}

it('prints a column for each lifetime of the cache', () => {
  const { stdout } = cost('--rps', '20', '--ttl', '0,30');
  expect(stdout).toMatch(/^a revocation takes up to, s\s+0\s+30$/mu);
});

it('says of which day and Region its prices are', () => {
  expect(cost('--rps', '20').stdout).toMatch(/^Prices of \d{4}-\d{2}-\d{2}, us-east-1/mu);
});

it('answers --help', () => {
  expect(cost('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--rps N') });
});

it.each([
  [['--rps', 'many'], '--rps must be a number of 0.01 or more, not "many"'],
  [['--ttl', '0,-1'], '--ttl must be a number of 0 or more, not "-1"'],
  [['--memory', '64'], '--memory must be a number of 128 or more, not "64"'],
  [['--users', '1.5'], '--users must be a whole number of 1 or more, not "1.5"'],
  [['--rsp', '5'], "Unknown option '--rsp'"],
  [['500'], "Unexpected argument '500'"],
])('refuses %j in words', (args, message) => {
  expect(cost(...args)).toMatchObject({ status: 2, stderr: `${message}\nSee --help.\n` });
});
