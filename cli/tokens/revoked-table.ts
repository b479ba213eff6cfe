/** The table of revoked tokens and sessions, one item at a time. */
import { GetCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { EXPIRES_AT, TOKEN_ID, tokenIdOf } from '../../lambda/users/revocation-item.ts';
import type { Stamp } from '../author.ts';
import { tableClients } from '../aws.ts';
import type { Deployment } from '../deployment.ts';
import { usageError } from '../errors.ts';
import type { RevocableName } from './names.ts';

/** @throws CliError if revocation is off */
export function requireRevocation({ revokedTokensTable, name }: Deployment): string {
  if (revokedTokensTable !== undefined) return revokedTokensTable;
  throw usageError(
    'revocation_off',
    `Revocation is off for ${name}: REVOKED_TOKENS_TABLE_NAME is not set`,
    'Set it, name the table with --revoked-table, or use users sign-out',
  );
}

/** The table key of a token or session. */
export function revocationId({ issuer, id }: RevocableName): string {
  return tokenIdOf(issuer, id);
}

export async function readRevocation(
  revokedTable: string,
  name: RevocableName,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { documents } = await tableClients();
  const { Item: item } = await documents.send(
    new GetCommand({
      TableName: revokedTable,
      Key: { [TOKEN_ID]: revocationId(name) },
      ConsistentRead: true,
    }),
  );
  return item;
}

/**
 * Never shortens how long an item is kept.
 *
 * @param keepUntil epoch seconds; undefined keeps the item for good
 */
export async function writeRevocation(
  revokedTable: string,
  name: RevocableName,
  keepUntil: number | undefined,
  author: () => Promise<Stamp>,
): Promise<void> {
  const { documents } = await tableClients();
  const { updated_at: at, updated_by: by } = await author();
  const update =
    keepUntil === undefined ? keptForGood(at, by) : keptUntil(keepUntil, at, by, name.kind);
  const command = new UpdateCommand({
    TableName: revokedTable,
    Key: { [TOKEN_ID]: revocationId(name) },
    ...update,
  });
  try {
    await documents.send(command);
  } catch (error) {
    // It is kept for longer already.
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
  }
}

type Update = Omit<UpdateCommandInput, 'TableName' | 'Key'>;

function keptForGood(at: string, by: string): Update {
  return {
    UpdateExpression: 'SET updated_at = :at, updated_by = :by REMOVE #expires',
    ExpressionAttributeNames: { '#expires': EXPIRES_AT },
    ExpressionAttributeValues: { ':at': at, ':by': by },
  };
}

/** A token's item without a time was written by hand; a session's is kept for good. */
function keptUntil(until: number, at: string, by: string, kind: RevocableName['kind']): Update {
  const isSession = kind === 'session';
  const isFree = isSession ? 'attribute_not_exists(#id)' : 'NOT attribute_type(#expires, :number)';
  return {
    UpdateExpression: 'SET #expires = :until, updated_at = :at, updated_by = :by',
    ConditionExpression: `${isFree} OR #expires < :until`,
    ExpressionAttributeNames: { '#expires': EXPIRES_AT, ...(isSession && { '#id': TOKEN_ID }) },
    ExpressionAttributeValues: {
      ':until': until,
      ':at': at,
      ':by': by,
      ...(!isSession && { ':number': 'N' }),
    },
  };
}
