/** `npm run docs:check`: every check of the documentation; exit 1 and the problems if there are any. */
import { QUICK_CHECKS } from './checks.ts';
import { readPages } from './pages.ts';
import { checkSamples } from './samples.ts';

const pages = readPages();
const problems = [...QUICK_CHECKS, checkSamples].flatMap((check) => check(pages));
for (const problem of problems) console.error(problem);
const samples = pages.flatMap(({ codeBlocks }) =>
  codeBlocks.filter(({ language }) => language === 'ts'),
);
console.log(
  `${pages.length} pages, ${pages.flatMap(({ links }) => links).length} links, ${samples.length} compiled samples: ${problems.length} problems`,
);
if (problems.length > 0) process.exitCode = 1;
