import { JwtVerifier } from 'aws-jwt-verify';
import {
  startIdentityProvider,
  type IdentityProvider,
} from '../../../local/runtime/identity-provider.ts';

let provider: IdentityProvider;

beforeAll(async () => {
  provider = await startIdentityProvider({ audience: 'demo' });
});

afterAll(async () => {
  await provider.close();
});

async function verified(token: string) {
  const verifier = JwtVerifier.create({ issuer: provider.issuer, audience: 'demo' });
  const keys = (await (await fetch(provider.jwksUri)).json()) as Parameters<
    typeof verifier.cacheJwks
  >[0];
  verifier.cacheJwks(keys);
  return verifier.verify(token);
}

function headerOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

it('signs tokens that its published keys verify', async () => {
  const claims = await verified(await provider.issueToken({ email: 'ada@example.com' }));
  expect(claims).toMatchObject({
    iss: provider.issuer,
    aud: 'demo',
    sub: 'ada@example.com',
    email: 'ada@example.com',
    email_verified: true,
    jti: expect.any(String),
    exp: expect.any(Number),
  });
});

it('takes every claim from the caller, and leaves out what is undefined', async () => {
  const token = await provider.issueToken({ sub: 'u-1', jti: undefined, is_admin: true });
  const claims = await verified(token);
  expect(claims).toMatchObject({ sub: 'u-1', is_admin: true });
  expect(claims).not.toHaveProperty('jti');
});

it('gives each token its own jti', async () => {
  const [one, two] = await Promise.all([provider.issueToken({}), provider.issueToken({})]);
  expect((await verified(one)).jti).not.toBe((await verified(two)).jti);
});

it('issues tokens that have expired', async () => {
  const token = await provider.issueToken({}, { expiresInSeconds: -60 });
  await expect(verified(token)).rejects.toThrow('expired');
});

it('signs with the newest key, or the one that is asked for', async () => {
  const before = headerOf(await provider.issueToken({})) as { kid: string };
  const kid = await provider.addKey('ES256');
  const token = await provider.issueToken({});
  expect(headerOf(token)).toMatchObject({ kid, alg: 'ES256' });
  await verified(token);
  const old = await provider.issueToken({}, { kid: before.kid });
  expect(headerOf(old)).toMatchObject({ kid: before.kid, alg: 'RS256' });
});

it('gives anybody a token over HTTP', async () => {
  const response = await fetch(provider.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', username: 'you@example.com' }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  expect(await verified(token)).toMatchObject({
    sub: 'you@example.com',
    email: 'you@example.com',
    email_verified: true,
    aud: 'demo',
    jti: expect.any(String),
  });
});
