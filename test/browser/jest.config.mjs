import base from '../../jest.config.mjs';

/** Tests in a real browser: apart from `npm test`, which needs Node alone. */
/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: [
    process.env.UPDATE_SCREENSHOTS === '1'
      ? '<rootDir>/test/browser/screenshots.ts'
      : '<rootDir>/test/browser/*.browser.ts',
  ],
  testTimeout: 60_000,
};
