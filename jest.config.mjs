/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  transform: {
    '^.+\\.(?:[cm]?[jt]s)$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
      },
    ],
  },
  // Packages that ship ES modules only.
  transformIgnorePatterns: [
    '/node_modules/(?!(?:jose|oauth2-mock-server|is-plain-obj|marked|github-slugger|oxc-parser)/)',
  ],
  testTimeout: 30_000,
  // Two cores are what many machines have, and one of them would idle.
  maxWorkers: '100%',
};
