/** The `ts` samples of the pages, compiled as an app that has installed the package would. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, type Page } from './pages.ts';

const FOLDER = path.join(ROOT, 'dist', 'docs-samples');

/** The compiler's complaints, by page and sample. */
export function checkSamples(pages: readonly Page[]): readonly string[] {
  const names: string[] = [];
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const { file, codeBlocks } of pages) {
    for (const [index, { language, text }] of codeBlocks.entries()) {
      if (language !== 'ts') continue;
      const name = `${file.replaceAll('/', '-')}-${index}.ts`;
      // What declares nothing for others is a module all the same.
      writeFileSync(path.join(FOLDER, name), `${text}\nexport {};\n`);
      names.push(name);
    }
  }
  if (names.length === 0) return [];
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      // As in an ordinary app, and in the terms of the package.
      exactOptionalPropertyTypes: false,
      noUnusedLocals: false,
      paths: {
        rollcall: ['../../infra/index.ts'],
        'rollcall/identity': ['../../client/identity.ts'],
      },
    },
    include: [],
    files: names,
  };
  writeFileSync(path.join(FOLDER, 'tsconfig.json'), JSON.stringify(config));
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', FOLDER, '--pretty', 'false'], {
    encoding: 'utf8',
    cwd: FOLDER,
  });
  return stdout.split('\n').filter((line) => /error TS\d+/u.test(line));
}
