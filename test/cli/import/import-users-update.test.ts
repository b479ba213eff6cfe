import { cli, json } from '../support/cli.ts';
import { ImportTables } from '../support/import-tables.ts';

describe('rollcall users import --update', () => {
  let imports: ImportTables;

  beforeAll(async () => {
    imports = await ImportTables.start();
  });

  afterEach(() => imports.closeThrottled());

  afterAll(() => imports.close());

  /** A row with everything that an import could spoil. */
  const ADA = {
    user_id: 'ada',
    is_active: false,
    is_admin: true,
    tokens_valid_after: 1_700_000_000,
    email: 'ada@example.com',
    roles: ['ops'],
    note: { of: 'ours' },
  };

  it('changes what the line names, and keeps the rest of the row', async () => {
    const { run, rows, put } = await imports.fresh();
    await put(ADA);
    const file = await imports.workspace.file('named.csv', 'user_id,full_name\nada,Ada L\n');
    const result = await run('import', file, '--update');
    expect(result).toMatchObject({
      code: 0,
      stdout: '0 rows added, 1 existing updated.\n0 active admins remain.\n',
    });
    expect(await rows()).toEqual([{ ...ADA, full_name: 'Ada L' }]);
  });

  it('takes an empty cell for one that names nothing', async () => {
    const { run, rows, put } = await imports.fresh();
    await put(ADA);
    const csv = 'user_id,is_active,is_admin,tokens_valid_after,email,full_name,roles\nada,,,,,,\n';
    await run('import', await imports.workspace.file('empty-cells.csv', csv), '--update');
    expect(await rows()).toEqual([ADA]);
  });

  it('gives a row that is new the defaults', async () => {
    const { run, rows } = await imports.fresh();
    const file = await imports.workspace.file('new.csv', 'user_id,roles\nbob,dev\n');
    expect(await run('import', file, '--update')).toMatchObject({
      stdout: '1 row added.\n0 active admins remain.\n',
    });
    expect(await rows()).toEqual([
      { user_id: 'bob', is_active: true, is_admin: false, roles: ['dev'] },
    ]);
  });

  it('takes the roles away for an empty list', async () => {
    const { run, rows, put } = await imports.fresh();
    await put(ADA);
    const file = await imports.workspace.file('none.jsonl', '{"user_id":"ada","roles":[]}\n');
    await run('import', file, '--update');
    const { roles: _, ...rest } = ADA;
    expect(await rows()).toEqual([rest]);
  });

  it('replaces roles that the function could not use', async () => {
    const { run, rows, put } = await imports.fresh();
    await put({ ...ADA, roles: 'ops' });
    const file = await imports.workspace.file('mended.csv', 'user_id,roles\nada,ops\n');
    await run('import', file, '--update');
    expect(await rows()).toEqual([ADA]);
  });

  it('leaves a row alone in which a line changes nothing', async () => {
    const { run, rows, put } = await imports.fresh();
    await put(ADA);
    const file = await imports.workspace.file('same.csv', 'user_id,email\nada,ada@example.com\n');
    expect(json(await run('import', file, '--update', '--json'))).toMatchObject({
      written: 0,
      keys: { changed: [], left_alone: ['ada'] },
    });
    expect(await rows()).toEqual([ADA]);
  });

  it('lists what was added, changed and left alone for programs', async () => {
    const { run, put } = await imports.fresh();
    await put(ADA);
    await put({ user_id: 'dora', is_active: true, is_admin: false });
    const csv = 'user_id,email\nada,x@example.com\nbob,\ncarl,\ndora,\n';
    const file = await imports.workspace.file('both.csv', csv);
    expect(json(await run('import', file, '--update', '--json'))).toMatchObject({
      ok: true,
      added: 2,
      updated: 1,
      existing: 1,
      written: 3,
      keys: {
        added: expect.arrayContaining(['bob', 'carl']),
        changed: ['ada'],
        left_alone: ['dora'],
        missing: [],
      },
      active_admins: 0,
    });
  });

  it('leaves a row as it is that was changed meanwhile, and says so', async () => {
    const table = await imports.fresh();
    await table.put(ADA);
    const { throttled, where } = await imports.throttle(table, () => 'take');
    const meanwhile = { ...ADA, email: 'new@example.com' };
    throttled.beforeWrite = () => table.put(meanwhile);
    const file = await imports.workspace.file('raced.csv', 'user_id,email\nada,file@example.com\n');
    const args = ['users', 'import', file, '--update', '--json', ...where];
    const result = await cli(args, { env: imports.env });
    expect(result.code).toBe(3);
    expect(json(result)).toMatchObject({ written: 0, keys: { conflict: ['ada'] } });
    expect(await table.rows()).toEqual([meanwhile]);
  });

  it('does not write a second time when the answer to a write was lost', async () => {
    const table = await imports.fresh();
    await table.put(ADA);
    const { where } = await imports.throttle(table, (write) =>
      write === 0 ? 'lose the answer' : 'take',
    );
    const file = await imports.workspace.file('lost-update.csv', 'user_id,email\nada,b@c.d\n');
    const args = ['users', 'import', file, '--update', '--json', ...where];
    expect(json(await cli(args, { env: imports.env }))).toMatchObject({ ok: true, updated: 1 });
    expect(await table.rows()).toEqual([{ ...ADA, email: 'b@c.d' }]);
  });

  describe('--existing-only', () => {
    const CSV = 'user_id,is_active\nada,true\nBob,false\n';

    it('names users without a row, and writes nothing', async () => {
      const { run, rows, put } = await imports.fresh();
      await put(ADA);
      await put({ user_id: 'bob' });
      const file = await imports.workspace.file('existing-only.csv', CSV);
      const result = await run('import', file, '--existing-only', '--json');
      expect(result.code).toBe(3);
      expect(json(result)).toMatchObject({
        ok: false,
        error: { code: 'users_missing' },
        keys: { changed: ['ada'], missing: ['Bob'] },
        did_you_mean: { Bob: 'bob' },
      });
      expect(result.stderr).toContain('Bob has no row; did you mean bob?\n');
      expect(await rows()).toEqual([ADA, { user_id: 'bob' }]);
    });

    it('leaves them out with --skip-missing', async () => {
      const { run, rows, put } = await imports.fresh();
      await put(ADA);
      const file = await imports.workspace.file('skip-missing.csv', CSV);
      const result = await run('import', file, '--existing-only', '--skip-missing');
      expect(result.stdout).toBe(
        '0 rows added, 1 existing updated, 1 without a row skipped.\n1 active admin remains.\n',
      );
      expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('Bob has no row') });
      expect(await rows()).toEqual([{ ...ADA, is_active: true }]);
    });
  });

  describe('with --dry-run', () => {
    it.each([
      [[], '2 rows would be added, 1 existing would be unchanged; nothing was written.'],
      [['--update'], '2 rows would be added, 1 existing would be updated; nothing was written.'],
    ])('says what would become of each row with %j', async (options, said) => {
      const { run, rows, put } = await imports.fresh();
      await put(ADA);
      const csv = 'user_id,email\nada,x@example.com\nbob,\ncarl,\n';
      const file = await imports.workspace.file('dry-both.csv', csv);
      const { code, stdout } = await run('import', file, '--dry-run', ...options);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^added {7}bob\nadded {7}carl\n(?:changed {5}|unchanged {3})ada\n/u);
      expect(stdout).toContain(said);
      expect(await rows()).toEqual([ADA]);
    });

    it('says it for programs', async () => {
      const { run, put } = await imports.fresh();
      await put(ADA);
      const file = await imports.workspace.file('dry-json.csv', 'user_id,email\nada,x\nbob,\n');
      const plain = await run('import', file, '--dry-run', '--json');
      expect(json(plain)).toMatchObject({ would_add: 1, would_update: 0, existing: 1, written: 0 });
      const update = await run('import', file, '--dry-run', '--update', '--json');
      expect(json(update)).toMatchObject({
        would_add: 1,
        would_update: 1,
        existing: 0,
        keys: { added: ['bob'], changed: ['ada'] },
      });
    });
  });

  describe('in strict mode', () => {
    const strictTable = async () => {
      const table = await imports.fresh({ REQUIRE_USER_IN_DB: 'true' });
      await table.put({ user_id: 'ada', is_admin: true });
      await table.put({ user_id: 'bob', is_active: false });
      await table.put({ user_id: 'former', is_admin: true, is_active: false });
      return table;
    };

    it.each([
      ['disables', 'user_id,is_active\nada,false\n'],
      ['demotes', 'user_id,is_admin\nada,false\n'],
      ['replaces by a disabled one', 'user_id,is_admin\nada,false\nbob,true\n'],
    ])('refuses an import that %s the last active admin', async (_, csv) => {
      const { run, rows } = await strictTable();
      const before = await rows();
      const file = await imports.workspace.file('last.csv', csv);
      const result = await run('import', file, '--update', '--json');
      expect(result.code).toBe(3);
      expect(json(result)).toMatchObject({ ok: false, error: { code: 'last_admin' } });
      expect(await rows()).toEqual(before);
    });

    it('refuses it with --dry-run, too', async () => {
      const { run } = await strictTable();
      const file = await imports.workspace.file('dry-last.csv', 'user_id,is_active\nada,false\n');
      expect(await run('import', file, '--update', '--dry-run')).toMatchObject({ code: 3 });
    });

    it('does it with --force', async () => {
      const { run, rows } = await strictTable();
      const file = await imports.workspace.file('forced.csv', 'user_id,is_active\nada,false\n');
      expect(await run('import', file, '--update', '--force')).toMatchObject({ code: 0 });
      expect(await rows()).toContainEqual({ user_id: 'ada', is_active: false, is_admin: true });
    });

    it.each([
      ['a new admin', 'user_id,is_admin\nada,false\nzoe,true\n'],
      ['an admin who is enabled', 'user_id,is_admin,is_active\nada,false,\nformer,,true\n'],
      ['somebody promoted', 'user_id,is_admin,is_active\nada,false,\nbob,true,true\n'],
    ])('accepts an import that puts %s in their place', async (_, csv) => {
      const { run } = await strictTable();
      const file = await imports.workspace.file('handed-over.csv', csv);
      expect(await run('import', file, '--update')).toMatchObject({ code: 0 });
    });

    it('accepts an import where there is no active admin to lose', async () => {
      const { run } = await imports.fresh({ REQUIRE_USER_IN_DB: 'true' });
      const file = await imports.workspace.file('first.csv', 'user_id\nada\n');
      expect(await run('import', file, '--update')).toMatchObject({ code: 0 });
    });
  });

  it('lets the last active admin be disabled when strict mode is off', async () => {
    const { run, put } = await imports.fresh();
    await put({ user_id: 'ada', is_admin: true });
    const file = await imports.workspace.file('off.csv', 'user_id,is_active\nada,false\n');
    expect(await run('import', file, '--update')).toMatchObject({ code: 0 });
  });
});
