/** The scripts of `package.json` that are programs of this project, called as a person would. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TSX = path.join(ROOT, 'node_modules/tsx/dist/cli.mjs');

/** What these are given is Jest's to understand. */
const FORWARDING = new Set(['test:browser', 'test:dynamodb-local', 'test:node24']);

const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

const programs = Object.entries(scripts).flatMap(([name, command]) => {
  const [, runner, file] = /^(node|tsx) (\S+\.(?:ts|mjs))$/u.exec(command) ?? [];
  return file === undefined ? [] : [{ name, args: runner === 'tsx' ? [TSX, file] : [file] }];
});

/** A script that does not read its options must not reach anybody's account. */
const env = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_EC2_METADATA_DISABLED: 'true',
};

interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function call(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: ROOT, timeout: 25_000, env },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, stdout, stderr });
      },
    );
  });
}

it('knows the scripts that are programs of this project', () => {
  expect(programs.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['build', 'start', 'rollcall', 'soak', 'cost', 'docs:check', 'release']),
  );
});

describe.each(programs)('npm run $name', ({ name, args }) => {
  it('answers --help with what it does and how it is called', async () => {
    const { code, stdout } = await call([...args, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\bnpm (?:run|start)\b|\bnode tools\/setup\.mjs\b|^Usage: /u);
    expect(stdout).not.toMatch(/^\s+at /mu);
  });

  if (FORWARDING.has(name)) return;

  it('answers an option that does not exist in words, with exit code 2', async () => {
    const { code, stdout, stderr } = await call([...args, '--no-such-option']);
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at |\bnode:internal\b/mu);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  });
});
