import {
  formatOf,
  readLines,
  toCsvLine,
  type Format,
  type Line,
} from '../../../cli/import/lines.ts';

/** Reads `content` in chunks of `size` bytes. */
async function read(content: string | Buffer, format: Format, size = 7): Promise<Line[]> {
  const bytes = Buffer.from(content);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) {
      yield await Promise.resolve(bytes.subarray(at, at + size));
    }
  }
  const lines: Line[] = [];
  for await (const line of readLines(chunks(), format)) lines.push(line);
  return lines;
}

describe('readLines of CSV', () => {
  it('reads cells as the values that they stand for', async () => {
    const csv =
      'user_id,is_active,is_admin,tokens_valid_after,email,full_name,roles,namespace\r\n' +
      'alice,TRUE,false,1700000000,a@example.com,"Liddell, Alice ""Al""",ops; dev,emp\r\n';
    expect(await read(csv, 'csv')).toEqual([
      {
        line: 2,
        record: {
          user_id: 'alice',
          is_active: true,
          is_admin: false,
          tokens_valid_after: 1_700_000_000,
          email: 'a@example.com',
          full_name: 'Liddell, Alice "Al"',
          roles: ['ops', 'dev'],
          namespace: 'emp',
        },
      },
    ]);
  });

  it('takes an empty cell for a missing one', async () => {
    expect(await read('user_id,email,roles\nalice,,\n', 'csv')).toEqual([
      { line: 2, record: { user_id: 'alice' } },
    ]);
  });

  it('counts lines with empty ones, and without an end of the last', async () => {
    expect(await read('\uFEFFuser_id\n\na\n\n\nb', 'csv')).toEqual([
      { line: 3, record: { user_id: 'a' } },
      { line: 6, record: { user_id: 'b' } },
    ]);
  });

  it('hands on a cell that stands for no value, to be refused', async () => {
    const lines = await read('user_id,is_admin,tokens_valid_after\na,yes,1e9\n', 'csv');
    expect(lines).toEqual([
      { line: 2, record: { user_id: 'a', is_admin: 'yes', tokens_valid_after: '1e9' } },
    ]);
  });

  it.each([
    ['a column that is mistyped', 'user_id,is_actve\n', /a column "is_actve" that is not one of/u],
    ['a column twice', 'user_id,email,email\n', /column email twice/u],
    ['a column without a name', 'user_id,,email\n', /no name for column 2/u],
    ['no user_id', 'email\n', /user_id/u],
  ])('refuses a header with %s, and reads no further', async (_, header, problem) => {
    const lines = await read(`${header}x,true,y\n`, 'csv');
    expect(lines).toEqual([{ line: 1, problem: expect.stringMatching(problem) }]);
  });

  it('names a line with too many or too few cells, and goes on', async () => {
    const lines = await read('user_id,email\na\nb,c,d\ne,f\n', 'csv');
    expect(lines).toEqual([
      { line: 2, problem: 'has 1 cell instead of 2' },
      { line: 3, problem: 'has 3 cells instead of 2' },
      { line: 4, record: { user_id: 'e', email: 'f' } },
    ]);
  });

  it('names a line with a stray quote, and goes on', async () => {
    const lines = await read('user_id,email\na,"x"y\nb,z\n', 'csv');
    expect(lines).toEqual([
      { line: 2, problem: expect.stringContaining('quote') },
      { line: 3, record: { user_id: 'b', email: 'z' } },
    ]);
  });

  it('names a line that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('user_id\na'),
      Buffer.from([0xff]),
      Buffer.from('\n'),
    ]);
    expect(await read(bytes, 'csv')).toEqual([{ line: 2, problem: 'is not UTF-8' }]);
  });

  it('does not keep a line without end', async () => {
    const lines = await read(`user_id\n"${'x'.repeat(200_000)}\nb`, 'csv', 4096);
    expect(lines).toEqual([
      { line: 2, problem: 'is longer than 65536 bytes' },
      { line: 3, record: { user_id: 'b' } },
    ]);
  });

  it('names each bad line of a long file by its number', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) =>
      index % 300 === 7 ? '"' : `u${index}`,
    );
    const lines = await read(`user_id\n${rows.join('\n')}\n`, 'csv', 1000);
    const bad = lines.filter((line) => 'problem' in line).map(({ line }) => line);
    expect(bad).toEqual([9, 309, 609, 909]);
    expect(lines).toHaveLength(1000);
  });

  it('does not repeat what may be a token instead of a header', async () => {
    const token = `eyJ${'a'.repeat(60)}`;
    expect(JSON.stringify(await read(`${token}\n`, 'csv'))).not.toContain('eyJ');
  });

  it('has no line for a value with a line break', () => {
    expect(toCsvLine({ user_id: 'a', full_name: 'One\nTwo' })).toBeUndefined();
  });

  it('reads what toCsvLine writes', async () => {
    const record = {
      user_id: 'a"b',
      full_name: ' One, Two ',
      is_active: true,
      roles: ['x', 'y'],
    };
    const csv = `user_id,namespace,is_active,is_admin,tokens_valid_after,email,full_name,roles\n${toCsvLine(record)}\n`;
    expect(await read(csv, 'csv')).toEqual([{ line: expect.any(Number), record }]);
  });
});

describe('readLines of JSON Lines', () => {
  it('reads one record a line, over empty lines and any chunks', async () => {
    const jsonl = '{"user_id":"ä"}\r\n\n{"user_id":"b","roles":["x"]}';
    for (const size of [1, 3, 1000]) {
      expect(await read(jsonl, 'jsonl', size)).toEqual([
        { line: 1, record: { user_id: 'ä' } },
        { line: 3, record: { user_id: 'b', roles: ['x'] } },
      ]);
    }
  });

  it.each([
    ['no JSON', '{"user_id":', /not JSON/u],
    ['no object', '"a"', /not a JSON object/u],
    [
      'an unknown member',
      '{"user_id":"a","is_actve":true}',
      /member "is_actve" that is not one of/u,
    ],
  ])('names a line with %s, and goes on', async (_, bad, problem) => {
    expect(await read(`${bad}\n{"user_id":"b"}\n`, 'jsonl')).toEqual([
      { line: 1, problem: expect.stringMatching(problem) },
      { line: 2, record: { user_id: 'b' } },
    ]);
  });

  it.each(['[{"user_id":"a"}]', '[\n{"user_id":"a"},\n{"user_id":"b"}\n]\n'])(
    'refuses an array as a whole: %j',
    async (array) => {
      expect(await read(array, 'jsonl')).toEqual([
        { line: 1, problem: 'is a JSON array; write one object a line, not an array' },
      ]);
    },
  );

  it('names a line that is too long or not UTF-8, and goes on', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${'x'.repeat(65_537)}\n`),
      Buffer.from([0xc3, 0x28, 0x0a]),
      Buffer.from('{"user_id":"c"}\n'),
    ]);
    expect(await read(bytes, 'jsonl', 1000)).toEqual([
      { line: 1, problem: 'is longer than 65536 bytes' },
      { line: 2, problem: 'is not UTF-8' },
      { line: 3, record: { user_id: 'c' } },
    ]);
  });
});

describe('formatOf', () => {
  it.each([
    ['{"user_id":"a"}', 'jsonl'],
    ['\uFEFF\n {', 'jsonl'],
    ['[\n{', 'jsonl'],
    ['user_id\na', 'csv'],
    ['', 'csv'],
  ])('sees the format of %j', (beginning, format) => {
    expect(formatOf(Buffer.from(beginning))).toBe(format);
  });
});
