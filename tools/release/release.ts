/** What a release consists of beside the package: the zip of the function, and the template. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { bundleAuthorizer } from '../build.ts';
import { bundledPackages, noticesOf } from '../package/notices.ts';
import { billOfMaterials } from './sbom.ts';
import { synthesizeTemplate, type TemplateJson } from './template.ts';
import { zip } from './zip.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');

interface Manifest {
  readonly version: string;
  readonly homepage: string;
}

/** What CloudFormation takes in a request; a longer template has to be in a bucket first. */
export const MAX_TEMPLATE_BYTES = 51_200;

/** The template of this version. */
export function releaseTemplate(): TemplateJson {
  const { version, homepage } = readJson('package.json') as unknown as Manifest;
  const { context } = readJson('cdk.json') as { readonly context: Record<string, unknown> };
  const repository = homepage.replace(/#.*$/u, '');
  return synthesizeTemplate({
    version,
    runbookUrl: `${repository}/blob/v${version}/docs/operations.md`,
    context,
  });
}

/** As CloudFormation reads YAML, which is YAML 1.1: `2012-10-17` without quotes is a date there. */
export function templateText(template: TemplateJson): string {
  const text = stringify(template, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
  if (Buffer.byteLength(text) > MAX_TEMPLATE_BYTES) {
    throw new Error(`The template has more than ${MAX_TEMPLATE_BYTES} bytes`);
  }
  return text;
}

/** Writes every file of the release to `directory`, and gives their names. */
export async function writeRelease(directory: string): Promise<readonly string[]> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'rollcall-release-'));
  try {
    const { file, metafile } = await bundleAuthorizer(path.join(scratch, 'index.mjs'));
    const packages = bundledPackages([metafile]);
    const notices = noticesOf(packages);
    const archive = zip({
      'index.mjs': readFileSync(file),
      LICENSE: readFileSync(path.join(ROOT, 'LICENSE')),
      'THIRD-PARTY-NOTICES.txt': notices,
    });
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const bom = billOfMaterials(ROOT, 'rollcall-authorizer', packages);
    const files: Readonly<Record<string, string | Uint8Array>> = {
      'rollcall-authorizer.zip': archive,
      // As `sha256sum --check` reads it.
      'rollcall-authorizer.zip.sha256': `${sha256}  rollcall-authorizer.zip\n`,
      'rollcall-authorizer.cdx.json': `${JSON.stringify(bom, undefined, 2)}\n`,
      'THIRD-PARTY-NOTICES.txt': notices,
      'rollcall.template.yaml': templateText(releaseTemplate()),
    };
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const [name, contents] of Object.entries(files)) {
      writeFileSync(path.join(directory, name), contents);
    }
    return Object.keys(files);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function readJson(name: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(path.join(ROOT, name), 'utf8')) as Readonly<
    Record<string, unknown>
  >;
}
