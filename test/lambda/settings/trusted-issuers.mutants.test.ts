/** Facts about `trusted-issuers.ts` that changes to it once got past the tests with. */
import { trustedIssuers } from '../../../lambda/settings/trusted-issuers.ts';

function problemOf(entries: unknown): string {
  const parsed = trustedIssuers(JSON.stringify(entries));
  return parsed.ok ? '' : parsed.problem;
}

it('does not take two issuers without a name for one', () => {
  expect(problemOf([{ audience: 'a' }, { audience: 'b' }])).toBe(
    '[0].issuer is required; [1].issuer is required',
  );
});

it('says which members there are', () => {
  expect(problemOf([{ issuer: 'https://issuer.example.com', issuers: 1 }])).toBe(
    '[0] has a member that is not one of: issuer, audience, clientId, tokenUse, jwksUri, algorithms, userClaim, allowUnverifiedEmail, userNamespace',
  );
});
