/**
 * The directory on a table server that speaks DynamoDB's protocol: the embedded one, or the one
 * that `TEST_DYNAMODB_ENDPOINT` names. `table-reader.test.ts` has the failures.
 */
import type { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import {
  createDirectory,
  type Directory,
  type DirectoryQuery,
} from '../../../lambda/users/directory.ts';
import { createTableClient } from '../../../lambda/users/table-client.ts';
import { REVOKED_TOKENS_TABLE, TestTables, USERS_TABLE } from '../../support/tables.ts';

const ISSUER = 'https://issuer.example';
const START = 1_700_000_000;

const environment = { ...process.env };
let tables: TestTables;
let client: ReturnType<typeof createTableClient>;
/** The input of every command sent, oldest first. */
let sent: unknown[];
let now: number;
let nextUser = 0;

beforeAll(async () => {
  tables = await TestTables.start();
  Object.assign(process.env, tables.settings);
  client = createTableClient();
});

afterAll(async () => {
  process.env = environment;
  client.destroy();
  await tables.close();
});

beforeEach(() => {
  sent = [];
  now = START;
});

interface Options {
  readonly revocation?: boolean;
  readonly cacheSeconds?: number;
  readonly key?: string;
}

function createTestDirectory({ revocation = false, cacheSeconds = 0, key }: Options = {}) {
  const settings = {
    usersTable: {
      name: key === undefined ? USERS_TABLE : 'other-users',
      key: key ?? 'user_id',
      persistent: true,
    },
    revokedTokensTableName: revocation ? REVOKED_TOKENS_TABLE : undefined,
    userCacheTtlSeconds: cacheSeconds,
  };
  const recorder = {
    send: (command: GetCommand | BatchGetCommand, options: object) => {
      sent.push(command.input);
      return client.send(command as GetCommand, options);
    },
  };
  const world = { now: () => now, random: () => 0.5, pause: () => Promise.resolve() };
  return createDirectory(settings, recorder as typeof client, world);
}

const newUser = () => `user-${(nextUser += 1)}`;

const lookUp = (directory: Directory, userId: string, query: Partial<DirectoryQuery> = {}) =>
  directory.lookUp(
    {
      userId,
      issuer: ISSUER,
      jti: undefined,
      session: undefined,
      expiresAt: START + 600,
      ...query,
    },
    { signal: new AbortController().signal },
  );

describe('the row', () => {
  it('is found with what the user may do', async () => {
    const user = newUser();
    await tables.putUser(user, {
      is_admin: true,
      roles: new Set(['reader']),
      tokens_valid_after: 1_600_000_000,
      email: 'alice@example.com',
      full_name: 'Alice',
    });
    expect(await lookUp(createTestDirectory(), user)).toEqual({
      status: 'found',
      tokenRevoked: false,
      sessionRevoked: false,
      row: {
        isActive: true,
        isAdmin: true,
        roles: ['reader'],
        tokensValidAfter: 1_600_000_000,
        email: 'alice@example.com',
        fullName: 'Alice',
      },
    });
  });

  it('is not found where there is none', async () => {
    expect(await lookUp(createTestDirectory(), newUser())).toEqual({
      status: 'not_found',
      tokenRevoked: false,
      sessionRevoked: false,
    });
  });

  it('is read once, strongly consistent, with no attribute too many', async () => {
    const user = newUser();
    await lookUp(createTestDirectory(), user);
    expect(sent).toMatchObject([
      { TableName: USERS_TABLE, Key: { user_id: user }, ConsistentRead: true },
    ]);
    const { ExpressionAttributeNames: names } = sent[0] as GetCommand['input'];
    expect(Object.values(names ?? {}).sort()).toEqual([
      'email',
      'full_name',
      'is_active',
      'is_admin',
      'roles',
      'tokens_valid_after',
      'user_id',
    ]);
  });

  it('is read again on every lookup', async () => {
    const directory = createTestDirectory();
    const user = newUser();
    await tables.putUser(user);
    expect(await lookUp(directory, user)).toMatchObject({ status: 'found' });
    await tables.deleteUser(user);
    expect(await lookUp(directory, user)).toMatchObject({ status: 'not_found' });
  });

  it('is found under a key attribute of another name', async () => {
    await tables.create('other-users', 'roles_of');
    const directory = createTestDirectory({ key: 'roles_of' });
    expect(await lookUp(directory, 'alice')).toMatchObject({ status: 'not_found' });
  });

  it.each(['Alice', 'alice ', 'alıce', '__proto__', 'a#b', '😀', 'x'.repeat(1024)])(
    'is found for the very id %p alone',
    async (userId) => {
      await tables.putUser(userId);
      const directory = createTestDirectory();
      expect(await lookUp(directory, userId)).toMatchObject({ status: 'found' });
      expect(await lookUp(directory, `${userId}'`.slice(-1024))).toMatchObject({
        status: 'not_found',
      });
    },
  );

  it.each([
    ['is_active', 'true'],
    ['is_active', null],
    ['is_active', 1],
    ['is_admin', 'true'],
    ['is_admin', null],
    ['is_admin', 1],
    ['tokens_valid_after', '1700000000'],
    ['tokens_valid_after', null],
    ['tokens_valid_after', 1_700_000_000_000],
    ['tokens_valid_after', -1],
    ['roles', 'admin'],
    ['roles', null],
    ['roles', new Set([7])],
    ['roles', { admin: true }],
    ['roles', ['admin', 7]],
    ['roles', ['a,b']],
    ['roles', new Uint8Array([7])],
  ])('with %s of %p is unusable, and the attribute named', async (attribute, value) => {
    const user = newUser();
    await tables.putUser(user, { [attribute]: value });
    expect(await lookUp(createTestDirectory(), user)).toEqual({
      status: 'unavailable',
      reason: 'directory_unavailable',
      cause: 'bad_row',
      attribute,
    });
  });
});

describe('revocation', () => {
  it('is read with the row in one round trip, both strongly consistent', async () => {
    const user = newUser();
    await tables.putUser(user);
    await lookUp(createTestDirectory({ revocation: true }), user, { jti: 'one' });
    expect(sent).toMatchObject([
      {
        RequestItems: {
          [USERS_TABLE]: { Keys: [{ user_id: user }], ConsistentRead: true },
          [REVOKED_TOKENS_TABLE]: {
            Keys: [{ token_id: `${ISSUER}#one` }],
            ConsistentRead: true,
            ExpressionAttributeNames: { '#0': 'token_id' },
          },
        },
      },
    ]);
  });

  it.each([
    ['found', false],
    ['found', true],
    ['not_found', false],
    ['not_found', true],
  ] as const)('with the user %s is told: %s', async (status, tokenRevoked) => {
    const user = newUser();
    if (status === 'found') await tables.putUser(user);
    const jti = `${user}-token`;
    if (tokenRevoked) await tables.revoke(ISSUER, jti);
    const evidence = await lookUp(createTestDirectory({ revocation: true }), user, { jti });
    expect(evidence).toMatchObject({ status, tokenRevoked });
    expect(sent).toHaveLength(1);
  });

  it("of another issuer's token with the same jti does not count", async () => {
    const user = newUser();
    await tables.putUser(user);
    await tables.revoke('https://other.example', user);
    const evidence = await lookUp(createTestDirectory({ revocation: true }), user, { jti: user });
    expect(evidence).toMatchObject({ status: 'found', tokenRevoked: false });
  });

  it.each([
    ['its session', true],
    ['neither', false],
  ])('is told apart from that of its session: %s', async (_, sessionRevoked) => {
    const user = newUser();
    await tables.putUser(user);
    if (sessionRevoked) await tables.revoke(ISSUER, `sid=${user}`);
    const query = { jti: `${user}-token`, session: `sid=${user}` };
    const evidence = await lookUp(createTestDirectory({ revocation: true }), user, query);
    expect(evidence).toMatchObject({ status: 'found', tokenRevoked: false, sessionRevoked });
    expect(sent).toHaveLength(1);
  });

  it('is told of a session without a jti', async () => {
    const user = newUser();
    await tables.putUser(user);
    await tables.revoke(ISSUER, `sid=${user}`);
    const evidence = await lookUp(createTestDirectory({ revocation: true }), user, {
      session: `sid=${user}`,
    });
    expect(evidence).toMatchObject({ tokenRevoked: false, sessionRevoked: true });
  });

  it("of another issuer's session does not count", async () => {
    const user = newUser();
    await tables.putUser(user);
    await tables.revoke('https://other.example', `sid=${user}`);
    const evidence = await lookUp(createTestDirectory({ revocation: true }), user, {
      session: `sid=${user}`,
    });
    expect(evidence).toMatchObject({ status: 'found', sessionRevoked: false });
  });

  it('is looked for once where a jti has the name of the session', async () => {
    const user = newUser();
    const query = { jti: `sid=${user}`, session: `sid=${user}` };
    const evidence = await lookUp(createTestDirectory({ revocation: true }), user, query);
    expect(evidence).toMatchObject({ status: 'not_found', tokenRevoked: false });
  });

  it('is not asked for a token without a jti', async () => {
    await lookUp(createTestDirectory({ revocation: true }), newUser());
    expect(sent).toMatchObject([{ TableName: USERS_TABLE }]);
  });

  it('is not asked when it is off', async () => {
    await lookUp(createTestDirectory(), newUser(), { jti: 'one' });
    expect(sent).toMatchObject([{ TableName: USERS_TABLE }]);
  });

  it('does not make an unusable row a yes or a no', async () => {
    const user = newUser();
    await tables.putUser(user, { is_active: 'yes' });
    const evidence = await lookUp(createTestDirectory({ revocation: true }), user, { jti: user });
    expect(evidence).toMatchObject({ status: 'unavailable', attribute: 'is_active' });
  });
});

describe('the user cache', () => {
  it('is off by default', async () => {
    const directory = createTestDirectory();
    const user = newUser();
    await tables.putUser(user);
    await lookUp(directory, user);
    await lookUp(directory, user);
    expect(sent).toHaveLength(2);
  });

  it('serves a row until its time to live is over', async () => {
    const directory = createTestDirectory({ cacheSeconds: 60 });
    const user = newUser();
    await tables.putUser(user);
    await lookUp(directory, user);
    now = START + 59.9;
    expect(await lookUp(directory, user)).toMatchObject({ status: 'found' });
    expect(sent).toHaveLength(1);
    now = START + 60;
    await lookUp(directory, user);
    expect(sent).toHaveLength(2);
  });

  it('does not serve a row longer than the token that it was read for lives', async () => {
    const directory = createTestDirectory({ cacheSeconds: 60 });
    const user = newUser();
    await tables.putUser(user);
    await lookUp(directory, user, { expiresAt: START + 10 });
    now = START + 10;
    await lookUp(directory, user);
    expect(sent).toHaveLength(2);
  });

  it('keeps no miss: a user who was just added enters at once', async () => {
    const directory = createTestDirectory({ cacheSeconds: 60 });
    const user = newUser();
    await lookUp(directory, user);
    await tables.putUser(user);
    expect(await lookUp(directory, user)).toMatchObject({ status: 'found' });
  });

  it('keeps no unusable row', async () => {
    const directory = createTestDirectory({ cacheSeconds: 60 });
    const user = newUser();
    await tables.putUser(user, { is_active: 'yes' });
    await lookUp(directory, user);
    await tables.putUser(user);
    expect(await lookUp(directory, user)).toMatchObject({ status: 'found' });
  });

  it('asks about each token once, and reads the row anew with it', async () => {
    const directory = createTestDirectory({ cacheSeconds: 60, revocation: true });
    const user = newUser();
    await tables.putUser(user);
    await lookUp(directory, user, { jti: `${user}-1` });
    await lookUp(directory, user, { jti: `${user}-1` });
    expect(sent).toHaveLength(1);
    await lookUp(directory, user, { jti: `${user}-2` });
    expect(sent).toHaveLength(2);
  });

  it('asks again for another session of a user who is kept', async () => {
    const directory = createTestDirectory({ cacheSeconds: 60, revocation: true });
    const user = newUser();
    await tables.putUser(user);
    await tables.revoke(ISSUER, 'sid=stolen');
    const ask = (session: string) => lookUp(directory, user, { jti: user, session });
    expect(await ask('sid=own')).toMatchObject({ sessionRevoked: false });
    expect(await ask('sid=own')).toMatchObject({ sessionRevoked: false });
    expect(sent).toHaveLength(1);
    expect(await ask('sid=stolen')).toMatchObject({ sessionRevoked: true });
    expect(sent).toHaveLength(2);
  });

  it('never keeps that a token is revoked', async () => {
    const directory = createTestDirectory({ cacheSeconds: 60, revocation: true });
    const user = newUser();
    await tables.putUser(user);
    await tables.revoke(ISSUER, user);
    await lookUp(directory, user, { jti: user });
    expect(await lookUp(directory, user, { jti: user })).toMatchObject({ tokenRevoked: true });
    expect(sent).toHaveLength(2);
  });

  it('forgets a user who turns out to be gone', async () => {
    const directory = createTestDirectory({ cacheSeconds: 60, revocation: true });
    const user = newUser();
    await tables.putUser(user);
    await lookUp(directory, user, { jti: `${user}-1` });
    await tables.deleteUser(user);
    await lookUp(directory, user, { jti: `${user}-2` });
    const evidence = await lookUp(directory, user, { jti: `${user}-1` });
    expect(evidence).toMatchObject({ status: 'not_found' });
  });

  it('tells how long the table took only when it was asked', async () => {
    const directory = createTestDirectory({ cacheSeconds: 60 });
    const user = newUser();
    await tables.putUser(user);
    const asked: number[] = [];
    const query = {
      userId: user,
      issuer: ISSUER,
      jti: undefined,
      session: undefined,
      expiresAt: START + 600,
    };
    const { signal } = new AbortController();
    await directory.lookUp(query, { signal }, (ms) => asked.push(ms));
    await directory.lookUp(query, { signal }, (ms) => asked.push(ms));
    expect(asked).toEqual([expect.any(Number)]);
  });
});
