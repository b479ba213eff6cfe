/** `npm run docs:generate`: brings the generated parts of every page up to date. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { withGeneratedParts } from './generated-parts.ts';
import { readPages, ROOT } from './pages.ts';

for (const { file, text } of readPages()) {
  const target = path.join(ROOT, file);
  const made = withGeneratedParts(text);
  if (made === text) continue;
  const formatted = await format(made, { ...(await resolveConfig(target)), filepath: target });
  if (formatted === text) continue;
  writeFileSync(target, formatted);
  console.log(file);
}
