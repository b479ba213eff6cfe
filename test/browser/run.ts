/** Runs the tests in Chromium. Skipped, and says so, where there is none. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { readForwarded } from '../../tools/options.ts';

const HELP = `
Runs the tests of the console in Chromium. Skipped where there is none.

  npm run test:browser [-- options of Jest]

  CHROMIUM_PATH          a Chromium that is not where Debian or macOS has it
  UPDATE_SCREENSHOTS=1   takes the screenshots in docs/assets instead
`;

const jestArguments = readForwarded(HELP);
const require = createRequire(import.meta.url);
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const named = process.env['CHROMIUM_PATH'];
const chromium = named ? named : PLACES.find((place) => existsSync(place));
if (chromium === undefined || !existsSync(chromium)) {
  console.error(
    `SKIPPED: the browser tests need Chromium, which is not at ${named ?? PLACES.join(', ')}.\n` +
      'On Debian: apt-get install chromium. Elsewhere, name one by CHROMIUM_PATH.',
  );
  process.exit(0);
}

const { status } = spawnSync(
  process.execPath,
  [
    path.join(path.dirname(require.resolve('jest/package.json')), 'bin/jest.js'),
    '--config',
    path.join(import.meta.dirname, 'jest.config.mjs'),
    '--runInBand',
    ...jestArguments,
  ],
  { stdio: 'inherit', env: { ...process.env, CHROMIUM_PATH: chromium } },
);
process.exit(status ?? 1);
