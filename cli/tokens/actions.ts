/** What the commands on tokens do. A token's claims are taken at their word, and never printed whole. */
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { MAX_JTI_BYTES } from '../../lambda/token/claims.ts';
import { tokenIdOf } from '../../lambda/users/directory.ts';
import { timestamp } from '../../lambda/settings/grammar.ts';
import { decomposeUnverifiedJwt } from '../../lambda/token/jwt.ts';
import { ownMember } from '../../lambda/json.ts';
import { fromPrintable, printable } from '../../lambda/telemetry/printable.ts';
import { readSettings } from '../../lambda/settings/table.ts';
import { preparePostWrite, type PostWriteOptions } from '../post-write.ts';
import { createAuthor, type Stamp } from '../author.ts';
import { tableClients } from '../aws.ts';
import { requireDeployment, type Deployment } from '../deployment.ts';
import { refusal, usageError } from '../errors.ts';
import { isoTime, table, type CommandResult } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { serviceClock } from '../service-clock.ts';
import { readToken } from '../stdin.ts';

export interface TokenOptions {
  readonly issuer?: string;
  readonly jti?: string;
}

export interface RevokeOptions extends TokenOptions, PostWriteOptions {
  readonly expires?: string;
}

/** What identifies a token, as somebody says. */
interface TokenName {
  readonly issuer: string;
  readonly jti: string;
  /** Epoch seconds. */
  readonly expiresAt: number | undefined;
}

/** After `exp` a token is accepted for the clock tolerance, which is at most this. */
const MAX_CLOCK_TOLERANCE_SECONDS = 300;
export const TOKEN_ID = 'token_id';
export const EXPIRES_AT = 'expires_at';

