import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { contextOfCdkJson, ROOT } from './support/synth.ts';

const read = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

describe('cdk.json', () => {
  it('has the feature flags that this version of the CDK recommends', () => {
    const flags = createRequire(path.join(ROOT, 'package.json')).resolve(
      'aws-cdk-lib/recommended-feature-flags.json',
    );
    expect(contextOfCdkJson()).toEqual(read(flags));
  });

  it('builds the function before the app runs', () => {
    expect(read(path.join(ROOT, 'cdk.json'))).toMatchObject({
      app: 'npx tsx infra/app.ts',
      build: 'npm run build',
    });
  });
});
