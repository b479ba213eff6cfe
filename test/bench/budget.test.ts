/** The bundle that deploys against its committed budgets, and that a breach names its culprit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exceededBudgets, readBudgets, type Budgets } from '../../bench/budget.ts';
import { bundleFacts, bytesByPackage, type BundleFacts } from '../../bench/bundle-facts.ts';
import { bundleAuthorizer } from '../../tools/build.ts';

describe('the bundle', () => {
  let folder: string;
  let facts: BundleFacts;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rollcall-budget-'));
    facts = await bundleFacts(await bundleAuthorizer(path.join(folder, 'index.mjs')));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is within its budgets', () => {
    expect(exceededBudgets(facts, readBudgets())).toEqual([]);
  });

  it('has at most 95 kB, gzipped', () => {
    expect(facts.gzipBytes).toBeLessThanOrEqual(95_000);
  });

  it('may write at most 620 bytes per granted decision', () => {
    expect(readBudgets().maxDecisionBytes).toBe(620);
  });

  it('loads no fetch', () => {
    expect(facts.nodeModules.filter((name) => name.includes('undici'))).toEqual([]);
  });
});

describe('a breach', () => {
  const budgets: Budgets = {
    maxBytes: 1000,
    maxGzipBytes: 500,
    packages: { rollcall: 400, '@smithy/core': 600 },
    nodeModules: ['http'],
    maxDecisionBytes: 620,
  };
  const facts: BundleFacts = {
    bytes: 1000,
    gzipBytes: 500,
    packages: budgets.packages,
    nodeModules: ['http', 'internal/streams/readable', '_http_agent'],
    decisionBytes: 620,
  };

  it('is none at the limit itself', () => {
    expect(exceededBudgets(facts, budgets)).toEqual([]);
  });

  it('of bytes names the package that has grown', () => {
    const packages = { rollcall: 400, '@smithy/core': 1601 };
    expect(exceededBudgets({ ...facts, bytes: 2001, packages }, budgets)).toEqual([
      'The bundle has 2001 bytes, more than 1000: @smithy/core +1001',
    ]);
  });

  it('of gzipped bytes says so', () => {
    expect(exceededBudgets({ ...facts, gzipBytes: 501 }, budgets)).toEqual([
      'The bundle has 501 bytes gzipped, more than 500: no package has grown by itself',
    ]);
  });

  it('of the decision line says by how many bytes', () => {
    expect(exceededBudgets({ ...facts, decisionBytes: 621 }, budgets)).toEqual([
      'A granted decision writes 621 bytes to the log, more than 620',
    ]);
  });

  it('of packages names the new one', () => {
    const packages = { ...facts.packages, zod: 300 };
    expect(exceededBudgets({ ...facts, packages }, budgets)).toEqual([
      'The package zod is new in the bundle, with 300 bytes',
    ]);
  });

  it.each(['dns', 'internal/deps/undici/undici', 'internal/crypto/webcrypto'])(
    'of modules of Node names %s',
    (name) => {
      const nodeModules = [...facts.nodeModules, name];
      expect(exceededBudgets({ ...facts, nodeModules }, budgets)).toEqual([
        `The init loads ${name}`,
      ]);
    },
  );
});

describe('bytes by package', () => {
  const inputs = (entries: Record<string, number>) => ({
    outputs: {
      'index.mjs': {
        inputs: Object.fromEntries(
          Object.entries(entries).map(([input, bytesInOutput]) => [input, { bytesInOutput }]),
        ),
      },
    },
  });

  it('adds up the files of a package', () => {
    const bytes = bytesByPackage(
      inputs({ 'node_modules/@smithy/core/a.js': 1, 'node_modules/@smithy/core/b/c.js': 2 }),
    );
    expect(bytes).toEqual({ '@smithy/core': 3 });
  });

  it('counts a package inside another by itself', () => {
    const bytes = bytesByPackage(inputs({ 'node_modules/outer/node_modules/inner/a.js': 4 }));
    expect(bytes).toEqual({ inner: 4 });
  });

  it('counts the own files as rollcall', () => {
    expect(bytesByPackage(inputs({ 'lambda/handler.ts': 5 }))).toEqual({ rollcall: 5 });
  });

  it('leaves out what contributes nothing', () => {
    expect(bytesByPackage(inputs({ 'node_modules/unused/a.js': 0 }))).toEqual({});
  });
});
