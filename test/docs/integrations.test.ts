/**
 * The settings of each integration guide, held against claims of the form that the provider writes:
 * a typical token passes, under the user id that the guide promises, and the pitfalls are refused
 * with the reasons that it names.
 */
import { decide, type Decision } from '../../lambda/decision.ts';
import { createKeySource } from '../../lambda/keys/key-source.ts';
import { parseConfig, type Config } from '../../lambda/settings/config.ts';
import { verifyToken } from '../../lambda/token/token.ts';
import { parse } from 'dotenv';
import { found } from '../support/evidence.ts';
import { createKey, signToken } from '../support/issuer.ts';
import { readPages } from '../../tools/docs/pages.ts';

const NOW = Math.floor(Date.now() / 1000);
const TIMES = { iat: NOW - 60, nbf: NOW - 60, exp: NOW + 3600 };
/** The provider's; each guide allows RS256. */
const KEY = createKey('RS256');

type Claims = Readonly<Record<string, unknown>>;

function configOf(guide: string, sample: number): Config {
  const page = readPages().find(({ file }) => file === `docs/integrations/${guide}.md`);
  const samples = page?.codeBlocks.filter(({ language }) => language === 'dotenv') ?? [];
  const result = parseConfig({
    ...parse(samples[sample]?.text ?? ''),
    USERS_TABLE_NAME: 'users',
    REVOKED_TOKENS_TABLE_NAME: 'revoked',
  });
  if (!result.ok) throw new Error(result.problems.join('; '));
  return result.config;
}

/** What becomes of a token with these claims, signed by the provider, whose user has a row. */
async function decisionOn(config: Config, claims: Claims): Promise<Decision> {
  const [issuer] = config.issuers;
  if (issuer === undefined) throw new Error('The guide trusts no issuer');
  const keys = createKeySource(issuer, config, {
    fetchJwks: () => ({
      result: Promise.resolve({ ok: true, keys: [KEY.jwk] }),
      abandon: () => undefined,
    }),
    now: Date.now,
    random: () => 0.5,
  });
  const { evidence } = await verifyToken(signToken({ ...TIMES, ...claims }, KEY), {
    rules: config,
    issuers: new Map([[issuer.issuer, { config: issuer, keys }]]),
    now: NOW,
    deadline: { remainingMs: () => 1000 },
  });
  if (evidence.status !== 'verified') throw new Rejection(evidence.reason);
  return decide(evidence.token, found(), config, NOW);
}

class Rejection extends Error {}

/** The reason of the decision on a token, however it comes about. */
function reasonOf(config: Config, claims: Claims): Promise<string> {
  return decisionOn(config, claims).then(
    ({ reason }) => reason,
    (error: unknown) => {
      if (error instanceof Rejection) return error.message;
      throw error;
    },
  );
}

interface Provider {
  readonly guide: string;
  /** Which of the guide's `dotenv` samples. */
  readonly sample: number;
  readonly claims: Claims;
  readonly user: string;
  readonly scopes?: readonly string[];
  /** Changes to the claims, and the reason that the guide gives for each. */
  readonly pitfalls: readonly (readonly [change: Claims, reason: string])[];
}

