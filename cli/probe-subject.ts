/**
 * Checks that the token of a probe belongs to the user that the command changes. The token is not
 * verified, so this detects a wrong token and never confirms a right one.
 */
import { foldUserId, parseConfig, userKey } from '../lambda/settings/config.ts';
import { decomposeUnverifiedJwt } from '../lambda/token/jwt.ts';
import { ownMember } from '../lambda/json.ts';
import type { Deployment } from './deployment.ts';

export interface TokenSubject {
  /** Of the user's row. */
  readonly key: string;
  readonly deployment: Pick<Deployment, 'settings' | 'rules'>;
}

/**
 * The name of the claim that names another user; undefined if it names this user, or if the token
 * cannot be read.
 */
export function claimOfAnother(
  token: string,
  { key, deployment: { settings, rules } }: TokenSubject,
): string | undefined {
  const jwt = decomposeUnverifiedJwt(token);
  if (jwt === undefined) return undefined;
  const { unverifiedPayload } = jwt;
  const result = parseConfig(settings);
  const unverifiedIssuer = ownMember(unverifiedPayload, 'iss');
  const issuer = result.ok
    ? result.config.issuers.find((entry) => entry.issuer === unverifiedIssuer)
    : undefined;
  if (!rules.issuersKnown && !settings['USER_CLAIM']) return undefined;
  const claim = issuer?.userClaim ?? (settings['USER_CLAIM'] || 'sub');
  const unverifiedId = ownMember(unverifiedPayload, claim);
  if (typeof unverifiedId !== 'string') return undefined;
  const id = foldUserId(unverifiedId, rules.userIdCase);
  const isSame =
    issuer === undefined
      ? // Under which namespace it would be looked up is not known.
        key === id || key.endsWith(`#${id}`)
      : key === userKey(id, issuer);
  return isSame ? undefined : claim;
}
