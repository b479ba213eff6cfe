/** The tables for a terminal. */
import { formatTable, spread } from '../../bench/report.ts';

it('gives a median with its quartiles', () => {
  expect(spread({ median: 1.234, p25: 1, p75: 2, samples: 3 }, 2)).toBe('1.23 [1.00–2.00]');
});

it('aligns text to the left and numbers to the right', () => {
  const rows = formatTable([
    ['', 'ms'],
    ['one', '10.5'],
    ['three', '7'],
  ]);
  expect(rows).toEqual(['         ms', 'one    10.5', 'three     7']);
});
