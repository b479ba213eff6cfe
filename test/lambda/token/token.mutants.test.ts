/** Facts about `token.ts` that changes to it once got past the tests with. */
import type { IssuerConfig } from '../../../lambda/settings/config.ts';
import type { KeyQuery, KeySource } from '../../../lambda/keys/key-source.ts';
import { verifyToken } from '../../../lambda/token/token.ts';
import { NOW } from '../../support/evidence.ts';
import { createKey, signToken } from '../../support/issuer.ts';

const ISSUER: IssuerConfig = {
  issuer: 'https://issuer.example.com',
  audiences: ['api'],
  clientIds: [],
  tokenUse: undefined,
  jwksUri: 'https://issuer.example.com/jwks',
  algorithms: ['ES256'],
  userClaim: 'sub',
  allowUnverifiedEmail: false,
  userNamespace: undefined,
};
const CLAIMS = { iss: ISSUER.issuer, aud: 'api', sub: 'alice', exp: NOW + 60 };
const KEY = createKey();

function verify(token: string, find: KeySource['find'], onKeysWaited?: (ms: number) => void) {
  return verifyToken(token, {
    rules: {
      userIdCase: 'preserve',
      requireJti: false,
      clockToleranceSeconds: 5,
      revokedTokensTableName: undefined,
      allowBoundTokens: false,
    },
    issuers: new Map([
      [ISSUER.issuer, { config: ISSUER, keys: { find, prefetch: () => Promise.resolve() } }],
    ]),
    now: NOW,
    deadline: { remainingMs: () => 1000 },
    ...(onKeysWaited !== undefined && { onKeysWaited }),
  });
}

const noKey: KeySource['find'] = () => Promise.resolve({ status: 'not_found' });

it.each([
  'JWTs',
  'JWT+x',
  'at+jwt;charset=utf-8',
  'xjwt',
  'application/jwt/',
  ['JWT'],
  { toString: 'JWT' },
  null,
])('takes no token of the type %j', async (typ) => {
  const { evidence } = await verify(signToken(CLAIMS, KEY, { typ }), noKey);
  expect(evidence).toEqual({ status: 'rejected', reason: 'token_malformed' });
});

it.each(['JWT', 'jwt', 'at+jwt', 'application/at+JWT', undefined])(
  'goes on to the key of a token of the type %j',
  async (typ) => {
    const { evidence } = await verify(signToken(CLAIMS, KEY, { typ }), noKey);
    expect(evidence).toEqual({ status: 'rejected', reason: 'key_not_found' });
  },
);

it('asks for the key by its kid, and hands on how long that took', async () => {
  const queries: KeyQuery[] = [];
  const waits: number[] = [];
  const find: KeySource['find'] = (query) => {
    queries.push(query);
    query.onWaited?.(12);
    return noKey(query);
  };
  await verify(signToken(CLAIMS, KEY), find, (ms) => waits.push(ms));
  expect(queries).toEqual([expect.objectContaining({ kid: KEY.kid, algorithm: 'ES256' })]);
  expect(waits).toEqual([12]);
});

it('has nobody told of waiting where nobody asked', async () => {
  const queries: KeyQuery[] = [];
  const find: KeySource['find'] = (query) => {
    queries.push(query);
    return noKey(query);
  };
  await verify(signToken(CLAIMS, KEY), find);
  expect(queries.map((query) => 'onWaited' in query)).toEqual([false]);
});
