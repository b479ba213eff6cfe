/**
 * Mutation testing: Stryker changes `lambda/` in thousands of small ways, and each change has to
 * fail a test. `tools/checks/mutation-score.ts` judges what it reports.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: [
    'lambda/{decision,request,token-source,response,response-context,config,settings,grammar}.ts',
    'lambda/{trusted-issuers,claims,jwt,arn,user-row,security-event}.ts',
    'lambda/{token,jwks,directory}.ts',
  ],
  testRunner: 'jest',
  jest: { configFile: 'tools/checks/mutation-jest.config.mjs' },
  // Not read: swc compiles the tests, and Stryker could not read it by TypeScript 7.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  ignorePatterns: ['/reports', '/cdk.out', '/dist', '/bench', '/docs', '/infra'],
  reporters: ['progress', 'json', 'html'],
  jsonReporter: { fileName: 'reports/mutation.json' },
  htmlReporter: { fileName: 'reports/mutation.html' },
  concurrency: 2,
  timeoutMS: 10_000,
};
