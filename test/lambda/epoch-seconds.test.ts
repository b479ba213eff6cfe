import { isEpochSeconds } from '../../lambda/epoch-seconds.ts';

it.each([0, -1, 1.5, 99_999_999_999])('takes %d for a time', (value) => {
  expect(isEpochSeconds(value)).toBe(true);
});

it.each([
  ['a time in milliseconds', 100_000_000_000],
  ['infinity', Infinity],
  ['minus infinity', -Infinity],
  ['no number', Number.NaN],
  ['a string', '1900000000'],
  ['nothing', undefined],
])('does not take %s for a time', (_, value) => {
  expect(isEpochSeconds(value)).toBe(false);
});
