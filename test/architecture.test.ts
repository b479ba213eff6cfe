/** The rules of the layout, held against the sources themselves. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Modules that may import types and each other, and nothing that acts. */
const PURE = [
  'decision',
  'epoch-seconds',
  'explanations',
  'keys/jwk',
  'tool-use',
  'verified-token',
  'json',
  'invisible',
  'request/arn',
  'request/interceptor',
  'request/request',
  'request/token-source',
  'response/challenge',
  'response/interceptor-response',
  'response/response',
  'response/response-context',
  'settings/agentcore',
  'settings/config',
  'settings/descriptions',
  'settings/grammar',
  'settings/json-grammar',
  'settings/sdk-switches',
  'settings/setting',
  'settings/table',
  'settings/trusted-issuers',
  'telemetry/embedded-metrics',
  'telemetry/measurements',
  'telemetry/metrics',
  'telemetry/notices',
  'telemetry/printable',
  'telemetry/security-event',
  'telemetry/trace-id',
  'token/claims',
  'token/jwt',
  'users/directory-errors',
  'users/revocation-item',
  'users/user-row',
].map((name) => `lambda/${name}.ts`);

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gmsu;

interface Import {
  /** A package, or a file by its path from the root. */
  readonly from: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): readonly Import[] {
  const source = readFileSync(path.join(ROOT, file), 'utf8');
  return [...source.matchAll(IMPORT)].map(([, type, from = '']) => ({
    from: from.startsWith('.') ? path.posix.join(path.posix.dirname(file), from) : from,
    typeOnly: type !== undefined,
  }));
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.posix.join(folder, file));
}

const lambdaFiles = filesIn('lambda');

it('finds the modules', () => {
  expect(lambdaFiles).toContain('lambda/handler.ts');
});

it.each(lambdaFiles)(
  '%s imports nothing of the stack, the tools, the bench or the tests',
  (file) => {
    const outside = importsOf(file).filter(
      ({ from }) => from.endsWith('.ts') && !from.startsWith('lambda/'),
    );
    expect(outside).toEqual([]);
  },
);

describe.each(PURE)('%s is pure', (file) => {
  it('imports only types and pure modules', () => {
    const impure = importsOf(file).filter(
      ({ from, typeOnly }) => !typeOnly && !PURE.includes(from),
    );
    expect(impure).toEqual([]);
  });

  it('reads no environment and no clock, and draws no lots', () => {
    const source = readFileSync(path.join(ROOT, file), 'utf8');
    expect(source).not.toMatch(
      /\bprocess\b\.|Date\.now|new Date\(\)|performance\.|Math\.random|console\./u,
    );
  });
});

it('decides in a file that imports nothing but types', () => {
  expect(importsOf('lambda/decision.ts').filter(({ typeOnly }) => !typeOnly)).toEqual([]);
});

it('makes verified tokens in token.ts alone', () => {
  const makers = lambdaFiles.filter((file) =>
    /as (?:unknown as )?VerifiedToken/u.test(readFileSync(path.join(ROOT, file), 'utf8')),
  );
  expect(makers).toEqual(['lambda/token/token.ts']);
});

it('reads settings in handler.ts alone, and beside them only the credentials of the role', () => {
  const readers = lambdaFiles.filter((file) =>
    readFileSync(path.join(ROOT, file), 'utf8').includes('process.env'),
  );
  expect([...readers].sort()).toEqual(['lambda/handler.ts', 'lambda/users/credentials.ts']);
});

/** Words for people: beside what they describe, but not in the bundle. */
const PROSE = ['lambda/explanations.ts', 'lambda/settings/descriptions.ts'];

it('ships no prose', () => {
  // The bundler takes the second in place of the SDK's default credential chain (tools/build.ts).
  const shipped = new Set(['lambda/handler.ts', 'lambda/users/credentials.ts']);
  for (const file of shipped) {
    for (const { from, typeOnly } of importsOf(file)) {
      if (from.startsWith('lambda/') && !typeOnly) shipped.add(from);
    }
  }
  expect(lambdaFiles.filter((file) => !shipped.has(file) && !PROSE.includes(file))).toEqual([
    // Types alone.
    'lambda/tool-use.ts',
    'lambda/verified-token.ts',
  ]);
  expect(PROSE.filter((file) => shipped.has(file))).toEqual([]);
});

/** Suites that need more than Node, or more time, are run by scripts that share their support. */
const isSuiteOfItsOwn = (file: string): boolean => file.startsWith('tools/checks/');
const shipped = ['infra', 'client', 'cli', 'local', 'tools']
  .flatMap(filesIn)
  .filter((file) => !isSuiteOfItsOwn(file));

it.each(shipped)('%s imports nothing of the tests', (file) => {
  expect(importsOf(file).filter(({ from }) => from.startsWith('test/'))).toEqual([]);
});

// A table of prose is looked up, and not read.
it.each(lambdaFiles.filter((file) => !PROSE.includes(file)))(
  '%s can be read in one sitting',
  (file) => {
    const lines = readFileSync(path.join(ROOT, file), 'utf8').split('\n').length;
    // The policy is one file on purpose, so that an auditor has it whole.
    expect(lines).toBeLessThanOrEqual(file === 'lambda/decision.ts' ? 310 : 275);
  },
);

/** What a file depends on when it is looked at from its folder: its room, or the file itself at the top. */
function roomOf(file: string): string {
  const folder = path.posix.dirname(file);
  return folder.includes('/') ? folder : file;
}

/** The first way round that leads back to where it began; empty if there is none. */
function cycleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const done = new Set<string>();
  const visit = (node: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return [];
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...trail, node]);
      if (cycle.length > 0) return cycle;
    }
    done.add(node);
    return [];
  };
  return [...graph.keys()].map((node) => visit(node, [])).find((cycle) => cycle.length > 0) ?? [];
}

const productFiles = ['lambda', 'infra', 'client', 'cli', 'local'].flatMap(filesIn);

function graphOf(nodeOf: (file: string) => string): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const file of productFiles) {
    const from = nodeOf(file);
    const targets = graph.get(from) ?? new Set();
    graph.set(from, targets);
    for (const { from: imported } of importsOf(file)) {
      if (imported.endsWith('.ts') && nodeOf(imported) !== from) targets.add(nodeOf(imported));
    }
  }
  return graph;
}

it('has no two files that import each other, not even for their types', () => {
  expect(cycleIn(graphOf((file) => file))).toEqual([]);
});

it('has floors: no folder imports one that imports it', () => {
  expect(cycleIn(graphOf(roomOf))).toEqual([]);
});
