import type { RequestListener } from 'node:http';
import { ALL_SETTING_NAMES } from '../../../infra/settings/stack-settings.ts';
import { createKey, TestIssuer } from '../../support/issuer.ts';
import { TestTables } from '../../support/tables.ts';
import { cli, json, Workspace } from '../support/cli.ts';

describe('rollcall doctor', () => {
  let issuer: TestIssuer;
  let tables: TestTables;
  let workspace: Workspace;

  beforeAll(async () => {
    [tables, workspace] = await Promise.all([TestTables.start(), Workspace.create()]);
  });

  beforeEach(async () => {
    issuer = await TestIssuer.start();
  });

  afterEach(() => issuer.close());

  afterAll(async () => {
    await Promise.all([tables.close(), workspace.remove()]);
  });

  async function doctor(settings: Readonly<Record<string, string>> = {}) {
    const where = await workspace.localStack(tables, { ...issuer.settings, ...settings });
    const result = await cli(['doctor', '--json', ...where], { env: tables.settings });
    const { checks, settings: inForce } = json(result) as {
      checks: { id: string; status: string; message: string; remedy?: string }[];
      settings: { name: string; value?: string; origin: string }[];
    };
    const statusOf = (id: string) => checks.find((check) => check.id === id)?.status;
    return { ...result, checks, inForce, statusOf };
  }

  it('describes every setting in its help', async () => {
    const { stdout } = await cli(['doctor', '--help']);
    for (const name of ALL_SETTING_NAMES)
      expect(stdout).toMatch(new RegExp(`^  ${name}\n {6}\\S`, 'mu'));
  });

  /** Publishes a discovery document beside the keys. */
  function publish(overrides: Readonly<Record<string, unknown>> = {}): void {
    const { url, jwksUri, keys } = issuer;
    issuer.respond = ((request, response) => {
      response.setHeader('content-type', 'application/json');
      const document = request.url?.endsWith('openid-configuration')
        ? {
            issuer: url,
            jwks_uri: jwksUri,
            id_token_signing_alg_values_supported: ['ES256'],
            claims_supported: ['sub', 'tid'],
            ...overrides,
          }
        : { keys: keys.map(({ jwk }) => jwk) };
      response.end(JSON.stringify(document));
    }) satisfies RequestListener;
  }

  it('shows every setting with its value and where that comes from', async () => {
    publish();
    const { inForce } = await doctor({ REQUIRE_JTI: 'true' });
    expect(inForce).toContainEqual({ name: 'REQUIRE_JTI', value: 'true', origin: 'set' });
    expect(inForce).toContainEqual({
      name: 'CLOCK_TOLERANCE_SECONDS',
      value: '5',
      origin: 'default',
    });
    expect(inForce).toContainEqual({ name: 'JWT_CLIENT_ID', origin: 'unset' });
  });

  it('passes when the issuer says of itself what the settings say', async () => {
    publish();
    const { code, checks } = await doctor();
    expect(checks.map(({ id, status }) => [id, status])).toEqual([
      ['settings', 'pass'],
      ['users_table', 'pass'],
      ['durability', 'warn'],
      ['revocation', 'warn'],
      ['keys', 'pass'],
      ['discovery.issuer', 'pass'],
      ['discovery.jwks_uri', 'pass'],
      ['discovery.algorithms', 'pass'],
    ]);
    expect(code).toBe(0);
  });

  it('fails when the issuer calls itself otherwise, be it by a slash', async () => {
    publish({ issuer: `${issuer.url}/` });
    const { code, checks } = await doctor();
    expect(checks).toContainEqual(
      expect.objectContaining({
        id: 'discovery.issuer',
        status: 'fail',
        remedy: expect.stringContaining(`${issuer.url}/`),
      }),
    );
    expect(code).toBe(4);
  });

  it.each([
    ['discovery.jwks_uri', { jwks_uri: 'https://elsewhere.example.com/keys' }],
    ['discovery.algorithms', { id_token_signing_alg_values_supported: ['PS256'] }],
  ])('warns when the document disagrees: %s', async (id, overrides) => {
    publish(overrides);
    const { code, statusOf } = await doctor();
    expect(statusOf(id)).toBe('warn');
    expect(code).toBe(0);
  });

  it.each([
    ['there is none', 404, '{}'],
    ['it is not JSON', 200, '<html>'],
    ['it is a list', 200, '[]'],
  ])('warns of a document that the function does not need: %s', async (_, status, body) => {
    const { keys } = issuer;
    issuer.respond = (request, response) => {
      const isDocument = request.url?.endsWith('openid-configuration') === true;
      response.writeHead(isDocument ? status : 200);
      response.end(isDocument ? body : JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
    };
    const { code, statusOf } = await doctor();
    expect(statusOf('discovery')).toBe('warn');
    expect(code).toBe(0);
  });

  const messageOf = (checks: readonly { id: string; message: string }[], id: string) =>
    checks.find((check) => check.id === id)?.message;
  const remedyOf = (checks: readonly { id: string; remedy?: string }[], id: string) =>
    checks.find((check) => check.id === id)?.remedy;

  it('gives no advice about claims, since the document does not list those of access tokens', async () => {
    publish();
    const { checks } = await doctor({ USER_CLAIM: 'oid' });
    expect(JSON.stringify(checks)).not.toContain('USER_CLAIM');
  });

  it('names the kids of the usable keys', async () => {
    issuer.keys = [createKey('ES256', 'key-1'), createKey('ES256', 'key-2')];
    publish();
    expect(messageOf((await doctor()).checks, 'keys')).toMatch(/2 usable keys: key-1, key-2$/u);
  });

  it.each([403, 406])('says with which status the key set was refused: %i', async (status) => {
    issuer.respond = (_, response) => response.writeHead(status).end();
    const { code, checks } = await doctor();
    expect(messageOf(checks, 'keys')).toContain(`(http_status ${status})`);
    expect(code).toBe(4);
  });

  it('has nothing against a query that chooses among the keys', async () => {
    publish();
    const { statusOf } = await doctor({ JWKS_URI: `${issuer.jwksUri}?appid=1` });
    expect(statusOf('discovery.jwks_uri')).toBe('pass');
  });

  it('does not talk anybody out of an address that has usable keys', async () => {
    publish({ jwks_uri: 'https://elsewhere.example.com/keys' });
    const remedy = remedyOf((await doctor()).checks, 'discovery.jwks_uri');
    expect(remedy).toContain('Keep JWKS_URI');
  });

  it('names the address of the document where JWKS_URI has no usable keys', async () => {
    const { url } = issuer;
    issuer.respond = (request, response) =>
      request.url?.endsWith('openid-configuration')
        ? response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }))
        : response.writeHead(404).end();
    const { checks } = await doctor();
    expect(messageOf(checks, 'discovery.jwks_uri')).toContain(`${url}/keys`);
    expect(remedyOf(checks, 'discovery.jwks_uri')).toContain('Set JWKS_URI to it');
  });

  it('proposes no algorithm that the settings would refuse', async () => {
    publish({ id_token_signing_alg_values_supported: ['PS256', 'HS256'] });
    const remedy = remedyOf((await doctor()).checks, 'discovery.algorithms');
    expect(remedy).toContain('one of RS256');
    expect(remedy).not.toMatch(/PS256|HS256|JWT_ALGORITHMS/u);
  });

  it('proposes those that can be allowed', async () => {
    publish({ id_token_signing_alg_values_supported: ['PS256', 'ES256'] });
    const { checks } = await doctor({ JWT_ALGORITHMS: 'RS256' });
    expect(remedyOf(checks, 'discovery.algorithms')).toMatch(/JWT_ALGORITHMS: ES256$/u);
  });

  it('fails when no published key can be used', async () => {
    issuer.keys = [createKey('RS256')];
    publish();
    expect((await doctor({ JWT_ALGORITHMS: 'ES256' })).statusOf('keys')).toBe('fail');
  });

  it('names every problem of the settings together', async () => {
    const { code, checks } = await doctor({ REQUIRE_JTI: 'x', CLOCK_TOLERANCE_SECONDS: '301' });
    const problems = checks.filter(({ id }) => id === 'settings');
    expect(problems.map(({ message }) => message)).toEqual([
      'REQUIRE_JTI must be true or false',
      'CLOCK_TOLERANCE_SECONDS must be a whole number from 0 to 300',
    ]);
    expect(code).toBe(4);
  });
});
