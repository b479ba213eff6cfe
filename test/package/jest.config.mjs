/** The packed package, installed: too slow to run with every test. `npm run test:package`. */
import base from '../../jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/package/*.installed.ts'],
  // Packs once, which builds the bundle as well.
  globalSetup: '<rootDir>/test/package/global-setup.ts',
  globalTeardown: '<rootDir>/test/package/global-teardown.ts',
  testTimeout: 300_000,
};
