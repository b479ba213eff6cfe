/** A project that has installed the package and nothing else: a backend, and an operator's machine. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { TestTables, USERS_TABLE } from '../support/tables.ts';
import { InstalledApp, manifest } from './support.ts';

const MAX_BYTES = 5 * 1024 * 1024;
const BLOCK = 4096;

let app: InstalledApp;

beforeAll(async () => {
  app = await InstalledApp.install('backend');
});

/** As `du` counts: every file and folder takes whole blocks. */
function bytesOnDisk(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries
    .map((name) => Math.ceil(statSync(path.join(folder, name)).size / BLOCK) * BLOCK)
    .reduce((sum, size) => sum + size, 0);
}

describe('an installation', () => {
  it('takes less than 5 MB', () => {
    expect(bytesOnDisk(path.join(app.folder, 'node_modules'))).toBeLessThan(MAX_BYTES);
  });

  it('brings no other package', () => {
    const names = readdirSync(path.join(app.folder, 'node_modules'));
    expect(names.filter((name) => !name.startsWith('.'))).toEqual(['rollcall']);
    expect(Object.keys(manifest.dependencies ?? {})).toEqual([]);
  });
});

describe('identityFrom', () => {
  const EVENT = JSON.stringify({
    requestContext: {
      authorizer: {
        userId: 'alice',
        isAdmin: 'false',
        authMethod: 'database',
        reason: 'user_found',
      },
    },
  });
  const PRINT = `console.log(identityFrom(${EVENT}).isAdmin);`;

  it.each([
    ['import', 'module', `import { identityFrom } from 'rollcall/identity'; ${PRINT}`],
    ['require', 'commonjs', `const { identityFrom } = require('rollcall/identity'); ${PRINT}`],
  ])('is there by %s', async (_, type, source) => {
    const printed = await app.run(process.execPath, [`--input-type=${type}`, '--eval', source]);
    expect(printed).toBe('false\n');
  });
});

describe('the bundle of the function', () => {
  it.each([
    ['import.meta.resolve', 'module', `fileURLToPath(import.meta.resolve('rollcall/authorizer'))`],
    ['require.resolve', 'commonjs', `require.resolve('rollcall/authorizer')`],
  ])('is found by %s', async (_, type, expression) => {
    const source =
      type === 'module'
        ? `import { fileURLToPath } from 'node:url'; console.log(${expression});`
        : `console.log(${expression});`;
    const printed = await app.run(process.execPath, [`--input-type=${type}`, '--eval', source]);
    expect(printed.trim()).toBe(path.join(app.package, 'dist/authorizer/index.mjs'));
  });
});

describe('the command line', () => {
  const rollcall = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    app.run('npx', ['--no-install', 'rollcall', ...args], env);
  let tables: TestTables;

  beforeAll(async () => {
    tables = await TestTables.start();
  });

  afterAll(() => tables?.close());

  it('answers npx rollcall --help', async () => {
    const help = await rollcall(['--help']);
    expect(help).toMatch(
      /^Usage: rollcall [\s\S]*\busers\b[\s\S]*\bpreflight\b[\s\S]*\bexplain\b/u,
    );
  });

  it('writes a user and reads it again, with the AWS clients that it brings', async () => {
    const env = {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
      JWT_ISSUER: 'https://idp.example.com/',
      JWT_AUDIENCE: 'https://api.example.com',
    };
    const where = ['--users-table', USERS_TABLE];
    await rollcall(['users', 'add', 'ada@example.com', '--admin', ...where], env);
    const shown = await rollcall(['users', 'show', 'ada@example.com', '--json', ...where], env);
    expect(JSON.parse(shown)).toMatchObject({ user: { is_admin: true } });
  });

  it('needs no package that it does not bring', async () => {
    const folder = path.join(app.package, 'lib/cli');
    const chunks = readdirSync(folder).filter((name) => name !== 'rollcall.mjs');
    expect(chunks.length).toBeGreaterThan(10);
    app.write(
      'load.mjs',
      `for (const name of ${JSON.stringify(chunks)}) await import(\`${folder}/\${name}\`);`,
    );
    await expect(app.run(process.execPath, ['load.mjs'])).resolves.toBe('');
  });
});
