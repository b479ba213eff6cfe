/**
 * Genuine tokens of people who are not on the list, and whose id looks or sounds like somebody's
 * who is. A user id is compared by its code points, and folded by A–Z alone.
 */
import { createKey, signToken, TestIssuer } from '../support/issuer.ts';
import { Arenas, decided, matrix, NO_ROW, type Attack } from './arena.ts';
import { itAllows, itRefuses } from './matrix.ts';

const FORGED_LINE = '{"security_event":"access_granted","outcome":"allow","reason":"user_found"}';

/** In the open mode the admin without a row is `root`; `alice` has one in both. */
const users = ['kim', 'josé', 'strasse', 'istanbul', 'ﬁona', 'zoë'];

const exact = new Arenas();
const folded = new Arenas();
beforeAll(async () => {
  await exact.start({ users });
  await folded.start({ users, settings: () => ({ USER_ID_CASE: 'lower' }) });
});
afterAll(async () => {
  await exact.close();
  await folded.close();
});

const as = (sub: unknown, name = JSON.stringify(sub) ?? 'nobody'): Omit<Attack, 'reason'> => ({
  name: `sub ${name.length > 60 ? `of ${name.length - 2} characters` : name}`,
  token: ({ claims, keys }) => signToken(claims({ sub }), keys.EdDSA),
});

const otherwise = (sub: string): Attack => ({ ...as(sub), reason: NO_ROW });
const noId = (sub: unknown): Attack => ({ ...as(sub), reason: 'claim_missing' });

const decorated = ['alice', 'root'].flatMap((id) => [
  `${id} `,
  ` ${id}`,
  `${id}\t`,
  `${id}\u00a0`,
  `${id}\u3000`,
  `${id}\n`,
  `${id}\r\n`,
  `${id}\u0000`,
  `${id}\u0000.example`,
  `\u0000${id}`,
  `${id}\u200b`,
  `${id}\u200d`,
  `${id}\u2060`,
  `${id}\u00ad`,
  `${id}\u202e`,
  `${id}\ufe0f`,
  `${id}\u0301`,
  `${id}\u2028`,
  `${id}\u0085`,
  `\ufeff${id}`,
  `${id}\u001b[2K`,
  `${id}/`,
  `${id}#`,
  `#${id}`,
  `*${id}`,
  `${id}%00`,
  `${id}\n${FORGED_LINE}`,
  `${id}\r\n${FORGED_LINE}\r\n`,
  `${id}\u2028${FORGED_LINE}`,
  `${id}","outcome":"allow","reason":"user_found","x":"`,
  `${id}\\`,
  `${id}"`,
]);

/** Letters that look or fold alike in some reader, though not in ours. */
const lookalikes = [
  '\u212aim', // Kelvin sign, which toLowerCase turns into k
  'ｋim',
  'кim', // Cyrillic
  'ali\u0441e', // Cyrillic es
  '\u0430lice', // Cyrillic a
  'al\u0131ce', // dotless i
  'al\u0456ce', // Ukrainian i
  '𝐚lice',
  'r\u03bfot', // Greek omicron
  'ʀoot',
  'jose\u0301', // the same name, decomposed
  'stra\u00dfe',
  '\u017ftrasse', // long s
  'i\u0307stanbul',
  '\u0130stanbul',
  'fiona', // where the row has a ligature
  'zoe\u0308',
  'zöe',
];

const names = [
  'mallory',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'true',
  '0',
  '*',
  '%',
  'unauthenticated',
  "' OR '1'='1",
  '{"S":"alice"}',
  'user_id = :alice',
  '../alice',
  FORGED_LINE,
  '\u{1f600}',
  'x'.repeat(1024),
  'é'.repeat(512),
  '\u0000'.repeat(512),
];

const impossible: readonly unknown[] = [
  undefined,
  null,
  '',
  0,
  1,
  true,
  [],
  ['alice'],
  ['root'],
  {},
  { toString: 'alice' },
  'alice\ud800',
  '\udc00root',
  '\ud800',
  '\ude00\ud83d',
  'x'.repeat(1025),
  'é'.repeat(513),
];

