/**
 * Whose token a probe is about to be made with. Nothing of the token has been verified: it can tell
 * that the operator took a wrong one, and never that it is a right one.
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
 * The name of the claim by which `token` is visibly somebody else's; undefined where it is not, and
 * where nothing can be seen of it.
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
