/** `tokens list` and `tokens unrevoke`. */
import { DeleteCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { fromPrintable, printable } from '../../lambda/telemetry/printable.ts';
import { EXPIRES_AT, TOKEN_ID } from '../../lambda/users/revocation-item.ts';
import { tableClients } from '../aws.ts';
import { requireDeployment, type Deployment } from '../deployment.ts';
import { refusal, usageError } from '../errors.ts';
import { counted, fitTable, isoTime, type CommandResult } from '../output.ts';
import { preparePostWrite, type PostWriteOptions } from '../post-write.ts';
import type { CommandContext } from '../run.ts';
import { serviceClock } from '../service-clock.ts';
import { readName, type TokenOptions } from './names.ts';
import { requireRevocation, revocationId } from './revoked-table.ts';

export interface ListOptions {
  readonly limit: string;
  readonly after?: string;
}

export interface UnrevokeOptions extends TokenOptions, PostWriteOptions {
  readonly id?: string;
}

interface Revocation {
  /** The key of the item. */
  readonly id: string;
  readonly issuer: string;
  /** What follows the issuer: a `jti`, or a claim and its value. */
  readonly name: string;
  readonly expires_at?: number;
  readonly expires?: string;
  readonly expired?: boolean;
  readonly updated_at?: string;
  readonly updated_by?: string;
}

const COLUMNS = ['id', 'expires', 'expired', 'updated_at', 'updated_by'] as const;

/** `tokens list`. An expired item has no effect, and DynamoDB deletes it later. */
export async function list(
  { where }: CommandContext,
  options: ListOptions,
): Promise<CommandResult> {
  if (!/^[1-9]\d{0,5}$/u.test(options.limit)) {
    throw usageError(
      'limit',
      '--limit must be a whole number, at least 1',
      'Continue with --after',
    );
  }
  const limit = Number(options.limit);
  const TableName = requireRevocation(await requireDeployment(where));
  const { documents: client } = await tableClients();
  const pages = paginateScan(
    { client },
    {
      TableName,
      ConsistentRead: true,
      ...(options.after !== undefined && {
        ExclusiveStartKey: { [TOKEN_ID]: fromPrintable(options.after) ?? options.after },
      }),
    },
  );
  const revoked: Revocation[] = [];
  let more = false;
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      if (revoked.length < limit) revoked.push(describe(item));
      else more = true;
    }
    if (more) break;
  }
  const next = more ? revoked.at(-1)?.id : undefined;
  const rows = revoked.map((item) => COLUMNS.map((name) => String(item[name] ?? '')));
  return {
    data: { revoked, more, ...(next !== undefined && { next }) },
    text: [
      ...(rows.length === 0 ? [] : fitTable([COLUMNS, ...rows], process.stdout.columns)),
      next === undefined
        ? `${counted(rows.length, 'revocation')}.`
        : `There are more than ${counted(limit, 'revocation')}. Continue with --after '${printable(next)}'`,
    ],
  };
}

function describe(item: Readonly<Record<string, unknown>>): Revocation {
  const id = String(item[TOKEN_ID]);
  const [issuer = '', ...rest] = id.split('#');
  const expiresAt = item[EXPIRES_AT];
  return {
    id,
    issuer,
    name: rest.join('#'),
    ...(typeof expiresAt === 'number' && {
      expires_at: expiresAt,
      expires: isoTime(Math.floor(expiresAt)),
      expired: expiresAt <= serviceClock.now(),
    }),
    ...(typeof item['updated_at'] === 'string' && { updated_at: item['updated_at'] }),
    ...(typeof item['updated_by'] === 'string' && { updated_by: item['updated_by'] }),
  };
}

/** `tokens unrevoke`. */
export async function unrevoke(
  { where }: CommandContext,
  options: UnrevokeOptions,
): Promise<CommandResult> {
  const deployment = await requireDeployment(where);
  const TableName = requireRevocation(deployment);
  const id = await readId(options, deployment);
  const postWrite = await preparePostWrite(options, deployment, {});
  const dryRun = options.dryRun === true;
  const { documents } = await tableClients();
  if (!dryRun) {
    const { Attributes: before } = await documents.send(
      new DeleteCommand({ TableName, Key: { [TOKEN_ID]: id }, ReturnValues: 'ALL_OLD' }),
    );
    if (before === undefined) {
      throw refusal('not_revoked', `${printable(id)} is not revoked`, 'Find it with tokens list');
    }
  }
  const { data, text, ...rest } = await postWrite();
  return {
    data: { action: 'unrevoke', id, dry_run: dryRun, written: !dryRun, ...data },
    text: [
      dryRun
        ? `${printable(id)} would no longer be revoked; nothing was written.`
        : `${printable(id)} is no longer revoked.`,
      ...text,
    ],
    ...rest,
  };
}

async function readId(options: UnrevokeOptions, deployment: Deployment): Promise<string> {
  if (options.id !== undefined) return fromPrintable(options.id) ?? options.id;
  const { name } = await readName(options, deployment);
  return revocationId(name);
}
