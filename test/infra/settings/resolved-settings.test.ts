import { Duration, Lazy } from 'aws-cdk-lib';
import type { AuthorizerSettings } from '../../../infra/settings/authorizer-settings.ts';
import { resolveSettings } from '../../../infra/settings/resolved-settings.ts';

const ONE = { issuer: 'https://idp.example.com', audience: ['a'] };
const A = { issuer: 'https://a.example', audience: ['x'], userNamespace: 'a' };
const B = { issuer: 'https://b.example', audience: ['x'], userNamespace: 'b' };
const TABLES = { usersTableName: 'users' };
const later = (): string => Lazy.string({ produce: () => 'known at deployment' });

const resolve = (settings: Partial<AuthorizerSettings> = {}) =>
  resolveSettings({ issuers: [ONE], ...settings }, TABLES);

describe('resolveSettings', () => {
  it('gives the configuration that the function will have', () => {
    expect(resolve({ requireUserInDb: true }).config).toMatchObject({
      requireUserInDb: true,
      usersTable: { name: 'users', key: 'user_id', persistent: true },
    });
  });

  it('counts the bytes of names and values', () => {
    const bytes = 'JWT_ISSUERhttps://idp.example.comJWT_AUDIENCEéUSERS_TABLE_NAMEusers'.length + 1;
    expect(resolve({ issuers: [{ ...ONE, audience: ['é'] }] }).environmentBytes).toBe(bytes);
  });

  it.each<[string, Partial<AuthorizerSettings>, RegExp]>([
    ['no issuer', { issuers: [] }, /issuers is empty: name at least one/u],
    [
      'an issuer without audience and client id, by its name',
      { issuers: [{ issuer: 'https://idp.example.com' }] },
      /issuers\[0\] \(https:\/\/idp\.example\.com\) has neither audience nor clientId.*add/u,
    ],
    [
      'an empty audience',
      { issuers: [{ issuer: 'https://idp.example.com', audience: [] }] },
      /neither audience nor clientId/u,
    ],
    [
      'a key set over plain http off loopback, by its host',
      { issuers: [{ ...ONE, jwksUri: 'http://keys.example.com:8080/jwks' }] },
      /issuers\[0\]\.jwksUri is on keys\.example\.com:8080 over plain http.*use https/u,
    ],
    [
      'several issuers with an admin of none of them, naming the choices',
      { issuers: [A, B], platformAdminEmail: 'admin' },
      /no platformAdminIssuer \(PLATFORM_ADMIN_ISSUER\).*https:\/\/a\.example, https:\/\/b\.example/u,
    ],
    [
      'several issuers without namespaces',
      { issuers: [ONE, { ...A, userNamespace: undefined as never }] },
      /userNamespace is required with several issuers/u,
    ],
    [
      'strict mode with a user cache',
      { requireUserInDb: true, userCacheTtl: Duration.seconds(1) },
      /USER_CACHE_TTL_SECONDS must be 0/u,
    ],
    ['a user cache of more than an hour', { userCacheTtl: Duration.seconds(3601) }, /3600/u],
    ['a role that is none', { requiredRoles: ['a b'] }, /REQUIRED_ROLES every item/u],
  ])('refuses %s', (_, settings, message) => {
    expect(() => resolve(settings)).toThrow(message);
  });

  it('never repeats the password in the address of a key set', () => {
    const failing = () =>
      resolve({ issuers: [{ ...ONE, jwksUri: 'http://me:hunter2@keys.example.com/' }] });
    expect(failing).toThrow(/keys\.example\.com/u);
    expect(failing).not.toThrow(/hunter2/u);
  });

  it('accepts a key set over plain http on loopback', () => {
    const { config } = resolve({ issuers: [{ ...ONE, jwksUri: 'http://127.0.0.1:8/jwks' }] });
    expect(config.issuers[0]?.jwksUri).toBe('http://127.0.0.1:8/jwks');
  });

  it('accepts several issuers with an admin of one of them', () => {
    const { config } = resolve({
      issuers: [A, B],
      platformAdminEmail: 'admin',
      platformAdminIssuer: B.issuer,
    });
    expect(config.platformAdmin?.issuer).toBe(B.issuer);
  });

  it('reports every problem together', () => {
    const failing = () => resolve({ issuers: [{ issuer: 'urn:a' }], platformAdminEmail: 'a' });
    expect(failing).toThrow(/neither audience nor clientId/u);
    expect(() =>
      resolve({ issuers: [{ issuer: 'a#b', audience: ['x'] }], logLevel: 'x' as never }),
    ).toThrow(/JWT_ISSUER.*\n.*LOG_LEVEL/u);
  });

  describe('with values that are known only at deployment', () => {
    it('accepts an issuer', () => {
      expect(resolve({ issuers: [{ ...ONE, issuer: later() }] }).config.issuers).toHaveLength(1);
    });

    it('accepts a part of an issuer, of its key set, of an audience and of a client id', () => {
      const issuer = {
        issuer: `https://cognito-idp.${later()}.amazonaws.com/${later()}`,
        jwksUri: later(),
        audience: [later()],
        clientId: [`app-${later()}`],
      };
      expect(resolve({ issuers: [issuer] }).config.issuers).toHaveLength(1);
    });

    it('tells one such issuer from another', () => {
      const issuers = [
        { ...A, issuer: later() },
        { ...B, issuer: later() },
      ];
      expect(resolve({ issuers }).config.issuers).toHaveLength(2);
    });

    it('finds the issuer of the admin among them', () => {
      const issuer = later();
      const { config } = resolve({
        issuers: [A, { ...B, issuer }],
        platformAdminEmail: 'admin',
        platformAdminIssuer: issuer,
      });
      expect(config.platformAdmin?.issuer).toBe(config.issuers[1]?.issuer);
    });

    it('accepts the names of both tables', () => {
      const tables = { usersTableName: later(), revokedTokensTableName: later() };
      const { config } = resolveSettings({ issuers: [ONE] }, tables);
      expect(config.revokedTokensTableName).toBeDefined();
    });

    it('leaves open whether the table lasts', () => {
      const tables = { ...TABLES, usersTablePersistent: later() };
      expect(resolveSettings({ issuers: [ONE] }, tables).config.usersTable.persistent).toBe(true);
    });
  });
});
