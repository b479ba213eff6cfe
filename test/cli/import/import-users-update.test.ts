import { cli, json, startCli } from '../support/cli.ts';
import { ImportTables, interruptWhen, manyUsers } from '../support/import-tables.ts';

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
    expect(result).toMatchObject({ code: 0, stdout: '0 rows added, 1 existing updated.\n' });
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
    expect(await run('import', file, '--update')).toMatchObject({ stdout: '1 row added.\n' });
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

  it('counts what was added and what was updated for programs', async () => {
    const { run, put } = await imports.fresh();
    await put(ADA);
    const file = await imports.workspace.file('both.csv', 'user_id\nada\nbob\ncarl\n');
    expect(json(await run('import', file, '--update', '--json'))).toMatchObject({
      ok: true,
      added: 2,
      updated: 1,
      existing: 0,
      written: 3,
    });
  });

  describe('with --dry-run', () => {
    it.each([
      [[], '2 rows would be added, 1 existing would be left alone; nothing was written.\n'],
      [['--update'], '2 rows would be added, 1 existing would be updated; nothing was written.\n'],
    ])('says what would become of the rows with %j', async (options, said) => {
      const { run, rows, put } = await imports.fresh();
      await put(ADA);
      const csv = 'user_id,email\nada,x@example.com\nbob,\ncarl,\n';
      const file = await imports.workspace.file('dry-both.csv', csv);
      const result = await run('import', file, '--dry-run', ...options);
      expect(result).toMatchObject({ code: 0, stdout: said });
      expect(await rows()).toEqual([ADA]);
    });

    it('says it for programs', async () => {
      const { run, put } = await imports.fresh();
      await put(ADA);
      const file = await imports.workspace.file('dry-json.csv', 'user_id\nada\nbob\n');
      const plain = await run('import', file, '--dry-run', '--json');
      expect(json(plain)).toMatchObject({ would_add: 1, would_update: 0, existing: 1, written: 0 });
      const update = await run('import', file, '--dry-run', '--update', '--json');
      expect(json(update)).toMatchObject({ would_add: 1, would_update: 1, existing: 0 });
    });
  });

  it('loses and repeats nothing on a table that is throttled', async () => {
    const table = await imports.fresh();
    const { throttled, where } = await imports.throttle(table, (batch) =>
      batch % 3 === 0 ? 0 : 1,
    );
    const file = await imports.workspace.file('throttled-update.csv', manyUsers(120));
    const args = ['users', 'import', file, '--update', '--json', ...where];
    expect(json(await cli(args, { env: imports.env }))).toMatchObject({ ok: true, added: 120 });
    expect(await table.rows()).toHaveLength(120);
    expect(new Set(throttled.written).size).toBe(throttled.written.length);
  });

  it('goes on after an interruption without losing or repeating a row', async () => {
    const table = await imports.fresh();
    const { throttled: slow, where } = await imports.throttle(table, (batch) => batch % 2);
    const file = await imports.workspace.file('interrupted-update.csv', manyUsers(1500));
    const args = ['users', 'import', file, '--update', '--json', ...where];
    const running = startCli(args, { env: imports.env });
    const interrupted = await interruptWhen(running, () => slow.written.length > 100);
    expect(interrupted.code).toBe(130);
    const before = await table.rows();
    expect(before.length).toBeLessThan(1500);
    expect(json(interrupted)).toMatchObject({ written: before.length });

    slow.capacity = () => 1;
    const resumed = await cli([...args, '--resume'], { env: imports.env });
    expect(json(resumed)).toMatchObject({ added: 1500 - before.length, updated: 0 });
    expect(await table.rows()).toHaveLength(1500);
    expect(new Set(slow.written).size).toBe(slow.written.length);
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
