/**
 * Tries the properties of `test/properties` on many more cases than `npm test` does: a million,
 * or as many as the first argument says. Some ten minutes on one core.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { readWords, refuse } from '../options.ts';

const HELP = `
Tries each property of test/properties on many cases.

  npm run test:long [-- cases]

  cases   how many, from 1 to 999999999 (default: 1000000, some ten minutes on one core)
`;

const [cases = '1000000', ...others] = readWords(HELP);
if (!/^[1-9]\d{0,8}$/u.test(cases) || others.length > 0) {
  refuse(`"${[cases, ...others].join(' ')}" is not one number from 1 to 999999999`);
}

const startedAt = performance.now();
const jest = path.resolve(import.meta.dirname, '../../node_modules/jest/bin/jest.js');
const { status } = spawnSync(
  process.execPath,
  [jest, '--runInBand', '--verbose', 'test/properties'],
  {
    env: { ...process.env, PROPERTY_RUNS: cases },
    stdio: 'inherit',
  },
);
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`${Number(cases).toLocaleString('en')} cases in ${seconds} s`);
process.exitCode = status ?? 1;
