/** The packed package, installed: too slow to run with every test. `npm run test:package`. */
import base from '../../jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/package/*.installed.ts'],
  // The package builds the bundle by itself.
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 300_000,
};
