/** Facts about `claims.ts` that changes to it once got past the tests with. */
import { checkClaims } from '../../../lambda/token/claims.ts';
import type { IssuerConfig } from '../../../lambda/settings/config.ts';

const NOW = 1_000_000;
const ISSUER: IssuerConfig = {
  issuer: 'https://issuer.example.com',
  audiences: [],
  clientIds: ['web', 'phone'],
  tokenUse: undefined,
  jwksUri: 'https://issuer.example.com/jwks',
  algorithms: ['ES256'],
  userClaim: 'sub',
  allowUnverifiedEmail: false,
  userNamespace: undefined,
};
const RULES = {
  userIdCase: 'preserve',
  requireJti: false,
  clockToleranceSeconds: 5,
  revokedTokensTableName: undefined,
} as const;

it.each(['web', 'phone'])('accepts each of several client ids (%s)', (clientId) => {
  const payload = { sub: 'alice', exp: NOW + 60, client_id: clientId };
  expect(checkClaims(payload, ISSUER, RULES, NOW).ok).toBe(true);
});
