/**
 * A real authorization server (OpenID Connect, dynamic registration, PKCE, refresh tokens, resource
 * indicators) on loopback, in a process of its own. Whoever comes is signed in as the user that
 * `POST /control` has named, with the scopes that it grants.
 */
import { createServer } from 'node:http';
import { interactionPolicy, Provider } from 'oidc-provider';

const AUDIENCE = 'https://mcp.example.com';

let control = { subject: 'alice', scopes: 'mcp:read mcp:write', expired: false, refresh: true };

// What is granted is what `control` says: nobody is asked for consent.
const policy = interactionPolicy.base();
policy.remove('consent');

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    clientDefaults: { token_endpoint_auth_method: 'none' },
    cookies: { keys: ['for tests alone'] },
    scopes: ['openid', 'offline_access', 'mcp:read', 'mcp:write'],
    interactions: { policy, url: (_context, { uid }) => `/interaction/${uid}` },
    formats: {
      customizers: {
        jwt: (_context, _token, { payload }) => {
          if (control.expired) payload.exp = payload.iat - 60;
        },
      },
    },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: () => control.refresh,
    rotateRefreshToken: false,
    pkce: { required: () => true },
    loadExistingGrant: async (context) => {
      const { session, client } = context.oidc;
      const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
      for (const resource of [context.oidc.params.resource ?? []].flat()) {
        grant.addResourceScope(resource, control.scopes);
      }
      await grant.save();
      return grant;
    },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'mcp:read mcp:write',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  provider.on('server_error', (_context, error) => console.error(error));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    void (async () => {
      if (request.url === '/control') {
        const chunks = await request.toArray();
        control = { ...control, ...JSON.parse(Buffer.concat(chunks).toString()) };
        response.end();
      } else if (request.url.startsWith('/interaction/')) {
        await provider.interactionFinished(request, response, {
          login: { accountId: control.subject },
        });
      } else {
        answer(request, response);
      }
    })();
  });
  process.send({ url });
});
