/** Checks that the tables exist, have the right key, and are protected from loss. */
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { EXPIRES_AT, TOKEN_ID } from '../../lambda/users/revocation-item.ts';
import { deletionPolicyOf } from '../aws.ts';
import { check, type Check } from '../check.ts';
import type { Deployment } from '../deployment.ts';
import { toCliError } from '../errors.ts';

/** The users table and, where revocation is on, the other one. */
export async function checkTables(
  deployment: Deployment,
  client: DynamoDBClient,
): Promise<readonly Check[]> {
  const { usersTable, revokedTokensTable, settings, kind } = deployment;
  const users = await describe(client, usersTable.name);
  const checks: Check[] = [checkShape('users_table', usersTable.name, usersTable.key, users)];
  if (users.table !== undefined && kind === 'local') {
    checks.push(
      check(
        'durability',
        'warn',
        'the local table is in memory, and is lost when the local stack stops',
        'Nothing to do: only deployed tables are checked for durability',
      ),
    );
  } else if (users.table !== undefined) {
    checks.push(
      await checkRetention(usersTable.name),
      checkDeletionProtection('deletion_protection', usersTable.name, users.table),
      await checkRecovery('point_in_time_recovery', client, usersTable.name),
    );
  }
  if (revokedTokensTable === undefined) {
    return [
      ...checks,
      check(
        'revocation',
        'warn',
        'revocation of single tokens is off',
        'Set REVOKED_TOKENS_TABLE_NAME, or rely on users disable and users sign-out',
      ),
    ];
  }
  const revoked = await describe(client, revokedTokensTable);
  checks.push(checkShape('revocation', revokedTokensTable, TOKEN_ID, revoked));
  if (revoked.table !== undefined && kind !== 'local') {
    checks.push(
      checkDeletionProtection('revocation.deletion_protection', revokedTokensTable, revoked.table),
      await checkRecovery('revocation.point_in_time_recovery', client, revokedTokensTable),
      await checkExpiry(client, revokedTokensTable),
    );
  }
  if (revoked.table !== undefined && settings['REQUIRE_JTI']?.toLowerCase() !== 'true') {
    checks.push(
      check(
        'revocation.jti',
        'warn',
        'a token without a jti is accepted, and cannot be revoked individually',
        'Set REQUIRE_JTI=true if the issuer gives every token a jti',
      ),
    );
  }
  return checks;
}

interface Description {
  readonly table?: TableDescription;
  readonly problem?: string;
}

async function describe(client: DynamoDBClient, name: string): Promise<Description> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return Table === undefined ? { problem: 'it was not described' } : { table: Table };
  } catch (error) {
    const { code, message } = toCliError(error);
    return { problem: code === 'table_missing' ? 'it does not exist' : message };
  }
}

function checkShape(
  id: string,
  name: string,
  key: string,
  { table, problem = '' }: Description,
): Check {
  if (table === undefined) {
    return check(
      id,
      'fail',
      `the table ${name} cannot be used: ${problem}`,
      'Check its name and the credentials; every request fails with 500 until the table can be read',
    );
  }
  const [hash, ...others] = table.KeySchema ?? [];
  const type = table.AttributeDefinitions?.find(
    ({ AttributeName }) => AttributeName === hash?.AttributeName,
  )?.AttributeType;
  if (hash?.AttributeName !== key || type !== 'S' || others.length > 0) {
    return check(
      id,
      'fail',
      `the key of ${name} is not the single string attribute ${key}`,
      'Set USERS_TABLE_KEY to its partition key, or use another table',
    );
  }
  return table.TableStatus === 'ACTIVE'
    ? check(id, 'pass', `${name} exists, and its key is ${key}`)
    : check(id, 'fail', `${name} is ${table.TableStatus}`, 'Wait until it is ACTIVE');
}

function checkDeletionProtection(
  id: string,
  name: string,
  { DeletionProtectionEnabled: isOn }: TableDescription,
): Check {
  return isOn === true
    ? check(id, 'pass', `${name} has deletion protection`)
    : check(
        id,
        'warn',
        `${name} can be deleted, which would lock every user out`,
        'Switch deletion protection on',
      );
}

async function checkRecovery(id: string, client: DynamoDBClient, name: string): Promise<Check> {
  try {
    const { ContinuousBackupsDescription } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName: name }),
    );
    const status =
      ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    return status === 'ENABLED'
      ? check(id, 'pass', `${name} has point-in-time recovery`)
      : check(
          id,
          'warn',
          `${name} has no point-in-time recovery: lost rows cannot be restored`,
          'Switch point-in-time recovery on',
        );
  } catch (error) {
    return unknown(id, `whether ${name} has point-in-time recovery`, error);
  }
}

/** Without time to live, the items of expired tokens stay and cost storage. */
async function checkExpiry(client: DynamoDBClient, name: string): Promise<Check> {
  const id = 'revocation.ttl';
  try {
    const { TimeToLiveDescription: { AttributeName, TimeToLiveStatus = 'DISABLED' } = {} } =
      await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
    return AttributeName === EXPIRES_AT && TimeToLiveStatus.startsWith('ENABL')
      ? check(id, 'pass', `${name} deletes rows by ${EXPIRES_AT}`)
      : check(
          id,
          'warn',
          `${name} keeps the rows of expired tokens forever`,
          `Switch time to live on, by ${EXPIRES_AT}`,
        );
  } catch (error) {
    return unknown(id, `whether ${name} deletes expired rows`, error);
  }
}

async function checkRetention(tableName: string): Promise<Check> {
  const id = 'retention';
  try {
    // Stacks know a table by its name, and the function may know it by its ARN.
    const policy = await deletionPolicyOf(tableName.replace(/^arn:.*:table\//u, ''));
    if (policy === undefined) {
      return check(id, 'pass', `no stack owns ${tableName}, so none takes it along`);
    }
    return policy.startsWith('Retain')
      ? check(id, 'pass', `${tableName} is retained when its stack is deleted`)
      : check(
          id,
          'warn',
          `${tableName} is deleted with its stack (DeletionPolicy ${policy})`,
          'Deploy it with RemovalPolicy.RETAIN',
        );
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError') {
      return check(id, 'pass', `no stack owns ${tableName}, so none takes it along`);
    }
    return unknown(id, `whether ${tableName} is retained when its stack is deleted`, error);
  }
}

function unknown(id: string, what: string, error: unknown): Check {
  const { message, remedy } = toCliError(error);
  return check(id, 'warn', `it is not known ${what}: ${message}`, remedy);
}
