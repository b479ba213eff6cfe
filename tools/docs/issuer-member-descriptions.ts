/** What each member of an entry of `TRUSTED_ISSUERS` means. A forgotten one does not compile. */
import type { IssuerEntry } from '../../lambda/settings/trusted-issuers.ts';

export interface IssuerMemberDescription {
  readonly meaning: string;
  /** What holds when the member is left out. */
  readonly instead: string;
}

export const ISSUER_MEMBER_DESCRIPTIONS: Readonly<
  Record<keyof IssuerEntry, IssuerMemberDescription>
> = {
  issuer: { meaning: 'The `iss`, to the letter. No issuer twice.', instead: 'an error' },
  audience: {
    meaning: 'Accepted `aud` values: a list, or a text with commas.',
    instead: '`clientId` is required',
  },
  clientId: {
    meaning: 'Accepted `client_id` values: a list, or a text with commas.',
    instead: '`audience` is required',
  },
  tokenUse: { meaning: 'Required `token_use`: `access` or `id`.', instead: 'not asked for' },
  jwksUri: {
    meaning: 'Where the keys are.',
    instead: '`<issuer less one trailing slash>/.well-known/jwks.json`',
  },
  algorithms: {
    meaning: 'Accepted algorithms: a list, or a text with commas.',
    instead: 'every algorithm that `JWT_ALGORITHMS` has by default',
  },
  userClaim: { meaning: 'The claim that names the user.', instead: '`USER_CLAIM`' },
  allowUnverifiedEmail: {
    meaning: '`true` or `false`, without quotes.',
    instead: '`ALLOW_UNVERIFIED_EMAIL`',
  },
  userNamespace: {
    meaning:
      '1 to 32 of a-z, 0-9 and `-`. The key of a row is then `<namespace>#<claim>`. Two issuers with the same namespace share their users, on purpose.',
    instead: 'no namespace; an error with several issuers',
  },
};
