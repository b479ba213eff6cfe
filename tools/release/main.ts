/** `npm run release`: writes the files of a release to `dist/release`. */
import path from 'node:path';
import { readOptions } from '../options.ts';
import { ROOT, writeRelease } from './release.ts';

readOptions(
  `
Writes the files of a release to dist/release: the zip of the function with its SHA-256, the
CloudFormation template, the licence notices and the bill of materials (CycloneDX).

  npm run release
`,
  {},
);
const directory = path.join(ROOT, 'dist', 'release');
for (const name of await writeRelease(directory)) {
  console.log(path.relative(process.cwd(), path.join(directory, name)));
}
