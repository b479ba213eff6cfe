import { rmSync } from 'node:fs';

/** Removes what `global-setup.mjs` made, and nothing where that did not run. */
export default function globalTeardown() {
  const directory = process.env.ROLLCALL_TESTS_DIRECTORY;
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
}
