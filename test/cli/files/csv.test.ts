import { csvLine, parseCsv, type CsvRow } from '../../../cli/files/csv.ts';

const rows = (text: string): CsvRow[] => [...parseCsv(text)];
const cells = (text: string) =>
  rows(text).map((row) => ('cells' in row ? row.cells : [`bad: ${row.line}`]));

describe('parseCsv', () => {
  it.each([
    ['commas', 'a,b\nc,d'],
    ['semicolons', 'a;b\nc;d'],
    ['tabs', 'a\tb\nc\td'],
    ['what sep= says', 'sep=|\na|b\nc|d'],
    ['carriage returns', 'a,b\rc,d\r'],
    ['carriage returns and line feeds', 'a,b\r\nc,d\r\n'],
  ])('reads rows that are separated by %s', (_, text) => {
    expect(cells(text)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('chooses the separator by what is not quoted', () => {
    expect(cells('"a,b,c";d\n1,2;3')).toEqual([
      ['a,b,c', 'd'],
      ['1,2', '3'],
    ]);
  });

  it('keeps line breaks in quotes, and counts them', () => {
    expect(rows('id,name\na,"One\r\nTwo"\nb,x\n')).toEqual([
      { line: 1, cells: ['id', 'name'] },
      { line: 2, cells: ['a', 'One\r\nTwo'] },
      { line: 4, cells: ['b', 'x'] },
    ]);
  });

  it('leaves out empty lines and rows of separators', () => {
    expect(rows('id,name\n\n,\n , \na,b\n,,,\n')).toEqual([
      { line: 1, cells: ['id', 'name'] },
      { line: 5, cells: ['a', 'b'] },
    ]);
  });

  it('trims a cell, unless it is quoted', () => {
    expect(cells('id,name\n a , b \n "a" ," b "')).toEqual([
      ['id', 'name'],
      ['a', 'b'],
      ['a', ' b '],
    ]);
  });

  it.each([
    ['a stray quote', 'id,name\na,"x"y\nb,z\n', 2],
    ['a quote that never ends', 'id,name\na,"x\nb,z\n', 2],
    ['a quote that ends too late', `id,name\na,"x\n${'b,z\n'.repeat(400)}c,"\nb,z`, 2],
  ])('names a row with %s, and reads the rows after it', (_, text, line) => {
    const found = rows(text);
    expect(found[1]).toEqual({ line, problem: expect.stringContaining('quote') });
    expect(found[2]).toEqual({ line: 3, cells: ['b', 'z'] });
  });
});

describe('csvLine', () => {
  it.each(['=1+1', '+1', '-1', '@x', '\tx', "'=1"])(
    'puts an apostrophe before %j, which a spreadsheet would run',
    (cell) => {
      expect(csvLine([cell]).replace(/^"/u, '')).toMatch(/^'/u);
    },
  );

  it('leaves formulas as they are when asked to', () => {
    expect(csvLine(['=1', 'x'], { rawFormulas: true })).toBe('=1,x');
  });

  it.each([true, false])('writes what parseCsv reads whole, rawFormulas %s', (rawFormulas) => {
    const written = `=1|'=1|''=1|'a|''|-|@a,b|+"x"| pad |One\nTwo|a;b|\tt|a\rb|"||ä|'`.split('|');
    const line = csvLine(['id', ...written], { rawFormulas });
    expect(cells(line)).toEqual([['id', ...written]]);
  });
});
