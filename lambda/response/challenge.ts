/**
 * The value of `WWW-Authenticate` with the Bearer scheme (RFC 6750 §3, RFC 9728 §5.1): what tells
 * a client where to sign in, or for which scopes to ask.
 */

export interface BearerChallenge {
  /** RFC 9110 §11.5. */
  readonly realm?: string | undefined;
  readonly error?: 'insufficient_scope' | undefined;
  /** Every scope that is needed, not only the missing ones. Default: none is named. */
  readonly scopes?: readonly string[] | undefined;
  /** Address of the protected resource's metadata. */
  readonly resourceMetadataUrl?: string | undefined;
}

/** What can stand in a quoted string as it is (RFC 9110 §5.6.4), white space but for a space apart. */
const UNQUOTABLE = /[^\u0020\u0021\u0023-\u005b\u005d-\u007e]/u;

/**
 * Writes a challenge; the bare scheme if there is nothing to say.
 *
 * @throws Error when a value could not stand in quotes, and so could end them
 */
export function bearerChallenge(challenge: BearerChallenge): string {
  const { realm, error, scopes = [], resourceMetadataUrl } = challenge;
  const parameters = Object.entries({
    realm,
    error,
    scope: scopes.length === 0 ? undefined : scopes.join(' '),
    resource_metadata: resourceMetadataUrl,
  }).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (UNQUOTABLE.test(value)) {
      throw new Error(
        `${name} ${JSON.stringify(value)} is not valid in a header: use printable ASCII without a double quote or backslash`,
      );
    }
    return [`${name}="${value}"`];
  });
  return parameters.length === 0 ? 'Bearer' : `Bearer ${parameters.join(', ')}`;
}
