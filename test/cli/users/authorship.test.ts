import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { TestIssuer } from '../../support/issuer.ts';
import { TestTables, USERS_TABLE } from '../../support/tables.ts';
import { readyAccount } from '../support/account.ts';
import { AwsEndpoint } from '../support/aws.ts';
import { cli, json, Workspace } from '../support/cli.ts';

/** Who wrote, and by which clock: what a row and the terminal say of it. */
describe('a write through AWS', () => {
  let issuer: TestIssuer;
  let tables: TestTables;
  let aws: AwsEndpoint;
  let workspace: Workspace;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    [issuer, tables, workspace] = await Promise.all([
      TestIssuer.start(),
      TestTables.start(),
      Workspace.create(),
    ]);
    aws = await AwsEndpoint.start(readyAccount(issuer), tables.endpoint);
    env = { ...tables.settings, AWS_ENDPOINT_URL_DYNAMODB: '', ...aws.environment };
  });

  beforeEach(async () => {
    aws.calls.length = 0;
    aws.account.denied = [];
    aws.account.clockAheadSeconds = 0;
    await tables.putUser('alice', {});
  });

  afterAll(async () => {
    await aws.close();
    await Promise.all([issuer.close(), tables.close(), workspace.remove()]);
  });

  const users = (...args: string[]) => cli(['users', ...args], { env });

  async function row(key = 'alice'): Promise<Record<string, unknown>> {
    const { Item = {} } = await tables.client.send(
      new GetCommand({ TableName: USERS_TABLE, Key: { user_id: key } }),
    );
    return Item;
  }

  const ARN = 'arn:aws:sts::123456789012:assumed-role/Operator/alice';

  it.each([
    ['add', ['add', 'fresh'], 'fresh'],
    ['edit', ['edit', 'alice', '--roles', 'ops'], 'alice'],
    ['disable', ['disable', 'alice'], 'alice'],
    ['set-admin', ['set-admin', 'alice'], 'alice'],
    ['sign-out', ['sign-out', 'alice'], 'alice'],
  ])('of users %s says by whom', async (_, args, key) => {
    expect((await users(...args)).code).toBe(0);
    expect(await row(key)).toMatchObject({ updated_by: ARN, updated_at: expect.any(String) });
    expect((await users('show', key)).stdout).toContain(ARN);
  });

  it('of an import and of --from says by whom, and asks once', async () => {
    const csv = await workspace.file('users.csv', 'user_id\nimported-1\nimported-2\n');
    await users('import', csv);
    expect(await row('imported-2')).toMatchObject({ updated_by: ARN });
    expect(aws.calls.filter((call) => call === 'GetCallerIdentity')).toHaveLength(1);
  });

  it('is not asked about by a command that only reads', async () => {
    await users('show', 'alice');
    expect(aws.calls).not.toContain('GetCallerIdentity');
  });

  it('is made all the same when STS does not answer, and that is said', async () => {
    aws.account.denied = ['GetCallerIdentity'];
    const result = await users('disable', 'alice');
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('STS') });
    expect(await row()).toMatchObject({ is_active: false, updated_by: 'unknown' });
  });

  it.each([
    ['an hour slow', 3600, / 3(?:600|599) s slow/u],
    ['an hour fast', -3600, / 360[01] s fast/u],
  ])('signs out by the time of AWS on a computer that is %s', async (_, ahead, said) => {
    aws.account.clockAheadSeconds = ahead;
    const before = Math.floor(Date.now() / 1000) + ahead;
    const result = await users('sign-out', 'alice');
    const after = Math.floor(Date.now() / 1000) + ahead;
    const { tokens_valid_after: validAfter } = await row();
    expect(validAfter).toBeGreaterThan(before);
    expect(validAfter).toBeLessThanOrEqual(after + 1);
    expect(result.stderr).toMatch(said);
  });

  it('signs many out by the time of AWS', async () => {
    aws.account.clockAheadSeconds = 3600;
    const list = await workspace.file('list.txt', 'alice\n');
    const result = await users('sign-out', '--from', list, '--yes');
    expect((await row())['tokens_valid_after']).toBeGreaterThan(Date.now() / 1000 + 3500);
    expect(result.stderr).toContain('slow');
  });

  it('says by the time of AWS whether a revoked token has expired', async () => {
    aws.account.clockAheadSeconds = 7200;
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const result = await cli(['tokens', 'revoke'], { env, input: issuer.token({ exp }) });
    expect(result.stdout).toContain('It has expired');
  });

  it.each([
    ['the stack', []],
    ['tables', ['--users-table', USERS_TABLE]],
  ])('decides on a token by the time of AWS, found by %s', async (_, where) => {
    aws.account.clockAheadSeconds = 7200;
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const result = await cli(['explain', '--json', ...where], {
      env: { ...env, ...issuer.settings },
      input: issuer.token({ sub: 'alice', exp }),
    });
    expect(json(result)).toMatchObject({ reason: 'token_expired' });
    expect(result.stderr).toContain('slow');
  });

  it('says by the time of AWS whether bootstrap has ended', async () => {
    await tables.putUser('root', {});
    aws.account.environment = {
      ...aws.account.environment,
      BOOTSTRAP_EXPIRES_AT: new Date(Date.now() + 3_600_000).toISOString(),
    };
    expect(json(await users('remove', 'root', '--dry-run', '--json'))).toMatchObject({
      error: { code: 'platform_admin' },
    });
    aws.account.clockAheadSeconds = 7200;
    expect(await users('remove', 'root', '--dry-run')).toMatchObject({ code: 0 });
  });
});
