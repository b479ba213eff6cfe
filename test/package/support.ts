/** The packed package, and apps that install it. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const BIN = path.join(ROOT, 'node_modules', '.bin');

export interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export const manifest = JSON.parse(
  readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
) as Manifest;

/** What `global-setup.ts` has packed. */
export const packed = {
  get tarball(): string {
    return process.env['PACKED_TARBALL'] ?? '';
  },
  get files(): readonly string[] {
    return JSON.parse(process.env['PACKED_FILES'] ?? '[]') as readonly string[];
  },
};

/** Runs a program and gives what it prints. */
export async function run(
  cwd: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args], {
    cwd,
    env: {
      ...process.env,
      NO_COLOR: '1',
      NODE_NO_WARNINGS: '1',
      CDK_DISABLE_VERSION_CHECK: '1',
      ...env,
    },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** An otherwise empty project that has installed the tarball and `packages`. */
export class InstalledApp {
  readonly folder: string;
  /** Where the package is. */
  readonly package: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.package = path.join(folder, 'node_modules', 'rollcall');
  }

  static async install(name: string, packages: readonly string[] = []): Promise<InstalledApp> {
    const app = new InstalledApp(path.join(process.env['PACKED_FOLDER'] ?? '', name));
    mkdirSync(app.folder);
    app.write('package.json', '{ "name": "empty-app", "private": true }\n');
    await app.run('npm', [
      'install',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      packed.tarball,
      ...packages,
    ]);
    return app;
  }

  /** One that has been installed with the package, or made by hand. */
  static at(name: string): InstalledApp {
    return new InstalledApp(path.join(process.env['PACKED_FOLDER'] ?? '', name));
  }

  write(name: string, text: string): void {
    writeFileSync(path.join(this.folder, name), text);
  }

  run(
    program: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<string> {
    return run(this.folder, program, args, env);
  }
}

/** The apps of the CDK that `global-setup.ts` has installed. */
export const CDK_APPS = ['lowest', 'newest'] as const;

export const PEERS = ['aws-cdk-lib', 'constructs'] as const;

/** `aws-cdk-lib@2.276.0` and the like, for an app of the CDK. */
export function peersOf(which: (typeof CDK_APPS)[number]): readonly string[] {
  return PEERS.map((name) =>
    which === 'lowest'
      ? `${name}@${(manifest.peerDependencies[name] ?? '').slice(1)}`
      : `${name}@${manifest.devDependencies[name]}`,
  );
}

export async function installCdkApp(which: (typeof CDK_APPS)[number]): Promise<void> {
  await InstalledApp.install(which, peersOf(which));
}
