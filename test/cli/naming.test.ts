import { readdirSync } from 'node:fs';
import path from 'node:path';

const CLI = path.resolve(import.meta.dirname, '../../cli');

/** A name without what is easily mixed up: the order of its words, and their plurals. */
function gist(name: string): string {
  const words = name.replace(/\.ts$/u, '').split('-');
  return words
    .map((word) => word.replace(/s$/u, ''))
    .sort()
    .join(' ');
}

it('has no two names of files that differ by a plural or by word order', () => {
  const files = readdirSync(CLI, { recursive: true, encoding: 'utf8' });
  const names = [
    ...new Set(files.filter((file) => file.endsWith('.ts')).map((file) => path.basename(file))),
  ];
  const alike = names.filter((name) =>
    names.some((other) => other !== name && gist(other) === gist(name)),
  );
  expect(names.length).toBeGreaterThan(40);
  expect(alike).toEqual([]);
});
