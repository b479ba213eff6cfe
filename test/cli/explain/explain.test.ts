import { CHECK_NAMES, EXPLANATIONS, plainText } from '../../../lambda/explanations.ts';
import { eventOf } from '../../support/events.ts';
import { Authorizer } from '../../support/bundle.ts';
import { createKey, TestIssuer, type Claims } from '../../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables } from '../../support/tables.ts';
import { cli, json, Workspace } from '../support/cli.ts';

interface Explanation {
  readonly outcome: string;
  readonly reason: string;
  readonly user_id?: string;
  readonly steps: readonly { step: string; status: string; facts: string }[];
  readonly answers: Readonly<Record<string, unknown>>;
}

describe('rollcall explain', () => {
  let issuer: TestIssuer;
  let tables: TestTables;
  let workspace: Workspace;
  let settings: Readonly<Record<string, string>>;

  beforeAll(async () => {
    [issuer, tables, workspace] = await Promise.all([
      TestIssuer.start(),
      TestTables.start(),
      Workspace.create(),
    ]);
    settings = {
      ...issuer.settings,
      REVOKED_TOKENS_TABLE_NAME: REVOKED_TOKENS_TABLE,
      PLATFORM_ADMIN_EMAIL: 'root',
      REQUIRED_SCOPES: 'read',
      REQUIRED_ROLES: 'ops,dev',
    };
    await tables.putUser('alice', { is_admin: true, roles: ['dev'] });
    await tables.putUser('disabled', { is_active: false });
    await tables.putUser('signed-out', { tokens_valid_after: 9_999_999_999 });
    await tables.putUser('role-less', {});
    await tables.putUser('broken', { is_active: 'yes' });
  });

  afterAll(async () => {
    await Promise.all([issuer.close(), tables.close(), workspace.remove()]);
  });

  async function explain(
    token: string,
    more: readonly string[] = [],
    extra: Readonly<Record<string, string>> = {},
  ) {
    const where = await workspace.localStack(tables, { ...settings, ...extra });
    const result = await cli(['explain', '--json', ...more, ...where], {
      env: tables.settings,
      input: token,
    });
    return { ...result, explanation: json(result) as unknown as Explanation };
  }

  const good = (claims: Claims = {}): string => issuer.token({ scope: 'read', ...claims });

  it('passes every step of a user who is let in', async () => {
    const { code, explanation } = await explain(good());
    expect(explanation).toMatchObject({ outcome: 'allow', reason: 'user_found', user_id: 'alice' });
    expect(explanation.steps.map(({ step, status }) => [step, status])).toEqual(
      CHECK_NAMES.map((name) => [name, 'passed']),
    );
    expect(code).toBe(0);
  });

  it.each<[string, () => string, string]>([
    ['token_malformed', () => 'not-a-token', 'token'],
    ['token_malformed', () => issuer.token({}, issuer.keys[0], { typ: 'odd' }), 'header'],
    ['token_too_large', () => 'x'.repeat(9000), 'token'],
    ['issuer_not_trusted', () => good({ iss: 'https://elsewhere.example.com' }), 'issuer'],
    ['key_not_found', () => issuer.token({ scope: 'read' }, createKey()), 'key'],
    ['signature_invalid', () => `${good().slice(0, -8)}AAAAAAAA`, 'signature'],
    ['claim_missing', () => good({ sub: undefined }), 'claims'],
    ['audience_mismatch', () => good({ aud: 'other' }), 'audience'],
    ['token_expired', () => good({ exp: 1_700_000_000 }), 'expiry'],
    ['token_not_yet_valid', () => good({ nbf: 4_000_000_000 }), 'issued'],
    ['user_not_found', () => good({ sub: 'nobody' }), 'row'],
    ['user_disabled', () => good({ sub: 'disabled' }), 'active'],
    ['user_tokens_revoked', () => good({ sub: 'signed-out' }), 'sign_out'],
    ['scope_missing', () => good({ scope: 'write' }), 'scopes'],
    ['role_missing', () => good({ sub: 'role-less' }), 'roles'],
  ])('stops at the step that finds %s', async (reason, token, step) => {
    const { code, explanation } = await explain(token());
    expect(explanation.reason).toBe(reason);
    const at = CHECK_NAMES.indexOf(step as (typeof CHECK_NAMES)[number]);
    expect(explanation.steps.map(({ status }) => status)).toEqual(
      CHECK_NAMES.map((_, index) =>
        index < at ? 'passed' : index === at ? 'failed' : 'not_reached',
      ),
    );
    expect(code).toBe(4);
  });

  it.each([
    ['is not a JWT', 'not-a-token'],
    ['is longer than 8192 bytes', 'x'.repeat(9000)],
  ])('says of junk that it %s', async (facts, junk) => {
    const { explanation } = await explain(junk);
    expect(explanation.steps[0]?.facts).toContain(facts);
  });

  it('says that a row which cannot be used could not be checked', async () => {
    const { code, explanation } = await explain(good({ sub: 'broken' }));
    expect(explanation).toMatchObject({
      outcome: 'unavailable',
      reason: 'directory_unavailable',
      answers: { 'rest-token': { throws: 'Authorization is unavailable' } },
    });
    expect(explanation.steps.find(({ step }) => step === 'directory')).toMatchObject({
      status: 'unavailable',
      facts: expect.stringContaining('bad_row (is_active)'),
    });
    expect(code).toBe(1);
  });

  it('finds a revocation', async () => {
    await tables.revoke(issuer.url, 'gone');
    const { explanation } = await explain(good({ jti: 'gone' }));
    expect(explanation.reason).toBe('token_revoked');
  });

  it('tells bootstrap from a row, and strict mode from none', async () => {
    const token = good({ sub: 'root' });
    expect((await explain(token)).explanation.reason).toBe('platform_admin_bootstrap');
    const strict = await explain(token, [], { REQUIRE_USER_IN_DB: 'true' });
    expect(strict.explanation.reason).toBe('user_not_in_db');
  });

  it('answers for another time', async () => {
    const token = good({ iat: 1_800_000_000, exp: 1_800_000_600 });
    const at = (time: string) => explain(token, ['--at', time]);
    expect((await at('2027-01-15T08:00:00Z')).explanation.reason).toBe('user_found');
    expect((await at('2027-01-15T07:59:54Z')).explanation.reason).toBe('token_not_yet_valid');
    expect((await at('2027-01-15T08:10:04Z')).explanation.reason).toBe('user_found');
    expect((await at('2027-01-15T08:10:05Z')).explanation.reason).toBe('token_expired');
  });

  it('gives each kind of API the answer that the deployed function gives it', async () => {
    const authorizer = await Authorizer.start({ ...settings, ...tables.settings });
    try {
      for (const token of [good(), good({ sub: 'nobody' }), good({ aud: 'other' })]) {
        const { explanation } = await explain(token);
        for (const kind of ['rest-token', 'http-v1', 'http-v2', 'websocket', 'appsync'] as const) {
          const result = await authorizer.invoke(eventOf(kind, `Bearer ${token}`));
          const given = result.ok ? withoutArn(result.value) : { throws: result.errorMessage };
          expect([kind, withoutArn(explanation.answers[kind])]).toEqual([kind, given]);
        }
      }
    } finally {
      await authorizer.close();
    }
  });

  it('prints claims, and neither the token nor a part of it', async () => {
    const token = good({ sub: 'disabled' });
    const where = await workspace.localStack(tables, settings);
    const { stdout, stderr } = await cli(['explain', ...where], {
      env: tables.settings,
      input: token,
    });
    expect(stdout).toMatch(/^FAIL {2}active +is_active false$/mu);
    expect(stdout).toContain('forbidden: user_disabled (Account disabled)');
    for (const part of token.split('.')) expect(stdout + stderr).not.toContain(part);
  });

  it('says what the decision means, what to do about it, and what the function would note', async () => {
    const where = await workspace.localStack(tables, settings);
    const run = async (token: string) =>
      (await cli(['explain', ...where], { env: tables.settings, input: token })).stdout;
    const disabled = await run(good({ sub: 'disabled', jti: undefined }));
    expect(disabled).toContain(plainText(EXPLANATIONS.user_disabled.meaning));
    expect(disabled).toContain(plainText(EXPLANATIONS.user_disabled.remedy));
    expect(disabled).toContain('note: the token has no jti');
    expect(await run(good())).not.toContain('note:');
  });

  it('shows control characters of what a token says as code points', async () => {
    const where = await workspace.localStack(tables, settings);
    const { stdout } = await cli(['explain', ...where], {
      env: tables.settings,
      input: good({ aud: '\u001B[2Jother\u202E"' }),
    });
    expect(stdout).toContain(String.raw`aud "\u{1b}[2Jother\u{202e}\u{22}";`);
    expect(stdout).not.toContain('\u001B');
    expect(stdout).not.toContain('\u202E');
  });
});

/** An answer with the stage of whoever asked taken out. */
function withoutArn(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer).replaceAll(/arn:aws:execute-api:[^"]+/gu, 'ARN'));
}
