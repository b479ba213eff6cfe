import { quantile, summarize, summarizeRatio } from '../../bench/statistics.ts';

it('takes the middle of an odd number of samples', () => {
  expect(quantile([5, 1, 3], 0.5)).toBe(3);
});

it('takes the mean of the two in the middle of an even number', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
});

it('interpolates between ranks', () => {
  expect(quantile([0, 10], 0.25)).toBe(2.5);
});

it('summarizes with both quartiles', () => {
  expect(summarize([1, 2, 3, 4, 5])).toEqual({ median: 3, p25: 2, p75: 4, samples: 5 });
});

it('takes ratios in pairs, not of medians', () => {
  // Twice as slow a machine in the second pair changes nothing.
  expect(summarizeRatio([1, 2], [2, 4])).toMatchObject({ median: 0.5, p25: 0.5, p75: 0.5 });
});

it('refuses ratios of unequal numbers of samples', () => {
  expect(() => summarizeRatio([1], [1, 2])).toThrow(RangeError);
});

it('refuses to summarize nothing', () => {
  expect(() => summarize([])).toThrow(RangeError);
});
