/** What the settings require of a token. Each line is a possible reason for a 401 although the row is fine. */
import type { Config, IssuerConfig } from '../../lambda/settings/config.ts';
import { isoTime } from '../output.ts';

/**
 * What is asked of a token of `issuer`, in the order of the checks.
 *
 * @param issuer undefined while it is not known which of several it is
 * @param now epoch seconds
 */
export function askedOfToken(
  config: Config,
  issuer: IssuerConfig | undefined,
  now: number,
): readonly (readonly [string, string])[] {
  if (issuer === undefined) {
    return [['iss', `one of: ${config.issuers.map((one) => one.issuer).join(', ')} (--issuer)`]];
  }
  const { maxTokenLifetimeSeconds, requireJti, requiredScopes, clockToleranceSeconds } = config;
  const { audiences, clientIds, tokenUse, requiredClaims, userClaim, sessionClaim } = issuer;
  const list = (values: readonly string[]) => values.join(', ');
  const lines: readonly (readonly [string, string] | undefined | false)[] = [
    ['iss', issuer.issuer],
    ['alg', list(issuer.algorithms)],
    ['kid', `a key in ${issuer.jwksUri}`],
    [userClaim, 'the user id of the row'],
    userClaim === 'email' && !issuer.allowUnverifiedEmail && ['email_verified', 'true'],
    audiences.length > 0 && ['aud', list(audiences)],
    clientIds.length > 0 && ['client_id', list(clientIds)],
    tokenUse !== undefined && ['token_use', tokenUse],
    ...Object.entries(requiredClaims).map(
      ([name, values]) => [name, list([values].flat())] as const,
    ),
    ['exp', `after ${isoTime(Math.floor(now))}, less ${clockToleranceSeconds} s of tolerance`],
    maxTokenLifetimeSeconds !== undefined && [
      'iat',
      `at most ${maxTokenLifetimeSeconds} s before exp`,
    ],
    requireJti && ['jti', 'a string of 1 to 512 bytes'],
    config.revokedTokensTableName !== undefined && [
      'revocation',
      `its jti${sessionClaim === undefined ? '' : ` and ${sessionClaim}`} not revoked`,
    ],
    requiredScopes.length > 0 && ['scope', list(requiredScopes)],
  ];
  return lines.filter((line) => line !== undefined && line !== false);
}
