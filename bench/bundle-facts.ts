/**
 * Facts about the bundle that need no clock: its size, the packages in it, the modules of Node that
 * its init loads, and the bytes that a decision writes. `budgets.json` limits each.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { BuiltAuthorizer } from '../tools/build.ts';
import { grantedDecisionOutput } from './decision-line.ts';

export interface BundleFacts {
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Bytes in the bundle, by package; `rollcall` is the project itself. */
  readonly packages: Readonly<Record<string, number>>;
  /** Modules of Node, internal ones too, that the init loads. */
  readonly nodeModules: readonly string[];
  /** What a granted decision writes to the log, in bytes. */
  readonly decisionBytes: number;
}

/** The part of esbuild's metafile that is read. */
export interface BundleInputs {
  readonly outputs: Readonly<
    Record<
      string,
      { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }
    >
  >;
}

export async function bundleFacts({ file, metafile }: BuiltAuthorizer): Promise<BundleFacts> {
  const content = readFileSync(file);
  return {
    bytes: content.length,
    gzipBytes: gzipSync(content, { level: 9 }).length,
    packages: bytesByPackage(metafile),
    nodeModules: nodeModulesLoadedBy(file),
    decisionBytes: Buffer.byteLength(await grantedDecisionOutput(file)),
  };
}

/** Packages that contribute nothing to the output are left out. */
export function bytesByPackage({ outputs }: BundleInputs): Readonly<Record<string, number>> {
  const bytes: Record<string, number> = {};
  for (const { inputs } of Object.values(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(input);
      if (bytesInOutput > 0) bytes[name] = (bytes[name] ?? 0) + bytesInOutput;
    }
  }
  return Object.fromEntries(Object.entries(bytes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `…/node_modules/@scope/name/…` is `@scope/name`; innermost, as nested packages are others. */
function packageOf(input: string): string {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(input) ?? [];
  return name ?? 'rollcall';
}

/** A module that imports nothing. */
const EMPTY_MODULE = path.join(import.meta.dirname, 'peers', 'policy.mjs');

/** Import in a fresh process, less what importing any file loads. */
function nodeModulesLoadedBy(file: string): readonly string[] {
  const before = moduleLoadListAfter(pathToFileURL(EMPTY_MODULE).href);
  return moduleLoadListAfter(pathToFileURL(file).href)
    .filter((name) => !before.includes(name))
    .sort();
}

function moduleLoadListAfter(url: string): readonly string[] {
  const script = `
    await import(${JSON.stringify(url)});
    console.log(JSON.stringify(process.moduleLoadList));
    process.exit(0);`;
  // The environment of a well configured function, whose key server does not answer.
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: {
      JWT_ISSUER: 'http://127.0.0.1:9',
      JWKS_URI: 'http://127.0.0.1:9/',
      JWT_AUDIENCE: 'api',
      USERS_TABLE_NAME: 'users',
      AWS_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: 'rollcall',
    },
  });
  const line = stdout.split('\n').find((text) => text.startsWith('["'));
  if (line === undefined) throw new Error(`The bundle could not be imported: ${stderr}`);
  return (JSON.parse(line) as string[])
    .filter((entry) => entry.startsWith('NativeModule '))
    .map((entry) => entry.slice('NativeModule '.length));
}
