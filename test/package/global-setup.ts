/** Packs the package once for all suites, as `npm publish` would. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './support.ts';

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
}
