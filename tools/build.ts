/** Builds the function: one ESM file, `dist/authorizer/index.mjs`, which is what deploys. */
import { build } from 'esbuild';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '..');

/** Bundles `lambda/handler.ts` with all that it needs, the SDK included, and returns the file. */
export async function buildAuthorizer(
  outfile = path.join(root, 'dist', 'authorizer', 'index.mjs'),
): Promise<string> {
  await build({
    absWorkingDir: root,
    entryPoints: ['lambda/handler.ts'],
    outfile,
    bundle: true,
    minify: true,
    keepNames: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Without it the CommonJS builds of the SDK are taken, which cannot be loaded from ESM.
    mainFields: ['module', 'main'],
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'warning',
  });
  return outfile;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outfile = await buildAuthorizer();
  console.log(path.relative(process.cwd(), outfile));
}