/** `tokens revoke`. */
export async function revoke(
  { where, output }: CommandContext,
  options: RevokeOptions,
): Promise<CommandResult> {
  if (options.probe !== undefined && options.jti !== undefined) {
    throw usageError(
      'probe_token',
      '--probe needs the token itself',
      'Pipe the token in, instead of --issuer and --jti',
    );
  }
  const deployment = await requireDeployment(where);
  const revokedTable = requireRevocation(deployment);
  const { name, token } = await readTokenName(options, deployment);
  const expiresAt = readExpiry(options.expires) ?? name.expiresAt;
  if (expiresAt === undefined) {
    throw usageError(
      'expires_missing',
      'It is not known when the token expires',
      'Say it with --expires, as RFC 3339 or epoch seconds',
    );
  }
  const postWrite = await preparePostWrite(options, deployment, {
    ...(token !== undefined && { token }),
  });
  const tokenId = tokenIdOf(name.issuer, name.jti);
  const keepUntil = Math.ceil(expiresAt) + MAX_CLOCK_TOLERANCE_SECONDS;
  if (options.dryRun === true) await readRevocation(revokedTable, tokenId);
  else
    await writeRevocation(
      revokedTable,
      tokenId,
      keepUntil,
      createAuthor((line) => output.note(line)),
    );
  const hasExpired = keepUntil <= serviceClock.now();
  const { data, text, ...rest } = await postWrite();
  const what = `The token ${printable(name.jti)} of ${printable(name.issuer)}`;
  return {
    data: {
      action: 'revoke',
      issuer: name.issuer,
      jti: name.jti,
      expires_at: keepUntil,
      dry_run: options.dryRun === true,
      written: options.dryRun !== true,
      ...data,
    },
    text: [
      options.dryRun === true
        ? `${what} would be revoked; nothing was written.`
        : `${what} is revoked.`,
      ...(hasExpired ? ['It has expired, and is refused for that already.'] : []),
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
  const { name } = await readTokenName(options, deployment);
  const item = await readRevocation(revokedTable, tokenIdOf(name.issuer, name.jti));
  const data = {
    issuer: name.issuer,
    jti: name.jti,
    ...(name.expiresAt !== undefined && { expires: isoTime(Math.floor(name.expiresAt)) }),
    revoked: item !== undefined,
  };
  return {
    data,
    text: table(Object.entries(data).map(([member, value]) => [member, String(value)])),
  };
}

async function readRevocation(
  revokedTable: string,
  tokenId: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { documents } = await tableClients();
  const { Item: item } = await documents.send(
    new GetCommand({ TableName: revokedTable, Key: { [TOKEN_ID]: tokenId }, ConsistentRead: true }),
  );
  return item;
}

/** Never shortens how long an item is kept. */
async function writeRevocation(
  revokedTable: string,
  tokenId: string,
  keepUntil: number,
  author: () => Promise<Stamp>,
): Promise<void> {
  const { documents } = await tableClients();
  const { updated_at: at, updated_by: by } = await author();
  const command = new UpdateCommand({
    TableName: revokedTable,
    Key: { [TOKEN_ID]: tokenId },
    UpdateExpression: 'SET #expires = :until, updated_at = :at, updated_by = :by',
    ConditionExpression: 'NOT attribute_type(#expires, :number) OR #expires < :until',
    ExpressionAttributeNames: { '#expires': EXPIRES_AT },
    ExpressionAttributeValues: { ':until': keepUntil, ':number': 'N', ':at': at, ':by': by },
  });
  try {
    await documents.send(command);
  } catch (error) {
    // It is kept for longer already.
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
  }
}

/** @throws CliError where revocation is off */
export function requireRevocation({ revokedTokensTable, name }: Deployment): string {
  if (revokedTokensTable !== undefined) return revokedTokensTable;
  throw usageError(
    'revocation_off',
    `Revocation is off for ${name}: REVOKED_TOKENS_TABLE_NAME is not set`,
    'Set it, name the table with --revoked-table beside --users-table, or use users sign-out',
  );
}

/** @throws CliError where nothing names a token */
export async function readTokenName(
  { issuer, jti }: TokenOptions,
  deployment: Deployment,
): Promise<{ readonly name: TokenName; readonly token?: string }> {
  if (issuer !== undefined && jti !== undefined) {
    requireTrusted(issuer, deployment);
    // The log is where it is likely to be copied from, and writes some characters as escapes.
    const asIssued = fromPrintable(jti) ?? jti;
    if (asIssued === '' || Buffer.byteLength(asIssued) > MAX_JTI_BYTES) throw noJti();
    return { name: { issuer, jti: asIssued, expiresAt: undefined } };
  }
  if (issuer !== undefined || jti !== undefined) {
    throw usageError(
      'token_name',
      '--issuer and --jti belong together',
      'Give both, or pipe the token in',
    );
  }
  const token = await readToken();
  const jwt = decomposeUnverifiedJwt(token);
  if (jwt === undefined) {
    throw usageError(
      'token_malformed',
      'Standard input is not a JWT',
      'Pipe in one token, as the client sends it',
    );
  }
  const { unverifiedPayload } = jwt;
  const unverifiedIssuer = ownMember(unverifiedPayload, 'iss');
  const unverifiedJti = ownMember(unverifiedPayload, 'jti');
  const unverifiedExpiry = ownMember(unverifiedPayload, 'exp');
  requireTrusted(unverifiedIssuer, deployment);
  if (
    typeof unverifiedJti !== 'string' ||
    unverifiedJti === '' ||
    Buffer.byteLength(unverifiedJti) > MAX_JTI_BYTES
  ) {
    throw noJti();
  }
  const expiresAt =
    typeof unverifiedExpiry === 'number' && isSaneTime(unverifiedExpiry)
      ? unverifiedExpiry
      : undefined;
  return { name: { issuer: unverifiedIssuer, jti: unverifiedJti, expiresAt }, token };
}

/** An item under another issuer's name would never be looked up. */
function requireTrusted(issuer: unknown, { settings, name }: Deployment): asserts issuer is string {
  const { JWT_ISSUER: single, TRUSTED_ISSUERS: several } = readSettings(settings).settings;
  const trusted = several?.map((entry) => entry.issuer) ?? (single === undefined ? [] : [single]);
  const isTrusted =
    typeof issuer === 'string' && (trusted.length === 0 || trusted.includes(issuer));
  if (isTrusted) return;
  throw usageError(
    'issuer_not_trusted',
    `The token is not of an issuer that ${name} trusts, and is refused for that already`,
    'Check that it is the right token and the right stack',
  );
}

function noJti() {
  return refusal(
    'jti_missing',
    `The token has no jti of 1 to ${MAX_JTI_BYTES} bytes, so it cannot be revoked by itself`,
    'End all tokens of its user with users sign-out',
  );
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

/** Of ten digits or so: what has more is in milliseconds. */
function isSaneTime(seconds: number): boolean {
  return seconds >= 0 && seconds < 1e11;
}
