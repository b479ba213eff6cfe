/**
 * Which packages went into a bundle, and the notices that their licences ask to be passed on with
 * it. Read from esbuild's own record, so that a package that is shaken off is not named.
 */
import type { Metafile } from 'esbuild';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const NOTICE_FILE = /^(?:licen[cs]e|notice|copying)(?:[.-][\w.-]+)?$/iu;

/** Licences that the project passes on. Any other has to be looked at first. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
]);

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX identifier. */
  readonly license: string;
  /** Of the package, relative to the root, with slashes. */
  readonly folder: string;
}

/**
 * The packages whose code is in the outputs, by name and version.
 *
 * @throws Error that names a package whose licence is not one of the permissive ones
 */
export function bundledPackages(metafiles: readonly Metafile[]): readonly BundledPackage[] {
  const folders = new Set<string>();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(file)?.[0];
        if (bytesInOutput > 0 && folder !== undefined) folders.add(folder);
      }
    }
  }
  return [...folders]
    .map((folder) => {
      const { name, version, license } = JSON.parse(
        readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'),
      ) as Omit<BundledPackage, 'folder'>;
      if (!PERMISSIVE.has(license)) {
        throw new Error(`${name} is bundled and has the licence ${license}: look at it first`);
      }
      return { name, version, license, folder };
    })
    .sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** One text: the packages, and each licence text once, below the packages that have it. */
export function noticesOf(packages: readonly BundledPackage[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, license, folder } of packages) {
    const text = noticeFiles(folder).join('\n\n').trim() || `License: ${license}`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return [
    'Rollcall is licensed under the Apache License 2.0. Its bundles contain code of these packages.\n',
    ...parts,
  ].join(`\n${'-'.repeat(80)}\n\n`);
}

function noticeFiles(folder: string): readonly string[] {
  const directory = path.join(ROOT, folder);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => NOTICE_FILE.test(name))
    .sort(compare)
    .map((name) => readFileSync(path.join(directory, name), 'utf8').replaceAll('\r\n', '\n'));
}

/** By code units: the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
