/**
 * `explain --user`: why a user is denied, without a token. It shows the row as the function reads it,
 * the denials in the log, and what the settings require of a token.
 */
import type { Config, IssuerConfig } from '../../lambda/settings/config.ts';
import { startDeadline } from '../../lambda/deadline.ts';
import {
  isBootstrapOpen,
  REASONS,
  type DirectoryEvidence,
  type Reason,
} from '../../lambda/decision.ts';
import { EXPLANATIONS, plainText } from '../../lambda/explanations.ts';
import { digestOf } from '../../lambda/telemetry/digest.ts';
import { printable } from '../../lambda/telemetry/printable.ts';
import { createDirectory } from '../../lambda/users/directory.ts';
import { createTableClient } from '../../lambda/users/table-client.ts';
import type { Deployment } from '../deployment.ts';
import { EXIT, usageError } from '../errors.ts';
import { columns, counted, isoTime, type CommandResult } from '../output.ts';
import { requireKey, splitKey } from '../user-keys.ts';
import { askedOfToken } from './asked-of-token.ts';
import { deniedRequests, type DeniedRequests } from './denied-requests.ts';

export interface ExplainUserOptions {
  readonly user: string;
  readonly issuer?: string;
  readonly namespace?: string;
  readonly hours: string;
}

interface Step {
  readonly step: string;
  readonly status: 'passed' | 'failed' | 'unavailable' | 'not_reached';
  readonly facts: string;
}

interface Subject {
  readonly key: string;
  readonly config: Config;
  /** Undefined where several issuers could have given her the token. */
  readonly issuer: IssuerConfig | undefined;
  readonly now: number;
}

const MAX_HOURS = 24 * 30;
const MARKS = { passed: 'pass', failed: 'FAIL', unavailable: 'FAIL', not_reached: '-' } as const;

/** @param now epoch seconds, by the clock of AWS */
export async function explainUser(
  options: ExplainUserOptions,
  deployment: Deployment,
  config: Config,
  now: number,
): Promise<CommandResult> {
  const hours = readHours(options.hours);
  const issuer = chosenIssuer(options, deployment, config);
  const namespace = options.namespace ?? issuer?.userNamespace;
  const key = requireKey(options.user, namespace, deployment.rules);
  const subject = { key, config, issuer: issuer ?? issuerOf(key, deployment, config), now };
  const evidence = await lookUp(subject);
  const { reason, steps } = judge(evidence, subject);
  const shownKey = config.logUserIds === 'sha256' ? digestOf(key) : printable(key);
  const denied = await deniedRequests(deployment, shownKey, subject.issuer?.issuer, {
    sinceMs: (now - hours * 3600) * 1000,
  });
  const asked = askedOfToken(config, subject.issuer, now);
  const { outcome, detail } = REASONS[reason];
  const { meaning, remedy } = EXPLANATIONS[reason];
  return {
    data: {
      user_id: key,
      ...(subject.issuer !== undefined && { issuer: subject.issuer.issuer }),
      outcome,
      reason,
      detail,
      at: isoTime(Math.floor(now)),
      steps,
      hours,
      ...denied,
      asked_of_token: Object.fromEntries(asked),
    },
    text: [
      ...columns(steps.map(({ step, status, facts }) => [MARKS[status], step, facts])),
      '',
      outcome === 'allow'
        ? `The row lets ${printable(key)} in, with a token that passes every check below.`
        : `${outcome}: ${reason} (${detail})`,
      ...(outcome === 'allow' ? [] : [plainText(meaning), plainText(remedy)]),
      '',
      ...describeDenied(denied, hours),
      '',
      'What is asked of a token:',
      ...columns(asked.map(([what, value]) => [`  ${what}`, value])),
      '',
      'With the token itself: rollcall explain < token.txt',
    ],
    exitCode: outcome === 'allow' ? EXIT.ok : outcome === 'unavailable' ? EXIT.failed : EXIT.no,
  };
}

/** The one that was named, or the only one there is. */
function chosenIssuer(
  { issuer: name }: ExplainUserOptions,
  deployment: Deployment,
  { issuers }: Config,
): IssuerConfig | undefined {
  if (name === undefined) return issuers.length === 1 ? issuers[0] : undefined;
  const found = issuers.find(({ issuer }) => issuer === name);
  if (found !== undefined) return found;
  throw usageError(
    'issuer_not_trusted',
    `${printable(name)} is no issuer that ${deployment.name} trusts: every token of it is refused`,
    `Name one of: ${issuers.map(({ issuer }) => issuer).join(', ')}`,
  );
}

