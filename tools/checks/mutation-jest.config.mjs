/** The tests that mutants have to get past: those of `lambda/` that need no bundle. */
import path from 'node:path';
import config from '../../jest.config.mjs';

export default {
  ...config,
  rootDir: path.resolve(import.meta.dirname, '../..'),
  testMatch: ['<rootDir>/test/lambda/**/*.test.ts'],
  // The bundle is built from unmutated sources, so what runs it could kill nothing.
  testPathIgnorePatterns: ['/node_modules/', '/test/lambda/handler', '\\.bundle\\.test\\.ts$'],
  globalSetup: undefined,
};
