/** What `npm pack` packs, and what linters of packages say of it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parsePage } from '../../tools/docs/pages.ts';
import { BIN, manifest, packed, ROOT, run } from './support.ts';

const PAPERS = ['README.md', 'LICENSE', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];

describe('the tarball', () => {
  it('has what runs, its types, its documentation, and nothing of the development', () => {
    const patterns = [
      /^lib\/(?:cli\/)?[\w-]+\.m?js$/u,
      /^lib\/types\/(?:infra|client|lambda)\/.+\.d\.ts$/u,
      /^docs\/.+\.(?:md|svg|png)$/u,
      /^examples\/(?:[a-z-]+\/)?[\w-]+\.(?:md|ya?ml|js|ts|json|tf)$/u,
    ];
    const others = [
      ...PAPERS,
      'package.json',
      'lib/package.json',
      'lib/THIRD-PARTY-NOTICES.txt',
      'dist/authorizer/index.mjs',
      // The page that an auditor reads, and the list of settings.
      'lambda/decision.ts',
      '.env.example',
    ];
    const foreign = packed.files.filter(
      (file) => !patterns.some((pattern) => pattern.test(file)) && !others.includes(file),
    );
    expect(foreign).toEqual([]);
    expect(others.filter((file) => !packed.files.includes(file))).toEqual([]);
  });

  it('runs nothing when it is installed', () => {
    const hooks = /^(?:(?:pre|post)?install|prepare)$/u;
    expect(Object.keys(manifest.scripts).filter((name) => hooks.test(name))).toEqual([]);
  });

  it.each(['@aws-sdk/client-dynamodb', 'aws-jwt-verify', 'commander', 'dotenv'])(
    'passes on the licence notice of %s, which is bundled',
    (name) => {
      const notices = readFileSync(path.join(ROOT, 'lib/THIRD-PARTY-NOTICES.txt'), 'utf8');
      const version = manifest.devDependencies[name];
      expect(notices.split('\n').some((line) => line.startsWith(`${name} ${version} (`))).toBe(
        true,
      );
    },
  );

  it('has every file that its pages link to', () => {
    const pages = packed.files.filter((file) => file.endsWith('.md'));
    const dead = pages.flatMap((file) =>
      parsePage(file, readFileSync(path.join(ROOT, file), 'utf8'))
        .links.filter((link) => !/^(?:https:|mailto:|#)/u.test(link))
        .map((link) => path.posix.join(path.posix.dirname(file), link.replace(/#.*$/u, '')))
        .filter(
          (target) =>
            !packed.files.some((name) => `${name}/`.startsWith(`${target.replace(/\/$/u, '')}/`)),
        )
        .map((target) => `${file} -> ${target}`),
    );
    expect(dead).toEqual([]);
  });
});

describe('the package linters', () => {
  it('has nothing that publint objects to', async () => {
    const report = await run(ROOT, path.join(BIN, 'publint'), ['run', packed.tarball, '--strict']);
    expect(report).toContain('All good!');
  });

  it('has no type that attw finds wrong', async () => {
    // The bundle is a file to deploy, which nobody imports.
    const args = [packed.tarball, '--format', 'json', '--exclude-entrypoints', './authorizer'];
    const report = await run(ROOT, path.join(BIN, 'attw'), args);
    expect((JSON.parse(report) as { problems?: unknown }).problems ?? {}).toEqual({});
  });
});