/** Of a key with a namespace that one issuer alone has. */
function issuerOf(
  key: string,
  { rules }: Deployment,
  { issuers }: Config,
): IssuerConfig | undefined {
  const { namespace } = splitKey(key, rules);
  const candidates = issuers.filter(({ userNamespace }) => userNamespace === namespace);
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** As the function reads it, and never from its cache. No token is known, so none is looked for. */
async function lookUp({ key, config, issuer }: Subject): Promise<DirectoryEvidence> {
  const directory = createDirectory({ ...config, userCacheTtlSeconds: 0 }, createTableClient());
  const deadline = startDeadline(Infinity);
  try {
    return await directory.lookUp(
      {
        userId: key,
        issuer: issuer?.issuer ?? '',
        jti: undefined,
        session: undefined,
        expiresAt: Infinity,
      },
      deadline,
    );
  } finally {
    deadline.clear();
  }
}

/** What the row says of the next request, with a new token that has the required scopes. */
function judge(
  evidence: DirectoryEvidence,
  { key, config, now }: Subject,
): { readonly reason: Reason; readonly steps: readonly Step[] } {
  const { usersTable, requireUserInDb, requiredRoles } = config;
  const where = `row ${JSON.stringify(printable(key))} of ${usersTable.name}`;
  if (evidence.status === 'unavailable') {
    const { reason, cause, attribute } = evidence;
    const why = [cause, attribute].filter((part) => part !== undefined).join(', ');
    return { reason, steps: stepsOf([['directory', 'unavailable', `${where}: ${why}`]]) };
  }
  const found: Entry = ['directory', 'passed', where];
  if (evidence.status === 'not_found') {
    const reason = requireUserInDb
      ? 'user_not_in_db'
      : isAdmin(key, config) && isBootstrapOpen(config, now)
        ? 'platform_admin_bootstrap'
        : 'user_not_found';
    const passes = reason === 'platform_admin_bootstrap';
    const facts = passes ? 'there is none; enters by bootstrap' : 'there is none';
    return { reason, steps: stepsOf([found, ['row', passes ? 'passed' : 'failed', facts]]) };
  }
  const { isActive, tokensValidAfter, roles } = evidence.row;
  const hasRole = requiredRoles.length === 0 || requiredRoles.some((role) => roles.includes(role));
  const entries: readonly Entry[] = [
    found,
    ['row', 'passed', 'there is one'],
    ['active', isActive ? 'passed' : 'failed', `is_active ${isActive}`],
    [
      'sign_out',
      tokensValidAfter !== undefined && tokensValidAfter > now ? 'failed' : 'passed',
      tokensValidAfter === undefined
        ? 'never signed out'
        : `only tokens issued at or after ${isoTime(tokensValidAfter)} are accepted`,
    ],
    [
      'roles',
      hasRole ? 'passed' : 'failed',
      requiredRoles.length === 0
        ? 'not asked for'
        : `roles ${roles.join(', ') || '(none)'}; one of: ${requiredRoles.join(', ')}`,
    ],
  ];
  const steps = stepsOf(entries);
  const failed = steps.find(({ status }) => status === 'failed')?.step;
  return { reason: REASON_OF[failed ?? ''] ?? 'user_found', steps };
}

type Entry = readonly [step: string, status: Step['status'], facts: string];

const REASON_OF: Readonly<Record<string, Reason>> = {
  active: 'user_disabled',
  sign_out: 'user_tokens_revoked',
  roles: 'role_missing',
};

/** What comes after a failure was not reached. */
function stepsOf(entries: readonly Entry[]): readonly Step[] {
  const end = entries.findIndex(([, status]) => status !== 'passed');
  return entries.map(([step, status, facts], index) =>
    end !== -1 && index > end
      ? { step, status: 'not_reached', facts: '' }
      : { step, status, facts },
  );
}

function isAdmin(key: string, { platformAdmin, issuers }: Config): boolean {
  if (platformAdmin === undefined) return false;
  const { userNamespace } = issuers.find(({ issuer }) => issuer === platformAdmin.issuer) ?? {};
  return key === (userNamespace === undefined ? '' : `${userNamespace}#`) + platformAdmin.userId;
}

function describeDenied(
  { denials, not_authenticated: rejected, problem }: DeniedRequests,
  hours: number,
): readonly string[] {
  const period = `in the last ${counted(hours, 'hour')}`;
  if (problem !== undefined) return [`What the log says is not known: ${problem}.`];
  return [
    denials.length === 0
      ? `The log has no denial of this user ${period}.`
      : `Denied ${period}, latest first:`,
    ...columns(
      denials.map(({ time, reason, source_ip: address = '', jti = '' }) => [
        `  ${time}`,
        reason,
        address,
        jti && `jti ${jti}`,
      ]),
    ),
    ...(rejected.length === 0
      ? []
      : [
          `Tokens of this issuer that were rejected before their user was known ${period}:`,
          ...columns(rejected.map(({ reason, count }) => [`  ${reason}`, String(count)])),
        ]),
  ];
}

function readHours(text: string): number {
  const hours = /^\d{1,3}$/u.test(text) ? Number(text) : 0;
  if (hours >= 1 && hours <= MAX_HOURS) return hours;
  throw usageError(
    'hours_invalid',
    `--hours must be a whole number from 1 to ${MAX_HOURS}`,
    'Write it like --hours 24',
  );
}
