/** The commands on tokens. A token's claims are not verified, and never printed as a whole. */
import { timestamp } from '../../lambda/settings/grammar.ts';
import { printable } from '../../lambda/telemetry/printable.ts';
import { createAuthor } from '../author.ts';
import { preparePostWrite, type PostWriteOptions } from '../post-write.ts';
import { requireDeployment } from '../deployment.ts';
import { usageError } from '../errors.ts';
import { isoTime, table, type CommandResult } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { serviceClock } from '../service-clock.ts';
import { readRevocation, requireRevocation, writeRevocation } from './revoked-table.ts';
import { isSaneTime, readName, type RevocableName, type TokenOptions } from './names.ts';

export interface RevokeOptions extends TokenOptions, PostWriteOptions {
  readonly expires?: string;
}

/** After `exp` a token is accepted for the clock tolerance, which is at most this. */
const MAX_CLOCK_TOLERANCE_SECONDS = 300;

/** `tokens revoke`. */
export async function revoke(
  { where, output }: CommandContext,
  options: RevokeOptions,
): Promise<CommandResult> {
  if (options.probe !== undefined && options.issuer !== undefined) {
    throw usageError(
      'probe_token',
      '--probe needs the token itself',
      'Pipe in the token instead of giving --issuer with --jti or --session',
    );
  }
  const deployment = await requireDeployment(where);
  const revokedTable = requireRevocation(deployment);
  const { name, token } = await readName(options, deployment);
  const expiresAt = readExpiry(options.expires) ?? name.expiresAt;
  const postWrite = await preparePostWrite(options, deployment, {
    ...(token !== undefined && { token }),
  });
  const keepUntil =
    expiresAt === undefined ? undefined : Math.ceil(expiresAt) + MAX_CLOCK_TOLERANCE_SECONDS;
  if (options.dryRun === true) {
    await readRevocation(revokedTable, name);
  } else {
    const author = createAuthor((line) => output.note(line));
    await writeRevocation(revokedTable, name, keepUntil, author);
  }
  const hasExpired = keepUntil !== undefined && keepUntil <= serviceClock.now();
  const { data, text, ...rest } = await postWrite();
  const what = `The ${name.kind} ${printable(name.value)} of ${printable(name.issuer)}`;
  return {
    data: {
      action: 'revoke',
      issuer: name.issuer,
      ...membersOf(name),
      ...(keepUntil !== undefined && { expires_at: keepUntil }),
      dry_run: options.dryRun === true,
      written: options.dryRun !== true,
      ...data,
    },
    text: [
      options.dryRun === true
        ? `${what} would be revoked; nothing was written.`
        : `${what} is revoked.`,
      ...(hasExpired ? ['It has expired, so it is already rejected.'] : []),
      ...(keepUntil === undefined
        ? [
            name.kind === 'token'
              ? 'The item is kept for good, because the expiry of the token is unknown. To have it deleted, give --expires.'
              : 'The item is kept for good, because sessions can be refreshed. To have it deleted, give --expires.',
          ]
        : []),
      ...text,
    ],
    ...rest,
  };
}

/** `tokens show`. */
export async function show(
  { where }: CommandContext,
  options: TokenOptions,
): Promise<CommandResult> {
  const deployment = await requireDeployment(where);
  const revokedTable = requireRevocation(deployment);
  const { name } = await readName(options, deployment);
  const item = await readRevocation(revokedTable, name);
  const data = {
    issuer: name.issuer,
    ...membersOf(name),
    ...(name.expiresAt !== undefined && { expires: isoTime(Math.floor(name.expiresAt)) }),
    revoked: item !== undefined,
  };
  return {
    data,
    text: table(Object.entries(data).map(([member, value]) => [member, String(value)])),
  };
}

function membersOf({ kind, value }: RevocableName): Readonly<Record<string, string>> {
  return kind === 'token' ? { jti: value } : { session: value };
}

function readExpiry(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = timestamp(text);
  const seconds = parsed.ok ? parsed.value : /^\d{1,11}$/u.test(text) ? Number(text) : Number.NaN;
  if (isSaneTime(seconds)) return seconds;
  throw usageError(
    'expires_invalid',
    '--expires must be an RFC 3339 time or epoch seconds',
    'Write it like 2030-01-31T12:00:00Z',
  );
}
