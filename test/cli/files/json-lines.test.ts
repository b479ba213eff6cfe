import { parseJsonLines } from '../../../cli/files/json-lines.ts';

const read = (text: string) => [...parseJsonLines(text)];

describe('parseJsonLines', () => {
  it('reads one object per line, over empty lines', () => {
    expect(read('{"a":"ä"}\r\n\n{"b":["x"]}')).toEqual([
      { line: 1, value: { a: 'ä' } },
      { line: 3, value: { b: ['x'] } },
    ]);
  });

  it.each([
    ['no JSON', '{"a":'],
    ['no object', '"a"'],
    ['a member twice', '{"a":1,"b":2,"a":3}'],
    ['a member twice, once by its escape', String.raw`{"a":1,"\u0061":3}`],
    ['a member twice in an object of it', '{"a":{"b":1,"b":2}}'],
  ])('names a line with %s, and goes on', (_, bad) => {
    expect(read(`${bad}\n{"a":1}`)).toEqual([
      { line: 1, problem: expect.any(String) },
      { line: 2, value: { a: 1 } },
    ]);
  });

  it('takes no value and no other object for a member of the same name', () => {
    const lines = ['{"a":"b","b":"a"}', '{"a":{"a":1},"b":[{"a":1},{"a":2}]}', '{"a":"\\"a\\":"}'];
    expect(read(lines.join('\n')).filter((line) => 'problem' in line)).toEqual([]);
  });

  it.each(['[{"a":1}]', '[\n{"a":1}\n]'])('refuses an array as a whole: %j', (array) => {
    expect(read(array)).toEqual([
      { line: 1, problem: 'is a JSON array; write one object per line' },
    ]);
  });
});
