/** What a token says once it has been verified. Types alone: `token.ts` makes the only values. */

/** The claims that are used, each of its type. Times are epoch seconds. */
export interface Claims {
  /** The user claim, folded by `USER_ID_CASE`. */
  readonly subject: string;
  readonly expiresAt: number;
  readonly issuedAt: number | undefined;
  /** Undefined also for one that is malformed while nothing depends on it. */
  readonly jti: string | undefined;
  /** `<session claim>=<value>`; undefined without `SESSION_CLAIM` or without the claim. */
  readonly session: string | undefined;
  readonly scopes: readonly string[];
}

declare const verified: unique symbol;

/** A token whose signature and claims have been verified: proof that `token.ts` made it. */
export interface VerifiedToken extends Claims {
  readonly [verified]: true;
  readonly issuer: string;
  /** The key of the user's row: the subject, under the issuer's namespace where it has one. */
  readonly userId: string;
}
