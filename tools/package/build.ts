/**
 * Builds what `npm pack` packs: the constructs and `identityFrom` with their types, the command
 * line, and the bundle of the function. `lib` is CommonJS, like aws-cdk-lib: an app that is an
 * ES module and one that is not then share one copy of every class.
 *
 * The command line brings its packages in its bundle, 2 MB instead of the 40 MB that the AWS
 * clients would install: a backend that only reads the caller's identity pays for neither.
 */
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleAuthorizer } from '../build.ts';
import { readOptions } from '../options.ts';
import { bundledPackages, noticesOf } from './notices.ts';

const root = path.resolve(import.meta.dirname, '../..');
const lib = path.join(root, 'lib');

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

async function buildLibrary(): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: { index: 'infra/index.ts', identity: 'client/identity.ts' },
    outdir: lib,
    format: 'cjs',
    packages: 'external',
    define: { 'import.meta.dirname': '__dirname' },
  });
  // The package is of type module; this part of it is not.
  writeFileSync(path.join(lib, 'package.json'), '{ "type": "commonjs" }\n');
}

/** Some packages are CommonJS and ask for modules of Node by `require`. */
const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/** In chunks, so that a command loads no more of the AWS clients than it uses. */
async function buildCommandLine(): Promise<Metafile> {
  const { metafile } = await build({
    ...COMMON,
    entryPoints: { rollcall: 'cli/main.ts' },
    outdir: path.join(lib, 'cli'),
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    // Names stay as they are, so that a stack trace can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    // Without it the CommonJS builds of the SDK are taken, which are twice as large.
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    metafile: true,
  });
  return metafile;
}

/** The compiler rewrites the extension of an import in what runs, and not in declarations. */
function buildTypes(): void {
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = path.join(import.meta.dirname, 'tsconfig.json');
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The declarations could not be made; see above');
  const types = path.join(lib, 'types');
  for (const name of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = path.join(types, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll(/((?:from|import\()\s*'\.{1,2}\/[^']+)\.ts'/gu, "$1.js'"));
  }
}

readOptions(
  `
Builds what npm pack packs: lib/ and dist/authorizer/index.mjs.

  npm run prepack
`,
  {},
);
rmSync(lib, { recursive: true, force: true });
mkdirSync(lib, { recursive: true });
const [{ metafile }, commandLine] = await Promise.all([
  bundleAuthorizer(),
  buildCommandLine(),
  buildLibrary(),
]);
writeFileSync(
  path.join(lib, 'THIRD-PARTY-NOTICES.txt'),
  noticesOf(bundledPackages([metafile, commandLine])),
);
buildTypes();
