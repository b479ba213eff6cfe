/** The command line as a child process: its arguments, its output, its exit status. */
import { buildSync } from 'esbuild';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { LocalState } from '../../../local/state-file.ts';
import type { TestTables } from '../../support/tables.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
/** Beside the packages that it loads. One for each process, since tests run side by side. */
const BUNDLE_DIRECTORY = path.join(ROOT, 'dist', 'local', `cli-${process.pid}`);
const BUNDLE = path.join(BUNDLE_DIRECTORY, 'main.mjs');

/** The command line in one piece, as the package has it: it starts in a third of the time. */
function buildCli(): void {
  if (existsSync(BUNDLE)) return;
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: { main: 'cli/main.ts' },
    outdir: BUNDLE_DIRECTORY,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
}

afterAll(() => {
  rmSync(BUNDLE_DIRECTORY, { recursive: true, force: true });
});

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Standard input; empty when there is none. */
  readonly input?: string;
  /** Whether standard input goes on after `input`. */
  readonly inputStaysOpen?: true;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningCli {
  readonly process: ChildProcess;
  readonly result: Promise<CliResult>;
}

/** What a shell runs in place of `npm run -s rollcall --`. */
export function cliCommand(): string {
  buildCli();
  return `'${process.execPath}' '${BUNDLE}'`;
}

/** The command line where the package has it. */
export async function packagedCli(args: readonly string[]): Promise<CliResult> {
  buildCli();
  const directory = path.join(BUNDLE_DIRECTORY, 'lib', 'cli');
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(BUNDLE_DIRECTORY)) {
    if (name.endsWith('.mjs')) {
      copyFileSync(path.join(BUNDLE_DIRECTORY, name), path.join(directory, name));
    }
  }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    path.join(directory, 'main.mjs'),
    ...args,
  ]);
  return { code: 0, stdout, stderr };
}

/** Starts the command line with `env` and what a program needs to run, and nothing else. */
export function startCli(
  args: readonly string[],
  { input = '', inputStaysOpen, env }: CliOptions = {},
): RunningCli {
  buildCli();
  const child = spawn(process.execPath, [BUNDLE, ...args], {
    cwd: tmpdir(),
    env: {
      PATH: process.env['PATH'],
      HOME: tmpdir(),
      AWS_EC2_METADATA_DISABLED: 'true',
      ...env,
    },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(input);
  if (inputStaysOpen !== true) child.stdin.end();
  const result = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr }),
  );
  return { process: child, result };
}

export function cli(args: readonly string[], options?: CliOptions): Promise<CliResult> {
  return startCli(args, options).result;
}

/** The JSON document on standard output. */
export function json(result: CliResult): Record<string, unknown> {
  return JSON.parse(result.stdout) as Record<string, unknown>;
}

/** A directory of its own for one test file. */
export class Workspace {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<Workspace> {
    return new Workspace(await mkdtemp(path.join(tmpdir(), 'rollcall-cli-')));
  }

  async file(name: string, content: string | Uint8Array): Promise<string> {
    const file = path.join(this.directory, name);
    await writeFile(file, content);
    return file;
  }

  /** The note of a local stack that has `settings` and these tables; gives the arguments for it. */
  async localStack(
    tables: Pick<TestTables, 'endpoint' | 'settings'>,
    settings: Readonly<Record<string, string>> = {},
    name = 'state.json',
  ): Promise<readonly string[]> {
    const all: Readonly<Record<string, string>> = { ...tables.settings, ...settings };
    const state: Partial<LocalState> = {
      pid: process.pid,
      tableEndpoint: tables.endpoint,
      region: 'eu-central-1',
      usersTableName: all['USERS_TABLE_NAME'] ?? '',
      usersTableKey: all['USERS_TABLE_KEY'] ?? 'user_id',
      settings: all,
      outputs: {},
    };
    return ['--local-state', await this.file(name, JSON.stringify(state))];
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
