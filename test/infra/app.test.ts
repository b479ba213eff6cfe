/** The CDK app as an operator runs it: in a directory with a `.env`, by `cdk synth`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { contextOfCdkJson, ROOT } from './support/synth.ts';

const TSX = path.join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
const CDK = path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const APP = path.join(ROOT, 'infra', 'app.ts');

const LEAST = 'JWT_ISSUER=https://idp.example.com/\nJWT_AUDIENCE=api\n';
/** A table that exists and lasts, and nothing that could be regretted. */
const EXISTING = `${LEAST}USERS_TABLE_NAME=users\nREQUIRE_USER_IN_DB=true\nREQUIRE_JTI=true\n`;

interface Run {
  readonly status: number | null;
  readonly stderr: string;
  readonly directory: string;
}

const directories: string[] = [];

function directory(dotenv: string | undefined): string {
  const made = mkdtempSync(path.join(os.tmpdir(), 'rollcall-app-'));
  directories.push(made);
  if (dotenv !== undefined) writeFileSync(path.join(made, '.env'), dotenv);
  return made;
}

jest.setTimeout(120_000);

/** Nothing of the shell that runs the tests but what a program needs to start. */
function environment(shell: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, CDK_DISABLE_CLI_TELEMETRY: 'true', ...shell };
}

function run(args: readonly string[], cwd: string, shell: Readonly<Record<string, string>>): Run {
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd,
    env: environment(shell),
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, stderr, directory: cwd };
}

/** The app alone, as the CDK calls it. */
function app(dotenv: string | undefined, shell: Readonly<Record<string, string>> = {}): Run {
  const cwd = directory(dotenv);
  const quick = { CDK_VALIDATION: 'false', CDK_OUTDIR: path.join(cwd, 'cdk.out') };
  return run([TSX, APP], cwd, { ...quick, ...shell });
}

/** @param validation whether the CDK also checks the template, which takes its time */
function cdkSynth(
  dotenv: string,
  { strict = false, validation = false }: { strict?: boolean; validation?: boolean } = {},
): Run {
  const cwd = directory(dotenv);
  const settings = { app: `"${process.execPath}" "${TSX}" "${APP}"`, context: contextOfCdkJson() };
  writeFileSync(path.join(cwd, 'cdk.json'), JSON.stringify(settings));
  const args = [CDK, 'synth', '--quiet', '--no-notices', ...(strict ? ['--strict'] : [])];
  return run(args, cwd, validation ? {} : { CDK_VALIDATION: 'false' });
}

const warnings = ({ stderr }: Run): readonly string[] =>
  [...stderr.matchAll(/Acknowledge with '(?:Annotation::)?([^']+)'/gu)].map(([, id]) => id ?? '');

afterAll(() => {
  for (const made of directories) rmSync(made, { recursive: true });
});

describe('the app', () => {
  it('synthesizes one stack and has nothing to say of its settings', () => {
    const { status, stderr, directory: cwd } = app(LEAST);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).not.toMatch(/shell|not a setting/u);
    expect(readdirSync(path.join(cwd, 'cdk.out'))).toContain('Rollcall.template.json');
  });

  it('says what the shell overrides, and what it sets alone', () => {
    const { stderr } = app(LEAST, { JWT_AUDIENCE: 'secret-audience', REQUIRE_JTI: 'true' });
    expect(stderr).toContain('The shell overrides .env: JWT_AUDIENCE\n');
    expect(stderr).toContain('Set by the shell alone: REQUIRE_JTI\n');
    expect(stderr).not.toContain('secret-audience');
  });

  it('fails on a bad setting by its name, without its value and without a stack trace', () => {
    const { status, stderr, directory: cwd } = app(`${LEAST}REQUIRE_USER_IN_DB=perhaps\n`);
    expect(status).toBe(1);
    expect(stderr).toBe('The settings are invalid:\n- REQUIRE_USER_IN_DB must be true or false\n');
    expect(existsSync(path.join(cwd, 'cdk.out'))).toBe(false);
  });

  it('says where to begin when there is no .env', () => {
    const { status, stderr } = app(undefined);
    expect(status).toBe(1);
    expect(stderr).toContain('JWT_ISSUER is required');
    expect(stderr).toContain('Copy .env.example to .env first.');
  });

  it('warns of a name that is no setting, without its value', () => {
    const { status, stderr } = app(`${LEAST}REQUIRE_USER_IN_DBB=hidden\n`, {
      CDK_CONTEXT_JSON: JSON.stringify(contextOfCdkJson()),
    });
    expect(status).toBe(0);
    expect(stderr).toContain('REQUIRE_USER_IN_DBB is not a setting of Rollcall');
    expect(stderr).not.toContain('hidden');
  });
});

describe('cdk synth', () => {
  it('prints exactly the warnings that apply to .env.example', () => {
    const example = cdkSynth(readFileSync(path.join(ROOT, '.env.example'), 'utf8'), {
      validation: true,
    });
    expect(example.status).toBe(0);
    expect(warnings(example)).toEqual([
      'rollcall:usersTable.missing',
      'rollcall:revocation.jtiOptional',
    ]);
  });

  it('passes --strict with an existing table that lasts', () => {
    const strict = cdkSynth(EXISTING, { strict: true, validation: true });
    expect(strict).toMatchObject({ status: 0 });
    expect(warnings(strict)).toEqual([]);
  });

  it('fails --strict while a warning stands', () => {
    expect(cdkSynth(LEAST, { strict: true }).status).not.toBe(0);
  });

  it('fails on an error', () => {
    const over = 'ROLLCALL_CACHE_TTL_SECONDS=2\nROLLCALL_MAX_REVOCATION_DELAY_SECONDS=1\n';
    const { status, stderr } = cdkSynth(`${EXISTING}${over}`);
    expect(status).not.toBe(0);
    expect(stderr).toContain('rollcall:revocation.budget');
  });
});
