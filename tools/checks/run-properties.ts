/**
 * Tries the properties of `test/properties` on many more cases than `npm test` does: a million,
 * or as many as the first argument says. Some ten minutes on one core.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const [cases = '1000000'] = process.argv.slice(2);
if (!/^[1-9]\d{0,8}$/u.test(cases)) throw new Error('Say how many cases: a whole number');

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
