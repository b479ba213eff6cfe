/** `npm run docs:check`: every check of the documentation; exit 1 and the problems if there are any. */
import { readOptions } from '../options.ts';
import { QUICK_CHECKS } from './checks.ts';
import { readPages } from './pages.ts';
import { checkSamples } from './samples.ts';

readOptions(
  `
Checks the documentation: links, generated parts, names, scripts and code samples. Exit code 1 if
there is a problem.

  npm run docs:check
`,
  {},
);
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
