/**
 * The budgets of the bundle (`budgets.json`): facts that no busy machine can bend, so they may
 * fail a test, which timings never do. `tsx bench/budget.ts --update` writes today's facts down,
 * for a change whose cost is wanted.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleAuthorizer } from '../tools/build.ts';
import { bundleFacts, type BundleFacts } from './bundle-facts.ts';

export interface Budgets {
  readonly maxBytes: number;
  readonly maxGzipBytes: number;
  /** Bytes by package when the budgets were last written, to say who has grown. */
  readonly packages: Readonly<Record<string, number>>;
  /** Public modules of Node that importing the bundle may load. */
  readonly nodeModules: readonly string[];
}

const BUDGETS_FILE = path.join(import.meta.dirname, 'budgets.json');
/** What an ordinary fix may add without a word. */
const HEADROOM = 1.03;
/** Growth of a package that is worth naming, in bytes. */
const NOTICEABLE_GROWTH = 256;
/** Late parts of Node, each of milliseconds: none may be loaded by an import. */
const LATE_PARTS =
  /undici|webcrypto|webstreams|http2|readline|fs\/promises|fs\/streams|worker|child_process|inspector/u;

export function readBudgets(): Budgets {
  return JSON.parse(readFileSync(BUDGETS_FILE, 'utf8')) as Budgets;
}

/** What exceeds the budgets, a sentence each, with the culprit's name. */
export function exceededBudgets(facts: BundleFacts, budgets: Budgets): readonly string[] {
  const problems: string[] = [];
  const grown = describeGrowth(facts.packages, budgets.packages);
  if (facts.bytes > budgets.maxBytes) {
    problems.push(`The bundle has ${facts.bytes} bytes, more than ${budgets.maxBytes}: ${grown}`);
  }
  if (facts.gzipBytes > budgets.maxGzipBytes) {
    problems.push(
      `The bundle has ${facts.gzipBytes} bytes gzipped, more than ${budgets.maxGzipBytes}: ${grown}`,
    );
  }
  for (const [name, bytes] of Object.entries(facts.packages)) {
    if (!Object.hasOwn(budgets.packages, name)) {
      problems.push(`The package ${name} is new in the bundle, with ${bytes} bytes`);
    }
  }
  for (const name of facts.nodeModules) {
    if ((isPublicModule(name) && !budgets.nodeModules.includes(name)) || LATE_PARTS.test(name)) {
      problems.push(`Importing the bundle loads ${name}`);
    }
  }
  return problems;
}

function isPublicModule(name: string): boolean {
  return builtinModules.includes(name) && !name.startsWith('_');
}

function describeGrowth(now: Budgets['packages'], before: Budgets['packages']): string {
  const grown = Object.entries(now)
    .map(([name, bytes]) => ({ name, growth: bytes - (before[name] ?? 0) }))
    .filter(({ growth }) => growth > NOTICEABLE_GROWTH)
    .sort((a, b) => b.growth - a.growth)
    .map(({ name, growth }) => `${name} +${growth}`);
  return grown.length === 0 ? 'no package has grown by itself' : grown.join(', ');
}

/** Which modules Node loads differs by its version, so those that may be loaded only add up. */
function budgetsFor(
  { bytes, gzipBytes, packages, nodeModules }: BundleFacts,
  before: Budgets,
): Budgets {
  const loaded = nodeModules.filter((name) => isPublicModule(name) && !LATE_PARTS.test(name));
  return {
    maxBytes: Math.ceil(bytes * HEADROOM),
    maxGzipBytes: Math.ceil(gzipBytes * HEADROOM),
    packages,
    nodeModules: [...new Set([...before.nodeModules, ...loaded])].sort(),
  };
}

async function main(): Promise<void> {
  const facts = bundleFacts(await bundleAuthorizer());
  if (process.argv.includes('--update')) {
    const budgets = budgetsFor(facts, readBudgets());
    writeFileSync(BUDGETS_FILE, `${JSON.stringify(budgets, undefined, 2)}\n`);
  }
  const problems = exceededBudgets(facts, readBudgets());
  console.log(
    problems.length === 0
      ? `Within budget: ${facts.bytes} bytes, ${facts.gzipBytes} gzipped`
      : problems.join('\n'),
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) void main();
