import { cli, json } from '../support/cli.ts';
import { ImportTables, withoutStamp } from '../support/import-tables.ts';

describe('rollcall users disable, enable, remove and sign-out --from', () => {
  let imports: ImportTables;

  beforeAll(async () => {
    imports = await ImportTables.start();
  });

  afterEach(() => imports.closeThrottled());

  afterAll(() => imports.close());

  it.each([
    ['disable', { is_active: false }],
    ['enable', { is_active: true }],
    ['sign-out', { tokens_valid_after: expect.any(Number) }],
  ])('does the same for every user of a file: %s', async (command, changed) => {
    const { run, rows, put } = await imports.fresh();
    await put({ user_id: 'ada', roles: ['x'], note: 1 });
    await put({ user_id: 'bob' });
    await put({ user_id: 'carl' });
    const file = await imports.workspace.file('list.txt', 'ada\n\nbob\nada\n');
    const result = await run(command, '--from', file, '--yes', '--json');
    expect(result.code).toBe(0);
    expect(json(result)).toMatchObject({
      ok: true,
      action: command,
      written: true,
      keys: { changed: ['ada', 'bob'], missing: [] },
    });
    expect(await rows()).toEqual([
      { user_id: 'ada', roles: ['x'], note: 1, ...changed },
      { user_id: 'bob', ...changed },
      { user_id: 'carl' },
    ]);
  });

  it('removes every user of a file', async () => {
    const { run, rows, put } = await imports.fresh();
    for (const user of ['ada', 'bob', 'carl']) await put({ user_id: user });
    const file = await imports.workspace.file('gone.csv', 'user_id;team\nada;x\nbob;y\n');
    const result = await run('remove', '--from', file, '--yes');
    expect(result.stdout).toBe('2 users removed.\n0 active admins remain.\n');
    expect(await rows()).toEqual([{ user_id: 'carl' }]);
  });

  it('reads a list from standard input', async () => {
    const { where, rows, put } = await imports.fresh();
    await put({ user_id: 'ada' });
    const args = ['users', 'disable', '--from', '-', '--yes', ...where];
    await cli(args, { env: imports.env, input: 'ada\n' });
    expect(await rows()).toEqual([{ user_id: 'ada', is_active: false }]);
  });

  it('says what was so already, and who is left', async () => {
    const { run, put } = await imports.fresh();
    await put({ user_id: 'ada', is_active: false });
    await put({ user_id: 'bob' });
    await put({ user_id: 'root', is_admin: true });
    const file = await imports.workspace.file('already.txt', 'ada\nbob\n');
    expect(await run('disable', '--from', file, '--yes')).toMatchObject({
      code: 0,
      stdout: '1 user disabled, 1 disabled already.\n1 active admin remains.\n',
    });
  });

  describe('with ids that have no row', () => {
    const LEAVERS = 'ada\nBob\ncral\nzoe-who-never-was\n';

    async function team() {
      const table = await imports.fresh();
      for (const user of ['ada', 'bob', 'carl']) await table.put({ user_id: user });
      return { ...table, file: await imports.workspace.file('leavers.txt', LEAVERS) };
    }

    it('names each, and whom it may have meant, and writes nothing', async () => {
      const { run, rows, file } = await team();
      const result = await run('disable', '--from', file, '--yes', '--json');
      expect(result.code).toBe(3);
      expect(json(result)).toMatchObject({
        ok: false,
        error: { code: 'users_missing' },
        written: false,
        keys: { changed: ['ada'], missing: ['Bob', 'cral', 'zoe-who-never-was'] },
        did_you_mean: { Bob: 'bob', cral: 'carl' },
      });
      expect(result.stderr).toMatch(
        /^Bob has no row; did you mean bob\?\ncral has no row; did you mean carl\?\nzoe-who-never-was has no row\nrollcall: 3 users have no row, and nothing was written\. /u,
      );
      expect(await rows()).toEqual([{ user_id: 'ada' }, { user_id: 'bob' }, { user_id: 'carl' }]);
    });

    it('says so with --dry-run, too, beside what would become of the others', async () => {
      const { run, file } = await team();
      const result = await run('disable', '--from', file, '--dry-run');
      expect(result.code).toBe(3);
      expect(result.stdout).toBe(
        'changed     ada\n' +
          'missing     Bob\nmissing     cral\nmissing     zoe-who-never-was\n' +
          '1 user would be disabled, 3 without a row skipped; nothing was written.\n' +
          '0 active admins would remain.\n',
      );
      expect(result.stderr).toContain('rollcall: 3 users have no row, and nothing was written.');
    });

    it('leaves them out with --skip-missing, and names them all the same', async () => {
      const { run, rows, file } = await team();
      const result = await run('disable', '--from', file, '--skip-missing', '--yes', '--json');
      expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('cral has no row') });
      expect(json(result)).toMatchObject({
        keys: { changed: ['ada'], missing: ['Bob', 'cral', 'zoe-who-never-was'] },
      });
      expect(await rows()).toContainEqual({ user_id: 'ada', is_active: false });
    });
  });

  it('lists every key with --dry-run, and writes nothing', async () => {
    const { run, rows, put } = await imports.fresh();
    await put({ user_id: 'ada' });
    await put({ user_id: 'bob', is_active: false });
    const file = await imports.workspace.file('dry.txt', 'ada\nbob\n');
    expect((await run('disable', '--from', file, '--dry-run')).stdout).toBe(
      'changed     ada\nunchanged   bob\n' +
        '1 user would be disabled, 1 disabled already; nothing was written.\n' +
        '0 active admins would remain.\n',
    );
    expect(await rows()).toEqual([{ user_id: 'ada' }, { user_id: 'bob', is_active: false }]);
  });

  it('writes nothing without --yes where nobody can be asked', async () => {
    const { run, rows, put } = await imports.fresh();
    await put({ user_id: 'ada' });
    const file = await imports.workspace.file('unasked.txt', 'ada\n');
    const result = await run('disable', '--from', file, '--json');
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({ error: { code: 'confirmation_missing' } });
    expect(await rows()).toEqual([{ user_id: 'ada' }]);
  });

  describe('by e-mail address', () => {
    it('finds ids that are addresses, and rows that have one', async () => {
      const { run, rows, put } = await imports.fresh();
      await put({ user_id: 'ada@example.com' });
      await put({ user_id: 'sub-2', email: 'Bob@Example.com' });
      const csv = 'Name,E-Mail\nAda,ada@example.com\nBob,bob@example.com\n';
      const file = await imports.workspace.file('mails.csv', csv);
      expect(await run('disable', '--from', file, '--yes')).toMatchObject({ code: 0 });
      expect(await rows()).toMatchObject([{ is_active: false }, { is_active: false }]);
    });

    it('refuses an address that several rows have', async () => {
      const { run, put } = await imports.fresh();
      await put({ user_id: 'a', email: 'x@example.com' });
      await put({ user_id: 'b', email: 'x@example.com' });
      const file = await imports.workspace.file('shared.csv', 'email\nx@example.com\n');
      const result = await run('disable', '--from', file, '--yes', '--json');
      expect(result.code).toBe(3);
      expect(json(result)).toMatchObject({ error: { code: 'email_ambiguous' } });
    });
  });

  it.each([
    ['several columns without a name that counts', 'ada,Sales\nbob,IT\n'],
    ['no user', '\n\n'],
    ['a line that is no id', `ada\n${'x'.repeat(1025)}\n`],
  ])('refuses a file with %s', async (_, text) => {
    const { run } = await imports.fresh();
    const file = await imports.workspace.file('unusable.csv', text);
    const result = await run('disable', '--from', file, '--yes', '--json');
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({ error: { code: 'bad_lines' } });
  });

  it.each([
    ['nobody', []],
    ['somebody twice', ['ada', '--from', 'x']],
  ])('refuses to change %s', async (_, args) => {
    const { run } = await imports.fresh();
    const result = await run('disable', ...args, '--json');
    expect(json(result)).toMatchObject({ error: { code: 'users_named' } });
  });

  it('keeps the last active admin in strict mode, unless forced', async () => {
    const { run, rows, put } = await imports.fresh({ REQUIRE_USER_IN_DB: 'true' });
    await put({ user_id: 'ada', is_admin: true });
    await put({ user_id: 'bob', is_admin: true });
    const file = await imports.workspace.file('admins.txt', 'ada\nbob\n');
    const result = await run('remove', '--from', file, '--yes', '--json');
    expect(result.code).toBe(3);
    expect(json(result)).toMatchObject({ error: { code: 'last_admin' } });
    expect(await rows()).toHaveLength(2);
    expect(await run('remove', '--from', file, '--yes', '--force')).toMatchObject({ code: 0 });
  });

  it('does not remove the platform admin along with others', async () => {
    const { run, rows, put } = await imports.fresh({ PLATFORM_ADMIN_EMAIL: 'root' });
    await put({ user_id: 'root' });
    const file = await imports.workspace.file('root.txt', 'root\n');
    const result = await run('remove', '--from', file, '--yes', '--json');
    expect(json(result)).toMatchObject({ error: { code: 'platform_admin' } });
    expect(await rows()).toHaveLength(1);
  });

  it('says what was written when it fails halfway, and is run again', async () => {
    const table = await imports.fresh();
    const users = Array.from({ length: 60 }, (_, index) => `user-${index}`);
    for (const user of users) await table.put({ user_id: user });
    const { throttled, where } = await imports.throttle(table, () => 'take');
    let let_through = 0;
    throttled.beforeWrite = () => {
      let_through += 1;
      return let_through > 20 ? throttled.close() : Promise.resolve();
    };
    const file = await imports.workspace.file('halfway.txt', users.join('\n'));
    const args = ['users', 'disable', '--from', file, '--yes', '--json'];
    const result = await cli([...args, ...where], { env: imports.env });
    expect(result.code).toBe(1);
    expect(json(result)).toMatchObject({ ok: false, error: { code: 'connection' }, written: true });
    expect(json(await cli([...args, ...table.where], { env: imports.env }))).toMatchObject({
      ok: true,
    });
    expect((await table.stampedRows()).map(withoutStamp)).toEqual(
      [...users].sort().map((user) => ({ user_id: user, is_active: false })),
    );
  });
});
