/** SECURITY.md names tests as its proofs: they have to be there, under the numbers it gives. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const page = read('SECURITY.md');

it('has every promise about decisions checked under its number', () => {
  const promised = [...page.matchAll(/^(\d+)\. \*\*/gmu)].map(([, number]) => Number(number));
  const checked = [...read('test/lambda/decision.exhaustive.test.ts').matchAll(/'(\d+)\. /gu)].map(
    ([, number]) => Number(number),
  );
  expect(promised).toEqual(Array.from({ length: 22 }, (_, index) => index + 1));
  expect(checked.toSorted((a, b) => a - b)).toEqual(promised.slice(0, 18));
});

const proofs = new Set(
  [...page.matchAll(/`((?:attacks|lambda|properties|infra)\/[a-z/-]+)`/gu)].map(([, name]) => name),
);

it.each([...proofs])('names a proof that exists: %s', (name) => {
  expect(existsSync(path.join(ROOT, 'test', `${name}.test.ts`))).toBe(true);
});

it('names proofs at all', () => {
  expect(proofs.size).toBeGreaterThan(12);
});