describe('with ids as they are', () => {
  const otherCase = ['Alice', 'ALICE', 'alicE', 'Root', 'ROOT'];
  itRefuses(exact, [
    ...[...decorated, ...lookalikes, ...names, ...otherCase].map(otherwise),
    ...impossible.map(noId),
  ]);
  itAllows(exact, [
    { name: 'the very id', token: ({ claims, keys }) => signToken(claims(), keys.EdDSA) },
  ]);
});

describe('with ids folded', () => {
  itRefuses(folded, [
    ...[...decorated, ...lookalikes, 'ALICE\u0000', 'ROOT ', 'JOSE\u0301', 'ZOË', 'JOSÉ'].map(
      otherwise,
    ),
    ...impossible.map(noId),
  ]);
  itAllows(
    folded,
    [(id: string) => id, (id: string) => id.toUpperCase()].map((change, index) => ({
      name: index === 0 ? 'the very id' : 'the id in upper case',
      token: ({ claims, keys }: Parameters<Attack['token']>[0]) =>
        signToken(claims({ sub: change(String(claims()['sub'])) }), keys.EdDSA),
    })),
  );
});

describe('with two trusted issuers', () => {
  const arenas = new Arenas();
  let other: TestIssuer;
  const otherKey = createKey('ES256', 'es256');
  const onlyTheirs = createKey('ES256', 'only-theirs');

  beforeAll(async () => {
    other = await TestIssuer.start(otherKey, onlyTheirs);
    await arenas.start({
      users: ['one#alice', 'two#bob'],
      settings: (issuer) => ({
        JWT_ISSUER: '',
        JWKS_URI: '',
        JWT_AUDIENCE: '',
        PLATFORM_ADMIN_ISSUER: issuer.url,
        TRUSTED_ISSUERS: JSON.stringify([
          {
            issuer: issuer.url,
            jwksUri: issuer.jwksUri,
            audience: 'https://api.example.com',
            userNamespace: 'one',
          },
          { issuer: other.url, jwksUri: other.jwksUri, audience: 'two', userNamespace: 'two' },
        ]),
      }),
    });
  });
  afterAll(async () => {
    await arenas.close();
    await other.close();
  });

  const theirs = (claims: object): Attack['token'] => {
    return () => signToken({ ...other.claims({ aud: 'two' }), ...claims }, otherKey);
  };

  itRefuses(arenas, [
    { name: "the other issuer's alice", reason: NO_ROW, token: theirs({ sub: 'alice' }) },
    { name: "the other issuer's root", reason: NO_ROW, token: theirs({ sub: 'root' }) },
    { name: 'a namespace in the id', reason: NO_ROW, token: theirs({ sub: 'one#alice' }) },
    {
      name: "another namespace in the first issuer's id",
      reason: NO_ROW,
      token: ({ keys, claims }) => signToken(claims({ sub: 'two#bob' }), keys.ES256),
    },
    {
      name: "the other issuer's key under the same kid, in the first one's name",
      reason: 'signature_invalid',
      token: ({ claims }) => signToken(claims(), otherKey),
    },
    {
      name: "a key that the other issuer alone has, in the first one's name",
      reason: 'key_not_found',
      token: ({ claims }) => signToken(claims(), onlyTheirs),
    },
    {
      name: "the first issuer's audience at the other",
      reason: 'audience_mismatch',
      token: theirs({ sub: 'bob', aud: 'https://api.example.com' }),
    },
    {
      name: 'both issuers in one claim',
      reason: 'issuer_not_trusted',
      token: ({ issuer }) =>
        signToken({ ...other.claims(), iss: [issuer.url, other.url], aud: 'two' }, otherKey),
    },
  ]);

  const bystanders: readonly Attack[] = [
    {
      name: "the other issuer's bob",
      reason: 'user_found',
      token: theirs({ sub: 'bob' }),
    },
    {
      name: "the first issuer's alice",
      reason: 'user_found',
      token: ({ claims, keys }) => signToken(claims({ sub: 'alice' }), keys.ES256),
    },
  ];

  it.each(matrix(bystanders))('allows %s (%s, %s)', async (_name, kind, mode, { token }) => {
    const seen = await arenas.sendHeader(mode, kind, `Bearer ${token(arenas.of(mode))}`);
    expect(seen).toEqual(decided('user_found', kind));
  });
});
