/** `doctor`: shows the settings in force, and checks the tables, the issuers and the APIs. */
import { parseConfig } from '../../lambda/settings/config.ts';
import type { Environment } from '../../lambda/settings/setting.ts';
import { readSettings, SETTING_NAMES, SETTINGS } from '../../lambda/settings/table.ts';
import { tableClients } from '../aws.ts';
import { check, checkTable, type Check } from '../check.ts';
import { findDeployment, type Deployment } from '../deployment.ts';
import { EXIT, usageError } from '../errors.ts';
import { functionNameOf, readAuthorizers } from './api-authorizers.ts';
import { checkAuthorizers } from './api-checks.ts';
import { checkIssuer } from './issuer.ts';
import { table, type CommandResult } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { checkTables } from './tables.ts';

interface SettingInForce {
  readonly name: string;
  readonly value: string | undefined;
  readonly origin: 'set' | 'default' | 'unset';
}

/** `doctor`, for the APIs of `apiIds` as well. Exit 4 when a check has failed. */
export async function doctor(
  { where }: CommandContext,
  apiIds: readonly string[] = [],
): Promise<CommandResult> {
  const deployment = await findDeployment(where);
  const settings = settingsInForce(deployment.settings);
  const result = parseConfig(deployment.settings);
  const checks: Check[] = result.ok
    ? [check('settings', 'pass', 'the settings are valid')]
    : result.problems.map((problem) =>
        check('settings', 'fail', problem, 'Fix it where the function is deployed from'),
      );
  checks.push(...(await tableChecks(deployment)));
  for (const issuer of result.ok ? result.config.issuers : []) {
    checks.push(...(await checkIssuer(issuer)));
  }
  for (const apiId of apiIds) checks.push(...(await checkApi(apiId, deployment)));
  const failed = checks.some(({ status }) => status === 'fail');
  return {
    data: { deployment: deployment.name, settings, checks },
    text: [
      `Settings of ${deployment.name}:`,
      ...table(settings.map(({ name, value = '', origin }) => [`  ${name}`, origin, value])),
      '',
      ...checkTable(checks),
    ],
    exitCode: failed ? EXIT.no : EXIT.ok,
  };
}

/** Nothing to look at while the settings name no users table: they have a problem then. */
async function tableChecks(deployment: Deployment): Promise<readonly Check[]> {
  if (deployment.usersTable.name === '') return [];
  const { tables } = await tableClients();
  return checkTables(deployment, tables);
}

/** The authorizers of an API that call the function. A bad setting counts as its default here. */
async function checkApi(apiId: string, deployment: Deployment): Promise<readonly Check[]> {
  const { functionName, kind, settings } = deployment;
  if (functionName === undefined || kind === 'local') {
    throw usageError(
      'function_missing',
      '--api needs a deployed function',
      'Name it with --function, or the stack with --stack',
    );
  }
  const read = readSettings(settings).settings;
  return checkAuthorizers(
    apiId,
    await readAuthorizers(apiId),
    functionNameOf(functionName) ?? functionName,
    {
      httpResponseFormat: read.HTTP_RESPONSE_FORMAT,
      webSocketTokenSource: read.WEBSOCKET_TOKEN_SOURCE,
    },
  );
}

function settingsInForce(env: Environment): readonly SettingInForce[] {
  return SETTING_NAMES.map((name) => {
    const { default: fallback }: { readonly grammar: unknown; readonly default?: string } =
      SETTINGS[name];
    const text = env[name];
    if (text !== undefined && text !== '') return { name, value: text, origin: 'set' };
    return { name, value: fallback, origin: fallback === undefined ? 'unset' : 'default' };
  });
}
