import {
  formatOf,
  readColumnMap,
  readRecords,
  recordLine,
  type RecordLine,
} from '../../../cli/import/user-lines.ts';
import { COLUMNS } from '../../../cli/users/record.ts';

const csv = (text: string, ...map: string[]): RecordLine[] => [
  ...readRecords(text, 'csv', readColumnMap(map)),
];
const jsonl = (text: string): RecordLine[] => [...readRecords(text, 'jsonl')];

describe('readRecords of CSV', () => {
  it('reads cells as the values that they stand for', () => {
    const text =
      'user_id,is_active,is_admin,tokens_valid_after,email,full_name,roles,namespace\r\n' +
      'alice,TRUE,false,1700000000.5,a@example.com,"Liddell, Alice ""Al""",ops; dev,emp\r\n';
    expect(csv(text)).toEqual([
      {
        line: 2,
        record: {
          user_id: 'alice',
          is_active: true,
          is_admin: false,
          tokens_valid_after: 1_700_000_000.5,
          email: 'a@example.com',
          full_name: 'Liddell, Alice "Al"',
          roles: ['ops', 'dev'],
          namespace: 'emp',
        },
      },
    ]);
  });

  it('takes an empty cell for a missing one, and cells beyond the header for padding', () => {
    expect(csv('user_id,email,roles,,\nalice,,,,\n')).toEqual([
      { line: 2, record: { user_id: 'alice' } },
    ]);
  });

  it('hands on a cell that stands for no value, to be refused', () => {
    expect(csv('user_id,is_admin,tokens_valid_after\na,yes,1e9\n')).toEqual([
      { line: 2, record: { user_id: 'a', is_admin: 'yes', tokens_valid_after: '1e9' } },
    ]);
  });

  it.each([
    ['a column that is mistyped', 'user_id,is_actve\n', /a column "is_actve" that is not one of/u],
    ['a column twice', 'user_id,email,email\n', /column email twice/u],
    ['a column without a name', 'user_id,,email\n', /no name for column 2/u],
    ['no user_id', 'email\n', /user_id/u],
  ])('refuses a header with %s, and reads no further', (_, header, problem) => {
    expect(csv(`${header}x,true,y\n`)).toEqual([
      { line: 1, problem: expect.stringMatching(problem) },
    ]);
  });

  it('names a line with too many or too few cells, and goes on', () => {
    expect(csv('user_id,email\na\nb,c,d\ne,f\n')).toEqual([
      { line: 2, problem: 'has 1 cell instead of 2' },
      { line: 3, problem: 'has 3 cells instead of 2' },
      { line: 4, record: { user_id: 'e', email: 'f' } },
    ]);
  });

  it('does not repeat what may be a token instead of a header', () => {
    expect(JSON.stringify(csv(`eyJ${'a'.repeat(60)}\n`))).not.toContain('eyJ');
  });
});

describe('readRecords of JSON Lines', () => {
  it('names a line with an unknown member, and goes on', () => {
    expect(jsonl('{"user_id":"a","is_actve":true}\n{"user_id":"b"}\n')).toEqual([
      { line: 1, problem: expect.stringMatching(/member "is_actve" that is not one of/u) },
      { line: 2, record: { user_id: 'b' } },
    ]);
  });
});

describe('--map', () => {
  it.each(['User ID=user_id', 'user_id=User ID'])('gives a column its meaning: %s', (option) => {
    expect(csv('User ID,email\na,b\n', option)).toEqual([
      { line: 2, record: { user_id: 'a', email: 'b' } },
    ]);
  });

  it('takes several, and names that have a comma', () => {
    const expected = [{ line: 2, record: { user_id: 'a', full_name: 'B' } }];
    expect(csv('ID,Name\na,B\n', 'ID=user_id,Name=full_name')).toEqual(expected);
    expect(csv('user_id,"Name, first"\na,B\n', 'Name, first=full_name')).toEqual(expected);
  });

  it('leaves a column out that means nothing here', () => {
    expect(csv('user_id,Department\na,Sales\n', 'Department=')).toEqual([
      { line: 2, record: { user_id: 'a' } },
    ]);
  });

  it.each(['Email', 'Email=mail', '='])('refuses %j', (option) => {
    expect(() => readColumnMap([option])).toThrow('--map needs');
  });
});

describe('recordLine', () => {
  it.each(['csv', 'jsonl'] as const)('writes %s that is read whole', (format) => {
    const record = {
      user_id: ' =a"b\u200B',
      is_active: true,
      tokens_valid_after: 1_700_000_000.25,
      full_name: ' One,\n\u001B[2J ',
      roles: ['-x', 'y'],
    };
    const header = format === 'csv' ? `${COLUMNS.join(',')}\n` : '';
    const lines = [...readRecords(header + recordLine(record, format), format)];
    expect(lines).toEqual([{ line: expect.any(Number), record }]);
  });
});

describe('formatOf', () => {
  it.each([
    ['{"user_id":"a"}', 'jsonl'],
    ['\n {', 'jsonl'],
    ['[\n{', 'jsonl'],
    ['user_id\na', 'csv'],
    ['', 'csv'],
  ])('sees the format of %j', (beginning, format) => {
    expect(formatOf(beginning)).toBe(format);
  });
});
