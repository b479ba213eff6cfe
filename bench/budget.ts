/**
 * `npm run budget`: the bundle against its budgets (`budgets.json`). They limit facts that do not
 * depend on how busy the machine is, so a test may fail on them; no test asserts a time.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleAuthorizer } from '../tools/build.ts';
import { readOptions } from '../tools/options.ts';
import { bundleFacts, type BundleFacts } from './bundle-facts.ts';

export interface Budgets {
  readonly maxBytes: number;
  readonly maxGzipBytes: number;
  /** Bytes by package when the budgets were last written, to say who has grown. */
  readonly packages: Readonly<Record<string, number>>;
  /** Modules of Node that the init may load: the public ones, and late parts. */
  readonly nodeModules: readonly string[];
  /** What a granted decision may write to the log, in bytes: part of the contract. */
  readonly maxDecisionBytes: number;
}

const HELP = `
Builds the function's bundle and compares it with bench/budgets.json: its bytes, plain and gzipped,
the packages in it, the modules of Node that its init loads, and what a granted decision writes to
the log. Exits with 1 if a budget is exceeded, and names what has grown.

  npm run budget -- [options]

  --update   write today's sizes and modules as new budgets, for growth that is wanted
  --help     this text
`;
const BUDGETS_FILE = path.join(import.meta.dirname, 'budgets.json');
/** Growth that an ordinary fix may cause without new budgets. */
const HEADROOM = 1.03;
/** Growth of a package that a message names, in bytes. */
const NOTICEABLE_GROWTH = 256;
/** Internal parts of Node that take milliseconds each to load. */
const LATE_PARTS =
  /undici|webcrypto|webstreams|http2|readline|fs\/promises|fs\/streams|worker|child_process|inspector/u;

export function readBudgets(): Budgets {
  return JSON.parse(readFileSync(BUDGETS_FILE, 'utf8')) as Budgets;
}

/** What exceeds the budgets, one sentence each, with the name of what has grown. */
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
  if (facts.decisionBytes > budgets.maxDecisionBytes) {
    problems.push(
      `A granted decision writes ${facts.decisionBytes} bytes to the log, more than ${budgets.maxDecisionBytes}`,
    );
  }
  for (const [name, bytes] of Object.entries(facts.packages)) {
    if (!Object.hasOwn(budgets.packages, name)) {
      problems.push(`The package ${name} is new in the bundle, with ${bytes} bytes`);
    }
  }
  for (const name of facts.nodeModules) {
    if (isLimited(name) && !budgets.nodeModules.includes(name)) {
      problems.push(`The init loads ${name}`);
    }
  }
  return problems;
}

function isLimited(name: string): boolean {
  return (builtinModules.includes(name) && !name.startsWith('_')) || LATE_PARTS.test(name);
}

function describeGrowth(now: Budgets['packages'], before: Budgets['packages']): string {
  const grown = Object.entries(now)
    .map(([name, bytes]) => ({ name, growth: bytes - (before[name] ?? 0) }))
    .filter(({ growth }) => growth > NOTICEABLE_GROWTH)
    .sort((a, b) => b.growth - a.growth)
    .map(({ name, growth }) => `${name} +${growth}`);
  return grown.length === 0 ? 'no package has grown by itself' : grown.join(', ');
}

/** What Node loads differs by its version, so the list only grows: take out by hand what is gone. */
function budgetsFor(
  { bytes, gzipBytes, packages, nodeModules }: BundleFacts,
  before: Budgets,
): Budgets {
  return {
    ...before,
    maxBytes: Math.ceil(bytes * HEADROOM),
    maxGzipBytes: Math.ceil(gzipBytes * HEADROOM),
    packages,
    nodeModules: [...new Set([...before.nodeModules, ...nodeModules.filter(isLimited)])].sort(),
  };
}

async function main(): Promise<void> {
  const { update } = readOptions(HELP, { update: { type: 'boolean', default: false } });
  const facts = await bundleFacts(await bundleAuthorizer());
  if (update) {
    const budgets = budgetsFor(facts, readBudgets());
    writeFileSync(BUDGETS_FILE, `${JSON.stringify(budgets, undefined, 2)}\n`);
  }
  const problems = exceededBudgets(facts, readBudgets());
  const { bytes, gzipBytes, decisionBytes } = facts;
  console.log(
    problems.length === 0
      ? `Within budget: ${bytes} bytes, ${gzipBytes} gzipped; a granted decision writes ${decisionBytes}`
      : problems.join('\n'),
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) void main();
