/**
 * `preflight`: checks whether strict mode locks users out, or would if it were switched on. Only a
 * failed check means that it does; a warning needs attention.
 */
import type { Config } from '../../lambda/settings/config.ts';
import { createAuthor } from '../author.ts';
import { tableClients } from '../aws.ts';
import { check, checkTable, type Check } from '../check.ts';
import { findDeployment, type Deployment } from '../deployment.ts';
import { EXIT, toCliError, usageError } from '../errors.ts';
import { causeOf, readKeySet } from '../doctor/issuer-documents.ts';
import { checkTables } from '../doctor/tables.ts';
import { counted, type CommandResult } from '../output.ts';
import { checkBootstrapEntries } from './bootstrap.ts';
import { checkRows } from './rows.ts';
import { checkSettings } from './settings.ts';
import type { CommandContext } from '../run.ts';
import { createUserStore } from '../users/store.ts';

export interface PreflightOptions {
  readonly days: string;
}

/** `preflight`. Exit 0 only if no user would be locked out. */
export async function preflight(
  { where, output }: CommandContext,
  options: PreflightOptions,
): Promise<CommandResult> {
  const days = readDays(options.days);
  const deployment = await findDeployment(where);
  const { tables, documents } = await tableClients();
  const author = createAuthor((line) => output.note(line));
  const store = createUserStore(documents, deployment.usersTable, author);
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
  const { strict } = deployment.rules;
  const ready = checks.every(({ status }) => status !== 'fail');
  return {
    data: { deployment: deployment.name, strict, ready, checks },
    text: [...checkTable(checks), '', conclusion(deployment, checks)],
    exitCode: ready ? EXIT.ok : EXIT.no,
  };
}

function conclusion({ name, rules }: Deployment, checks: readonly Check[]): string {
  const idsOf = (wanted: Check['status']) =>
    checks.filter(({ status }) => status === wanted).map(({ id }) => id);
  const [failed, warned] = [idsOf('fail'), idsOf('warn')];
  if (failed.length === 0) {
    const passed = counted(checks.length - warned.length, 'check passes', 'checks pass');
    const counts = `${passed}, ${counted(warned.length, 'warns', 'warn')}`;
    return rules.strict
      ? `Strict mode is on for ${name}${warned.includes('roles') ? '' : ', and no user is locked out'}: ${counts}.`
      : `You can switch strict mode on for ${name}: ${counts}.`;
  }
  const fail = counted(failed.length, 'check fails', 'checks fail');
  return rules.strict
    ? `Strict mode is on for ${name}, and ${fail}. Fix this now: ${[...new Set(failed)].join(', ')}.`
    : `Do not switch strict mode on for ${name} yet: ${fail}.`;
}

/** A check that cannot run counts as failed, since it may hide a lockout; the other checks go on. */
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
          `the key set of ${issuer.issuer} cannot be read from here (${causeOf(keySet)})`,
          'Check JWKS_URI, and that the issuer is up',
        );
      }
      if (keySet.usable.length === 0) {
        return check(
          'keys',
          'fail',
          `the key set of ${issuer.issuer} has no usable key`,
          'Check JWT_ALGORITHMS, and the keys that the issuer publishes',
        );
      }
      return keySet.unusable.length === 0
        ? check(
            'keys',
            'pass',
            `${issuer.issuer} publishes ${counted(keySet.usable.length, 'usable key')} and no unusable key`,
          )
        : check(
            'keys',
            'warn',
            `${issuer.issuer} publishes keys that cannot verify tokens: ${keySet.unusable.join(', ')}`,
            'Tokens signed with them are rejected; check JWT_ALGORITHMS and the keys',
          );
    }),
  );
}

function readDays(text: string): number {
  const days = /^[1-9]\d{0,3}$/u.test(text) ? Number(text) : Number.NaN;
  if (days <= 3650) return days;
  throw usageError(
    'days',
    '--days must be a whole number from 1 to 3650',
    'Write it like --days 7',
  );
}
