import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** The tests run against the bundle that deploys, so it is built from what stands here now. */
export default function globalSetup() {
  const root = path.resolve(import.meta.dirname, '../..');
  execFileSync(process.execPath, ['--import', 'tsx', 'tools/build.ts'], {
    cwd: root,
    stdio: 'inherit',
  });
}
