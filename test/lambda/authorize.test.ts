import {
  createAuthorize,
  createRefusal,
  type AuthorizeDependencies,
} from '../../lambda/authorize.ts';
import { parseConfig, type Config } from '../../lambda/settings/config.ts';
import type { DirectoryEvidence } from '../../lambda/decision.ts';
import type { Directory, DirectoryQuery } from '../../lambda/users/directory.ts';
import { createKeySource } from '../../lambda/keys/key-source.ts';
import type { DecisionRecord } from '../../lambda/telemetry/security-event.ts';
import type { Telemetry } from '../../lambda/telemetry/telemetry.ts';
import { eventOf } from '../support/events.ts';
import { found, NOT_FOUND, NOW } from '../support/evidence.ts';
import { createKey, signToken } from '../support/issuer.ts';

const ISSUER = 'https://issuer.example.com';
const KEY = createKey();
const CLAIMS = { iss: ISSUER, aud: 'api', sub: 'alice', exp: NOW + 60, iat: NOW, jti: 'j-1' };

/** Notes what telemetry was told, in order. */
class Notes implements Telemetry {
  readonly records: DecisionRecord[] = [];
  readonly others: string[] = [];

  decided(record: DecisionRecord): void {
    this.records.push(record);
  }
  tokenWithoutJti(issuer: string): void {
    this.others.push(`tokenWithoutJti ${issuer}`);
  }
  staleKeys(issuer: string): void {
    this.others.push(`staleKeys ${issuer}`);
  }
  ephemeralStorageWithBootstrap(): void {
    this.others.push('ephemeralStorageWithBootstrap');
  }
  misconfigured(): void {
    this.others.push('misconfigured');
  }
  requestHeadersNotPassed(): void {
    this.others.push('requestHeadersNotPassed');
  }
  internalError(error: unknown): void {
    this.others.push(`internalError ${error instanceof Error ? error.name : ''}`);
  }
}

function config(settings: Record<string, string> = {}): Config {
  const result = parseConfig({
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: 'api',
    USERS_TABLE_NAME: 'users',
    ...settings,
  });
  if (!result.ok) throw new Error(result.problems.join('; '));
  return result.config;
}

