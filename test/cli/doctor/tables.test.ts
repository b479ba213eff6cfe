/** `doctor` on the tables of a deployed stack, and other tables than the deployed ones. */
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { TestIssuer } from '../../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables, USERS_TABLE } from '../../support/tables.ts';
import { readyAccount } from '../support/account.ts';
import { AwsEndpoint, type Account } from '../support/aws.ts';
import { cli, json } from '../support/cli.ts';

const RESTORED = 'users-restored';

let issuer: TestIssuer;
let tables: TestTables;
let aws: AwsEndpoint;

beforeEach(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  aws = await AwsEndpoint.start(readyAccount(issuer), tables.endpoint);
  const { keys } = issuer;
  issuer.respond = (request, response) => {
    response.writeHead(request.url?.endsWith('jwks.json') === true ? 200 : 404);
    response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
  };
});

afterEach(async () => {
  await Promise.all([aws.close(), issuer.close(), tables.close()]);
});

/** Against the stack: every service is asked at one address. */
async function run(...args: readonly string[]) {
  const { AWS_ENDPOINT_URL_DYNAMODB: _, ...env } = { ...tables.settings, ...aws.environment };
  return cli([...args, '--json'], { env });
}

async function doctor(...args: readonly string[]) {
  const result = await run('doctor', ...args);
  const { checks } = json(result) as {
    checks: { id: string; status: string; message: string; remedy?: string }[];
  };
  return { ...result, named: (id: string) => checks.find((check) => check.id === id) };
}

async function drop(table: string): Promise<void> {
  await tables.client.send(new DeleteTableCommand({ TableName: table }));
}

describe('rollcall doctor', () => {
  it.each([
    ['users_table', USERS_TABLE],
    ['retention', USERS_TABLE],
    ['deletion_protection', USERS_TABLE],
    ['point_in_time_recovery', USERS_TABLE],
    ['revocation', REVOKED_TOKENS_TABLE],
    ['revocation.deletion_protection', REVOKED_TOKENS_TABLE],
    ['revocation.point_in_time_recovery', REVOKED_TOKENS_TABLE],
    ['revocation.ttl', REVOKED_TOKENS_TABLE],
  ])('passes %s for a table that lasts, and names it', async (id, table) => {
    const { named } = await doctor();
    expect(named(id)).toMatchObject({ status: 'pass', message: expect.stringContaining(table) });
  });

  it.each([
    ['users_table', USERS_TABLE],
    ['revocation', REVOKED_TOKENS_TABLE],
  ])('fails %s for a table that was deleted, and names it', async (id, table) => {
    await drop(table);
    const { named, code } = await doctor();
    expect(named(id)).toMatchObject({
      status: 'fail',
      message: `the table ${table} cannot be used: it does not exist`,
    });
    expect(code).toBe(4);
  });

  it('fails a table whose key is another', async () => {
    aws.account.environment = { ...aws.account.environment, USERS_TABLE_KEY: 'id' };
    expect((await doctor()).named('users_table')).toMatchObject({
      status: 'fail',
      message: 'the key of users is not the single string attribute id',
    });
  });

  it.each<[string, string, (account: Account) => void]>([
    ['deletion_protection', USERS_TABLE, (a) => (a.deletionProtection = false)],
    ['point_in_time_recovery', USERS_TABLE, (a) => (a.pointInTimeRecovery = false)],
    ['retention', USERS_TABLE, (a) => (a.deletionPolicy = 'Delete')],
    ['revocation.ttl', REVOKED_TOKENS_TABLE, (a) => (a.timeToLive = undefined)],
    ['revocation.ttl', REVOKED_TOKENS_TABLE, (a) => (a.timeToLive = 'created_at')],
    ['revocation.ttl', REVOKED_TOKENS_TABLE, (a) => (a.denied = ['DescribeTimeToLive'])],
  ])('warns of %s of %s, by its name', async (id, table, spoil) => {
    spoil(aws.account);
    const { named, code } = await doctor();
    expect(named(id)).toMatchObject({
      status: 'warn',
      message: expect.stringContaining(table),
      remedy: expect.any(String),
    });
    expect(code).toBe(0);
  });

  it('looks at the table that is named beside the stack', async () => {
    await tables.create(RESTORED, 'user_id');
    const result = await doctor('--stack', 'Rollcall', '--users-table', RESTORED);
    expect(result.named('users_table')).toMatchObject({
      status: 'pass',
      message: `${RESTORED} exists, and its key is user_id`,
    });
    expect(json(result)).toMatchObject({ deployment: `stack Rollcall with ${RESTORED}` });
  });
});

describe('a table beside the stack', () => {
  it('is written with the deployed settings', async () => {
    await tables.create(RESTORED, 'user_id');
    const where = ['--stack', 'Rollcall', '--users-table', RESTORED];
    expect((await run('users', 'add', 'Dora', ...where)).code).toBe(0);
    // USER_ID_CASE=lower is the stack's.
    expect(json(await run('users', 'list', ...where))).toMatchObject({ users: [{ key: 'dora' }] });
    expect(json(await run('users', 'list'))).toMatchObject({ users: [] });
  });

  it('goes with another table of revoked tokens', async () => {
    await tables.create('revoked-restored', 'token_id');
    const where = ['--stack', 'Rollcall', '--revoked-table', 'revoked-restored'];
    const name = ['--issuer', issuer.url, '--jti', 'j'];
    const expires = ['--expires', '2100-01-01T00:00:00Z'];
    expect((await run('tokens', 'revoke', ...name, ...expires, ...where)).code).toBe(0);
    const shown = await run('tokens', 'show', ...name, ...where);
    expect(json(shown)).toMatchObject({ revoked: true });
    expect(json(await run('tokens', 'show', ...name))).toMatchObject({ revoked: false });
  });
});

it.each([
  [USERS_TABLE, ['users', 'list']],
  [USERS_TABLE, ['users', 'show', 'alice']],
  [USERS_TABLE, ['users', 'disable', 'alice']],
  [REVOKED_TOKENS_TABLE, ['tokens', 'show', '--jti', 'j', '--issuer']],
])('an error names the table %s that is gone: rollcall %j', async (table, args) => {
  await drop(table);
  const result = await run(...args, ...(args.at(-1) === '--issuer' ? [issuer.url] : []));
  expect(result.code).toBe(1);
  expect(json(result)).toMatchObject({
    error: {
      code: 'table_missing',
      message: expect.stringContaining(`The table ${table} does not exist`),
    },
  });
});

describe('rollcall doctor --function, beside a stack that the CDK has not made', () => {
  const where = ['--function', 'authorizer'];

  it.each([
    ['Retain', 'pass'],
    ['Delete', 'warn'],
  ])('reads DeletionPolicy %s of a template in YAML', async (policy, status) => {
    aws.account.templateIsYaml = true;
    aws.account.deletionPolicy = policy;
    expect((await doctor(...where)).named('retention')?.status).toBe(status);
  });

  it('passes a table that no stack owns', async () => {
    delete aws.account.deletionPolicy;
    expect((await doctor(...where)).named('retention')?.status).toBe('pass');
  });

  it.each(['deletion_protection', 'point_in_time_recovery'])(
    'warns of a table without it: %s',
    async (id) => {
      aws.account.deletionProtection = false;
      aws.account.pointInTimeRecovery = false;
      expect((await doctor(...where)).named(id)?.status).toBe('warn');
    },
  );
});
