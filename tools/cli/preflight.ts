/**
 * `preflight`: may strict mode be switched on? Looks at everything that could then lock somebody
 * out. A warning is worth reading; only a failure means that somebody would be.
 */
import type { Config } from '../../lambda/config.ts';
import { tableClients } from './aws.ts';
import { check, checkTable, type Check } from './check.ts';
import { findDeployment } from './context.ts';
import { EXIT, toCliError, usageError } from './errors.ts';
import { readKeySet } from './issuer-documents.ts';
import type { CommandResult } from './output.ts';
import { checkBootstrapEntries } from './preflight-bootstrap.ts';
import { checkRows } from './preflight-rows.ts';
import { checkSettings } from './preflight-settings.ts';
import { checkTables } from './preflight-tables.ts';
import type { CommandContext } from './run.ts';
import { createUserStore } from './user-store.ts';

export interface PreflightOptions {
  readonly days: string;
}

/** `preflight`. Exit 0 only when nobody would be locked out. */
export async function preflight(
  { where }: CommandContext,
  options: PreflightOptions,
): Promise<CommandResult> {
  const days = readDays(options.days);
  const deployment = await findDeployment(where);
  const { tables, documents } = await tableClients();
  const store = createUserStore(documents, deployment.usersTable);
  const { checks: settingsChecks, config } = checkSettings(deployment);
  const checks: Check[] = [...settingsChecks, ...(await checkTables(deployment, tables))];
  const tableIsUsable = checks.some(({ id, status }) => id === 'users_table' && status === 'pass');
  if (tableIsUsable) {
    checks.push(
      ...(await unlessUnreachable('rows', () => checkRows(deployment, config, store))),
      ...(await unlessUnreachable('bootstrap_entries', async () => [
        await checkBootstrapEntries(deployment, store, days),
      ])),
    );
  }
  checks.push(...(await checkKeys(config)));
  const count = (status: Check['status']) => checks.filter((one) => one.status === status).length;
  const ready = count('fail') === 0;
  return {
    data: { deployment: deployment.name, ready, checks },
    text: [
      ...checkTable(checks),
      '',
      ready
        ? `Strict mode may be switched on for ${deployment.name}: ${count('pass')} checks pass, ${count('warn')} warn.`
        : `Do not switch strict mode on for ${deployment.name} yet: ${count('fail')} checks fail.`,
    ],
    exitCode: ready ? EXIT.ok : EXIT.no,
  };
}

/** What cannot be looked at may lock somebody out: it fails, and the other checks go on. */
async function unlessUnreachable(
  id: string,
  look: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    const { message, remedy } = toCliError(error);
    return [check(id, 'fail', message, remedy)];
  }
}

async function checkKeys(config: Config | undefined): Promise<readonly Check[]> {
  const issuers = config?.issuers ?? [];
  return Promise.all(
    issuers.map(async (issuer) => {
      const keySet = await readKeySet(issuer);
      if (!keySet.ok) {
        return check(
          'keys',
          'fail',
          `the key set of ${issuer.issuer} cannot be read from here (${keySet.cause})`,
          'Check JWKS_URI, and that the issuer is up',
        );
      }
      if (keySet.usable === 0) {
        return check(
          'keys',
          'fail',
          `the key set of ${issuer.issuer} has no usable key`,
          'Check JWT_ALGORITHMS, and the keys that the issuer publishes',
        );
      }
      return keySet.unusable.length === 0
        ? check('keys', 'pass', `${issuer.issuer} publishes ${keySet.usable} keys, all usable`)
        : check(
            'keys',
            'warn',
            `${issuer.issuer} publishes keys that verify nothing here: ${keySet.unusable.join(', ')}`,
            'Tokens signed with them are refused; check JWT_ALGORITHMS and the keys',
          );
    }),
  );
}

function readDays(text: string): number {
  const days = /^[1-9]\d{0,3}$/u.test(text) ? Number(text) : Number.NaN;
  if (days <= 3650) return days;
  throw usageError('days', '--days must be a whole number from 1 to 3650', 'Correct it');
}
