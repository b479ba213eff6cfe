import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { TestTables, USERS_TABLE } from '../../support/tables.ts';
import { cli, json, Workspace, type CliResult } from '../support/cli.ts';

describe('rollcall users edit', () => {
  let tables: TestTables;
  let workspace: Workspace;
  let local: readonly string[];

  beforeAll(async () => {
    tables = await TestTables.start();
    workspace = await Workspace.create();
    local = await workspace.localStack(tables, {
      JWT_ISSUER: 'https://id.example.com',
      JWT_AUDIENCE: 'api',
      USER_ID_CASE: 'lower',
    });
  });

  afterAll(async () => {
    await tables.close();
    await workspace.remove();
  });

  const ROW = {
    is_active: false,
    is_admin: true,
    tokens_valid_after: 1_700_000_000,
    email: 'ada@example.com',
    full_name: 'Ada',
    roles: ['ops'],
    note: { of: 'ours' },
  };

  /** What every write adds. */
  const STAMP = { updated_at: expect.any(String), updated_by: 'local' };

  beforeEach(() => tables.putUser('ada', ROW));

  const users = (...args: readonly string[]): Promise<CliResult> =>
    cli(['users', ...args, ...local], { env: tables.settings });

  async function row(key = 'ada'): Promise<Record<string, unknown> | undefined> {
    const { Item } = await tables.client.send(
      new GetCommand({ TableName: USERS_TABLE, Key: { user_id: key } }),
    );
    return Item;
  }

  it('changes what is named, and keeps the rest of the row', async () => {
    const result = await users('edit', 'Ada', '--roles', 'dev, ops', '--email', 'a@example.com');
    expect(result).toMatchObject({
      code: 0,
      stdout: 'ada has the given email and the given roles.\n',
    });
    expect(await row()).toEqual({
      user_id: 'ada',
      ...ROW,
      roles: ['dev', 'ops'],
      email: 'a@example.com',
      ...STAMP,
    });
  });

  it('takes away what is given as an empty text', async () => {
    await users('edit', 'ada', '--roles', '', '--email', '', '--full-name', '');
    const { roles: _roles, email: _email, full_name: _name, ...rest } = ROW;
    expect(await row()).toEqual({ user_id: 'ada', ...rest, ...STAMP });
  });

  it('gives programs the row as it is then', async () => {
    const result = await users('edit', 'ada', '--full-name', 'Ada L', '--json');
    expect(json(result)).toMatchObject({
      ok: true,
      action: 'edit',
      key: 'ada',
      changed: true,
      user: { full_name: 'Ada L', roles: ['ops'], is_active: false },
    });
  });

  it('says so when nothing is different', async () => {
    const result = await users('edit', 'ada', '--roles', 'ops');
    expect(result.stdout).toBe('ada has the given roles already.\n');
  });

  it('writes nothing with --dry-run', async () => {
    const result = await users('edit', 'ada', '--roles', '', '--dry-run');
    expect(result.stdout).toBe('ada would have no roles; nothing was written.\n');
    expect(await row()).toEqual({ user_id: 'ada', ...ROW });
  });

  it('refuses a user without a row', async () => {
    const result = await users('edit', 'nobody', '--roles', 'ops', '--json');
    expect(result.code).toBe(3);
    expect(json(result)).toMatchObject({ error: { code: 'user_missing' } });
    expect(await row('nobody')).toBeUndefined();
  });

  it.each([
    ['nothing to change', []],
    ['a role that the function could not use', ['--roles', 'ops,two words']],
    ['a role without a name', ['--roles', 'ops,']],
    ['an email of 1025 bytes', ['--email', 'x'.repeat(1025)]],
  ])('treats %s as bad usage', async (_, args) => {
    expect(await users('edit', 'ada', ...args)).toMatchObject({ code: 2, stdout: '' });
    expect(await row()).toEqual({ user_id: 'ada', ...ROW });
  });

  describe('of a row that the function cannot use', () => {
    beforeEach(() => tables.putUser('ada', { ...ROW, roles: 'ops' }));

    it('mends the roles', async () => {
      const result = await users('edit', 'ada', '--roles', 'ops', '--json');
      expect(json(result)).toMatchObject({ changed: true, user: { roles: ['ops'] } });
      expect(await row()).toEqual({ user_id: 'ada', ...ROW, ...STAMP });
    });

    it('is what users show names, beside what is usable', async () => {
      const { stdout } = await users('show', 'ada');
      expect(stdout).toMatch(/^email +ada@example\.com$/mu);
      expect(stdout).toMatch(/^is_admin +true$/mu);
      expect(stdout).toMatch(/^unusable +roles$/mu);
      expect(stdout).toContain('roles is not valid; to fix it, run users edit --roles.');
    });

    it('is shown to programs, and the bad attribute as a name alone', async () => {
      const { user } = json(await users('show', 'ada', '--json')) as { user: object };
      expect(user).toEqual({
        key: 'ada',
        user_id: 'ada',
        is_active: false,
        is_admin: true,
        tokens_valid_after: 1_700_000_000,
        email: 'ada@example.com',
        full_name: 'Ada',
        unusable: ['roles'],
      });
    });
  });
});
