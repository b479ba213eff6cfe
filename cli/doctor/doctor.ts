/** `doctor`: the settings in force, the tables that they name, and what the issuers say of themselves. */
import { parseConfig } from '../../lambda/settings/config.ts';
import type { Environment } from '../../lambda/settings/setting.ts';
import { SETTING_NAMES, SETTINGS } from '../../lambda/settings/table.ts';
import { tableClients } from '../aws.ts';
import { check, checkTable, type Check } from '../check.ts';
import { findDeployment, type Deployment } from '../deployment.ts';
import { EXIT } from '../errors.ts';
import { checkIssuer } from './issuer.ts';
import { table, type CommandResult } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { checkTables } from './tables.ts';

interface SettingInForce {
  readonly name: string;
  readonly value: string | undefined;
  readonly origin: 'set' | 'default' | 'unset';
}

/** `doctor`. Exit 4 when a check has failed. */
export async function doctor({ where }: CommandContext): Promise<CommandResult> {
  const deployment = await findDeployment(where);
  const settings = settingsInForce(deployment.settings);
  const result = parseConfig(deployment.settings);
  const checks: Check[] = result.ok
    ? [check('settings', 'pass', 'the settings make sense')]
    : result.problems.map((problem) =>
        check('settings', 'fail', problem, 'Correct it where the function is deployed from'),
      );
  checks.push(...(await tableChecks(deployment)));
  for (const issuer of result.ok ? result.config.issuers : []) {
    checks.push(...(await checkIssuer(issuer)));
  }
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

function settingsInForce(env: Environment): readonly SettingInForce[] {
  return SETTING_NAMES.map((name) => {
    const { default: fallback }: { readonly grammar: unknown; readonly default?: string } =
      SETTINGS[name];
    const text = env[name];
    if (text !== undefined && text !== '') return { name, value: text, origin: 'set' };
    return { name, value: fallback, origin: fallback === undefined ? 'unset' : 'default' };
  });
}
