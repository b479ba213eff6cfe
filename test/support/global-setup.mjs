import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The tests run against the bundle that deploys, so it is built from what stands here now. What they
 * leave in the folder for temporary files (an assembly for each synthesis) goes with them.
 */
export default function globalSetup() {
  const directory = mkdtempSync(path.join(tmpdir(), 'rollcall-tests-'));
  process.env.ROLLCALL_TESTS_DIRECTORY = directory;
  process.env.TMPDIR = directory;
  const root = path.resolve(import.meta.dirname, '../..');
  execFileSync(process.execPath, ['--import', 'tsx', 'tools/build.ts'], {
    cwd: root,
    stdio: 'inherit',
  });
}
