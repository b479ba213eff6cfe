/** `npm run docs:generate`: brings what is made from the sources up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { readOptions } from '../options.ts';
import { generatedFiles, withGeneratedParts } from './generated-parts.ts';
import { readPages, ROOT } from './pages.ts';

readOptions(
  `
Brings what is made from the sources up to date: parts of pages, docstrings of props and
.env.example. Prints the files that changed.

  npm run docs:generate
`,
  {},
);

// Before the pages, which read the docstrings.
for (const [file, made] of generatedFiles()) write(file, made);

for (const { file, text } of readPages()) {
  const target = path.join(ROOT, file);
  const made = withGeneratedParts(text);
  if (made === text) continue;
  write(file, await format(made, { ...(await resolveConfig(target)), filepath: target }));
}

function write(file: string, text: string): void {
  const target = path.join(ROOT, file);
  if (readFileSync(target, 'utf8') === text) return;
  writeFileSync(target, text);
  console.log(file);
}
