import { json, startCli } from '../support/cli.ts';
import { ImportTables, interruptWhen } from '../support/import-tables.ts';

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
      'line 1: is a JSON array; write one object per line\n' +
        `rollcall: 1 of 1 line of ${file} is bad; nothing was written. Fix them.\n`,
    );
  });

  it.each([
    ['UTF-16, little endian', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16, big endian', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['UTF-8 with a byte order mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
  ])('may be %s', async (_, encode) => {
    const { run, rows } = await imports.fresh();
    const bytes = encode('user_id\tfull_name\r\nada\tAda Löwe\r\n');
    const file = await imports.workspace.file('encoded.csv', bytes);
    expect(await run('import', file)).toMatchObject({ code: 0 });
    expect(await rows()).toMatchObject([{ user_id: 'ada', full_name: 'Ada Löwe' }]);
  });

  it.each([
    ['a workbook', Buffer.from('PK\u0003\u0004rest'), 'is a workbook'],
    ['Latin-1', Buffer.from('user_id\nad\u00e4\n', 'latin1'), 'is not UTF-8 at line 2'],
    ['UTF-16 without a mark', Buffer.from('user_id\nada\n', 'utf16le'), 'has NUL characters'],
    ['half of UTF-16', Buffer.from([0xff, 0xfe, 0x41]), 'is not UTF-16LE'],
  ])('is told what to do about %s in one line', async (_, bytes, said) => {
    const { run, rows } = await imports.fresh();
    const result = await run('import', await imports.workspace.file('encoding.csv', bytes));
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^rollcall: .+ Save it [^\n]+UTF-8[^\n]+\n$/u);
    expect(result.stderr).toContain(said);
    expect(await rows()).toEqual([]);
  });

  it('takes the headers of people by --map', async () => {
    const { run, rows } = await imports.fresh();
    const csv = 'User ID;Email;Department\nada;a@b.c;Sales\n;;\n';
    const file = await imports.workspace.file('people.csv', csv);
    const bare = await run('import', file);
    expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining('--map') });
    const map = ['User ID=user_id', 'Email=email', 'Department='].flatMap((to) => ['--map', to]);
    expect(await run('import', file, ...map)).toMatchObject({ code: 0 });
    expect(await rows()).toMatchObject([{ user_id: 'ada', email: 'a@b.c' }]);
  });

  it.each([
    ['a zero-width space', 'ada\u200B', 'U+200B'],
    ['a no-break space', 'ada\u00A0l', 'U+00A0'],
    ['a right-to-left override', 'a\u202Eda', 'U+202E'],
    ['an escape', 'ada\u001B[2J', 'U+001B'],
  ])('may not bring in a new id with %s', async (_, id, codePoint) => {
    const { run, rows } = await imports.fresh();
    const file = await imports.workspace.file('hidden.jsonl', JSON.stringify({ user_id: id }));
    const result = await run('import', file, '--json');
    expect(json(result)).toMatchObject({
      error: { code: 'bad_lines' },
      bad_lines: [{ line: 1, problem: `the id has an invisible character, ${codePoint}` }],
    });
    expect(await rows()).toEqual([]);
  });

  it('may change a row whose id has such a character', async () => {
    const { run, put } = await imports.fresh();
    await put({ user_id: 'ada\u200B', is_active: true, is_admin: false });
    const line = JSON.stringify({ user_id: 'ada\u200B', is_active: false });
    const file = await imports.workspace.file('old-id.jsonl', line);
    const result = await run('import', file, '--existing-only', '--dry-run');
    expect(result.stdout).toMatch(/^changed {5}ada\\u\{200b\}\n/u);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('is no longer waited for after %s', async (signal) => {
    const { where } = await imports.fresh();
    const running = startCli(['users', 'import', '-', '--json', ...where], {
      env: imports.env,
      input: 'user_id\nada\n',
      inputStaysOpen: true,
    });
    const startedAt = performance.now();
    const result = await interruptWhen(running, () => performance.now() - startedAt > 2000, signal);
    expect(result.code).toBe(130);
    expect(json(result)).toMatchObject({ error: { code: 'interrupted' } });
  });
});
