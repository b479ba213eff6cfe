import { Stack, Validations } from 'aws-cdk-lib';
import {
  deploymentFindings,
  reportFindings,
  type Deployment,
  type Finding,
  type TableFacts,
} from '../../../infra/operations/deployment-warnings.ts';
import { parseConfig, type Config } from '../../../lambda/settings/config.ts';
import { messagesOf, testApp } from '../support/synth.ts';

const NOW = 1_900_000_000;
const BEFORE_NOW = '2030-03-17T17:46:39Z';
const AFTER_NOW = '2030-03-17T17:46:41Z';

function config(settings: Readonly<Record<string, string>> = {}): Config {
  const result = parseConfig({
    JWT_ISSUER: 'https://idp.example.com/',
    JWT_AUDIENCE: 'api',
    USERS_TABLE_NAME: 'users',
    ...settings,
  });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

/** An existing table that lasts, no caches, no bootstrap: nothing to say. */
function deployment(changes: Partial<Deployment> = {}): Deployment {
  return {
    config: config(),
    makesUsersTable: false,
    usersTableBeginsEmpty: false,
    usersTableFlaws: [],
    authorizers: [{ kind: 'rest-token', resultsCacheTtlSeconds: 0, isKeyedOnToken: true }],
    gatewayIssuers: [],
    maxRevocationDelaySeconds: undefined,
    tables: [],
    region: 'eu-west-1',
    topicKeyFlaw: undefined,
    notRedeployed: [],
    logGroupClass: undefined,
    environmentBytes: 4096,
    now: NOW,
    ...changes,
  };
}

function ids(changes: Partial<Deployment>): readonly string[] {
  return deploymentFindings(deployment(changes)).map(({ id }) => id);
}

const ADMIN = { PLATFORM_ADMIN_EMAIL: 'admin-1' };
const EXPIRING = { ...ADMIN, BOOTSTRAP_EXPIRES_AT: AFTER_NOW };
const EMAIL = { USER_CLAIM: 'email' };
const cached = (
  kind: Deployment['authorizers'][number]['kind'],
  resultsCacheTtlSeconds: number,
  isKeyedOnToken = true,
): Partial<Deployment> => ({ authorizers: [{ kind, resultsCacheTtlSeconds, isKeyedOnToken }] });

const users = (facts: Partial<TableFacts>): Partial<Deployment> => ({
  tables: [{ name: 'users table', key: 'user_id', keyFlaws: [], otherRegion: undefined, ...facts }],
});

interface Case {
  readonly id: Finding['id'];
  readonly appears: string;
  readonly when: Partial<Deployment>;
  /** The nearest deployments that it must not be said of. */
  readonly notWhen: Readonly<Record<string, Partial<Deployment>>>;
}

const WARNINGS: readonly Case[] = [
  {
    id: 'rollcall:usersTable.missing',
    appears: 'no users table is given',
    when: { makesUsersTable: true },
    notWhen: { 'a table of the same app is given': { usersTableBeginsEmpty: true } },
  },
  {
    id: 'rollcall:usersTable.ephemeral',
    appears: 'the users table would be lost',
    when: { usersTableFlaws: ['it is deleted with the stack'] },
    notWhen: { 'the stack makes a table that lasts': { makesUsersTable: true } },
  },
  {
    id: 'rollcall:strict.lockout',
    appears: 'strict mode meets a table that begins empty',
    when: { config: config({ REQUIRE_USER_IN_DB: 'true' }), usersTableBeginsEmpty: true },
    notWhen: {
      'the table exists': { config: config({ REQUIRE_USER_IN_DB: 'true' }) },
      'strict mode is off': { usersTableBeginsEmpty: true },
    },
  },
  {
    id: 'rollcall:bootstrap.noExpiry',
    appears: 'bootstrap does not end by itself',
    when: { config: config(ADMIN) },
    notWhen: {
      'it ends': { config: config(EXPIRING) },
      'strict mode is on': { config: config({ ...ADMIN, REQUIRE_USER_IN_DB: 'true' }) },
      'there is no admin': {},
    },
  },
  {
    id: 'rollcall:bootstrap.ignored',
    appears: 'an admin is set in strict mode',
    when: { config: config({ ...EXPIRING, REQUIRE_USER_IN_DB: 'true' }) },
    notWhen: {
      'strict mode is off': { config: config(EXPIRING) },
      'there is no admin': { config: config({ REQUIRE_USER_IN_DB: 'true' }) },
    },
  },
  {
    id: 'rollcall:bootstrap.unverifiedClaim',
    appears: 'the admin is an address in a claim that nothing verifies',
    when: {
      config: config({
        ...EXPIRING,
        USER_CLAIM: 'https://example.com/email',
        PLATFORM_ADMIN_EMAIL: 'admin@example.com',
      }),
    },
    notWhen: {
      'the claim is email': {
        config: config({ ...EXPIRING, ...EMAIL, PLATFORM_ADMIN_EMAIL: 'admin@example.com' }),
      },
      'the claim is sub': {
        config: config({ ...EXPIRING, PLATFORM_ADMIN_EMAIL: 'admin@example.com' }),
      },
      'the admin is no address': { config: config({ ...EXPIRING, USER_CLAIM: 'oid' }) },
      'there is no admin': { config: config({ USER_CLAIM: 'https://example.com/email' }) },
    },
  },
  {
    id: 'rollcall:issuer.keySet',
    appears: 'the issuer keeps its key set elsewhere',
    when: { config: config({ JWT_ISSUER: 'https://id.example.com/realms/shop' }) },
    notWhen: {
      'the address is set': {
        config: config({
          JWT_ISSUER: 'https://id.example.com/realms/shop',
          JWKS_URI: 'https://id.example.com/realms/shop/protocol/openid-connect/certs',
        }),
      },
      'nothing is known of it': {},
    },
  },
  {
    id: 'rollcall:bootstrap.claimMismatch',
    appears: 'the admin is an address and users are subjects',
    when: { config: config({ ...EXPIRING, PLATFORM_ADMIN_EMAIL: 'admin@example.com' }) },
    notWhen: {
      'users are addresses too': {
        config: config({ ...EXPIRING, ...EMAIL, PLATFORM_ADMIN_EMAIL: 'admin@example.com' }),
      },
      'the admin is a subject': { config: config(EXPIRING) },
      'another issuer names users by their subject': {
        config: config({
          JWT_ISSUER: '',
          JWT_AUDIENCE: '',
          TRUSTED_ISSUERS: JSON.stringify([
            { issuer: 'https://a.example', audience: 'x', userNamespace: 'a', userClaim: 'email' },
            { issuer: 'https://b.example', audience: 'x', userNamespace: 'b' },
          ]),
          PLATFORM_ADMIN_EMAIL: 'admin@example.com',
          PLATFORM_ADMIN_ISSUER: 'https://a.example',
          BOOTSTRAP_EXPIRES_AT: AFTER_NOW,
        }),
      },
    },
  },
  ...['preferred_username', 'upn', 'nickname', 'name'].map((claim): Case => ({
    id: 'rollcall:userClaim.mutable',
    appears: `users are named by ${claim}`,
    when: { config: config({ USER_CLAIM: claim }) },
    notWhen: {
      'they are named by their subject': {},
      'they are named by their address': { config: config(EMAIL) },
    },
  })),
  {
    id: 'rollcall:email.unverified',
    appears: 'unverified addresses are accepted',
    when: { config: config({ ...EMAIL, ALLOW_UNVERIFIED_EMAIL: 'true' }) },
    notWhen: {
      'addresses are verified': { config: config(EMAIL) },
      'users are not named by addresses': { config: config({ ALLOW_UNVERIFIED_EMAIL: 'true' }) },
    },
  },
  {
    id: 'rollcall:revocation.jtiOptional',
    appears: 'tokens without a jti are accepted though tokens can be revoked',
    when: { config: config({ REVOKED_TOKENS_TABLE_NAME: 'revoked' }) },
    notWhen: {
      'every token has a jti': {
        config: config({ REVOKED_TOKENS_TABLE_NAME: 'revoked', REQUIRE_JTI: 'true' }),
      },
      'tokens cannot be revoked': {},
    },
  },
  {
    id: 'rollcall:cache.denials',
    appears: 'an HTTP API caches for 61 seconds',
    when: cached('http', 61),
    notWhen: {
      'it caches for 60 seconds': cached('http', 60),
      'a REST API does': cached('rest-token', 61),
    },
  },
  {
    id: 'rollcall:alarms.topicKey',
    appears: 'CloudWatch may not use the key of the topic',
    when: { topicKeyFlaw: 'is encrypted with a key' },
    notWhen: { 'it may': {} },
  },
  {
    id: 'rollcall:logs.class',
    appears: 'the log group is of a class without metrics',
    when: { logGroupClass: 'INFREQUENT_ACCESS' },
    notWhen: {
      'it is of the default class': {},
      'it is of that class by name': { logGroupClass: 'STANDARD' },
    },
  },
  {
    id: 'rollcall:deployment.authorizerChanges',
    appears: 'an authorizer is part of no deployment',
    when: { notRedeployed: ['Theirs/Rollcall/RestToken'] },
    notWhen: { 'each is': {} },
  },
];

const ERRORS: readonly Case[] = [
  {
    id: 'rollcall:usersTable.region',
    appears: 'a table is in another Region',
    when: users({ otherRegion: 'us-east-1' }),
    notWhen: { 'it is in the Region of the function': users({}) },
  },
  {
    id: 'rollcall:usersTable.key',
    appears: 'a table has another key',
    when: users({ keyFlaws: ['it has the sort key tenant'] }),
    notWhen: { 'it has the key that is looked up': users({}) },
  },
  {
    id: 'rollcall:revocation.budget',
    appears: 'both caches together exceed the budget',
    when: {
      ...cached('rest-token', 30),
      config: config({ USER_CACHE_TTL_SECONDS: '31' }),
      maxRevocationDelaySeconds: 60,
    },
    notWhen: {
      'they just keep to it': {
        ...cached('rest-token', 30),
        config: config({ USER_CACHE_TTL_SECONDS: '30' }),
        maxRevocationDelaySeconds: 60,
      },
      'there is no budget': cached('rest-token', 3600),
    },
  },
  {
    id: 'rollcall:cache.identitySource',
    appears: 'answers are cached under something else than the token',
    when: cached('rest-request', 1, false),
    notWhen: {
      'nothing is cached': cached('rest-request', 0, false),
      'the token is among it': cached('rest-request', 1),
    },
  },
  {
    id: 'rollcall:environment.size',
    appears: 'the environment has 4,097 bytes',
    when: { environmentBytes: 4097 },
    notWhen: { 'it has 4,096 bytes': {} },
  },
];

const cases = [...WARNINGS, ...ERRORS];
const negatives = cases.flatMap(({ id, notWhen }) =>
  Object.entries(notWhen).map(([name, changes]) => ({ id, name, changes })),
);

describe('deploymentFindings', () => {
  it('has nothing to say of an existing table that lasts, without caches and bootstrap', () => {
    expect(deploymentFindings(deployment())).toEqual([]);
  });

  it.each(cases)('says $id when $appears', ({ id, when }) => {
    expect(ids(when)).toContain(id);
  });

  it.each(negatives)('does not say $id when $name', ({ id, changes }) => {
    expect(ids(changes)).not.toContain(id);
  });

  it.each([
    ['open', ADMIN, true],
    ['open for a second', EXPIRING, true],
    ['over', { ...ADMIN, BOOTSTRAP_EXPIRES_AT: BEFORE_NOW }, false],
    ['ruled out by strict mode', { ...ADMIN, REQUIRE_USER_IN_DB: 'true' }, false],
    ['not asked for', {}, false],
  ])(
    'is sharper about a table that would be lost while bootstrap is %s',
    (_, settings, sharper) => {
      const changes = {
        config: config(settings),
        usersTableFlaws: ['it is deleted with the stack'],
      };
      const found = deploymentFindings(deployment(changes)).find(
        ({ id }) => id === 'rollcall:usersTable.ephemeral',
      );
      expect(found?.text.includes('Bootstrap is open')).toBe(sharper);
    },
  );

  it('names what the table lacks', () => {
    const [finding] = deploymentFindings(
      deployment({ usersTableFlaws: ['it has no point-in-time recovery'] }),
    );
    expect(finding?.text).toContain('it has no point-in-time recovery');
  });

  it('never repeats the address of the admin', () => {
    const texts = deploymentFindings(
      deployment({ config: config({ PLATFORM_ADMIN_EMAIL: 'admin@example.com' }) }),
    ).map(({ text }) => text);
    expect(texts.join()).not.toContain('admin@example.com');
  });
});

describe('reportFindings', () => {
  const stack = () => new Stack(testApp(), 'Theirs');
  const allOf = (list: readonly Case[]) =>
    list.flatMap(({ when }) => deploymentFindings(deployment(when)));

  it.each(WARNINGS)('writes $id as a warning', ({ id, when }) => {
    const scope = stack();
    reportFindings(scope, deploymentFindings(deployment(when)));
    expect(messagesOf(scope)).toMatchObject({
      warnings: expect.arrayContaining([id]),
      errors: [],
    });
  });

  it.each(ERRORS)('writes $id as an error', ({ id, when }) => {
    const scope = stack();
    reportFindings(scope, deploymentFindings(deployment(when)));
    expect(messagesOf(scope).errors).toContain(id);
  });

  it.each([...new Set(WARNINGS.map(({ id }) => id))])('lets %s be acknowledged', (id) => {
    const scope = stack();
    Validations.of(scope).acknowledge({ id, reason: 'The test knows.' });
    reportFindings(scope, allOf(WARNINGS));
    expect(messagesOf(scope).warnings).not.toContain(id);
  });

  it('does not let an error be acknowledged', () => {
    const scope = stack();
    const found = allOf(ERRORS).filter(({ id }) => id === 'rollcall:environment.size');
    Validations.of(scope).acknowledge({ id: 'rollcall:environment.size', reason: 'Never mind.' });
    reportFindings(scope, found);
    expect(messagesOf(scope).errors).toEqual(['rollcall:environment.size']);
  });
});
