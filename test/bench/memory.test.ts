import { costPerMillion } from '../../bench/memory.ts';
import { PRICES } from '../../tools/cost/prices.ts';

it('prices decisions by the whole millisecond, with the latency of a real table', () => {
  // 4 ms of table and 2.1 ms are billed as 7; 8 and 4 as 12: 9.5 ms on average, of half a gigabyte.
  const expected = 9500 * 0.5 * PRICES.lambda.gigabyteSecond + 0.2;
  expect(costPerMillion(512, [2.1, 8])).toBeCloseTo(expected, 10);
});
