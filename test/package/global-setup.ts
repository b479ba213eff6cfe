/**
 * Packs the package once for all suites, as `npm publish` would, and installs it once with the
 * oldest aws-cdk-lib that it admits and once with the newest.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CDK_APPS, installCdkApp, run } from './support.ts';

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

export default async function pack(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-package-'));
  const root = path.resolve(import.meta.dirname, '../..');
  const printed = await run(root, 'npm', ['pack', '--json', '--pack-destination', folder]);
  // The build that runs before may print as well.
  const [report] = JSON.parse(printed.slice(printed.indexOf('[\n'))) as [PackReport];
  process.env['PACKED_FOLDER'] = folder;
  process.env['PACKED_TARBALL'] = path.join(folder, report.filename);
  process.env['PACKED_FILES'] = JSON.stringify(report.files.map((file) => file.path));
  await Promise.all(CDK_APPS.map((which) => installCdkApp(which)));
}
