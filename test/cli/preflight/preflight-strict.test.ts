import { TestIssuer } from '../../support/issuer.ts';
import { TestTables } from '../../support/tables.ts';
import { readyAccount } from '../support/account.ts';
import { AwsEndpoint } from '../support/aws.ts';
import { cli, json, type CliResult } from '../support/cli.ts';

describe('rollcall preflight with strict mode on', () => {
  let issuer: TestIssuer;
  let tables: TestTables;
  let aws: AwsEndpoint;

  beforeEach(async () => {
    [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
    const account = readyAccount(issuer);
    account.environment = { ...account.environment, REQUIRE_USER_IN_DB: 'true' };
    aws = await AwsEndpoint.start(account, tables.endpoint);
    await tables.putUser('root', { is_admin: true });
  });

  afterEach(async () => {
    await Promise.all([aws.close(), issuer.close(), tables.close()]);
  });

  const preflight = (...args: readonly string[]): Promise<CliResult> =>
    cli(['preflight', ...args], { env: { ...tables.settings, ...aws.environment } });

  async function conclusion(): Promise<string> {
    const { stdout } = await preflight();
    return stdout.trimEnd().split('\n').at(-1) ?? '';
  }

  it('says that nobody is locked out', async () => {
    expect(await conclusion()).toMatch(
      /^Strict mode is on for stack Rollcall, and no user is locked out: \d+ checks pass, \d warn\.$/u,
    );
  });

  it('says what has to be mended now', async () => {
    await tables.deleteUser('root');
    await tables.putUser('alice', {});
    expect(await conclusion()).toBe(
      'Strict mode is on for stack Rollcall, and 2 checks fail. Fix this now: active_admin, platform_admin.',
    );
  });

  it('counts one check as one', async () => {
    await tables.putUser('root', {});
    expect(await conclusion()).toContain('and 1 check fails. Fix this now: active_admin.');
  });

  it('tells programs that it is on', async () => {
    expect(json(await preflight('--json'))).toMatchObject({ ok: true, ready: true, strict: true });
  });
});
