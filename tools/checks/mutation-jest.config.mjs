/** The tests that a module's mutants have to get past: its own, none of which needs the bundle. */
import path from 'node:path';
import config from '../../jest.config.mjs';

const modules = (process.env.MUTATION_TESTS ?? '*').split(',');

export default {
  ...config,
  rootDir: path.resolve(import.meta.dirname, '../..'),
  testMatch: modules.map((name) => `<rootDir>/test/lambda/**/${name}?(.mutants).test.ts`),
  globalSetup: undefined,
  globalTeardown: undefined,
};
