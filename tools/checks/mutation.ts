/**
 * Mutation testing: Stryker changes `lambda/` in thousands of small ways, and each change has to
 * fail a test. Ends badly when too many changes get past the tests, and names those that do.
 *
 * Each module meets its own unit tests and no others: those are where a fact about it should be
 * stated, and a mutant that only the whole bundle notices is a test missing.
 */
import { Stryker } from '@stryker-mutator/core';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { readWords, refuse } from '../options.ts';

/** Of a hundred mutants, how many have to be killed. */
const REQUIRED_SCORE = { pure: 95, rest: 85 } as const;

interface Module {
  readonly kind: keyof typeof REQUIRED_SCORE;
  /** Tests that state facts about the module, besides the one named after it. */
  readonly tests?: readonly string[];
}

const MODULES: Readonly<Record<string, Module>> = {
  decision: { kind: 'pure' },
  request: { kind: 'pure' },
  'token-source': { kind: 'pure', tests: ['request'] },
  response: { kind: 'pure' },
  'response-context': { kind: 'pure' },
  config: { kind: 'pure' },
  table: { kind: 'pure', tests: ['config'] },
  setting: { kind: 'pure', tests: ['config'] },
  grammar: { kind: 'pure', tests: ['config'] },
  'trusted-issuers': { kind: 'pure' },
  'json-grammar': { kind: 'pure', tests: ['config', 'trusted-issuers'] },
  claims: { kind: 'pure' },
  jwt: { kind: 'pure' },
  arn: { kind: 'pure' },
  'user-row': { kind: 'pure' },
  'security-event': { kind: 'pure' },
  printable: { kind: 'pure' },
  metrics: { kind: 'pure' },
  'embedded-metrics': { kind: 'pure' },
  measurements: { kind: 'pure' },
  notices: { kind: 'pure' },
  'trace-id': { kind: 'pure' },
  token: { kind: 'rest' },
  binding: { kind: 'pure' },
  jwk: { kind: 'rest' },
  'key-verifier': { kind: 'rest' },
  'key-set': { kind: 'rest' },
  pause: { kind: 'rest' },
  'unknown-kids': { kind: 'rest', tests: ['key-source'] },
  'set-fetches': { kind: 'rest', tests: ['key-source'] },
  'key-source': { kind: 'rest' },
  'content-coding': { kind: 'rest', tests: ['jwks-fetch'] },
  directory: { kind: 'rest', tests: ['table-reader'] },
  'table-reader': { kind: 'rest', tests: ['directory'] },
  'table-answer': { kind: 'rest' },
};

const HELP = `
Changes modules of lambda/ in small ways, and counts the changes that their tests notice. Exit code 1
if too few are. The survivors are in reports/mutation.md.

  npm run test:mutation [-- module …]

  module   one or more of these (default: all):
${Object.keys(MODULES)
  .map((name) => `           ${name}`)
  .join('\n')}
`;

/** Mutants that could not be tried, which say nothing about the tests. */
const INVALID = new Set(['Ignored', 'CompileError', 'RuntimeError', 'Pending']);
const REPORT = 'reports/mutation.md';

type Mutants = Awaited<ReturnType<Stryker['runMutationTest']>>;
interface Score {
  readonly name: string;
  readonly kind: Module['kind'];
  readonly killed: number;
  /** Of the killed, those that only ran out of time: many at once mean a busy machine. */
  readonly timedOut: number;
  readonly all: number;
  readonly survivors: readonly string[];
}

async function mutate(name: string, { kind, tests = [] }: Module): Promise<Score> {
  process.env['MUTATION_TESTS'] = [name, ...tests].join(',');
  const options: Readonly<Record<string, unknown>> = {
    mutate: [`lambda/**/${name}.ts`],
    testRunner: 'jest',
    jest: { configFile: 'tools/checks/mutation-jest.config.mjs' },
    coverageAnalysis: 'perTest',
    // Not read: swc compiles the tests, and Stryker cannot read it by TypeScript 7.
    tsconfigFile: 'none',
    ignorePatterns: ['/reports', '/cdk.out', '/dist', '/bench', '/docs', '/infra'],
    tempDirName: `.stryker-tmp/${name}`,
    reporters: [],
    logLevel: 'error',
    warnings: false,
    concurrency: Math.max(1, availableParallelism()),
    timeoutMS: 10_000,
  };
  const mutants = await new Stryker(options).runMutationTest();
  const counted = mutants.filter(({ status }) => !INVALID.has(status));
  const survivors = counted.filter(({ status }) => status !== 'Killed' && status !== 'Timeout');
  return {
    name,
    kind,
    all: counted.length,
    killed: counted.length - survivors.length,
    timedOut: counted.filter(({ status }) => status === 'Timeout').length,
    survivors: survivors.map(describe),
  };
}

function describe({
  fileName,
  location,
  mutatorName,
  replacement,
  status,
}: Mutants[number]): string {
  const { line, column } = location.start;
  const change = (replacement ?? '').replaceAll(/\s+/gu, ' ').slice(0, 80);
  return `${path.basename(fileName)}:${line}:${column} ${mutatorName} → \`${change}\` (${status})`;
}

function percent(scores: readonly Score[]): number {
  const all = scores.reduce((sum, score) => sum + score.all, 0);
  const killed = scores.reduce((sum, score) => sum + score.killed, 0);
  return all === 0 ? 100 : (killed / all) * 100;
}

async function main(): Promise<void> {
  const asked = readWords(HELP);
  const unknown = asked.filter((name) => !Object.hasOwn(MODULES, name));
  if (unknown.length > 0) refuse(`There is no module ${unknown.join(', ')} to mutate`);

  const scores: Score[] = [];
  for (const [name, module] of Object.entries(MODULES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const score = await mutate(name, module);
    scores.push(score);
    const { killed, all, timedOut } = score;
    const share = `${percent([score]).toFixed(1)} %, ${timedOut} by running out of time`;
    console.log(`${name}: ${killed} of ${all} killed (${share})`);
    for (const survivor of score.survivors) console.log(`  ${survivor}`);
  }

  const report = scores.map(
    (score) =>
      `## ${score.name}: ${score.killed} of ${score.all}\n\n${score.survivors.map((one) => `- ${one}\n`).join('')}`,
  );
  await mkdir(path.dirname(REPORT), { recursive: true });
  await writeFile(REPORT, report.join('\n'));

  for (const kind of ['pure', 'rest'] as const) {
    const score = percent(scores.filter((one) => one.kind === kind));
    const required = REQUIRED_SCORE[kind];
    console.log(`${kind}: ${score.toFixed(1)} % killed, ${required} % required`);
    if (score < required) process.exitCode = 1;
  }
}

await main();
