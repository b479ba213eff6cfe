import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TestIssuer } from '../../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables } from '../../support/tables.ts';
import { AwsEndpoint } from './support/aws.ts';
import { cli, json, Workspace, type CliResult } from './support/cli.ts';

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

describe('--flush and --probe', () => {
  let aws: AwsEndpoint;
  let env: Readonly<Record<string, string>>;
  let api: Server;
  let apiUrl: string;
  /** What the API answers, in order; the last one stays. */
  let answers: number[];
  let authorizations: (string | undefined)[];

  beforeAll(async () => {
    aws = await AwsEndpoint.start(
      {
        stackName: 'Rollcall',
        outputs: {
          ApiId: 'rest1',
          ApiUrl: 'https://rest1.execute-api.eu-central-1.amazonaws.com/prod/',
          HttpApiId: 'http1',
          HttpApiUrl: 'https://http1.execute-api.eu-central-1.amazonaws.com',
          AuthorizerFunctionName: 'authorizer',
        },
        functionName: 'authorizer',
        environment: { ...issuer.settings, ...REVOCATION, USERS_TABLE_NAME: 'users' },
        logGroup: '/aws/lambda/authorizer',
        logMessages: [],
        denied: [],
        pointInTimeRecovery: true,
        deletionProtection: true,
      },
      tables.endpoint,
    );
    env = { ...tables.settings, ...aws.environment };
    api = createServer((request, response) => {
      authorizations.push(request.headers.authorization);
      const status = (answers.length > 1 ? answers.shift() : answers[0]) ?? 500;
      response.writeHead(status).end();
    });
    api.listen(0, '127.0.0.1');
    await once(api, 'listening');
    apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}/whoami`;
  });

  beforeEach(async () => {
    authorizations = [];
    aws.calls.length = 0;
    await tables.putUser('alice', {});
  });

  afterAll(async () => {
    api.closeAllConnections();
    api.close();
    await aws.close();
  });

  it('flushes the REST stage and the HTTP stage after the write', async () => {
    const result = await cli(['users', 'disable', 'alice', '--flush', '--json'], { env });
    expect(json(result)).toMatchObject({
      ok: true,
      flushed: [
        { api: 'rest', api_id: 'rest1' },
        { api: 'http', api_id: 'http1' },
      ],
    });
    expect(aws.calls.slice(-2)).toEqual([
      'DELETE /restapis/rest1/stages/prod/cache/authorizers',
      'DELETE /v2/apis/http1/stages/$default/cache/authorizers',
    ]);
  });

  it.each([
    ['add', ['add', 'fresh']],
    ['enable', ['enable', 'alice']],
    ['set-admin', ['set-admin', 'alice']],
  ])('flushes after users %s, since a cached Deny outlives its cause', async (_, args) => {
    expect((await cli(['users', ...args, '--flush'], { env })).code).toBe(0);
    expect(aws.calls.filter((call) => call.startsWith('DELETE'))).toHaveLength(2);
  });

  it('flushes nothing with --dry-run', async () => {
    await cli(['users', 'disable', 'alice', '--flush', '--dry-run'], { env });
    expect(aws.calls.filter((call) => call.startsWith('DELETE'))).toEqual([]);
  });

  it('writes nothing when it does not know what to flush', async () => {
    const result = await cli(
      ['users', 'disable', 'alice', '--flush', '--function', 'authorizer', '--json'],
      { env },
    );
    expect(json(result)).toMatchObject({ error: { code: 'flush_impossible' } });
    expect(aws.calls).not.toContain('UpdateItem');
  });

  it('asks until the token is refused, and says how long it took', async () => {
    answers = [200, 200, 200, 403];
    const token = issuer.token({ sub: 'alice' });
    const result = await cli(['users', 'disable', 'alice', '--probe', apiUrl, '--json'], {
      env,
      input: token,
    });
    expect(result.code).toBe(0);
    expect(json(result)).toMatchObject({
      probe: { refused: true, status: 403, seconds: expect.any(Number), let_in_before: true },
    });
    expect(authorizations).toEqual(Array.from({ length: 4 }, () => `Bearer ${token}`));
    expect(result.stdout + result.stderr).not.toContain(token);
  });

  it('says no when the token is still let in, or could not be checked, in the end', async () => {
    answers = [200, 500];
    const result = await cli(
      ['users', 'disable', 'alice', '--probe', apiUrl, '--probe-timeout', '1', '--json'],
      { env, input: issuer.token() },
    );
    expect(result.code).toBe(4);
    expect(json(result)).toMatchObject({ ok: false, probe: { refused: false, status: 500 } });
  });

  it('probes with the very token that it revokes', async () => {
    answers = [200, 401];
    const token = issuer.token({ jti: 'probed' });
    const result = await cli(['tokens', 'revoke', '--probe', apiUrl], { env, input: token });
    expect(result.stdout).toMatch(/refused with 401 after [\d.]+ s/u);
    expect(authorizations).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
  });

  it('sends a token to no plain HTTP address but loopback', async () => {
    const result = await cli(
      ['users', 'disable', 'alice', '--probe', 'http://api.example.com/', '--json'],
      { env, input: issuer.token() },
    );
    expect(json(result)).toMatchObject({ error: { code: 'probe_url' } });
  });
});
