/** What an MCP client needs of its user: a browser that signs in, and a memory for tokens. */
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type {
  OAuthClientInformationMixed,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';

const REDIRECT_URL = 'http://127.0.0.1:9/callback';

export class UserAgent implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT_URL;
  readonly clientMetadata = {
    client_name: 'Test',
    redirect_uris: [REDIRECT_URL],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  /** The addresses to which the user was sent to sign in. */
  readonly signIns: URL[] = [];
  beforeSignIn: () => Promise<void> = async () => {};
  /** From the last sign-in. */
  code = '';
  saved: OAuthTokens | undefined;
  #client: OAuthClientInformationMixed | undefined;
  #verifier = '';

  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.#client;
  }

  saveClientInformation(client: OAuthClientInformationMixed): void {
    this.#client = client;
  }

  tokens(): OAuthTokens | undefined {
    return this.saved;
  }

  saveTokens(tokens: OAuthTokens): void {
    this.saved = tokens;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  /** Follows the redirects as a browser does, cookies and all, to the client's own address. */
  async redirectToAuthorization(authorizationUrl: URL): Promise<void> {
    this.signIns.push(authorizationUrl);
    await this.beforeSignIn();
    const cookies = new Map<string, string>();
    let url = authorizationUrl;
    for (let hops = 0; hops < 10 && !url.href.startsWith(REDIRECT_URL); hops += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(line) ?? [];
        cookies.set(name, value);
      }
      if (response.status >= 400) throw new Error(await response.text());
      url = new URL(response.headers.get('location') ?? '', url);
    }
    this.code = url.searchParams.get('code') ?? '';
  }
}