const PROVIDERS: readonly Provider[] = [
  {
    guide: 'cognito',
    sample: 0,
    claims: {
      iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      client_id: '1example23456789',
      token_use: 'access',
      scope: 'openid shop/read',
      username: 'alice',
      origin_jti: 'o',
      jti: 'j',
    },
    user: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    scopes: ['openid', 'shop/read'],
    pitfalls: [
      [{ client_id: undefined, aud: '1example23456789', token_use: 'id' }, 'claim_missing'],
      [{ client_id: 'another' }, 'audience_mismatch'],
      [{ token_use: 'id' }, 'token_use_mismatch'],
    ],
  },
  {
    guide: 'cognito',
    sample: 1,
    claims: {
      iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      aud: '1example23456789',
      token_use: 'id',
      email: 'alice@example.com',
      email_verified: true,
      jti: 'j',
    },
    user: 'alice@example.com',
    pitfalls: [
      [{ email_verified: false }, 'email_not_verified'],
      [{ email_verified: undefined }, 'email_not_verified'],
      [{ email: undefined }, 'claim_missing'],
    ],
  },
  {
    guide: 'auth0',
    sample: 0,
    claims: {
      iss: 'https://example.eu.auth0.com/',
      sub: 'auth0|6553da60a54af58e29493993',
      aud: ['https://api.example.com', 'https://example.eu.auth0.com/userinfo'],
      azp: 'client',
      scope: 'openid read:orders',
    },
    user: 'auth0|6553da60a54af58e29493993',
    scopes: ['openid', 'read:orders'],
    pitfalls: [
      [{ aud: 'https://example.eu.auth0.com/userinfo' }, 'audience_mismatch'],
      // The id token, which is for the client.
      [{ aud: 'client', scope: undefined, nonce: 'n' }, 'audience_mismatch'],
    ],
  },
  {
    guide: 'okta',
    sample: 0,
    claims: {
      iss: 'https://example.okta.com/oauth2/default',
      aud: 'api://default',
      sub: 'alice@example.com',
      uid: '00u1abcdefGHIJKLMNOP',
      cid: '0oa1abcdef',
      scp: ['openid', 'orders'],
      jti: 'AT.abc',
    },
    user: '00u1abcdefGHIJKLMNOP',
    scopes: ['openid', 'orders'],
    pitfalls: [
      [{ uid: undefined, sub: '0oa1abcdef' }, 'claim_missing'],
      // The id token.
      [{ uid: undefined, aud: '0oa1abcdef', cid: undefined, scp: undefined }, 'claim_missing'],
    ],
  },
  {
    guide: 'entra-id',
    sample: 0,
    claims: {
      iss: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
      aud: '66666666-7777-8888-9999-000000000000',
      oid: 'object-of-alice',
      sub: 'pairwise',
      scp: 'Orders.Read Orders.Write',
      uti: 'u',
      ver: '2.0',
    },
    user: 'object-of-alice',
    scopes: ['Orders.Read', 'Orders.Write'],
    pitfalls: [
      [{ aud: 'api://66666666-7777-8888-9999-000000000000' }, 'audience_mismatch'],
      // The id token of the same registration.
      [{ scp: undefined, nonce: 'n', preferred_username: 'alice@example.com' }, 'scope_missing'],
    ],
  },
  {
    guide: 'keycloak',
    sample: 0,
    claims: {
      iss: 'https://id.example.com/realms/shop',
      aud: ['shop-api', 'account'],
      azp: 'shop-web',
      sub: 'f0f0f0f0-aaaa-bbbb-cccc-121212121212',
      typ: 'Bearer',
      scope: 'openid profile',
      jti: 'j',
    },
    user: 'f0f0f0f0-aaaa-bbbb-cccc-121212121212',
    pitfalls: [
      [{ aud: 'account' }, 'audience_mismatch'],
      [{ aud: undefined }, 'claim_missing'],
      [{ sub: undefined }, 'claim_missing'],
    ],
  },
  {
    guide: 'google',
    sample: 0,
    claims: {
      iss: 'https://accounts.google.com',
      aud: '1234567890-abcdefg.apps.googleusercontent.com',
      azp: '1234567890-abcdefg.apps.googleusercontent.com',
      sub: '110169484474386276334',
      email: 'alice@example.com',
      email_verified: true,
    },
    user: '110169484474386276334',
    pitfalls: [[{ aud: 'another.apps.googleusercontent.com' }, 'audience_mismatch']],
  },
  {
    guide: 'google',
    sample: 1,
    claims: {
      iss: 'https://accounts.google.com',
      aud: '1234567890-abcdefg.apps.googleusercontent.com',
      sub: '110169484474386276334',
      hd: 'corp.example',
      email: 'alice@corp.example',
      email_verified: true,
    },
    user: '110169484474386276334',
    pitfalls: [
      [{ hd: undefined }, 'claim_mismatch'],
      [{ hd: 'other.example' }, 'claim_mismatch'],
    ],
  },
  {
    guide: 'github-oidc',
    sample: 0,
    claims: {
      iss: 'https://token.actions.githubusercontent.com',
      aud: 'https://api.example.com',
      sub: 'repo:example/shop:ref:refs/heads/main',
      repository: 'example/shop',
      repository_id: '123456',
      ref: 'refs/heads/main',
      event_name: 'push',
      jti: 'j',
    },
    user: 'repo:example/shop:ref:refs/heads/main',
    pitfalls: [
      [{ aud: 'https://github.com/example' }, 'audience_mismatch'],
      [{ event_name: 'pull_request_target' }, 'claim_mismatch'],
      [{ repository: 'mallory/shop' }, 'claim_mismatch'],
      [{ ref: 'refs/heads/other' }, 'claim_mismatch'],
    ],
  },
  {
    guide: 'kubernetes',
    sample: 0,
    claims: {
      iss: 'https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E',
      aud: ['https://api.example.com'],
      sub: 'system:serviceaccount:shop:checkout',
      'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'checkout', uid: 'u' } },
      jti: 'j',
    },
    user: 'system:serviceaccount:shop:checkout',
    pitfalls: [
      [{ aud: ['https://kubernetes.default.svc'] }, 'audience_mismatch'],
      [{ aud: undefined }, 'claim_missing'],
      [{ exp: undefined }, 'claim_missing'],
      [{ exp: NOW + 31_536_000 }, 'token_lifetime_exceeded'],
    ],
  },
  {
    guide: 'supabase',
    sample: 0,
    claims: {
      iss: 'https://abcdefghijklmnopqrst.supabase.co/auth/v1',
      aud: 'authenticated',
      sub: '123e4567-e89b-12d3-a456-426614174000',
      role: 'authenticated',
      is_anonymous: false,
      session_id: 's',
      aal: 'aal1',
      email: 'alice@example.com',
      user_metadata: { email_verified: true },
    },
    user: '123e4567-e89b-12d3-a456-426614174000',
    pitfalls: [
      [{ is_anonymous: true }, 'claim_mismatch'],
      [{ role: 'service_role' }, 'claim_mismatch'],
      [{ aud: undefined, sub: undefined, role: 'anon' }, 'claim_missing'],
    ],
  },
  {
    guide: 'firebase',
    sample: 0,
    claims: {
      iss: 'https://securetoken.google.com/example-project',
      aud: 'example-project',
      sub: 'AbCdEfGhIjKlMnOpQrStUvWxYz12',
      user_id: 'AbCdEfGhIjKlMnOpQrStUvWxYz12',
      auth_time: NOW - 60,
      email: 'alice@example.com',
      email_verified: true,
      firebase: { identities: {}, sign_in_provider: 'password' },
    },
    user: 'AbCdEfGhIjKlMnOpQrStUvWxYz12',
    pitfalls: [
      [{ aud: 'another-project' }, 'audience_mismatch'],
      [{ exp: NOW + 86_400 }, 'token_lifetime_exceeded'],
    ],
  },
  {
    guide: 'clerk',
    sample: 0,
    claims: {
      iss: 'https://clerk.example.com',
      aud: 'https://api.example.com',
      azp: 'https://app.example.com',
      sub: 'user_2NNEqL2nrIRdJ194ndJqAHwEfxC',
    },
    user: 'user_2NNEqL2nrIRdJ194ndJqAHwEfxC',
    pitfalls: [
      [{ aud: undefined, sid: 'sess_1', v: 2 }, 'claim_missing'],
      [{ aud: 'https://other.example.com' }, 'audience_mismatch'],
    ],
  },
];

it.each(readPages().filter(({ file }) => file.startsWith('docs/integrations/')))(
  '$file is held against a token',
  ({ file }) => {
    const guides = PROVIDERS.map(({ guide }) => `docs/integrations/${guide}.md`);
    expect(guides).toContain(file);
  },
);

describe.each(PROVIDERS)('$guide, sample $sample', ({ guide, sample, claims, user, ...more }) => {
  const config = configOf(guide, sample);

  it('trusts the issuer that the tokens name', () => {
    expect(config.issuers.map(({ issuer }) => issuer)).toEqual([claims['iss']]);
  });

  it(`lets a typical token pass as ${user}`, async () => {
    const { scopes } = more;
    expect(await decisionOn(config, claims)).toMatchObject({
      outcome: 'allow',
      token: { subject: user, ...(scopes && { scopes }) },
    });
  });

  it('refuses a token of another tenant', async () => {
    const iss = `${String(claims['iss'])}-of-another-tenant`;
    expect(await reasonOf(config, { ...claims, iss })).toBe('issuer_not_trusted');
  });

  it.each(more.pitfalls)('refuses it with %j as %s', async (change, reason) => {
    expect(await reasonOf(config, { ...claims, ...change })).toBe(reason);
  });
});
