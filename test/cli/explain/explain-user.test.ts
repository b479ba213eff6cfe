/** `explain --user`: somebody who is refused, and whose token is not at hand. */
import { TestIssuer } from '../../support/issuer.ts';
import { TestTables } from '../../support/tables.ts';
import { readyAccount } from '../support/account.ts';
import { AwsEndpoint } from '../support/aws.ts';
import { cli, json } from '../support/cli.ts';

let issuer: TestIssuer;
let tables: TestTables;
let aws: AwsEndpoint;

beforeAll(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  aws = await AwsEndpoint.start(readyAccount(issuer), tables.endpoint);
  await tables.putUser('alice', { roles: ['dev'] });
  await tables.putUser('disabled', { is_active: false });
  await tables.putUser('role-less', {});
  await tables.putUser('future', { tokens_valid_after: 99_999_999_999 });
  await tables.putUser('broken', { is_active: 'yes' });
});

beforeEach(() => {
  Object.assign(aws.account, readyAccount(issuer));
});

afterAll(async () => {
  await Promise.all([aws.close(), issuer.close(), tables.close()]);
});

async function explain(user: string, ...more: readonly string[]) {
  const { AWS_ENDPOINT_URL_DYNAMODB: _, ...env } = { ...tables.settings, ...aws.environment };
  const result = await cli(['explain', '--user', user, '--json', ...more], { env });
  return { ...result, document: json(result) };
}

const set = (settings: Readonly<Record<string, string>>) => {
  aws.account.environment = { ...aws.account.environment, ...settings };
};

it.each([
  ['alice', 0, 'user_found'],
  ['ALICE', 0, 'user_found'],
  ['disabled', 4, 'user_disabled'],
  ['role-less', 4, 'role_missing'],
  ['future', 4, 'user_tokens_revoked'],
  ['nobody', 4, 'user_not_found'],
  ['root', 0, 'platform_admin_bootstrap'],
  ['broken', 1, 'directory_unavailable'],
])('tells what the row of %s says: exit %d, %s', async (user, code, reason) => {
  set({ REQUIRED_ROLES: 'dev' });
  const result = await explain(user);
  expect(result.document).toMatchObject({ reason });
  expect(result.code).toBe(code);
});

it('says in strict mode that there is no row, for the platform admin too', async () => {
  set({ REQUIRE_USER_IN_DB: 'true' });
  expect((await explain('root')).document).toMatchObject({ reason: 'user_not_in_db' });
});

describe('from the log', () => {
  const eventOf = (members: object) =>
    JSON.stringify({ outcome: 'forbidden', reason: 'user_disabled', user_id: 'alice', ...members });

  it('shows the denials of this user alone, the latest first', async () => {
    aws.account.logMessages = [
      eventOf({ timestamp: '2026-01-02T03:04:05.000Z', jti: 'j1', source_ip: '192.0.2.7' }),
      eventOf({ timestamp: '2026-01-02T03:04:06.000Z', reason: 'user_tokens_revoked' }),
      eventOf({ timestamp: '2026-01-02T03:04:07.000Z', user_id: 'bob' }),
      eventOf({ timestamp: '2026-01-02T03:04:08.000Z', outcome: 'allow', reason: 'user_found' }),
      'not JSON',
    ];
    expect((await explain('alice')).document['denials']).toEqual([
      { time: '2026-01-02T03:04:06.000Z', reason: 'user_tokens_revoked' },
      {
        time: '2026-01-02T03:04:05.000Z',
        reason: 'user_disabled',
        jti: 'j1',
        source_ip: '192.0.2.7',
      },
    ]);
  });

  it('shows at most ten', async () => {
    aws.account.logMessages = Array.from({ length: 11 }, (_, second) =>
      eventOf({ timestamp: `2026-01-02T03:04:${10 + second}.000Z` }),
    );
    const { denials } = (await explain('alice')).document as { denials: { time: string }[] };
    expect(denials).toHaveLength(10);
    expect(denials.at(-1)?.time).toBe('2026-01-02T03:04:11.000Z');
  });

  it('finds her by her digest', async () => {
    set({ LOG_USER_IDS: 'sha256' });
    aws.account.logMessages = [
      eventOf({
        // printf alice | sha256sum
        user_id: '2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90',
        timestamp: '2026-01-02T03:04:05.000Z',
      }),
    ];
    expect((await explain('alice')).document['denials']).toHaveLength(1);
  });

  it('counts rejected tokens of her issuer, which name no user', async () => {
    const rejected = (reason: string, iss?: string) =>
      JSON.stringify({ outcome: 'unauthenticated', reason, issuer: iss });
    aws.account.logMessages = [
      rejected('token_expired', issuer.url),
      rejected('token_expired', issuer.url),
      rejected('audience_mismatch', 'https://other.example.com'),
      rejected('token_malformed'),
    ];
    expect((await explain('alice')).document['not_authenticated']).toEqual([
      { reason: 'token_expired', count: 2 },
      { reason: 'token_malformed', count: 1 },
    ]);
  });

  it('says that it may not be read, and tells the rest', async () => {
    aws.account.denied = ['FilterLogEvents'];
    const { document, code } = await explain('alice');
    expect(document).toMatchObject({ reason: 'user_found', problem: expect.any(String) });
    expect(code).toBe(0);
  });
});

it('lists what would be asked of her token', async () => {
  set({ JWT_TOKEN_USE: 'access', REQUIRED_SCOPES: 'read' });
  expect((await explain('alice')).document['asked_of_token']).toMatchObject({
    iss: issuer.url,
    token_use: 'access',
    scope: 'read',
    jti: expect.any(String),
    aud: expect.any(String),
  });
});

it('takes the namespace of the issuer that is named', async () => {
  const { JWT_ISSUER: _, JWT_AUDIENCE: __, JWKS_URI: ___, ...rest } = aws.account.environment;
  const entry = { audience: 'a', jwksUri: issuer.jwksUri };
  aws.account.environment = {
    ...rest,
    PLATFORM_ADMIN_EMAIL: '',
    BOOTSTRAP_EXPIRES_AT: '',
    TRUSTED_ISSUERS: JSON.stringify([
      { ...entry, issuer: 'https://one.example.com', userNamespace: 'emp' },
      { ...entry, issuer: 'https://two.example.com', userNamespace: 'ext' },
    ]),
  };
  const { document } = await explain('alice', '--issuer', 'https://two.example.com');
  expect(document).toMatchObject({ user_id: 'ext#alice', reason: 'user_not_found' });
  expect((await explain('emp#alice')).document).toMatchObject({
    issuer: 'https://one.example.com',
  });
});

it.each([
  [['--issuer', 'https://elsewhere.example.com'], 'issuer_not_trusted'],
  [['--at', '2030-01-01T00:00:00Z'], 'options_conflict'],
  [['--hours', '0'], 'hours_invalid'],
  [['--hours', '721'], 'hours_invalid'],
])('refuses %j', async (options, code) => {
  const result = await explain('alice', ...options);
  expect(result.code).toBe(2);
  expect(result.document).toMatchObject({ error: { code } });
});

it('prints it for people', async () => {
  const { AWS_ENDPOINT_URL_DYNAMODB: _, ...env } = { ...tables.settings, ...aws.environment };
  const { stdout } = await cli(['explain', '--user', 'disabled'], { env });
  expect(stdout).toMatch(/^FAIL {2}active +is_active false$/mu);
  expect(stdout).toContain('forbidden: user_disabled (Account disabled)');
  expect(stdout).toContain('The log has no denial of this user in the last 24 hours.');
  expect(stdout).toContain('What is asked of a token:');
});
