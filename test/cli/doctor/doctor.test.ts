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
            claims_supported: ['sub', 'email'],
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
      ['discovery.claims', 'pass'],
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
    ['discovery.claims', { claims_supported: ['email'] }],
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
