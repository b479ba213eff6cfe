/** Facts about `config.ts` that changes to it once got past the tests with. */
import { parseConfig } from '../../../lambda/settings/config.ts';

const MINIMAL = {
  JWT_ISSUER: 'https://issuer.example.com',
  JWT_AUDIENCE: 'api',
  USERS_TABLE_NAME: 'users',
};

function read(env: Readonly<Record<string, string>>): unknown {
  const result = parseConfig(env);
  return result.ok ? result.config.issuers : result.problems;
}

it.each(['access', 'id'])('asks the one issuer for a token_use of %s', (tokenUse) => {
  expect(read({ ...MINIMAL, JWT_TOKEN_USE: tokenUse })).toEqual([
    expect.objectContaining({ issuer: MINIMAL.JWT_ISSUER, tokenUse }),
  ]);
});

it('does not ask for a token_use by itself', () => {
  expect(read(MINIMAL)).toEqual([expect.objectContaining({ tokenUse: undefined })]);
});

it('says that the issuer is missing, and nothing that follows from it', () => {
  const admin = { PLATFORM_ADMIN_EMAIL: 'root', PLATFORM_ADMIN_ISSUER: 'https://i.example.com' };
  const problem = 'JWT_ISSUER is required (or TRUSTED_ISSUERS)';
  expect(read({ ...MINIMAL, ...admin, JWT_ISSUER: '' })).toEqual([problem]);
  expect(read({ ...MINIMAL, PLATFORM_ADMIN_EMAIL: 'root', JWT_ISSUER: '' })).toEqual([problem]);
});

it('takes an issuer that is no URL where its keys have an address', () => {
  const issuers = [
    { issuer: 'urn:example:issuer', audience: 'api', jwksUri: 'https://keys.example.com/set' },
  ];
  expect(read({ USERS_TABLE_NAME: 'users', TRUSTED_ISSUERS: JSON.stringify(issuers) })).toEqual([
    expect.objectContaining({
      issuer: 'urn:example:issuer',
      jwksUri: 'https://keys.example.com/set',
    }),
  ]);
});
