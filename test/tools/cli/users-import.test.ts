import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { TestTables } from '../../support/tables.ts';
import { cli, json, startCli, Workspace, type CliResult } from './support/cli.ts';
import { ThrottledTable, type Capacity } from './support/throttled-table.ts';

const ISSUER = { JWT_ISSUER: 'https://id.example.com', JWT_AUDIENCE: 'api' };

describe('rollcall users import and export', () => {
  let tables: TestTables;
  let workspace: Workspace;
  let tableNumber = 0;
  const throttledTables: ThrottledTable[] = [];

  beforeAll(async () => {
    tables = await TestTables.start();
    workspace = await Workspace.create();
  });

  afterAll(async () => {
    await tables.close();
    await workspace.remove();
  });

  afterEach(async () => {
    await Promise.all(throttledTables.splice(0).map((table) => table.close()));
  });

  async function throttle(capacity: Capacity): Promise<ThrottledTable> {
    const table = await ThrottledTable.start(tables.endpoint, capacity);
    throttledTables.push(table);
    return table;
  }

  /** A table of its own, with the arguments that lead to it. */
  async function freshTable(settings: Readonly<Record<string, string>> = {}) {
    tableNumber += 1;
    const name = `users-${tableNumber}`;
    await tables.create(name, 'user_id');
    const where = await workspace.localStack(
      tables,
      { ...ISSUER, ...settings, USERS_TABLE_NAME: name },
      `${name}.json`,
    );
    const run = (...args: readonly string[]): Promise<CliResult> =>
      cli(['users', ...args, ...where], { env: tables.settings });
    return { name, where, run, rows: () => rowsOf(name) };
  }

  async function rowsOf(name: string): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    for await (const { Items = [] } of paginateScan(
      { client: tables.client },
      { TableName: name },
    )) {
      rows.push(...Items);
    }
    return rows.sort((a, b) => (String(a['user_id']) < String(b['user_id']) ? -1 : 1));
  }

  const manyUsers = (count: number): string =>
    ['user_id', ...Array.from({ length: count }, (_, index) => `user-${index}`)].join('\n');

  it('imports CSV as rows that the function reads', async () => {
    const { run, rows } = await freshTable({ USER_ID_CASE: 'lower' });
    const file = await workspace.file('plain.csv', 'user_id,is_admin,roles\nAda,true,a;b\nBob,,\n');
    const result = await run('import', file);
    expect(result).toMatchObject({ code: 0, stdout: '2 rows written.\n' });
    expect(await rows()).toEqual([
      { user_id: 'ada', is_active: true, is_admin: true, roles: ['a', 'b'] },
      { user_id: 'bob', is_active: true, is_admin: false },
    ]);
  });

  it('imports JSON Lines from standard input', async () => {
    const { where, rows } = await freshTable();
    const input = '{"user_id":"ada","is_active":false}\n{"user_id":"bob","roles":["x"]}\n';
    const result = await cli(['users', 'import', '-', ...where], { input, env: tables.settings });
    expect(result.code).toBe(0);
    expect(await rows()).toEqual([
      { user_id: 'ada', is_active: false, is_admin: false },
      { user_id: 'bob', is_active: true, is_admin: false, roles: ['x'] },
    ]);
  });

  it('names every bad line by its number, and writes nothing', async () => {
    const { run, rows } = await freshTable({ USER_ID_CASE: 'lower' });
    const file = await workspace.file(
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
    const { run, rows } = await freshTable();
    const file = await workspace.file(
      'skip.csv',
      'user_id,is_admin\na,true\na,false\nb,perhaps\nc,\n',
    );
    const result = await run('import', file, '--skip-bad');
    expect(result).toMatchObject({ code: 0, stdout: '2 rows written, 2 bad lines left out.\n' });
    expect(await rows()).toMatchObject([{ user_id: 'a', is_admin: true }, { user_id: 'c' }]);
  });

  it('leaves rows that exist as they are', async () => {
    const { run, rows } = await freshTable();
    const file = await workspace.file('existing.csv', 'user_id\nada\nbob\n');
    await run('import', file);
    await run('disable', 'ada');
    const again = await run('import', file, '--json');
    expect(json(again)).toMatchObject({ written: 0, existing: 2 });
    expect(await rows()).toMatchObject([{ user_id: 'ada', is_active: false }, { user_id: 'bob' }]);
  });

  it('replaces rows with --replace', async () => {
    const { run, rows } = await freshTable();
    await run('import', await workspace.file('old.csv', 'user_id,roles\nada,x\n'));
    await run('import', await workspace.file('new.csv', 'user_id,roles\nada,y\n'), '--replace');
    expect(await rows()).toMatchObject([{ user_id: 'ada', roles: ['y'] }]);
  });

  it('writes nothing with --dry-run, and says how much it would', async () => {
    const { run, rows } = await freshTable();
    const file = await workspace.file('dry.csv', manyUsers(30));
    const result = await run('import', file, '--dry-run');
    expect(result.stdout).toBe('30 rows would be written; nothing was.\n');
    expect(await rows()).toEqual([]);
  });

  it('tells its progress in plain lines where there is no terminal', async () => {
    const { run } = await freshTable();
    const { stderr } = await run('import', await workspace.file('progress.csv', manyUsers(60)));
    expect(stderr).toMatch(/^importing 60\/60$/mu);
    expect(stderr).not.toContain('\r');
  });

  it('loses and repeats nothing on a table that is throttled', async () => {
    const { name, rows } = await freshTable();
    // Every third request is refused as a whole; of the others, seven items are taken.
    const throttled = await throttle((batch) => (batch % 3 === 0 ? 0 : 7));
    const where = await whereOf(name, throttled.endpoint);
    const file = await workspace.file('throttled.csv', manyUsers(200));
    const result = await cli(['users', 'import', file, '--json', ...where], {
      env: tables.settings,
    });
    expect(json(result)).toMatchObject({ ok: true, written: 200, existing: 0 });
    expect(await rows()).toHaveLength(200);
    expect(new Set(throttled.written).size).toBe(throttled.written.length);
  });

  it('goes on after an interruption without losing or repeating a row', async () => {
    const { name, rows } = await freshTable();
    const slow = await throttle(() => 5);
    const where = await whereOf(name, slow.endpoint);
    const file = await workspace.file('interrupted.csv', manyUsers(2000));
    const running = startCli(['users', 'import', file, '--json', ...where], {
      env: tables.settings,
    });
    const interrupted = await interruptWhen(running, () => slow.written.length > 100);
    expect(interrupted.code).toBe(130);
    expect(json(interrupted)).toMatchObject({ ok: false, error: { code: 'interrupted' } });
    const before = await rows();
    expect(before.length).toBeGreaterThan(100);
    expect(before.length).toBeLessThan(2000);
    expect(json(interrupted)).toMatchObject({ written: before.length });

    slow.capacity = (_, items) => items;
    const resumed = await cli(['users', 'import', file, '--resume', '--json', ...where], {
      env: tables.settings,
    });
    expect(json(resumed)).toMatchObject({
      ok: true,
      written: 2000 - before.length,
      existing: 0,
      resumed_after: before.length + 1,
    });
    expect(await rows()).toHaveLength(2000);
    expect(new Set(slow.written).size).toBe(slow.written.length);
    expect(existsSync(`${file}.checkpoint`)).toBe(false);
  });

  it('completes the table after it was killed, with or without --resume', async () => {
    const { name, rows } = await freshTable();
    const slow = await throttle(() => 5);
    const where = await whereOf(name, slow.endpoint);
    const file = await workspace.file('killed.csv', manyUsers(500));
    const running = startCli(['users', 'import', file, ...where], { env: tables.settings });
    await interruptWhen(running, () => slow.written.length > 100, 'SIGKILL');
    slow.capacity = (_, items) => items;
    const again = await cli(['users', 'import', file, '--json', ...where], {
      env: tables.settings,
    });
    const { written, existing } = json(again) as { written: number; existing: number };
    expect(written + existing).toBe(500);
    expect(await rows()).toHaveLength(500);
  });

  it('refuses to resume another file, or into another table', async () => {
    const { run } = await freshTable();
    const file = await workspace.file('other.csv', manyUsers(3));
    const digest = '0'.repeat(64);
    await workspace.file(
      'other.csv.checkpoint',
      JSON.stringify({ table: 'elsewhere', sha256: digest, line: 2 }),
    );
    const result = await run('import', file, '--resume', '--json');
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({ error: { code: 'checkpoint_mismatch' } });
  });

  it('says in one line that there is no such file', async () => {
    const { run } = await freshTable();
    const result = await run('import', path.join(workspace.directory, 'nowhere.csv'));
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^rollcall: There is no file .+\.\n$/u);
  });

  it.each(['csv', 'jsonl'])('exports %s that makes the same table again', async (format) => {
    const from = await freshTable();
    const to = await freshTable();
    const input = [
      { user_id: 'ada', is_admin: true, roles: ['x', 'y'], full_name: 'A, "B"', email: 'a@b.c' },
      { user_id: 'bob', is_active: false, tokens_valid_after: 1_700_000_000 },
    ];
    const lines = input.map((record) => JSON.stringify(record)).join('\n');
    await from.run('import', await workspace.file(`in-${format}.jsonl`, lines));
    const file = path.join(workspace.directory, `out.${format}`);
    expect(await from.run('export', file)).toMatchObject({ code: 0, stdout: '2 rows exported.\n' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await to.run('import', file);
    expect(await to.rows()).toEqual(await from.rows());
  });

  it('exports to standard output, and counts on standard error', async () => {
    const { run } = await freshTable();
    await run('import', await workspace.file('one.csv', 'user_id\nada\n'));
    const result = await run('export');
    expect(result).toMatchObject({
      code: 0,
      stdout: '{"user_id":"ada","is_active":true,"is_admin":false}\n',
      stderr: '1 rows exported.\n',
    });
  });

  it('names rows that the function cannot use, and leaves them out', async () => {
    await tables.putUser('broken', { roles: 'all' });
    const where = await workspace.localStack(tables, ISSUER, 'broken.json');
    const file = path.join(workspace.directory, 'broken.csv');
    const result = await cli(['users', 'export', file, ...where], { env: tables.settings });
    expect(result).toMatchObject({ code: 4, stderr: 'broken: roles is not valid\n' });
    expect(await readFile(file, 'utf8')).not.toContain('broken');
  });

  async function whereOf(name: string, endpoint = tables.endpoint): Promise<readonly string[]> {
    const settings = { ...ISSUER, USERS_TABLE_NAME: name };
    const behind = { endpoint, settings: tables.settings };
    return workspace.localStack(behind, settings, `${name}-behind.json`);
  }
});

/** Sends one signal as soon as it is time. */
async function interruptWhen(
  running: ReturnType<typeof startCli>,
  isTime: () => boolean,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<CliResult> {
  const timer = setInterval(() => {
    if (!isTime()) return;
    clearInterval(timer);
    running.process.kill(signal);
  }, 5);
  try {
    return await running.result;
  } finally {
    clearInterval(timer);
  }
}
