import { TestTables, USERS_TABLE } from '../../support/tables.ts';
import { cli, json, Workspace, type CliResult } from '../support/cli.ts';
import { createHash } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';

const ISSUER = { JWT_ISSUER: 'https://id.example.com', JWT_AUDIENCE: 'api' };

describe('rollcall users', () => {
  let tables: TestTables;
  let workspace: Workspace;
  let local: readonly string[];
  let strict: readonly string[];

  beforeAll(async () => {
    tables = await TestTables.start();
    workspace = await Workspace.create();
    local = await workspace.localStack(tables, {
      ...ISSUER,
      USER_ID_CASE: 'lower',
      PLATFORM_ADMIN_EMAIL: 'Root@example.com',
    });
    strict = await workspace.localStack(
      tables,
      { ...ISSUER, REQUIRE_USER_IN_DB: 'true' },
      'strict.json',
    );
  });

  afterAll(async () => {
    await tables.close();
    await workspace.remove();
  });

  const users = (...args: readonly string[]): Promise<CliResult> =>
    cli(['users', ...args, ...local], { env: tables.settings });

  async function row(key: string): Promise<Record<string, unknown> | undefined> {
    const { Item } = await tables.client.send(
      new GetCommand({ TableName: USERS_TABLE, Key: { user_id: key } }),
    );
    return Item;
  }

  it('adds a row under the folded id, with every attribute it was given', async () => {
    const result = await users(
      'add',
      'Alice@Example.com',
      '--email',
      'Alice@Example.com',
      '--full-name',
      'Alice Liddell',
      '--role',
      'engineer',
      '--role',
      'ops',
      '--admin',
    );
    expect(result).toMatchObject({ code: 0, stdout: 'alice@example.com was added.\n' });
    expect(await row('alice@example.com')).toEqual({
      user_id: 'alice@example.com',
      is_active: true,
      is_admin: true,
      email: 'Alice@Example.com',
      full_name: 'Alice Liddell',
      roles: ['engineer', 'ops'],
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/u),
      updated_by: 'local',
    });
  });

  it('refuses to add a row that exists, and leaves it as it is', async () => {
    await tables.putUser('bob', { is_active: false });
    const result = await users('add', 'Bob', '--admin');
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/^rollcall: bob already has a row\. .+\.\n$/u);
    expect(await row('bob')).toEqual({ user_id: 'bob', is_active: false });
  });

  it('writes nothing with --dry-run', async () => {
    const result = await users('add', 'carol', '--dry-run');
    expect(result.stdout).toBe('carol would be added; nothing was written.\n');
    expect(await row('carol')).toBeUndefined();
  });

  it('refuses a role that the function could not use', async () => {
    const result = await users('add', 'dave', '--role', 'two words');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(await row('dave')).toBeUndefined();
  });

  it.each(['enable', 'disable', 'remove', 'set-admin', 'sign-out', 'show'])(
    'refuses to %s a user without a row',
    async (command) => {
      const result = await users(command, 'nobody', '--json');
      expect(result.code).toBe(3);
      expect(json(result)).toMatchObject({ ok: false, error: { code: 'user_missing' } });
      expect(await row('nobody')).toBeUndefined();
    },
  );

  it('disables and enables a user, and keeps the rest of the row', async () => {
    await tables.putUser('erin', { is_admin: true, roles: ['ops'], note: 'kept' });
    const disabled = await users('disable', 'Erin', '--json');
    expect(json(disabled)).toMatchObject({
      ok: true,
      action: 'disable',
      key: 'erin',
      changed: true,
      dry_run: false,
      written: true,
      user: { key: 'erin', user_id: 'erin', is_active: false, is_admin: true, roles: ['ops'] },
    });
    expect(await row('erin')).toMatchObject({ is_active: false, roles: ['ops'], note: 'kept' });
    await users('enable', 'erin');
    expect(await row('erin')).toMatchObject({ is_active: true, is_admin: true });
  });

  it('says so when a user is disabled already, and does not claim to have done it', async () => {
    await tables.putUser('frank', { is_active: false, updated_by: 'somebody' });
    expect((await users('disable', 'frank')).stdout).toBe('frank is disabled already.\n');
    expect(await row('frank')).toMatchObject({ updated_by: 'somebody' });
  });

  it('shows who wrote a row last, and when', async () => {
    await tables.putUser('wanda', {});
    await users('disable', 'wanda');
    const { stdout } = await users('show', 'wanda');
    expect(stdout).toMatch(/^updated_at +\d{4}-.+Z$/mu);
    expect(stdout).toMatch(/^updated_by +local$/mu);
  });

  it('makes a user an admin, and no longer one', async () => {
    await tables.putUser('grace', {});
    await users('set-admin', 'grace');
    expect(await row('grace')).toMatchObject({ is_admin: true });
    await users('set-admin', 'grace', '--off');
    expect(await row('grace')).toMatchObject({ is_admin: false });
  });

  it('signs a user out from the next whole second on', async () => {
    await tables.putUser('heidi', {});
    const before = Math.floor(Date.now() / 1000);
    const result = await users('sign-out', 'heidi');
    const after = Math.floor(Date.now() / 1000);
    const { tokens_valid_after: validAfter } = (await row('heidi')) ?? {};
    expect(validAfter).toBeGreaterThan(before);
    expect(validAfter).toBeLessThanOrEqual(after + 1);
    expect(result.stdout).toContain('To deny the user, run users disable.');
  });

  it('never moves a sign-out back in time', async () => {
    await tables.putUser('ivan', { tokens_valid_after: 9_999_999_999 });
    await users('sign-out', 'ivan');
    expect(await row('ivan')).toMatchObject({ tokens_valid_after: 9_999_999_999 });
  });

  it('replaces a sign-out time that is no number', async () => {
    await tables.putUser('judy', { tokens_valid_after: 'yesterday' });
    await users('sign-out', 'judy');
    expect(await row('judy')).toMatchObject({ tokens_valid_after: expect.any(Number) });
  });

  it.each([1e11, 1.7e12, 1.7e15])(
    'replaces a sign-out time that is no time in seconds: %d',
    async (tokensValidAfter) => {
      await tables.putUser('kim', { tokens_valid_after: tokensValidAfter });
      expect((await users('sign-out', 'kim')).code).toBe(0);
      const { tokens_valid_after: validAfter } = (await row('kim')) ?? {};
      expect(validAfter).toBeLessThan(1e11);
    },
  );

  it('refuses to remove the platform admin, and offers to disable', async () => {
    await tables.putUser('root@example.com', { is_admin: true });
    const result = await users('remove', 'ROOT@example.com');
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('users disable');
    expect(await row('root@example.com')).toBeDefined();
    expect(await users('remove', 'root@example.com', '--force')).toMatchObject({ code: 0 });
    expect(await row('root@example.com')).toBeUndefined();
  });

  it.each([
    ['add', 'exactly'],
    ['show', 'x'.repeat(1025)],
    ['show', ' padded'],
    ['add', 'two\nlines'],
  ])('treats a bad id as bad usage: users %s', async (command, id) => {
    const args = id === 'exactly' ? [command] : [command, id];
    expect(await users(...args)).toMatchObject({ code: 2, stdout: '' });
  });

  it('does not repeat a token that was given as a user id', async () => {
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
    const result = await users('show', token, '--json');
    expect(result.code).toBe(2);
    expect(result.stdout + result.stderr).not.toContain(token);
  });

  describe('in strict mode', () => {
    const inStrict = (...args: readonly string[]): Promise<CliResult> =>
      cli(['users', ...args, ...strict], { env: tables.settings });

    beforeEach(async () => {
      const { users: listed } = json(await inStrict('list', '--json')) as {
        users: { key: string }[];
      };
      await Promise.all(listed.map(({ key }) => tables.deleteUser(key)));
      await tables.putUser('ada', { is_admin: true });
      await tables.putUser('former', { is_admin: true, is_active: false });
      await tables.putUser('broken', { is_admin: true, roles: 'all' });
    });

    it.each([
      ['disable', []],
      ['remove', []],
      ['set-admin', ['--off']],
    ])('refuses to %s the last active admin', async (command, more) => {
      const result = await inStrict(command, 'ada', ...more, '--json');
      expect(result.code).toBe(3);
      expect(json(result)).toMatchObject({ error: { code: 'last_admin' } });
      expect(await row('ada')).toEqual({ user_id: 'ada', is_admin: true });
    });

    it('does it with --force', async () => {
      expect(await inStrict('disable', 'ada', '--force')).toMatchObject({ code: 0 });
      expect(await row('ada')).toMatchObject({ is_active: false });
    });

    it('disables an admin while there is another one', async () => {
      await tables.putUser('bea', { is_admin: true });
      expect(await inStrict('disable', 'ada')).toMatchObject({ code: 0 });
    });

    it('disables a user who is no admin', async () => {
      await tables.putUser('carl', {});
      expect(await inStrict('disable', 'carl')).toMatchObject({ code: 0 });
    });
  });

  it('lists admins, the disabled, and no more than the limit', async () => {
    await tables.putUser('olga', { is_admin: true, is_active: false });
    const keysOf = (result: CliResult): string[] =>
      (json(result) as { users: { key: string }[] }).users.map(({ key }) => key);
    expect(keysOf(await users('list', '--admins', '--disabled', '--json'))).toContain('olga');
    const limited = await users('list', '--limit', '1', '--json');
    expect(keysOf(limited)).toHaveLength(1);
    expect(json(limited)).toMatchObject({ more: true });
    expect(await users('list', '--limit', '0')).toMatchObject({ code: 2 });
  });

  describe('list', () => {
    const keysOf = (result: CliResult): string[] =>
      (json(result) as { users: { key: string }[] }).users.map(({ key }) => key);

    beforeAll(async () => {
      await tables.putUser('list-1', { roles: ['ops'], email: 'a@b.c', updated_by: 'me' });
      await tables.putUser('list-2', { is_active: false, roles: ['dev', 'ops'] });
      await tables.putUser('list-3', { roles: 'broken' });
    });

    it.each([
      ['--state active', ['list-1']],
      ['--state disabled', ['list-2']],
      ['--state unusable', ['list-3']],
      ['--role ops', ['list-1', 'list-2']],
      ['--roles dev,none', ['list-2']],
    ])('has only those with %s', async (filter, keys) => {
      const result = await users('list', '--prefix', 'list-', ...filter.split(' '), '--json');
      expect(keysOf(result).sort()).toEqual(keys);
    });

    it('shows the columns that were asked for', async () => {
      const columns = ['--columns', 'key,email,updated_by'];
      const { stdout } = await users('list', '--prefix', 'list-1', ...columns);
      expect(stdout).toMatch(/^key +email +updated_by\nlist-1 +a@b\.c +me\n1 row\.\n$/u);
      expect(await users('list', '--columns', 'key,mail')).toMatchObject({ code: 2 });
    });

    it('goes on page by page, and has each row once', async () => {
      const pages: string[] = [];
      let after: readonly string[] = [];
      for (let more = true; more;) {
        const page = await users('list', '--limit', '7', '--json', ...after);
        pages.push(...keysOf(page));
        const { next } = json(page) as { next?: string };
        after = ['--after', next ?? ''];
        more = next !== undefined;
      }
      expect(pages).toEqual(keysOf(await users('list', '--json')));
    });
  });

  it.each(['--role ops --role dev', '--roles ops,dev', '--role ops,dev', '--role ops --roles dev'])(
    'takes roles alike everywhere: %s',
    async (roles) => {
      const key = `roles-${roles.length}`;
      await users('add', key, ...roles.split(' '));
      expect(await row(key)).toMatchObject({ roles: ['ops', 'dev'] });
      await users('edit', key, '--roles', '');
      await users('edit', key, ...roles.split(' '));
      expect(await row(key)).toMatchObject({ roles: ['ops', 'dev'] });
      await users('remove', key);
    },
  );

  describe('ids with characters that nobody sees', () => {
    it('are refused where they are new, and the code point is named', async () => {
      const result = await users('add', 'zero\u200Bwidth');
      expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('U+200B') });
    });

    it('are shown with escapes, and understood as they are shown', async () => {
      await tables.putUser(' hid\u001B\u00ADden', {});
      const shown = String.raw`\u{20}hid\u{1b}\u{ad}den`;
      const listed = await users('list', '--prefix', String.raw`\u{20}hid`);
      expect(listed.stdout).toContain(`${shown} `);
      expect(await users('disable', shown)).toMatchObject({ code: 0 });
      expect(await row(' hid\u001B\u00ADden')).toMatchObject({ is_active: false });
      await users('remove', shown);
    });
  });

  it('prints the digest that the log has in place of a user id', async () => {
    const digest = createHash('sha256').update('alice').digest('hex');
    expect((await users('digest', 'ALICE')).stdout).toBe(`${digest}\n`);
    expect(json(await users('digest', 'alice', '--json'))).toMatchObject({
      key: 'alice',
      sha256: digest,
    });
  });

  it('refuses a namespace where the issuer has none', async () => {
    const result = await users('add', 'yve', '--namespace', 'emp');
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toContain('The trusted issuer has no userNamespace');
  });

  it('disables the last active admin when strict mode is off', async () => {
    await tables.putUser('zoe', { is_admin: true });
    expect(await users('disable', 'zoe')).toMatchObject({ code: 0 });
  });
});
