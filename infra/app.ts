/** Entry point of the CDK app: settings in, one stack out. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Annotations, App } from 'aws-cdk-lib';
import { AuthorizerStack } from './authorizer-stack.ts';
import { loadSettings, SettingsError, type LoadedSettings } from './load-settings.ts';

/** The CDK runs the app where `cdk.json` is. */
const dotenvFile = path.resolve('.env');

function settings(): LoadedSettings {
  try {
    return loadSettings(
      process.env,
      existsSync(dotenvFile) ? readFileSync(dotenvFile, 'utf8') : '',
    );
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const isNew =
      !existsSync(dotenvFile) && !process.env['JWT_ISSUER'] && !process.env['TRUSTED_ISSUERS'];
    console.error(isNew ? `${error.message}\nCopy .env.example to .env first.` : error.message);
    return process.exit(1);
  }
}

const { stackName, props, unknownNames, overriddenNames, shellNames } = settings();
if (overriddenNames.length > 0) {
  console.error(`The shell overrides .env: ${overriddenNames.join(', ')}`);
}
if (shellNames.length > 0) console.error(`Set by the shell alone: ${shellNames.join(', ')}`);

const stack = new AuthorizerStack(new App(), stackName, props);
for (const name of unknownNames) {
  Annotations.of(stack).addWarningV2(
    'rollcall:settings.unknown',
    `${name} is not a setting of Rollcall and has no effect. Correct its name (.env.example lists them all), or unset it.`,
  );
}
