import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cli, json, startCli } from '../support/cli.ts';
import { ImportTables, interruptWhen, manyUsers } from '../support/import-tables.ts';

describe('the input of rollcall users import', () => {
  let imports: ImportTables;

  beforeAll(async () => {
    imports = await ImportTables.start();
  });

  afterEach(() => imports.closeThrottled());

  afterAll(() => imports.close());

  it.each([
    ['an empty file', ''],
    ['a header alone', 'user_id,email\n'],
    ['empty lines', '\n\n'],
  ])('is bad usage as %s', async (_, content) => {
    const { run } = await imports.fresh();
    const result = await run('import', await imports.workspace.file('no-users.csv', content));
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^rollcall: There are no users in .+; nothing was written\. /u);
  });

  it('is bad usage when --skip-bad leaves nothing', async () => {
    const { run } = await imports.fresh();
    const file = await imports.workspace.file('all-bad.csv', 'user_id,is_admin\na,maybe\n');
    const result = await run('import', file, '--skip-bad', '--json');
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({ ok: false, error: { code: 'no_good_lines' }, bad: 1 });
  });

  it('is told to be a JSON array, in one line', async () => {
    const { run } = await imports.fresh();
    const file = await imports.workspace.file('array.json', '[\n{"user_id":"a"}\n]\n');
    const { code, stderr } = await run('import', file);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'line 1: is a JSON array; write one object a line, not an array\n' +
        `rollcall: 1 of 1 line of ${file} is bad; nothing was written. Correct them.\n`,
    );
  });

  it('cannot be resumed from standard input, and is not said to be', async () => {
    const table = await imports.fresh();
    const { throttled: slow, where } = await imports.throttle(table, () => 5);
    const running = startCli(['users', 'import', '-', '--json', ...where], {
      env: imports.env,
      input: manyUsers(2000),
    });
    const interrupted = await interruptWhen(running, () => slow.written.length > 100);
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).not.toContain('--resume');
    expect(json(interrupted)).toMatchObject({
      error: { remedy: expect.stringMatching(/^Run it again/u) },
    });
  });

  it('is resumed from standard input where --checkpoint says', async () => {
    const table = await imports.fresh();
    const { throttled: slow, where } = await imports.throttle(table, () => 5);
    const checkpoint = path.join(imports.workspace.directory, 'stdin.checkpoint');
    const args = ['users', 'import', '-', '--json', '--checkpoint', checkpoint, ...where];
    const options = { env: imports.env, input: manyUsers(2000) };
    const running = startCli(args, options);
    const interrupted = await interruptWhen(running, () => slow.written.length > 100);
    expect(interrupted.stderr).toContain('--resume');
    slow.capacity = (_, items) => items;
    await cli([...args, '--resume'], options);
    expect(await table.rows()).toHaveLength(2000);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind on %s', async (signal) => {
    const { where } = await imports.fresh();
    const temporary = path.join(imports.workspace.directory, `tmp-${signal}`);
    mkdirSync(temporary);
    const running = startCli(['users', 'import', '-', '--json', ...where], {
      env: { ...imports.env, TMPDIR: temporary },
      input: 'user_id\nada\n',
      inputStaysOpen: true,
    });
    const isBegun = () => readdirSync(temporary).some((name) => name.startsWith('rollcall-'));
    const result = await interruptWhen(running, isBegun, signal);
    expect(result.code).toBe(130);
    expect(json(result)).toMatchObject({ error: { code: 'interrupted' } });
    expect(readdirSync(temporary)).toEqual([]);
  });
});
