import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { TestTables } from '../support/tables.ts';
import { cli, cliCommand, json, packagedCli, Workspace } from './support/cli.ts';

const COMMANDS = [
  ['users', 'add'],
  ['users', 'show'],
  ['users', 'list'],
  ['users', 'edit'],
  ['users', 'enable'],
  ['users', 'disable'],
  ['users', 'remove'],
  ['users', 'set-admin'],
  ['users', 'sign-out'],
  ['users', 'import'],
  ['users', 'export'],
  ['users', 'digest'],
  ['tokens', 'revoke'],
  ['tokens', 'show'],
  ['tokens', 'list'],
  ['tokens', 'unrevoke'],
  ['preflight'],
  ['explain'],
  ['doctor'],
  ['completion'],
];

describe('rollcall', () => {
  it.each(COMMANDS)('%s %s has a help with an example of itself', async (...words) => {
    const command = words.filter((word) => word !== undefined);
    const { code, stdout } = await cli([...command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: rollcall ${command.join(' ')}`);
    expect(stdout).toContain(`Example:\n  npm run -s rollcall -- ${command.join(' ')}`);
    expect(stdout).toContain('--json');
  });

  it.each([[], ['users'], ['tokens']])('%s has a help with an example, too', async (...words) => {
    const { code, stdout } = await cli([...words, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Example:\n  npm run -s rollcall -- ${words.join(' ')}`);
  });

  it('says in the help of the package how the package is run', async () => {
    const { stdout } = await packagedCli(['users', 'add', '--help']);
    expect(stdout).toContain('Example:\n  npx rollcall users add ');
    expect(stdout).not.toContain('npm run');
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it('documents its exit statuses', async () => {
    expect((await cli(['--help'])).stdout).toMatch(
      /Exit status:\n {2}0 .+\n {2}1 .+\n {2}2 .+\n {2}3 /u,
    );
  });

  it.each([
    [['frob'], "unknown command 'frob'"],
    [['users', 'add'], "missing required argument 'user'"],
    [['users', 'list', '--frob'], "unknown option '--frob'"],
    [['users', 'import', 'x', '--format', 'xml'], "option '--format <format>' argument 'xml'"],
  ])('answers bad usage in one line: %j', async (args, message) => {
    const { code, stdout, stderr } = await cli([...args, '--json']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^rollcall: .+ Add --help for an example\.\n$/u);
    expect(stderr).toContain(message);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'usage' } });
  });

  it.each([
    ['users disble alice', "unknown command 'disble' (did you mean disable?)"],
    ['preflite', "unknown command 'preflite' (did you mean preflight?)"],
    ['users add alice --emial x', "unknown option '--emial' (did you mean --email?)"],
  ])('says what was probably meant: %s', async (args, said) => {
    const { code, stderr } = await cli(args.split(' '));
    expect(code).toBe(2);
    expect(stderr).toBe(`rollcall: ${said}. Add --help for an example.\n`);
  });

  it.each(['users frob --help', '--help frob', 'frob -h', '--stack users tokens frob --help'])(
    'has no help of a command that does not exist: %s',
    async (args) => {
      const { code, stdout, stderr } = await cli(args.split(' '));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain("unknown command 'frob'");
    },
  );

  it.each(['--json users list --help', '--stack frob users --help', 'explain --at x --help'])(
    'has help wherever the options stand: %s',
    async (args) => {
      expect(await cli(args.split(' '))).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Usage: rollcall '),
      });
    },
  );

  describe('with a profile', () => {
    const CONFIG =
      '[default]\nregion = eu-central-1\n[profile work]\n[profile "two words"]\n[sso-session x]\n';

    async function withConfig(text: string, args: readonly string[]) {
      const workspace = await Workspace.create();
      try {
        const config = await workspace.file('config', text);
        return await cli(args, {
          env: {
            AWS_REGION: 'eu-central-1',
            AWS_CONFIG_FILE: config,
            AWS_SHARED_CREDENTIALS_FILE: config,
          },
        });
      } finally {
        await workspace.remove();
      }
    }

    it('names one that does not exist, and those that do', async () => {
      const { code, stderr } = await withConfig(CONFIG, ['users', 'list', '--profile', 'wrok']);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^rollcall: There is no AWS profile wrok in .+config/u);
      expect(stderr).toContain('Use one of: default, work, two words.');
    });

    it('says that it needs a second factor, and what to do', async () => {
      const mfa = `${CONFIG}[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = keys\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n`;
      const args = ['users', 'list', '--users-table', 'users', '--profile', 'mfa', '--json'];
      const result = await withConfig(mfa, args);
      expect(json(result)).toMatchObject({ error: { code: 'mfa_required' } });
      expect(result.stderr).toMatch(/^rollcall: The profile mfa needs .+export-credentials.+\n$/u);
    });
  });

  it('names the file that it cannot write', async () => {
    const tables = await TestTables.start();
    try {
      const args = ['users', 'export', '/nowhere/users.csv', '--users-table', 'users', '--json'];
      const result = await cli(args, { env: tables.settings });
      expect(json(result)).toMatchObject({ error: { code: 'file_unusable' } });
      expect(result.stderr).toContain('/nowhere/users.csv');
    } finally {
      await tables.close();
    }
  });

  it('shows help and fails when no command is given', async () => {
    const { code, stderr } = await cli(['users']);
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: rollcall users');
  });

  it.each([[], ['users'], ['tokens']])(
    'prints one JSON document when no command is given: %s',
    async (...words) => {
      const result = await cli([...words, '--json']);
      expect(result.code).toBe(2);
      expect(json(result)).toMatchObject({ ok: false, error: { code: 'usage' } });
    },
  );

  it.each([
    [['--local', '--stack', 'Rollcall'], '--local and --stack'],
    [['--local-state', 'x', '--function', 'f'], '--local-state and --function'],
    [['--local', '--users-table', 'users'], '--local and --users-table'],
    [['--local-state', 'x', '--revoked-table', 'r'], '--local-state and --revoked-table'],
    [['--stack', 'Rollcall', '--function', 'f'], '--stack and --function'],
  ])('refuses two targets, and names both: %j', async (args, named) => {
    const { code, stderr } = await cli(['users', 'list', ...args]);
    expect(code).toBe(2);
    expect(stderr).toBe(`rollcall: ${named} select two deployments. Omit one of them.\n`);
  });

  it('refuses a table of revoked tokens that stands alone', async () => {
    const result = await cli(['users', 'list', '--revoked-table', 'r', '--json']);
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({ error: { code: 'target_incomplete' } });
  });

  it('does not repeat a token that stands where a command should', async () => {
    const token = `eyJhbGciOiJub25lIn0.${'a'.repeat(60)}.b`;
    const { stdout, stderr } = await cli(['tokens', token, '--json']);
    expect(stdout + stderr).not.toContain('eyJ');
  });

  it('says in one line that no local stack is running', async () => {
    const workspace = await Workspace.create();
    try {
      const gone = await workspace.file('gone.json', JSON.stringify({ pid: 2 ** 30 }));
      const { code, stderr } = await cli(['users', 'list', '--local-state', gone]);
      expect(code).toBe(2);
      expect(stderr).toBe('rollcall: No local stack is running. Start one: npm start.\n');
    } finally {
      await workspace.remove();
    }
  });

  it.each([
    ['nobody listens', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, 'connection'],
    ['no Region is set', { AWS_REGION: '' }, 'region_missing'],
  ])('says in one line that %s', async (_, env, code) => {
    const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const result = await cli(['users', 'list', '--users-table', 'users', '--json'], {
      env: { AWS_REGION: 'eu-central-1', ...credentials, ...env },
    });
    expect(json(result)).toMatchObject({ ok: false, error: { code } });
    expect(result.stderr).toMatch(/^rollcall: [^\n]+\n$/u);
  });

  it('uses tables by their names, with the settings of the shell', async () => {
    const tables = await TestTables.start();
    try {
      const env = { ...tables.settings, USER_ID_CASE: 'lower' };
      await cli(['users', 'add', 'Alice', '--users-table', 'users'], { env });
      const listed = await cli(['users', 'list', '--users-table', 'users', '--json'], { env });
      expect(json(listed)).toEqual({
        ok: true,
        users: [{ key: 'alice', user_id: 'alice', is_active: true, is_admin: false }],
        more: false,
      });
    } finally {
      await tables.close();
    }
  });

  it('names the setting of the shell that is wrong', async () => {
    const env = { AWS_REGION: 'eu-central-1', USER_ID_CASE: 'upper' };
    const { code, stderr } = await cli(['users', 'list', '--users-table', 'users'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('USER_ID_CASE must be one of: preserve, lower');
  });

  it('ends quietly when whoever reads its output has gone', async () => {
    const command = `{ ${cliCommand()} --help; echo "status $?" >&2; } | true`;
    const { stderr } = await promisify(execFile)('sh', ['-c', command]);
    expect(stderr).toBe('status 0\n');
  });

  it('is what npm run rollcall runs', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['rollcall']).toBe('tsx cli/main.ts');
  });
});
