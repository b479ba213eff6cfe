import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TestIssuer } from '../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables } from '../support/tables.ts';
import { AwsEndpoint } from './support/aws.ts';
import { cli, json } from './support/cli.ts';

describe('--flush and --probe', () => {
  let issuer: TestIssuer;
  let tables: TestTables;
  let aws: AwsEndpoint;
  let env: Readonly<Record<string, string>>;
  let api: Server;
  let apiUrl: string;
  /** What the API answers, in order; the last one stays. */
  let answers: number[];
  let extraHeaders: Readonly<Record<string, string>>;
  let authorizations: (string | undefined)[];

  beforeAll(async () => {
    [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
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
        environment: {
          ...issuer.settings,
          USERS_TABLE_NAME: 'users',
          REVOKED_TOKENS_TABLE_NAME: REVOKED_TOKENS_TABLE,
        },
        logGroup: '/aws/lambda/authorizer',
        logMessages: [],
        denied: [],
        pointInTimeRecovery: true,
        deletionProtection: true,
        timeToLive: 'expires_at',
      },
      tables.endpoint,
    );
    env = { ...tables.settings, ...aws.environment };
    api = createServer((request, response) => {
      authorizations.push(request.headers.authorization);
      const status = (answers.length > 1 ? answers.shift() : answers[0]) ?? 500;
      response.writeHead(status, extraHeaders).end();
    });
    api.listen(0, '127.0.0.1');
    await once(api, 'listening');
    apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}/whoami`;
  });

  beforeEach(async () => {
    authorizations = [];
    extraHeaders = {};
    aws.calls.length = 0;
    await tables.putUser('alice', {});
  });

  afterAll(async () => {
    api.closeAllConnections();
    api.close();
    await aws.close();
    await Promise.all([issuer.close(), tables.close()]);
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

  it.each([
    ['rest1/prod', 'DELETE /restapis/rest1/stages/prod/cache/authorizers'],
    ['http1', 'DELETE /v2/apis/http1/stages/$default/cache/authorizers'],
  ])('flushes the API %s by its name, with --function alone', async (api, call) => {
    const args = ['users', 'disable', 'alice', '--flush-api', api, '--function', 'authorizer'];
    const { code } = await cli(args, { env });
    expect(code).toBe(0);
    expect(aws.calls.filter((each) => each.startsWith('DELETE'))).toEqual([call]);
  });

  it('flushes a named stage of an HTTP API, which is no REST API', async () => {
    aws.account.missing = ['DELETE /restapis/http1/stages/live/cache/authorizers'];
    const args = ['users', 'disable', 'alice', '--flush-api', 'http1/live', '--function'];
    const result = await cli([...args, 'authorizer', '--json'], { env });
    aws.account.missing = [];
    expect(json(result)).toMatchObject({ flushed: [{ api: 'http', api_id: 'http1' }] });
    expect(aws.calls.findLast((each) => each.startsWith('DELETE'))).toBe(
      'DELETE /v2/apis/http1/stages/live/cache/authorizers',
    );
  });

  it('writes nothing when an API to flush has no name that could be one', async () => {
    const result = await cli(
      [
        'users',
        'disable',
        'alice',
        '--flush-api',
        'https://x',
        '--function',
        'authorizer',
        '--json',
      ],
      { env },
    );
    expect(json(result)).toMatchObject({ error: { code: 'flush_api_invalid' } });
    expect(aws.calls).not.toContain('UpdateItem');
  });

  describe('when a cache may not be flushed', () => {
    beforeEach(() => {
      aws.account.denied = ['DELETE /restapis/rest1/stages/prod/cache/authorizers'];
      aws.account.outputs = { ...aws.account.outputs, MaxRevocationDelaySeconds: '300' };
    });

    afterEach(() => {
      aws.account.denied = [];
    });

    it('says what was written, and then what was not done and how long that lasts', async () => {
      const result = await cli(['users', 'disable', 'alice', '--flush'], { env });
      expect(result.code).toBe(6);
      expect(result.stdout).toBe(
        'alice is disabled.\n' +
          'Flushed the cache of the http API http1.\n' +
          'Not flushed: the cache of the rest API rest1. AWS rejected these credentials, or they lack the permission (AccessDeniedException).\n' +
          'A gateway may answer from its cache for up to 300 s longer.\n',
      );
      expect(result.stderr).toMatch(/^rollcall: The row was written, but .+rest1.+300 s\. .+\n$/u);
    });

    it('says it for programs, and flushes and probes all the same', async () => {
      answers = [200, 401];
      const result = await cli(
        ['users', 'disable', 'alice', '--flush', '--probe', apiUrl, '--json'],
        { env, input: issuer.token({ sub: 'alice' }) },
      );
      expect(result.code).toBe(6);
      expect(json(result)).toMatchObject({
        ok: false,
        error: { code: 'flush_failed' },
        written: true,
        flushed: [{ api: 'http', api_id: 'http1' }],
        flush_failed: [{ api: 'rest', api_id: 'rest1', error: { code: 'access_denied' } }],
        probe: { refused: true, status: 401 },
      });
    });

    it.each([
      ['tokens revoke', ['tokens', 'revoke'], true],
      ['users add', ['users', 'add', 'new-with-flush'], true],
      ['users import', ['users', 'import', '-'], 1],
      ['users disable --from', ['users', 'disable', '--from', '-', '--yes'], true],
    ])('ends %s with 6, and says that it was written', async (_, args, written) => {
      const input =
        args[1] === 'revoke' ? issuer.token() : args[1] === 'import' ? 'user_id\nzoe\n' : 'alice\n';
      const result = await cli([...args, '--flush', '--json'], { env, input });
      expect(result.code).toBe(6);
      expect(json(result)).toMatchObject({ error: { code: 'flush_failed' }, written });
    });
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
    expect(result.stdout).toMatch(/denied with 401 after [\d.]+ s/u);
    expect(authorizations).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
  });

  it.each([
    ['of another user', () => issuer.token({ sub: 'bob' })],
    ['whose case is another', () => issuer.token({ sub: 'Alice' })],
  ])('writes nothing when the token is one %s, and does not print it', async (_, token) => {
    const result = await cli(['users', 'disable', 'alice', '--probe', apiUrl, '--json'], {
      env,
      input: token(),
    });
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({ error: { code: 'probe_subject' } });
    expect(result.stdout + result.stderr).not.toMatch(/eyJ|bob|Alice/u);
    expect(aws.calls).not.toContain('UpdateItem');
    expect(authorizations).toEqual([]);
  });

  it('probes with a token of which it cannot see whose it is', async () => {
    answers = [200, 401];
    const result = await cli(['users', 'disable', 'alice', '--probe', apiUrl], {
      env,
      input: 'opaque',
    });
    expect(result.code).toBe(0);
  });

  it('writes nothing when nobody answers at the URL', async () => {
    const result = await cli(
      ['users', 'disable', 'alice', '--probe', 'http://127.0.0.1:9/', '--json'],
      { env, input: issuer.token() },
    );
    expect(result.code).toBe(1);
    expect(json(result)).toMatchObject({ error: { code: 'probe_unreachable' } });
    expect(aws.calls).not.toContain('UpdateItem');
  });

  it.each([
    ['a 404', 404, {}],
    ['the 403 of a REST API', 403, { 'x-amzn-errortype': 'MissingAuthenticationTokenException' }],
  ])('writes nothing when there is no such route: %s', async (_, status, headers) => {
    answers = [status];
    extraHeaders = headers;
    const result = await cli(['users', 'disable', 'alice', '--probe', apiUrl, '--json'], {
      env,
      input: issuer.token({ sub: 'alice' }),
    });
    expect(result.code).toBe(2);
    expect(json(result)).toMatchObject({ error: { code: 'probe_route_missing' } });
    expect(aws.calls).not.toContain('UpdateItem');
  });

  it('sends a token to no plain HTTP address but loopback', async () => {
    const result = await cli(
      ['users', 'disable', 'alice', '--probe', 'http://api.example.com/', '--json'],
      { env, input: issuer.token() },
    );
    expect(json(result)).toMatchObject({ error: { code: 'probe_url' } });
  });
});
