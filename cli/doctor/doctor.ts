/** `doctor`: the settings in force, the tables that they name, and what the issuers say of themselves. */
import { parseConfig, type IssuerConfig } from '../../lambda/settings/config.ts';
import type { Environment } from '../../lambda/settings/setting.ts';
import { SETTING_NAMES, SETTINGS } from '../../lambda/settings/table.ts';
import { tableClients } from '../aws.ts';
import { check, checkTable, type Check } from '../check.ts';
import { findDeployment, type Deployment } from '../deployment.ts';
import { EXIT } from '../errors.ts';
import { readDiscovery, readKeySet } from './issuer-documents.ts';
import { counted, table, type CommandResult } from '../output.ts';
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
    checks.push(await checkKeySet(issuer), ...(await checkDiscovery(issuer)));
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

async function checkKeySet(issuer: IssuerConfig): Promise<Check> {
  const keySet = await readKeySet(issuer);
  if (!keySet.ok) {
    return check(
      'keys',
      'fail',
      `the key set ${issuer.jwksUri} cannot be read (${keySet.cause})`,
      'Check JWKS_URI, and that the issuer is up',
    );
  }
  return keySet.usable > 0
    ? check('keys', 'pass', `${issuer.jwksUri} has ${counted(keySet.usable, 'usable key')}`)
    : check(
        'keys',
        'fail',
        `${issuer.jwksUri} has no key that the allowed algorithms can use`,
        'Check JWT_ALGORITHMS against the keys of the issuer',
      );
}

/** Holds the discovery document against the settings that it speaks of. */
async function checkDiscovery(issuer: IssuerConfig): Promise<readonly Check[]> {
  const discovery = await readDiscovery(issuer.issuer);
  if (!discovery.ok) {
    return [
      check(
        'discovery',
        'warn',
        `no OpenID discovery document of ${issuer.issuer}: ${discovery.problem}`,
        'Check the issuer if it should have one; the function itself does not need it',
      ),
    ];
  }
  const { document } = discovery;
  const checks: Check[] = [];
  const compare = (
    id: string,
    ok: boolean,
    status: 'warn' | 'fail',
    what: string,
    remedy: string,
  ) => checks.push(ok ? check(id, 'pass', what) : check(id, status, `not so: ${what}`, remedy));
  compare(
    'discovery.issuer',
    document['issuer'] === issuer.issuer,
    'fail',
    'the issuer calls itself what JWT_ISSUER says, to the letter',
    `Set it to what the document says: ${shown(document['issuer'])}`,
  );
  compare(
    'discovery.jwks_uri',
    document['jwks_uri'] === issuer.jwksUri,
    'warn',
    'the issuer publishes its keys where JWKS_URI says',
    `Set JWKS_URI to what the document says: ${shown(document['jwks_uri'])}`,
  );
  const algorithms = texts(document['id_token_signing_alg_values_supported']);
  if (algorithms !== undefined) {
    compare(
      'discovery.algorithms',
      algorithms.some((name) => issuer.algorithms.some((allowed) => allowed === name)),
      'warn',
      'the issuer signs with an allowed algorithm',
      `Allow one of its own in JWT_ALGORITHMS: ${algorithms.join(', ')}`,
    );
  }
  const claims = texts(document['claims_supported']);
  if (claims !== undefined) {
    compare(
      'discovery.claims',
      claims.includes(issuer.userClaim),
      'warn',
      `the issuer's tokens can carry the claim ${issuer.userClaim}`,
      `Check USER_CLAIM against its claims: ${claims.join(', ')}`,
    );
  }
  return checks;
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : '(nothing)';
}
