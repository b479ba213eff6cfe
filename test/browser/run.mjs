/**
 * `npm run test:browser`: the tests in Chromium, with jest's own options after `--`. Skipped, and
 * says so, where there is no Chromium; `CHROMIUM_PATH` names one that is elsewhere.
 * `UPDATE_SCREENSHOTS=1` draws the pictures in `docs/assets` instead.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const named = process.env.CHROMIUM_PATH;
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
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, CHROMIUM_PATH: chromium } },
);
process.exit(status ?? 1);
