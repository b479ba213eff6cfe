import { createKey, TestIssuer } from '../../support/issuer.ts';
import { TestTables } from '../../support/tables.ts';
import { readyAccount } from '../support/account.ts';
import { AwsEndpoint, type Account } from '../support/aws.ts';
import { cli, json, type CliResult } from '../support/cli.ts';

interface Check {
  readonly id: string;
  readonly status: string;
  readonly message: string;
  readonly remedy?: string;
}

describe('rollcall preflight', () => {
  let issuer: TestIssuer;
  let tables: TestTables;
  let aws: AwsEndpoint;

  beforeEach(async () => {
    [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
    aws = await AwsEndpoint.start(readyAccount(issuer), tables.endpoint);
    await tables.putUser('root', { is_admin: true });
    await tables.putUser('alice', {});
  });

  afterEach(async () => {
    await Promise.all([aws.close(), issuer.close(), tables.close()]);
  });

  async function preflight(...args: readonly string[]): Promise<CliResult & { checks: Check[] }> {
    const env = { ...tables.settings, ...aws.environment };
    const { AWS_ENDPOINT_URL_DYNAMODB: _, ...withoutTable } = env as Record<string, string>;
    const result = await cli(['preflight', '--json', ...args], { env: withoutTable });
    return { ...result, checks: (json(result) as { checks?: Check[] }).checks ?? [] };
  }

  const named = (checks: readonly Check[], id: string): Check | undefined =>
    checks.find((check) => check.id === id);

  it('passes when nobody would be locked out', async () => {
    const { code, stdout, checks } = await preflight();
    expect(checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(checks.map(({ id }) => id)).toEqual([
      'settings',
      'strict',
      'revocation_delay',
      'users_table',
      'retention',
      'deletion_protection',
      'point_in_time_recovery',
      'revocation',
      'revocation.deletion_protection',
      'revocation.point_in_time_recovery',
      'revocation.ttl',
      'rows',
      'active_admin',
      'platform_admin',
      'folded_keys',
      'usable_rows',
      'bootstrap_entries',
      'keys',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      ready: true,
      strict: false,
      deployment: 'stack Rollcall',
    });
    expect(code).toBe(0);
  });

  it('asks the same with --function alone, of tables that no stack owns', async () => {
    delete aws.account.deletionPolicy;
    aws.account.outputs = {};
    const { code, checks } = await preflight('--function', 'authorizer');
    const ids = ['users_table', 'retention', 'deletion_protection', 'point_in_time_recovery'];
    expect(ids.map((id) => named(checks, id)?.status)).toEqual(['pass', 'pass', 'pass', 'pass']);
    expect(code).toBe(0);
    aws.account.deletionProtection = false;
    const { checks: unprotected } = await preflight('--function', 'authorizer');
    expect(named(unprotected, 'deletion_protection')?.status).toBe('warn');
  });

  it('prints a table, with a remedy below what does not pass', async () => {
    await tables.deleteUser('root');
    const env = { ...tables.settings, ...aws.environment };
    const { stdout, code } = await cli(['preflight'], { env });
    expect(code).toBe(4);
    expect(stdout).toMatch(/^pass {2}users_table +users exists/mu);
    expect(stdout).toMatch(
      /^FAIL {2}platform_admin .+\n {6}-> Add one: users add root --admin\.$/mu,
    );
    expect(stdout).toContain('Do not switch strict mode on for stack Rollcall yet: 2 checks fail.');
  });

  it.each<[string, string, () => unknown]>([
    [
      'rows',
      'an empty table',
      () => Promise.all(['root', 'alice'].map((u) => tables.deleteUser(u))),
    ],
    ['active_admin', 'no admin', () => tables.putUser('root', {})],
    [
      'active_admin',
      'a disabled admin',
      () => tables.putUser('root', { is_admin: true, is_active: false }),
    ],
    [
      'platform_admin',
      'a disabled platform admin',
      () => tables.putUser('root', { is_active: false }),
    ],
    ['folded_keys', 'a key that tokens never fold to', () => tables.putUser('Bob', {})],
    ['usable_rows', 'a row that cannot be used', () => tables.putUser('bob', { is_active: 'yes' })],
    ['keys', 'an issuer without keys', () => (issuer.keys = [])],
    [
      'keys',
      'an issuer that is down',
      () => (issuer.respond = (_, answer) => answer.writeHead(503).end()),
    ],
  ])('fails %s on %s', async (id, _, spoil) => {
    await spoil();
    const { code, checks } = await preflight();
    expect(named(checks, id)).toMatchObject({ status: 'fail', remedy: expect.any(String) });
    expect(code).toBe(4);
  });

  it.each<[string, string, (account: Account) => void]>([
    ['retention', 'a table that goes with its stack', (a) => (a.deletionPolicy = 'Delete')],
    ['deletion_protection', 'a table without protection', (a) => (a.deletionProtection = false)],
    ['point_in_time_recovery', 'a table without recovery', (a) => (a.pointInTimeRecovery = false)],
    [
      'point_in_time_recovery',
      'no permission to look',
      (a) => (a.denied = ['DescribeContinuousBackups']),
    ],
    ['bootstrap_entries', 'a log that may not be read', (a) => (a.denied = ['FilterLogEvents'])],
    [
      'revocation_delay',
      'a long delay',
      (a) => (a.outputs = { ...a.outputs, MaxRevocationDelaySeconds: '301' }),
    ],
    [
      'revocation.jti',
      'tokens without a jti',
      (a) => (a.environment = { ...a.environment, REQUIRE_JTI: 'false' }),
    ],
  ])('warns of %s on %s, and passes', async (id, _, spoil) => {
    spoil(aws.account);
    const { code, checks } = await preflight();
    expect(named(checks, id)).toMatchObject({ status: 'warn', remedy: expect.any(String) });
    expect(code).toBe(0);
  });

  it('says which command mends a row that cannot be used', async () => {
    await tables.putUser('bob', { roles: 'all' });
    expect(named((await preflight()).checks, 'usable_rows')).toMatchObject({
      message: 'rows that cannot be used: bob (roles)',
      remedy: expect.stringContaining('to fix roles, run users edit --roles'),
    });
  });

  it('passes a delay of 300 s', async () => {
    aws.account.outputs = { ...aws.account.outputs, MaxRevocationDelaySeconds: '300' };
    expect(named((await preflight()).checks, 'revocation_delay')).toMatchObject({ status: 'pass' });
  });

  it('warns of a key that verifies nothing while another one does', async () => {
    issuer.keys = [createKey(), { ...createKey(), jwk: { kty: 'oct', kid: 'odd', k: 'AA' } }];
    expect(named((await preflight()).checks, 'keys')).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('odd'),
    });
  });

  it('fails settings that do not parse, without their values', async () => {
    aws.account.environment = { ...aws.account.environment, REQUIRE_JTI: 'perhaps' };
    const { code, stdout, checks } = await preflight();
    expect(named(checks, 'settings')).toMatchObject({
      status: 'fail',
      message: 'the function: REQUIRE_JTI must be true or false',
    });
    expect(stdout).not.toContain('perhaps');
    expect(code).toBe(4);
  });

  it('fails settings that only strict mode refuses', async () => {
    aws.account.environment = { ...aws.account.environment, USER_CACHE_TTL_SECONDS: '60' };
    expect(named((await preflight()).checks, 'strict')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('USER_CACHE_TTL_SECONDS'),
    });
  });

  it('fails a table with another key', async () => {
    aws.account.environment = { ...aws.account.environment, USERS_TABLE_KEY: 'id' };
    expect(named((await preflight()).checks, 'users_table')).toMatchObject({ status: 'fail' });
  });

  it('fails a table that does not exist', async () => {
    aws.account.environment = { ...aws.account.environment, USERS_TABLE_NAME: 'nowhere' };
    expect(named((await preflight()).checks, 'users_table')).toMatchObject({
      status: 'fail',
      message: 'the table nowhere cannot be used: it does not exist',
    });
  });

  describe('with entries by bootstrap in the log', () => {
    const entryOf = (userId: string): string =>
      JSON.stringify({
        security_event: 'platform_admin_bootstrap',
        user_id: userId,
        timestamp: '2026-01-02T03:04:05.000Z',
      });

    it('fails when somebody who entered so has no active row', async () => {
      await tables.putUser('bob', { is_active: false });
      aws.account.logMessages = [entryOf('carol'), entryOf('bob'), entryOf('alice')];
      expect(named((await preflight()).checks, 'bootstrap_entries')).toMatchObject({
        status: 'fail',
        message: expect.stringMatching(/have no active row: carol, bob$/u),
      });
    });

    it('finds the row of somebody whose name the log escapes', async () => {
      await tables.putUser('eve\u200b');
      aws.account.logMessages = [entryOf(String.raw`eve\u{200b}`)];
      expect(named((await preflight()).checks, 'bootstrap_entries')).toMatchObject({
        status: 'pass',
      });
    });

    it('passes when everybody who entered so has one by now', async () => {
      aws.account.logMessages = [entryOf('root'), 'not JSON'];
      expect(named((await preflight()).checks, 'bootstrap_entries')).toMatchObject({
        status: 'pass',
        message: expect.stringContaining('2026-01-02'),
      });
    });
  });

  it('says in one line that there is no such stack', async () => {
    const { code, stdout, stderr } = await preflight('--stack', 'Elsewhere');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'stack_missing' } });
    expect(stderr.split('\n')).toHaveLength(2);
  });

  it('says in one line that the function may not be read', async () => {
    aws.account.denied = ['GET /2015-03-31/functions/authorizer/configuration'];
    const { code, stdout, stderr } = await preflight();
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'access_denied' } });
    expect(stderr.split('\n')).toHaveLength(2);
  });
});
