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
      updated_at: expect.any(String),
      updated_by: 'local',
    });
    expect(result.stdout + result.stderr).not.toContain(token.split('.')[1]);
  });

  it.each([
    ['its scheme', (token: string) => `Bearer ${token}`],
    ['its header', (token: string) => `Authorization: Bearer ${token}\n`],
    ['its header of HTTP/2', (token: string) => `authorization: bearer ${token}`],
    ['its header for curl', (token: string) => `-H 'Authorization: Bearer ${token}'`],
    ['its header in JSON', (token: string) => `"Authorization": "Bearer ${token}",`],
    ['quotes', (token: string) => `"${token}"`],
  ])('takes a token with %s', async (how, written) => {
    const jti = `with ${how}`;
    await run(['tokens', 'revoke'], written(issuer.token({ jti })));
    expect(await itemOf(jti)).toBeDefined();
  });

  it('prints a jti so that no terminal obeys it', async () => {
    const result = await run(['tokens', 'revoke'], issuer.token({ jti: 'a\u001B[2Jb' }));
    expect(result.stdout).toContain(String.raw`a\u{1b}[2Jb`);
    expect(result.stdout).not.toContain('\u001B');
  });

  describe('list and unrevoke', () => {
    it('lists what is revoked, by whom and until when', async () => {
      await run(['tokens', 'revoke'], issuer.token({ jti: 'listed', exp: 4_000_000_000 }));
      const result = await run(['tokens', 'list', '--json']);
      const { revoked } = json(result) as { revoked: Record<string, unknown>[] };
      expect(revoked.find(({ name }) => name === 'listed')).toEqual({
        id: `${issuer.url}#listed`,
        issuer: issuer.url,
        name: 'listed',
        expires_at: 4_000_000_300,
        expires: '2096-10-02T07:11:40Z',
        expired: false,
        updated_at: expect.any(String),
        updated_by: 'local',
      });
      expect((await run(['tokens', 'list'])).stdout).toContain(`${issuer.url}#listed`);
    });

    it('lists page by page, each revocation once', async () => {
      for (const jti of ['p1', 'p2', 'p3']) await run(['tokens', 'revoke'], issuer.token({ jti }));
      const ids: unknown[] = [];
      let after: readonly string[] = [];
      for (let more = true; more;) {
        const page = json(await run(['tokens', 'list', '--limit', '2', '--json', ...after]));
        const { revoked, next } = page as { revoked: { id: string }[]; next?: string };
        ids.push(...revoked.map(({ id }) => id));
        after = ['--after', next ?? ''];
        more = page['more'] === true;
      }
      const whole = json(await run(['tokens', 'list', '--json'])) as { revoked: { id: string }[] };
      expect(ids).toEqual(whole.revoked.map(({ id }) => id));
    });

    it('accepts a token again, by itself or by its id', async () => {
      const token = issuer.token({ jti: 'again' });
      await run(['tokens', 'revoke'], token);
      expect((await run(['tokens', 'unrevoke', '--dry-run'], token)).code).toBe(0);
      expect(await itemOf('again')).toBeDefined();
      const result = await run(['tokens', 'unrevoke', '--id', `${issuer.url}#again`]);
      expect(result.stdout).toBe(`${issuer.url}#again is no longer revoked.\n`);
      expect(await itemOf('again')).toBeUndefined();
      expect(await run(['tokens', 'unrevoke'], token)).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('is not revoked'),
      });
    });
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

  describe('a session', () => {
    let sessions: readonly string[];
    beforeAll(async () => {
      const settings = { ...issuer.settings, ...REVOCATION, SESSION_CLAIM: 'sid' };
      sessions = await workspace.localStack(tables, settings, 'sessions.json');
    });
    const keptForGood = (id: string) => ({
      token_id: `${issuer.url}#sid=${id}`,
      updated_at: expect.any(String),
      updated_by: expect.any(String),
    });
    const withSessions = (args: readonly string[], input?: string): Promise<CliResult> =>
      cli([...args, ...sessions], {
        env: tables.settings,
        ...(input !== undefined && { input }),
      });

    it('is revoked by one of its tokens, for good', async () => {
      const token = issuer.token({ jti: 'a', sid: 's-1' });
      const result = await withSessions(['tokens', 'revoke', '--session'], token);
      expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('session s-1 of') });
      expect(await itemOf('sid=s-1')).toEqual(keptForGood('s-1'));
      expect(await itemOf('a')).toBeUndefined();
    });

    it('is revoked by its id, as the log shows it, until a time that is given', async () => {
      const name = ['--issuer', issuer.url, '--session', String.raw`s-2\u{200b}`];
      await withSessions(['tokens', 'revoke', ...name, '--expires', '4000000000']);
      expect(await itemOf('sid=s-2\u200b')).toMatchObject({ expires_at: 4_000_000_300 });
    });

    it('that is revoked for good stays so', async () => {
      const name = ['--issuer', issuer.url, '--session', 's-3'];
      await withSessions(['tokens', 'revoke', ...name]);
      await withSessions(['tokens', 'revoke', ...name, '--expires', '4000000000']);
      expect(await itemOf('sid=s-3')).toEqual(keptForGood('s-3'));
    });

    it('that is revoked until a time can be revoked for good', async () => {
      const name = ['--issuer', issuer.url, '--session', 's-4'];
      await withSessions(['tokens', 'revoke', ...name, '--expires', '4000000000']);
      await withSessions(['tokens', 'revoke', ...name]);
      expect(await itemOf('sid=s-4')).toEqual(keptForGood('s-4'));
    });

    it('is shown as revoked or not', async () => {
      const show = ['tokens', 'show', '--json', '--session'];
      const token = issuer.token({ sid: 's-5' });
      expect(json(await withSessions(show, token))).toMatchObject({
        session: 's-5',
        revoked: false,
      });
      await withSessions(['tokens', 'revoke', '--session'], token);
      expect(json(await withSessions(show, token))).toMatchObject({ revoked: true });
    });

    it('is not found in a token without the claim', async () => {
      const result = await withSessions(['tokens', 'revoke', '--session'], issuer.token());
      expect(result.code).toBe(3);
      expect(result.stderr).toContain('no sid');
    });

    it('cannot be revoked where no claim names it', async () => {
      const token = issuer.token({ sid: 's-6' });
      expect(json(await run(['tokens', 'revoke', '--session', '--json'], token))).toMatchObject({
        error: { code: 'session_claim_unset' },
      });
    });

    it.each([
      ['with a jti', ['--issuer', 'https://a.example.com', '--jti', 'j', '--session', 's']],
      ['with an id and no issuer', ['--session', 's']],
      ['with an issuer and no id', ['--issuer', 'https://a.example.com', '--session']],
    ])('is not named %s', async (_, args) => {
      const result = await withSessions(['tokens', 'revoke', '--json', ...args]);
      expect(json(result)).toMatchObject({ error: { code: 'token_name' } });
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
