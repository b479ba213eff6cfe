/** Issuers whose key set is elsewhere, and what synth says of them. */
import { keySetFlaws } from '../../../infra/operations/key-set-addresses.ts';
import { parseConfig } from '../../../lambda/settings/config.ts';

function flawsOf(issuer: string, jwksUri?: string): readonly string[] {
  const result = parseConfig({
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: 'api',
    USERS_TABLE_NAME: 'users',
    ...(jwksUri !== undefined && { JWKS_URI: jwksUri }),
  });
  if (!result.ok) throw new Error(result.problems.join('; '));
  return keySetFlaws(result.config.issuers);
}

const TENANT = '11111111-2222-3333-4444-555555555555';

it.each([
  [
    `https://login.microsoftonline.com/${TENANT}/v2.0`,
    `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
  ],
  [
    `https://sts.windows.net/${TENANT}/`,
    `https://login.microsoftonline.com/${TENANT}/discovery/keys`,
  ],
  ['https://example.okta.com/oauth2/default', 'https://example.okta.com/oauth2/default/v1/keys'],
  ['https://example.oktapreview.com', 'https://example.oktapreview.com/oauth2/v1/keys'],
  [
    'https://token.actions.githubusercontent.com',
    'https://token.actions.githubusercontent.com/.well-known/jwks',
  ],
  ['https://accounts.google.com', 'https://www.googleapis.com/oauth2/v3/certs'],
  [
    'https://securetoken.google.com/example-project',
    'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
  ],
  [
    'https://oidc.eks.eu-central-1.amazonaws.com/id/ABCDEF',
    'https://oidc.eks.eu-central-1.amazonaws.com/id/ABCDEF/keys',
  ],
  [
    'https://id.example.com/realms/shop',
    'https://id.example.com/realms/shop/protocol/openid-connect/certs',
  ],
  [
    'https://id.example.com/auth/realms/shop',
    'https://id.example.com/auth/realms/shop/protocol/openid-connect/certs',
  ],
])('%s has its key set at an address that has to be set', (issuer, address) => {
  expect(flawsOf(issuer).map((flaw) => flaw.split('set JWKS_URI to ')[1])).toEqual([address]);
  expect(flawsOf(issuer, address)).toEqual([]);
});

it('leaves an address of the operator alone, such as that of a proxy', () => {
  const issuer = `https://login.microsoftonline.com/${TENANT}/v2.0`;
  const address = `https://login.microsoftonline.com/${TENANT}/discovery/keys?appid=1`;
  expect(flawsOf(issuer, address)).toEqual([]);
});

it.each(['common', 'organizations', 'consumers'])(
  'knows that no token has the issuer %s, wherever the keys are',
  (tenant) => {
    const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
    const keys = `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`;
    expect(flawsOf(issuer, keys)).toEqual([expect.stringContaining('set JWT_ISSUER to')]);
  },
);

it('knows that Auth0 ends its issuers in a slash', () => {
  expect(flawsOf('https://example.eu.auth0.com')).toEqual([
    expect.stringContaining('set JWT_ISSUER to https://example.eu.auth0.com/'),
  ]);
  expect(flawsOf('https://example.eu.auth0.com/')).toEqual([]);
});

it.each([
  'https://idp.example.com/',
  'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
  'https://abcdefghijklmnopqrst.supabase.co/auth/v1',
  'https://clerk.example.com',
  'https://okta.com.example.org/oauth2/default',
  'https://notokta.com',
  'https://login.microsoftonline.com.example.org/x/v2.0',
  'https://id.example.com/realms/shop/other',
])('has nothing to say of %s', (issuer) => {
  expect(flawsOf(issuer)).toEqual([]);
});

it('has nothing to say of an issuer that is no URL', () => {
  expect(flawsOf('accounts.google.com', 'https://www.googleapis.com/oauth2/v3/certs')).toEqual([]);
});
