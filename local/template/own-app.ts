/**
 * Your own app, served by the local gateway: a CDK app by its command, a cloud assembly
 * (`cdk.out`), or a template. It must hold one stack.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { LOCAL_DIRECTORY, readAssembly, SynthesisError, type Assembly } from './synthesize.ts';
import type { TemplateJson } from './template.ts';

const SYNTH_TIMEOUT_MS = 300_000;

/**
 * Synthesizes or reads the app. A CDK app runs where the command line was typed, and finds
 * `settings` in its environment, so that it can trust the local identity provider.
 *
 * @param app a directory with a `manifest.json`, a `.json` file, or a command as `cdk --app` takes
 * @throws SynthesisError with what the app printed
 */
export async function assembleOwnApp(
  app: string,
  settings: Readonly<Record<string, string>>,
): Promise<Assembly> {
  await mkdir(LOCAL_DIRECTORY, { recursive: true });
  // A directory of its own, since it is removed in the end.
  const directory = await mkdtemp(path.join(LOCAL_DIRECTORY, `app-${process.pid}-`));
  // As in Lambda, where nothing above the code says that a .js file is an ES module.
  await writeFile(path.join(directory, 'package.json'), '{}');
  try {
    const kind = await kindOf(app);
    if (kind === 'assembly') {
      await cp(app, directory, { recursive: true });
      return await readAssembly(directory);
    }
    if (kind === 'template') return await readTemplate(app, directory);
    await promisify(execFile)('/bin/sh', ['-c', app], {
      timeout: SYNTH_TIMEOUT_MS,
      env: { ...process.env, ...settings, CDK_OUTDIR: directory },
    });
    return await readAssembly(directory);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    if (error instanceof SynthesisError) throw error;
    const { stderr = '', message } = error as Error & { readonly stderr?: string };
    throw new SynthesisError(`${app} cannot be synthesized.\n${(stderr || message).trim()}`, {
      cause: error,
    });
  }
}

async function kindOf(app: string): Promise<'assembly' | 'template' | 'command'> {
  const found = await stat(app).catch(() => undefined);
  if (found?.isDirectory() === true) return 'assembly';
  return found?.isFile() === true && app.endsWith('.json') ? 'template' : 'command';
}

async function readTemplate(file: string, directory: string): Promise<Assembly> {
  return {
    directory,
    stackName: path.basename(file).replace(/(?:\.template)?\.json$/u, ''),
    template: JSON.parse(await readFile(file, 'utf8')) as TemplateJson,
    // A template does not say where the code of its functions is.
    assetPath: () => undefined,
  };
}
