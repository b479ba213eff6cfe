/**
 * An identity provider on loopback, for development: it publishes its keys over HTTP and signs every
 * requested token. By design, any local program can get a token for any user; requests of pages with
 * another origin are denied.
 */
import { randomUUID } from 'node:crypto';
import {
  OAuth2Issuer,
  OAuth2Service,
  type MutableToken,
  type TokenRequestIncomingMessage,
} from 'oauth2-mock-server';
import { listen } from './listen.ts';
import { guarded } from './loopback-guard.ts';

/** The default algorithm of a key. */
const DEFAULT_ALGORITHM = 'RS256';
const DEFAULT_LIFETIME_SECONDS = 3600;

/** Claims to set; `undefined` removes one that is set by default. */
export type Claims = Readonly<Record<string, unknown>>;

export interface TokenOptions {
  /** From now; negative for one that has expired. Default: 3,600. */
  readonly expiresInSeconds?: number;
  /** Which key signs. Default: the newest. */
  readonly kid?: string;
  /** Members to set in the header. */
  readonly header?: Readonly<Record<string, unknown>>;
}

export interface IdentityProvider {
  /** The `iss` of its tokens: `http://127.0.0.1:<port>`. */
  readonly issuer: string;
  readonly jwksUri: string;
  /** Grants: `password` for the user `username`, `client_credentials` for `client_id`. */
  readonly tokenEndpoint: string;
  /**
   * Signs a token. It has `iss`, `aud`, `sub` (the e-mail address if there is one, else
   * `local-user`), `iat`, `nbf`, `exp` and a fresh `jti`, and `email_verified` beside an `email`,
   * where `claims` do not say otherwise.
   */
  readonly issueToken: (claims: Claims, options?: TokenOptions) => Promise<string>;
  /** Adds a signing key, which signs from then on, and gives its `kid`. */
  readonly addKey: (algorithm?: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

export async function startIdentityProvider(options: {
  /** The `aud` of its tokens. */
  readonly audience: string;
  /** Or the next free one after it. Default: any free one. */
  readonly port?: number;
}): Promise<IdentityProvider> {
  const { audience, port = 0 } = options;
  const issuer = new OAuth2Issuer();
  const service = new OAuth2Service(issuer, { jwks: '/.well-known/jwks.json' });
  let keys = 0;
  let newestKid = '';
  const addKey = async (algorithm = DEFAULT_ALGORITHM) => {
    newestKid = `local-${++keys}`;
    await issuer.keys.generate(algorithm, { kid: newestKid });
    return newestKid;
  };
  await addKey();
  const { url, close } = await listen(guarded(service.requestHandler), { port, orNextFree: true });
  issuer.url = url;

  service.on('beforeTokenSigning', (token: MutableToken, request: TokenRequestIncomingMessage) => {
    const { username, client_id: clientId } = request.body;
    const claims =
      request.body.grant_type === 'password' && typeof username === 'string'
        ? { sub: username, ...(username.includes('@') && { email: username }) }
        : { sub: typeof clientId === 'string' ? clientId : 'local-client' };
    Object.assign(token.payload, withDefaults(claims, audience));
  });

  return {
    issuer: url,
    jwksUri: `${url}/.well-known/jwks.json`,
    tokenEndpoint: `${url}/token`,
    issueToken: async (claims, { expiresInSeconds, kid, header } = {}) =>
      issuer.buildToken({
        kid: kid ?? newestKid,
        expiresIn: expiresInSeconds ?? DEFAULT_LIFETIME_SECONDS,
        scopesOrTransform: (tokenHeader, payload) => {
          Object.assign(tokenHeader, header);
          Object.assign(payload, withDefaults(claims, audience));
          for (const [name, value] of Object.entries(payload)) {
            if (value === undefined) Reflect.deleteProperty(payload, name);
          }
        },
      }),
    addKey,
    close,
  };
}

function withDefaults(claims: Claims, audience: string): Claims {
  const { email } = claims;
  return {
    aud: audience,
    sub: typeof email === 'string' ? email : 'local-user',
    jti: randomUUID(),
    ...(email !== undefined && { email_verified: true }),
    ...claims,
  };
}
