/** The integration test as an app of the CDK; `run.ts` deploys and destroys it. */
import { App } from 'aws-cdk-lib';
import { integrationTest } from './integration.ts';

integrationTest(new App());
