import { inGroups } from '../../../cli/import/in-groups.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 1; number <= count; number += 1) yield await Promise.resolve(number);
}

it.each([
  [0, []],
  [1, [[1]]],
  [2, [[1, 2]]],
  [3, [[1, 2], [3]]],
])('gathers %i items in pairs', async (count, expected) => {
  const groups: (readonly number[])[] = [];
  for await (const group of inGroups(numbers(count), 2)) groups.push(group);
  expect(groups).toEqual(expected);
});
