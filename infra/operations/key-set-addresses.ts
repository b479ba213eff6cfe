/**
 * Known issuers whose key set is not at the default address, or whose tokens name another issuer.
 * Reported at synth, because otherwise every request would fail with `keys_unavailable` or
 * `issuer_not_trusted`. Pure.
 */
import { defaultJwksUri, type IssuerConfig } from '../../lambda/settings/config.ts';

/** What is known of a provider's issuers. */
interface Provider {
  readonly isHost: (host: string) => boolean;
  /** The path of its issuers. */
  readonly path: RegExp;
  /** The key set of `issuer`, which has no slash at its end; `path` captures what it needs. */
  readonly keySet: (issuer: string, captured: string) => string;
}

const host = (name: string) => (candidate: string) => candidate === name;
const subdomainOf =
  (...domains: readonly string[]) =>
  (candidate: string) =>
    domains.some((domain) => candidate.endsWith(`.${domain}`));

const PROVIDERS: readonly Provider[] = [
  {
    isHost: host('login.microsoftonline.com'),
    path: /^\/([^/]+)\/v2\.0$/u,
    keySet: (_, tenant) => `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`,
  },
  {
    isHost: host('sts.windows.net'),
    path: /^\/([^/]+)$/u,
    keySet: (_, tenant) => `https://login.microsoftonline.com/${tenant}/discovery/keys`,
  },
  {
    isHost: subdomainOf('okta.com', 'oktapreview.com', 'okta-emea.com'),
    path: /^\/oauth2\/[^/]+$/u,
    keySet: (issuer) => `${issuer}/v1/keys`,
  },
  {
    isHost: subdomainOf('okta.com', 'oktapreview.com', 'okta-emea.com'),
    path: /^$/u,
    keySet: (issuer) => `${issuer}/oauth2/v1/keys`,
  },
  {
    isHost: host('token.actions.githubusercontent.com'),
    path: /^/u,
    keySet: () => 'https://token.actions.githubusercontent.com/.well-known/jwks',
  },
  {
    isHost: host('accounts.google.com'),
    path: /^$/u,
    keySet: () => 'https://www.googleapis.com/oauth2/v3/certs',
  },
  {
    isHost: host('securetoken.google.com'),
    path: /^\/[^/]+$/u,
    keySet: () =>
      'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
  },
  {
    isHost: (name) => /^oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/u.test(name),
    path: /^\/id\/[^/]+$/u,
    keySet: (issuer) => `${issuer}/keys`,
  },
  {
    // Keycloak, on a host of its own.
    isHost: () => true,
    path: /\/realms\/[^/]+$/u,
    keySet: (issuer) => `${issuer}/protocol/openid-connect/certs`,
  },
];

/** Tenants that no token names: the `iss` of a token has the user's own tenant. */
const SHARED_TENANTS = /^\/(?:common|organizations|consumers)\/v2\.0$/u;

/** What is wrong with an issuer's addresses, and what to set; empty if nothing is known. */
export function keySetFlaws(issuers: readonly IssuerConfig[]): readonly string[] {
  return issuers.flatMap((issuer) => flawOf(issuer) ?? []);
}

function flawOf({ issuer, jwksUri }: IssuerConfig): string | undefined {
  if (!URL.canParse(issuer)) return undefined;
  const { hostname, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/u, '');
  if (hostname === 'login.microsoftonline.com' && SHARED_TENANTS.test(path)) {
    return `no token has the issuer ${issuer}: set JWT_ISSUER to https://login.microsoftonline.com/<tenant id>/v2.0 and JWKS_URI to https://login.microsoftonline.com/<tenant id>/discovery/v2.0/keys`;
  }
  if (hostname.endsWith('.auth0.com') && !issuer.endsWith('/')) {
    return `the issuer in tokens of Auth0 ends with a slash: set JWT_ISSUER to ${issuer}/`;
  }
  if (jwksUri !== defaultJwksUri(issuer)) return undefined;
  const provider = PROVIDERS.find(
    (candidate) => candidate.isHost(hostname) && candidate.path.test(path),
  );
  if (provider === undefined) return undefined;
  const [, captured = ''] = provider.path.exec(path) ?? [];
  const address = provider.keySet(issuer.replace(/\/$/u, ''), captured);
  return address === jwksUri
    ? undefined
    : `${issuer} does not keep its key set at ${jwksUri}: set JWKS_URI to ${address}`;
}
