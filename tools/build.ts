/** Builds the function: one ESM file, `dist/authorizer/index.mjs`, which is what deploys. */
import { minify } from '@swc/core';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { lazyBuiltinModules } from './build/builtin-modules.ts';
import { readOptions } from './options.ts';

const root = path.resolve(import.meta.dirname, '..');

/**
 * How `lambda/` is bundled. One whole package is left out: the SDK's default credential chain
 * (profiles, SSO, processes, STS, instance metadata), a third of the bundle, of which Lambda uses
 * two places. `lambda/users/credentials.ts` is taken for it.
 */
export const BUNDLE_OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Without it the CommonJS builds of the SDK are taken, which cannot be loaded from ESM.
  mainFields: ['module', 'main'],
  alias: { '@aws-sdk/credential-provider-node': './lambda/users/credentials.ts' },
  plugins: [lazyBuiltinModules],
  legalComments: 'none',
  // One character beyond ASCII would double the memory and the time that the source takes.
  charset: 'ascii',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** What went into a bundle, and the bundle. */
export interface BuiltAuthorizer {
  readonly file: string;
  readonly metafile: Metafile;
}

/** Bundles `lambda/handler.ts` with all that it needs, the SDK included. */
export async function bundleAuthorizer(
  outfile = path.join(root, 'dist', 'authorizer', 'index.mjs'),
): Promise<BuiltAuthorizer> {
  const { metafile, outputFiles } = await build({
    ...BUNDLE_OPTIONS,
    mainFields: [...BUNDLE_OPTIONS.mainFields],
    plugins: [...BUNDLE_OPTIONS.plugins],
    entryPoints: ['lambda/handler.ts'],
    outfile,
    write: false,
    metafile: true,
  });
  const [bundle] = outputFiles;
  await mkdir(path.dirname(outfile), { recursive: true });
  await writeFile(outfile, await minifiedAgain(bundle?.text ?? ''));
  return { file: outfile, metafile };
}

/** A second minifier finds a twentieth more to leave out than the bundler's own. */
async function minifiedAgain(source: string): Promise<string> {
  const { code } = await minify(source, {
    module: true,
    compress: true,
    mangle: true,
    format: { asciiOnly: true, comments: false },
  });
  return code;
}

/** The same, for whom the file is enough. */
export async function buildAuthorizer(outfile?: string): Promise<string> {
  return (await bundleAuthorizer(outfile)).file;
}

const HELP = `
Bundles the function into one ES module, dist/authorizer/index.mjs, which is what deploys.

  npm run build
`;

async function main(): Promise<void> {
  readOptions(HELP, {});
  console.log(path.relative(process.cwd(), await buildAuthorizer()));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) void main();
