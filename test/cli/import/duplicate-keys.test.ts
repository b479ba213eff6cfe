import { DuplicateFinder } from '../../../cli/import/duplicate-keys.ts';

describe('DuplicateFinder', () => {
  /** Both looks at `keys`; gives the positions that repeat one, with the first of it. */
  function duplicatesIn(keys: readonly string[]): [number, number][] {
    const finder = new DuplicateFinder();
    for (const key of keys) finder.note(key);
    return keys.flatMap((key, index): [number, number][] => {
      const earlier = finder.earlierLine(key, index);
      return earlier === undefined ? [] : [[index, earlier]];
    });
  }

  it('finds every repetition of a key, and where it was first', () => {
    expect(duplicatesIn(['a', 'b', 'a', 'c', 'b', 'a'])).toEqual([
      [2, 0],
      [4, 1],
      [5, 0],
    ]);
  });

  it('finds none among many different keys', () => {
    expect(duplicatesIn(Array.from({ length: 20_000 }, (_, index) => `user-${index}`))).toEqual([]);
  });

  it('has no suspects when nothing repeats', () => {
    const finder = new DuplicateFinder();
    finder.note('a');
    finder.note('b');
    expect(finder.hasSuspects).toBe(false);
    finder.note('a');
    expect(finder.hasSuspects).toBe(true);
  });
});
