import { issuerEntries, ONE_ISSUER, readSettings } from '../../../lambda/settings/table.ts';

const ONE = { JWT_ISSUER: 'https://a.example.com', JWT_AUDIENCE: 'api' };

describe('issuerEntries', () => {
  it('makes one issuer of the settings that describe it, and of no others', () => {
    const [entry, ...others] = issuerEntries(readSettings({ ...ONE, USER_CLAIM: 'email' }));
    expect(Object.keys(entry ?? {}).sort()).toEqual(['algorithms', 'audience', 'issuer']);
    expect(others).toEqual([]);
  });

  it('takes the issuers of TRUSTED_ISSUERS as they are written', () => {
    const issuers = [{ issuer: 'https://b.example.com', clientId: 'c' }];
    const read = readSettings({ TRUSTED_ISSUERS: JSON.stringify(issuers) });
    expect(issuerEntries(read)).toEqual([{ issuer: 'https://b.example.com', clientId: ['c'] }]);
  });

  it('has none if TRUSTED_ISSUERS cannot be read, whatever else is set', () => {
    expect(issuerEntries(readSettings({ ...ONE, TRUSTED_ISSUERS: '{}' }))).toEqual([]);
  });

  it('has none if no issuer is named', () => {
    expect(issuerEntries(readSettings({ JWT_AUDIENCE: 'api' }))).toEqual([]);
  });
});

it('knows the settings that describe the one issuer, each by the member that it gives', () => {
  expect(Object.fromEntries(ONE_ISSUER)).toEqual({
    JWT_ISSUER: 'issuer',
    JWT_AUDIENCE: 'audience',
    JWT_CLIENT_ID: 'clientId',
    JWT_TOKEN_USE: 'tokenUse',
    JWKS_URI: 'jwksUri',
    JWT_ALGORITHMS: 'algorithms',
  });
});
