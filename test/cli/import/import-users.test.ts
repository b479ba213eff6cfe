import { createHash } from 'node:crypto';
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
    expect(result).toMatchObject({ code: 0, stdout: '2 rows added, 2 bad lines left out.\n' });
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
    expect(result.stdout).toBe('30 rows would be added; nothing was written.\n');
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
    // Every third request is refused as a whole; of the others, seven items are taken.
    const capacity = (batch: number) => (batch % 3 === 0 ? 0 : 7);
    const { throttled, where } = await imports.throttle(table, capacity);
    const file = await imports.workspace.file('throttled.csv', manyUsers(200));
    const result = await cli(['users', 'import', file, '--json', ...where], {
      env: imports.env,
    });
    expect(json(result)).toMatchObject({ ok: true, written: 200, existing: 0 });
    expect(await table.rows()).toHaveLength(200);
    expect(new Set(throttled.written).size).toBe(throttled.written.length);
  });

  it('goes on after an interruption without losing or repeating a row', async () => {
    const table = await imports.fresh();
    const { throttled: slow, where } = await imports.throttle(table, () => 5);
    const file = await imports.workspace.file('interrupted.csv', manyUsers(2000));
    const running = startCli(['users', 'import', file, '--json', ...where], {
      env: imports.env,
    });
    const interrupted = await interruptWhen(running, () => slow.written.length > 100);
    expect(interrupted.code).toBe(130);
    expect(json(interrupted)).toMatchObject({ ok: false, error: { code: 'interrupted' } });
    const before = await table.rows();
    expect(before.length).toBeGreaterThan(100);
    expect(before.length).toBeLessThan(2000);
    expect(json(interrupted)).toMatchObject({ written: before.length });

    slow.capacity = (_, items) => items;
    const resumed = await cli(['users', 'import', file, '--resume', '--json', ...where], {
      env: imports.env,
    });
    expect(json(resumed)).toMatchObject({
      ok: true,
      written: 2000 - before.length,
      existing: 0,
      resumed_after: before.length + 1,
    });
    expect(await table.rows()).toHaveLength(2000);
    expect(new Set(slow.written).size).toBe(slow.written.length);
    expect(existsSync(`${file}.checkpoint`)).toBe(false);
  });

  it('completes the table after it was killed, with or without --resume', async () => {
    const table = await imports.fresh();
    const { throttled: slow, where } = await imports.throttle(table, () => 5);
    const file = await imports.workspace.file('killed.csv', manyUsers(500));
    const running = startCli(['users', 'import', file, ...where], { env: imports.env });
    await interruptWhen(running, () => slow.written.length > 100, 'SIGKILL');
    slow.capacity = (_, items) => items;
    const again = await cli(['users', 'import', file, '--json', ...where], {
      env: imports.env,
    });
    const { written, existing } = json(again) as { written: number; existing: number };
    expect(written + existing).toBe(500);
    expect(await table.rows()).toHaveLength(500);
  });

  it('refuses to resume another file, or into another table', async () => {
    const { run } = await imports.fresh();
    const file = await imports.workspace.file('other.csv', manyUsers(3));
    const digest = '0'.repeat(64);
    await imports.workspace.file(
      'other.csv.checkpoint',
      JSON.stringify({ table: 'elsewhere', sha256: digest, update: false, line: 2 }),
    );
    const result = await run('import', file, '--resume', '--json');
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({ error: { code: 'checkpoint_mismatch' } });
  });

  it('refuses to resume with --update what was begun without', async () => {
    const { name, run } = await imports.fresh();
    const content = manyUsers(3);
    const file = await imports.workspace.file('mode.csv', content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const checkpoint = { table: name, sha256, update: false, line: 2 };
    await imports.workspace.file('mode.csv.checkpoint', JSON.stringify(checkpoint));
    const result = await run('import', file, '--resume', '--update');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('The interrupted import was without --update');
    expect(await run('import', file, '--resume')).toMatchObject({ stdout: '2 rows added.\n' });
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
      { user_id: 'ada', is_admin: true, roles: ['x', 'y'], full_name: 'A, "B"', email: 'a@b.c' },
      { user_id: 'bob', is_active: false, tokens_valid_after: 1_700_000_000 },
    ];
    const lines = input.map((record) => JSON.stringify(record)).join('\n');
    await from.run('import', await imports.workspace.file(`in-${format}.jsonl`, lines));
    const file = path.join(imports.workspace.directory, `out.${format}`);
    expect(await from.run('export', file)).toMatchObject({ code: 0, stdout: '2 rows exported.\n' });
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
