import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { TestIssuer } from '../../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables } from '../../support/tables.ts';
import { cli, json, Workspace, type CliResult } from '../support/cli.ts';

const REVOCATION = { REVOKED_TOKENS_TABLE_NAME: REVOKED_TOKENS_TABLE };

let issuer: TestIssuer;
let tables: TestTables;
let workspace: Workspace;
let local: readonly string[];

beforeAll(async () => {
  [issuer, tables, workspace] = await Promise.all([
    TestIssuer.start(),
    TestTables.start(),
    Workspace.create(),
  ]);
  local = await workspace.localStack(tables, { ...issuer.settings, ...REVOCATION });
});

afterAll(async () => {
  await Promise.all([issuer.close(), tables.close(), workspace.remove()]);
});

const run = (args: readonly string[], input?: string): Promise<CliResult> =>
  cli([...args, ...local], { env: tables.settings, ...(input !== undefined && { input }) });

async function itemOf(jti: string): Promise<Record<string, unknown> | undefined> {
  const { Item } = await tables.client.send(
    new GetCommand({
      TableName: REVOKED_TOKENS_TABLE,
      Key: { token_id: `${issuer.url}#${jti}` },
    }),
  );
  return Item;
}

describe('rollcall tokens', () => {
  it('revokes a token from standard input until it can no longer be accepted', async () => {
    const token = issuer.token({ jti: 'one', exp: 4_000_000_000.5 });
    const result = await run(['tokens', 'revoke'], `${token}\n`);
    expect(result.code).toBe(0);
    expect(await itemOf('one')).toEqual({
      token_id: `${issuer.url}#one`,
      expires_at: 4_000_000_301,
    });
    expect(result.stdout + result.stderr).not.toContain(token.split('.')[1]);
  });

  it('takes a token with its scheme', async () => {
    await run(['tokens', 'revoke'], `Bearer ${issuer.token({ jti: 'schemed' })}`);
    expect(await itemOf('schemed')).toBeDefined();
  });

  it.each(['2096-10-02T07:06:40Z', '4000000000'])(
    'revokes by issuer and jti, expiring at %s',
    async (expires) => {
      const jti = `by-name-${expires}`;
      const name = ['--issuer', issuer.url, '--jti', jti];
      expect(await run(['tokens', 'revoke', ...name, '--expires', expires])).toMatchObject({
        code: 0,
      });
      expect(await itemOf(jti)).toMatchObject({ expires_at: 4_000_000_300 });
    },
  );

  it('revokes by a jti as the log shows it', async () => {
    const name = ['--issuer', issuer.url, '--jti', String.raw`odd\u{200b}\u{a}`];
    await run(['tokens', 'revoke', ...name, '--expires', '4000000000']);
    expect(await itemOf('odd\u200b\n')).toBeDefined();
  });

  it('takes a jti that the log never shows so as it is', async () => {
    const name = ['--issuer', issuer.url, '--jti', String.raw`odd\x`];
    await run(['tokens', 'revoke', ...name, '--expires', '4000000000']);
    expect(await itemOf(String.raw`odd\x`)).toBeDefined();
  });

  it('prints a jti with its invisible characters', async () => {
    const { stdout } = await run(['tokens', 'revoke'], issuer.token({ jti: 'odd\u202e' }));
    expect(stdout).toContain(String.raw`The token odd\u{202e} of`);
  });

  it('never shortens how long a revocation is kept', async () => {
    await run(['tokens', 'revoke'], issuer.token({ jti: 'kept', exp: 4_000_000_000 }));
    await run(['tokens', 'revoke'], issuer.token({ jti: 'kept', exp: 3_000_000_000 }));
    expect(await itemOf('kept')).toMatchObject({ expires_at: 4_000_000_300 });
  });

  it('shows whether a token has been revoked', async () => {
    const token = issuer.token({ jti: 'shown' });
    const before = await run(['tokens', 'show', '--json'], token);
    expect(json(before)).toMatchObject({ ok: true, jti: 'shown', revoked: false });
    await run(['tokens', 'revoke'], token);
    const after = await run(['tokens', 'show', '--json', '--issuer', issuer.url, '--jti', 'shown']);
    expect(json(after)).toMatchObject({ revoked: true });
  });

  it('writes nothing with --dry-run', async () => {
    const result = await run(['tokens', 'revoke', '--dry-run'], issuer.token({ jti: 'dry' }));
    expect(result.stdout).toContain('nothing was written');
    expect(await itemOf('dry')).toBeUndefined();
  });

  it('refuses a token without a jti, and offers to sign its user out', async () => {
    const result = await run(['tokens', 'revoke'], issuer.token({ jti: undefined }));
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('users sign-out');
  });

  it.each([
    ['no token', '', 'token_input'],
    ['two tokens', 'a.b.c d.e.f', 'token_input'],
    ['no JWT', 'opaque-secret-value', 'token_malformed'],
  ])('does not repeat what it was given instead: %s', async (_, input, code) => {
    const result = await run(['tokens', 'revoke', '--json'], input);
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({ ok: false, error: { code } });
    expect(result.stdout + result.stderr).not.toContain('opaque');
  });

  it('refuses a token of an issuer that is not trusted', async () => {
    const token = issuer.token({ iss: 'https://elsewhere.example.com' });
    expect(json(await run(['tokens', 'revoke', '--json'], token))).toMatchObject({
      error: { code: 'issuer_not_trusted' },
    });
  });

  it('says that revocation is off where it is', async () => {
    const off = await workspace.localStack(tables, issuer.settings, 'off.json');
    const result = await cli(['tokens', 'show', ...off], {
      env: tables.settings,
      input: issuer.token(),
    });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('REVOKED_TOKENS_TABLE_NAME');
  });
});
