import { TestTables } from '../../support/tables.ts';
import { cli, json, Workspace, type CliResult } from '../support/cli.ts';

describe('rollcall users with several issuers', () => {
  let tables: TestTables;
  let workspace: Workspace;
  let local: readonly string[];

  beforeAll(async () => {
    tables = await TestTables.start();
    workspace = await Workspace.create();
    const issuers = [
      { issuer: 'https://a.example.com', audience: 'api', userNamespace: 'emp' },
      { issuer: 'https://b.example.com', audience: 'api', userNamespace: 'ext' },
    ];
    local = await workspace.localStack(tables, {
      TRUSTED_ISSUERS: JSON.stringify(issuers),
      PLATFORM_ADMIN_EMAIL: 'root',
      PLATFORM_ADMIN_ISSUER: 'https://b.example.com',
    });
  });

  afterAll(async () => {
    await tables.close();
    await workspace.remove();
  });

  const users = (...args: readonly string[]): Promise<CliResult> =>
    cli(['users', ...args, ...local], { env: tables.settings });

  it('asks for a namespace, and names those there are', async () => {
    const result = await users('add', 'alice');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('--namespace: emp, ext');
  });

  it('puts the row under its namespace', async () => {
    expect((await users('add', 'alice', '--namespace', 'ext')).code).toBe(0);
    const shown = json(await users('show', 'alice', '--namespace', 'ext', '--json'));
    expect(shown).toMatchObject({ user: { key: 'ext#alice', user_id: 'alice', namespace: 'ext' } });
  });

  it('finds a row by the key that is logged and listed', async () => {
    await tables.putUser('emp#carol', {});
    expect(await users('disable', 'emp#carol')).toMatchObject({ code: 0 });
    expect(await users('enable', 'emp#carol', '--namespace', 'emp')).toMatchObject({ code: 0 });
  });

  it('refuses a namespace that no issuer has', async () => {
    expect(await users('show', 'alice', '--namespace', 'corp')).toMatchObject({ code: 2 });
  });

  it('knows the platform admin by the namespace of their issuer alone', async () => {
    await tables.putUser('ext#root', {});
    await tables.putUser('emp#root', {});
    expect((await users('remove', 'root', '--namespace', 'ext')).code).toBe(3);
    expect((await users('remove', 'root', '--namespace', 'emp')).code).toBe(0);
  });
});
