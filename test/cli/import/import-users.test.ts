import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { cli, json, startCli } from '../support/cli.ts';
import { ImportTables, interruptWhen, manyUsers } from '../support/import-tables.ts';

describe('rollcall users import and export', () => {
  let imports: ImportTables;

  beforeAll(async () => {
    imports = await ImportTables.start();
  });

  afterEach(() => imports.closeThrottled());

  afterAll(() => imports.close());

  it('imports CSV as rows that the function reads', async () => {
    const { run, rows } = await imports.fresh({ USER_ID_CASE: 'lower' });
    const file = await imports.workspace.file(
      'plain.csv',
      'user_id,is_admin,roles\nAda,true,a;b\nBob,,\n',
    );
    const result = await run('import', file);
    expect(result).toMatchObject({ code: 0, stdout: '2 rows added.\n' });
    expect(await rows()).toEqual([
      { user_id: 'ada', is_active: true, is_admin: true, roles: ['a', 'b'] },
      { user_id: 'bob', is_active: true, is_admin: false },
    ]);
  });

  it('imports JSON Lines from standard input', async () => {
    const { where, rows } = await imports.fresh();
    const input = '{"user_id":"ada","is_active":false}\n{"user_id":"bob","roles":["x"]}\n';
    const result = await cli(['users', 'import', '-', ...where], { input, env: imports.env });
    expect(result.code).toBe(0);
    expect(await rows()).toEqual([
      { user_id: 'ada', is_active: false, is_admin: false },
      { user_id: 'bob', is_active: true, is_admin: false, roles: ['x'] },
    ]);
  });

  it('names every bad line by its number, and writes nothing', async () => {
    const { run, rows } = await imports.fresh({ USER_ID_CASE: 'lower' });
    const file = await imports.workspace.file(
      'bad.csv',
      'user_id,is_active,roles\nada,true,\nbob,maybe,\n,true,\ncarl,,two words\nADA,,\n',
    );
    const result = await run('import', file, '--json');
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({
      ok: false,
      error: { code: 'bad_lines' },
      good: 1,
      bad: 4,
      bad_lines: [
        { line: 3, problem: 'is_active must be true or false' },
        { line: 4, problem: 'user_id is missing' },
        { line: 5, problem: expect.stringContaining('role') },
        { line: 6, problem: 'repeats the user of line 2' },
      ],
      written: 0,
    });
    expect(result.stderr).toContain('line 3: is_active must be true or false\n');
    expect(await rows()).toEqual([]);
  });

  it('leaves bad lines out with --skip-bad', async () => {
    const { run, rows } = await imports.fresh();
    const file = await imports.workspace.file(
      'skip.csv',
      'user_id,is_admin\na,true\na,false\nb,perhaps\nc,\n',
    );
    const result = await run('import', file, '--skip-bad');
    expect(result).toMatchObject({ code: 0, stdout: '2 rows added, 2 bad lines skipped.\n' });
    expect(await rows()).toMatchObject([{ user_id: 'a', is_admin: true }, { user_id: 'c' }]);
  });

  it('leaves rows that exist as they are', async () => {
    const { run, rows } = await imports.fresh();
    const file = await imports.workspace.file('existing.csv', 'user_id\nada\nbob\n');
    await run('import', file);
    await run('disable', 'ada');
    const again = await run('import', file, '--json');
    expect(json(again)).toMatchObject({ written: 0, existing: 2 });
    expect(await rows()).toMatchObject([{ user_id: 'ada', is_active: false }, { user_id: 'bob' }]);
  });

  it('writes nothing with --dry-run, and says how much it would', async () => {
    const { run, rows } = await imports.fresh();
    const file = await imports.workspace.file('dry.csv', manyUsers(30));
    const result = await run('import', file, '--dry-run');
    expect(result.stdout).toMatch(/^added {7}user-0\n/u);
    expect(result.stdout).toMatch(/\n30 rows would be added; nothing was written\.\n$/u);
    expect(await rows()).toEqual([]);
  });

  it('tells its progress in plain lines where there is no terminal', async () => {
    const { run } = await imports.fresh();
    const { stderr } = await run(
      'import',
      await imports.workspace.file('progress.csv', manyUsers(60)),
    );
    expect(stderr).toMatch(/^importing 60\/60$/mu);
    expect(stderr).not.toContain('\r');
  });

  it('loses and repeats nothing on a table that is throttled', async () => {
    const table = await imports.fresh();
    const { throttled, where } = await imports.throttle(table, (write) =>
      write % 3 === 0 ? 'refuse' : 'take',
    );
    const file = await imports.workspace.file('throttled.csv', manyUsers(100));
    const result = await cli(['users', 'import', file, '--json', ...where], {
      env: imports.env,
    });
    expect(json(result)).toMatchObject({ ok: true, written: 100, existing: 0 });
    expect(await table.rows()).toHaveLength(100);
    expect(new Set(throttled.written).size).toBe(throttled.written.length);
  });

  it('leaves a row alone that appears meanwhile, and does not enable a disabled user', async () => {
    const table = await imports.fresh();
    const { throttled, where } = await imports.throttle(table, () => 'take');
    throttled.beforeWrite = (key) => table.put({ user_id: key, is_active: false });
    const file = await imports.workspace.file('appeared.csv', 'user_id,is_active\nada,true\n');
    const result = await cli(['users', 'import', file, '--json', ...where], { env: imports.env });
    expect(json(result)).toMatchObject({ ok: true, written: 0, keys: { left_alone: ['ada'] } });
    expect(await table.rows()).toEqual([{ user_id: 'ada', is_active: false }]);
  });

  it('knows its own row when the answer to a write was lost', async () => {
    const table = await imports.fresh();
    const { where } = await imports.throttle(table, (write) =>
      write === 0 ? 'lose the answer' : 'take',
    );
    const file = await imports.workspace.file('lost.csv', 'user_id\nada\n');
    const result = await cli(['users', 'import', file, '--json', ...where], { env: imports.env });
    expect(json(result)).toMatchObject({ added: 1, existing: 0 });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'is run again after %s, and comes to the same',
    async (signal) => {
      const table = await imports.fresh();
      const { throttled: slow, where } = await imports.throttle(table, () => 'take');
      const file = await imports.workspace.file(`stopped-${signal}.csv`, manyUsers(600));
      const args = ['users', 'import', file, '--json', ...where];
      const running = startCli(args, { env: imports.env });
      await interruptWhen(running, () => slow.written.length > 100, signal);
      const before = await table.rows();
      expect(before.length).toBeGreaterThan(100);
      expect(before.length).toBeLessThan(600);
      const again = json(await cli(args, { env: imports.env }));
      expect(again).toMatchObject({ existing: before.length, written: 600 - before.length });
      expect(await table.rows()).toHaveLength(600);
    },
  );

  it('says what was written until it was interrupted', async () => {
    const table = await imports.fresh();
    const { throttled: slow, where } = await imports.throttle(table, () => 'take');
    const file = await imports.workspace.file('interrupted.csv', manyUsers(600));
    const running = startCli(['users', 'import', file, '--json', ...where], { env: imports.env });
    const stopped = await interruptWhen(running, () => slow.written.length > 100);
    expect(stopped.code).toBe(130);
    expect(json(stopped)).toMatchObject({
      ok: false,
      error: { code: 'interrupted' },
      written: (await table.rows()).length,
    });
  });

  it.each(['--resume', '--checkpoint=x'])('has no %s any more', async (option) => {
    const { run } = await imports.fresh();
    const file = await imports.workspace.file('kept.csv', 'user_id\nada\n');
    expect(await run('import', file, option)).toMatchObject({ code: 2 });
    expect(existsSync(file)).toBe(true);
  });

  it('lists every key with --json', async () => {
    const { run, put } = await imports.fresh();
    await put({ user_id: 'ada', is_active: true, is_admin: false });
    const file = await imports.workspace.file('keys.csv', 'user_id\nada\nbob\n');
    expect(json(await run('import', file, '--json'))).toMatchObject({
      keys: { added: ['bob'], changed: [], left_alone: ['ada'], missing: [] },
    });
  });

  it('flushes the caches of gateways with --flush', async () => {
    const { run } = await imports.fresh();
    const file = await imports.workspace.file('flushed.csv', 'user_id\nada\n');
    expect(json(await run('import', file, '--flush', '--json'))).toMatchObject({ flushed: [] });
  });

  it('says in one line that there is no such file', async () => {
    const { run } = await imports.fresh();
    const result = await run('import', path.join(imports.workspace.directory, 'nowhere.csv'));
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^rollcall: There is no file .+\.\n$/u);
  });

  it.each(['csv', 'jsonl'])('exports %s that makes the same table again', async (format) => {
    const from = await imports.fresh();
    const to = await imports.fresh();
    const input = [
      { user_id: 'ada', is_admin: true, roles: ['x', '-y'], full_name: 'A, "B"', email: 'a@b.c' },
      { user_id: 'bob', is_active: false, tokens_valid_after: 1_700_000_000.5 },
      { user_id: ' carl ', full_name: ' =1+1\n\u001B[2J ' },
    ];
    const lines = input.map((record) => JSON.stringify(record)).join('\n');
    await from.run('import', await imports.workspace.file(`in-${format}.jsonl`, lines));
    const file = path.join(imports.workspace.directory, `out.${format}`);
    expect(await from.run('export', file)).toMatchObject({ code: 0, stdout: '3 rows exported.\n' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await to.run('import', file);
    expect(await to.rows()).toEqual(await from.rows());
  });

  it('exports to standard output, and counts on standard error', async () => {
    const { run } = await imports.fresh();
    await run('import', await imports.workspace.file('one.csv', 'user_id\nada\n'));
    const result = await run('export');
    expect(result).toMatchObject({
      code: 0,
      stdout: '{"user_id":"ada","is_active":true,"is_admin":false}\n',
      stderr: '1 row exported.\n',
    });
  });

  it('names rows that the function cannot use, and leaves them out', async () => {
    const { run, put } = await imports.fresh();
    await put({ user_id: 'broken', roles: 'all' });
    const file = path.join(imports.workspace.directory, 'broken.csv');
    const result = await run('export', file);
    expect(result).toMatchObject({ code: 4, stderr: 'broken: roles is not valid\n' });
    expect(await readFile(file, 'utf8')).not.toContain('broken');
  });
});