function setUp(
  answer: DirectoryEvidence | Error = found(),
  settings: Record<string, string> = {},
): { dependencies: AuthorizeDependencies; notes: Notes; queries: DirectoryQuery[] } {
  const notes = new Notes();
  const queries: DirectoryQuery[] = [];
  const parsed = config(settings);
  const directory: Directory = {
    lookUp: (query) => {
      queries.push(query);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  const keys = createKeySource(
    { issuer: ISSUER, audiences: ['api'], clientIds: [], jwksUri: `${ISSUER}/jwks` },
    { jwksMaxAgeSeconds: 600, jwksMaxStaleSeconds: 0, clockToleranceSeconds: 5 },
    {
      fetchJwks: () => ({
        result: Promise.resolve({ ok: true, keys: [KEY.jwk] }),
        abandon: () => undefined,
      }),
      now: () => NOW * 1000,
      random: () => 0,
    },
  );
  const issuers = new Map(
    parsed.issuers.map((issuer) => [issuer.issuer, { config: issuer, keys }]),
  );
  const dependencies = { config: parsed, issuers, directory, telemetry: notes, now: () => NOW };
  return { dependencies, notes, queries };
}

const eventWith = (claims: object) =>
  eventOf('rest-token', `Bearer ${signToken({ ...CLAIMS, ...claims }, KEY)}`);

it('answers a user with a row, and records it', async () => {
  const { dependencies, notes } = setUp();
  const answer = await createAuthorize(dependencies)(eventWith({}), { awsRequestId: 'i-1' });
  expect(answer).toMatchObject({ principalId: 'alice' });
  expect(notes.records).toEqual([
    expect.objectContaining({
      decision: expect.objectContaining({ reason: 'user_found' }),
      request: expect.objectContaining({ kind: 'rest-token' }),
      invocationId: 'i-1',
    }),
  ]);
});

it('looks up the very user and token', async () => {
  const { dependencies, queries } = setUp();
  await createAuthorize(dependencies)(eventWith({}));
  expect(queries).toEqual([
    expect.objectContaining({ userId: 'alice', issuer: ISSUER, jti: 'j-1', expiresAt: NOW + 60 }),
  ]);
});

it.each([
  ['a missing token', eventOf('rest-token', undefined), 'token_missing'],
  ['a malformed one', eventOf('rest-token', 'Basic YTpi'), 'token_malformed'],
  ['too large a one', eventOf('rest-token', `Bearer ${'a'.repeat(8193)}`), 'token_too_large'],
  ['one of another audience', eventWith({ aud: 'other' }), 'audience_mismatch'],
])('asks no table about %s', async (_, event, reason) => {
  const { dependencies, notes, queries } = setUp();
  await expect(createAuthorize(dependencies)(event)).rejects.toThrow('Unauthorized');
  expect(notes.records[0]?.decision.reason).toBe(reason);
  expect(queries).toEqual([]);
});

it('records the trusted issuer that a refused token names', async () => {
  const { dependencies, notes } = setUp();
  await expect(createAuthorize(dependencies)(eventWith({ aud: 'other' }))).rejects.toThrow(
    'Unauthorized',
  );
  expect(notes.records).toEqual([expect.objectContaining({ issuer: ISSUER })]);
});

it('denies a user without a row', async () => {
  const { dependencies } = setUp(NOT_FOUND);
  expect(await createAuthorize(dependencies)(eventWith({}))).toMatchObject({
    policyDocument: { Statement: [{ Effect: 'Deny' }] },
    context: { reason: 'user_not_found' },
  });
});

it('warns of a token without a jti', async () => {
  const { dependencies, notes } = setUp();
  await createAuthorize(dependencies)(eventWith({ jti: undefined }));
  expect(notes.others).toEqual([`tokenWithoutJti ${ISSUER}`]);
});

it('throws when the table could not be asked, and records that', async () => {
  const { dependencies, notes } = setUp({
    status: 'unavailable',
    reason: 'directory_unavailable',
    cause: 'throttled',
  });
  await expect(createAuthorize(dependencies)(eventWith({}))).rejects.toThrow(
    'Authorization is unavailable',
  );
  expect(notes.records[0]?.decision).toMatchObject({
    reason: 'directory_unavailable',
    cause: 'throttled',
  });
});

it('throws at a mistake of its own, which is neither a yes nor a no', async () => {
  const { dependencies, notes } = setUp(new TypeError('x is not a function'));
  await expect(createAuthorize(dependencies)(eventWith({}))).rejects.toThrow(
    'Authorization is unavailable',
  );
  expect(notes.others).toEqual(['internalError TypeError']);
  expect(notes.records[0]?.decision.reason).toBe('internal_error');
});

it.each([
  ['null', null],
  ['a proxy event', { httpMethod: 'GET', path: '/' }],
  ['an ARN that is not one', { ...eventWith({}), methodArn: 'arn' }],
])('throws at %s, recording one event', async (_, event) => {
  const { dependencies, notes } = setUp();
  await expect(createAuthorize(dependencies)(event)).rejects.toThrow(
    'Authorization is unavailable',
  );
  expect(notes.records).toEqual([
    expect.objectContaining({
      decision: { outcome: 'unavailable', reason: 'internal_error' },
      request: undefined,
    }),
  ]);
});

it('keeps nothing of one request for the next', async () => {
  const { dependencies } = setUp();
  const authorize = createAuthorize(dependencies);
  await authorize(eventWith({ sub: 'alice' }));
  await expect(authorize(eventOf('rest-token', undefined))).rejects.toThrow('Unauthorized');
  expect(await authorize(eventWith({ sub: 'bob' }))).toMatchObject({ principalId: 'bob' });
});

describe('with bad settings', () => {
  it('every invocation throws, and is recorded', async () => {
    const notes = new Notes();
    const refuse = createRefusal(notes);
    await expect(refuse(eventWith({}))).rejects.toThrow('Authorization is unavailable');
    await expect(refuse(eventOf('http-v2', undefined))).rejects.toThrow(
      'Authorization is unavailable',
    );
    expect(notes.records.map(({ decision }) => decision.reason)).toEqual([
      'internal_error',
      'internal_error',
    ]);
  });

  it('an event of no known kind throws the same', async () => {
    await expect(createRefusal(new Notes())(null)).rejects.toThrow('Authorization is unavailable');
  });
});
