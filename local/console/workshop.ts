/**
 * The token workshop: makes the token that somebody at the console has chosen, genuine or
 * tampered with. Genuine ones come from the local identity provider; what is done to them after
 * that is what an attacker could do who holds no key of it.
 */
import { randomUUID, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Claims, IdentityProvider } from '../runtime/identity-provider.ts';
import {
  foreignKey,
  putTogether,
  signRs256,
  signWithPublicKey,
  takeApart,
  type JsonObject,
  type TokenParts,
} from './forge.ts';

/** The choices, with what each does; the page builds its form from these. */
export const CHOICES = {
  issuer: {
    trusted: 'The local identity provider',
    foreign: 'A foreign issuer, with keys of its own',
  },
  expiry: {
    hour: 'Expires in an hour',
    expired: 'Expired a minute ago',
    not_yet: 'Valid in ten minutes’ time',
    never: 'No expiry at all',
  },
  jti: {
    fresh: 'A fresh id (jti)',
    none: 'No id (jti)',
  },
  tampering: {
    none: 'As issued',
    payload: 'Change the payload: “I am the admin”',
    wrong_key: 'Sign with another key, under the known key id',
    unknown_key: 'Sign with another key, under its own key id',
    alg_none: 'Say that no signature is needed (alg: none)',
    hs256: 'Sign with the public key as a secret (HS256)',
    audience: 'Made for another audience',
    unverified_email: 'The e-mail is not verified',
    oversized: 'Blow it up beyond 8,192 bytes',
    junk: 'Junk instead of a token',
    no_token: 'No token at all',
  },
} as const;

export type Choice<Name extends keyof typeof CHOICES> = keyof (typeof CHOICES)[Name];

export interface TokenOrder {
  /** The user id; becomes `email` and `sub`. */
  readonly user: string;
  readonly issuer: Choice<'issuer'>;
  readonly expiry: Choice<'expiry'>;
  readonly jti: Choice<'jti'>;
  readonly tampering: Choice<'tampering'>;
}

export interface MadeToken {
  /** What goes after `Bearer `; undefined when no token is to be sent. */
  readonly token: string | undefined;
  /** As they are in the token; undefined when it is not one. */
  readonly header?: JsonObject;
  readonly payload?: JsonObject;
}

export type Workshop = (order: TokenOrder) => Promise<MadeToken>;

/** The `iss` of the foreign issuer. */
export const FOREIGN_ISSUER = 'https://login.elsewhere.example';
const FOREIGN_KID = 'elsewhere-1';
/** Enough for the whole token to be too large, and little enough for the gateway's headers. */
const PADDING_CHARACTERS = 6400;
const MINUTE = 60;

/** Sets up a workshop beside an identity provider. Its forger has one key, made here. */
export function createWorkshop(identityProvider: IdentityProvider): Workshop {
  const forgersKey = foreignKey();
  return async (order) => {
    if (order.tampering === 'no_token') return { token: undefined };
    if (order.tampering === 'junk') return { token: 'junk' };
    const genuine = takeApart(await issue(identityProvider, order));
    const token = await tamper(genuine, order.tampering, forgersKey, identityProvider);
    const { header, payload } = takeApart(token);
    return { token, header, payload };
  };

  async function issue({ issueToken }: IdentityProvider, order: TokenOrder): Promise<string> {
    const token = await issueToken(claimsOf(order), {
      expiresInSeconds: order.expiry === 'expired' ? -MINUTE : 60 * MINUTE,
    });
    if (order.issuer === 'trusted') return token;
    const { header, payload } = takeApart(token);
    return signRs256({ ...header, kid: FOREIGN_KID }, payload, forgersKey);
  }
}

/** A claim that is `undefined` is left out. */
function claimsOf({ user, issuer, expiry, jti, tampering }: TokenOrder): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    email: user,
    jti: jti === 'fresh' ? randomUUID() : undefined,
    ...(issuer === 'foreign' && { iss: FOREIGN_ISSUER }),
    ...(expiry === 'expired' && { iat: now - 61 * MINUTE, nbf: now - 61 * MINUTE }),
    ...(expiry === 'not_yet' && { nbf: now + 10 * MINUTE }),
    ...(expiry === 'never' && { exp: undefined }),
    ...(tampering === 'audience' && { aud: 'another-api' }),
    ...(tampering === 'unverified_email' && { email_verified: false }),
    ...(tampering === 'oversized' && { padding: 'x'.repeat(PADDING_CHARACTERS) }),
  };
}

async function tamper(
  genuine: TokenParts,
  tampering: Choice<'tampering'>,
  forgersKey: KeyObject,
  { jwksUri }: IdentityProvider,
): Promise<string> {
  const { header, payload } = genuine;
  switch (tampering) {
    case 'payload':
      return putTogether({ ...genuine, payload: { ...payload, is_admin: true, roles: ['admin'] } });
    case 'wrong_key':
      return signRs256(header, payload, forgersKey);
    case 'unknown_key':
      return signRs256({ ...header, kid: FOREIGN_KID }, payload, forgersKey);
    case 'alg_none':
      return putTogether({ header: { ...header, alg: 'none' }, payload, signature: '' });
    case 'hs256':
      return signWithPublicKey(header, payload, await publishedKey(jwksUri, header['kid']));
    case 'none':
    case 'audience':
    case 'unverified_email':
    case 'oversized':
    case 'junk':
    case 'no_token':
      return putTogether(genuine);
  }
}

/** The public key that the token names, as anybody can fetch it. */
async function publishedKey(jwksUri: string, kid: unknown): Promise<JsonWebKey> {
  const response = await fetch(jwksUri);
  const { keys } = (await response.json()) as { readonly keys: readonly JsonWebKey[] };
  const key = keys.find((candidate) => candidate['kid'] === kid) ?? keys[0];
  if (key === undefined) throw new Error('The identity provider publishes no key');
  return key;
}
