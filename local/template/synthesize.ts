/**
 * Synthesizes the stack by running the CDK app, and reads what comes out: the template as it would
 * deploy, and the assets it refers to. The app sees the given settings and nothing else: neither
 * the variables of this shell nor those of a `.env` file.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ALL_SETTINGS } from '../../infra/settings/stack-settings.ts';
import { boolean } from '../../lambda/settings/grammar.ts';
import type { TemplateJson } from './template.ts';

export const PROJECT_ROOT = path.resolve(import.meta.dirname, '..', '..');
/** Where the local stack keeps what it makes; not under version control. */
export const LOCAL_DIRECTORY = path.join(PROJECT_ROOT, 'dist', 'local');

const SYNTH_TIMEOUT_MS = 120_000;

/** A synthesized stack. */
export interface Assembly {
  /** The cloud assembly; a directory of its own. */
  readonly directory: string;
  readonly stackName: string;
  readonly template: TemplateJson;
  /** Directory of the asset that is published under an S3 key. */
  readonly assetPath: (objectKey: string) => string | undefined;
}

export class SynthesisError extends Error {
  override name = 'SynthesisError';
  readonly code = 'SYNTHESIS_FAILED';
}

/**
 * Runs `infra/app.ts` with `settings`, by their names in the environment; what is left out has its
 * default. The bundle must have been built.
 *
 * @throws SynthesisError with what the app printed
 */
export async function synthesize(settings: Readonly<Record<string, string>>): Promise<Assembly> {
  await mkdir(LOCAL_DIRECTORY, { recursive: true });
  await removeLeftovers();
  const directory = await mkdtemp(path.join(LOCAL_DIRECTORY, `cdk.out-${process.pid}-`));
  const cdkJson = JSON.parse(await readFile(path.join(PROJECT_ROOT, 'cdk.json'), 'utf8')) as {
    readonly context?: unknown;
  };
  try {
    await promisify(execFile)(process.execPath, ['--import', 'tsx', 'infra/app.ts'], {
      cwd: PROJECT_ROOT,
      timeout: SYNTH_TIMEOUT_MS,
      env: {
        ...inherited(['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'USERPROFILE']),
        ...unsetSettings(),
        ...settings,
        CDK_OUTDIR: directory,
        CDK_CONTEXT_JSON: JSON.stringify(cdkJson.context ?? {}),
        // A second pair of eyes for those who deploy; here it only costs seconds.
        CDK_VALIDATION: 'false',
      },
    });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new SynthesisError(`The stack cannot be synthesized.\n${stderr.trim()}`, {
      cause: error,
    });
  }
  return readAssembly(directory);
}

/** Reads the one stack of a cloud assembly. */
export async function readAssembly(directory: string): Promise<Assembly> {
  const manifest = await readJson<Manifest>(directory, 'manifest.json');
  const stacks = Object.entries(manifest.artifacts).filter(
    ([, artifact]) => artifact.type === 'aws:cloudformation:stack',
  );
  const [stack, ...others] = stacks;
  if (stack === undefined || others.length > 0) {
    throw new SynthesisError(`Expected one stack, found ${stacks.length}`);
  }
  const [id, { properties, displayName }] = stack;
  const template = await readJson<TemplateJson>(directory, properties?.templateFile ?? '');
  const assets = new Map<string, string>();
  for (const artifact of Object.values(manifest.artifacts)) {
    if (artifact.type !== 'cdk:asset-manifest') continue;
    const { files = {} } = await readJson<AssetManifest>(
      directory,
      artifact.properties?.file ?? '',
    );
    for (const { source, destinations } of Object.values(files)) {
      for (const { objectKey } of Object.values(destinations)) {
        assets.set(objectKey, path.join(directory, source.path));
      }
    }
  }
  return {
    directory,
    stackName: properties?.stackName ?? displayName ?? id,
    template,
    assetPath: (objectKey) => assets.get(objectKey),
  };
}

/** Removes what processes left behind that were killed before they could. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(LOCAL_DIRECTORY)) {
    const [, pid] = /^cdk\.out-(\d+)-/u.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) {
      await rm(path.join(LOCAL_DIRECTORY, name), { recursive: true, force: true });
    }
  }
}

/** Whether there is a process with this id. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be asked, and so runs.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Manifest {
  readonly artifacts: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  readonly displayName?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

/**
 * Every setting, unset in a way that a `.env` file cannot undo: an empty variable wins over the
 * file's, save for booleans, which are never empty and so get their default.
 */
export function unsetSettings(): Record<string, string> {
  return Object.fromEntries(
    ALL_SETTINGS.map(({ name, grammar, default: fallback = '' }) => [
      name,
      grammar === boolean ? fallback : '',
    ]),
  );
}

function inherited(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

async function readJson<T>(directory: string, file: string): Promise<T> {
  return JSON.parse(await readFile(path.join(directory, file), 'utf8')) as T;
}
