/** The files of a release, made from two clean copies of the sources, in other places and zones. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { ROOT, run } from './support.ts';

const FILES = [
  'rollcall-authorizer.zip',
  'rollcall-authorizer.zip.sha256',
  'rollcall-authorizer.cdx.json',
  'THIRD-PARTY-NOTICES.txt',
  'rollcall.template.yaml',
];

const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-release-'));
let first: string;
let second: string;

/** Copies the sources as they are, without what is built, and makes a release there. */
async function releaseOf(name: string, env: Readonly<Record<string, string>>): Promise<string> {
  const copy = path.join(folder, name);
  const listed = await run(ROOT, 'git', [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  ]);
  for (const file of listed.split('\0').filter((each) => existsSync(path.join(ROOT, each)))) {
    if (file !== '') cpSync(path.join(ROOT, file), path.join(copy, file));
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  await run(copy, process.execPath, ['--import', 'tsx', 'tools/release/main.ts'], env);
  return path.join(copy, 'dist', 'release');
}

beforeAll(async () => {
  first = await releaseOf('first', { TZ: 'Pacific/Kiritimati' });
  second = await releaseOf('another/place', { TZ: 'America/Los_Angeles', LC_ALL: 'tr_TR.UTF-8' });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (directory: string, file: string) => readFileSync(path.join(directory, file));

describe('a release', () => {
  it.each(FILES)('has the same bytes from two clean copies: %s', (file) => {
    expect(read(first, file).length).toBeGreaterThan(50);
    expect(read(second, file).equals(read(first, file))).toBe(true);
  });

  it('says the SHA-256 of the zip', () => {
    const sha256 = createHash('sha256')
      .update(read(first, 'rollcall-authorizer.zip'))
      .digest('hex');
    expect(read(first, 'rollcall-authorizer.zip.sha256').toString()).toBe(
      `${sha256}  rollcall-authorizer.zip\n`,
    );
  });

  it('zips the very bundle that the CDK deploys, with its licences', () => {
    const files = unzipSync(read(first, 'rollcall-authorizer.zip'));
    expect(Object.keys(files)).toEqual(['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'index.mjs']);
    const bundle = readFileSync(path.join(ROOT, 'dist/authorizer/index.mjs'));
    expect(bundle.equals(files['index.mjs'] ?? new Uint8Array())).toBe(true);
  });

  it('has a bill of the packages that are in the bundle, and of no others', () => {
    const { bomFormat, components } = JSON.parse(
      read(first, 'rollcall-authorizer.cdx.json').toString(),
    ) as { readonly bomFormat: string; readonly components: readonly { readonly name: string }[] };
    const names = components.map(({ name }) => name);
    expect(bomFormat).toBe('CycloneDX');
    expect(names).toContain('@aws-sdk/client-dynamodb');
    expect(names.filter((name) => ['jest', 'aws-cdk-lib', 'commander'].includes(name))).toEqual([]);
  });
});
