/** The tables when they fail or answer in parts: how often they are asked, and when it stops. */
import type { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { createDirectory, type DirectoryWorld } from '../../../lambda/users/directory.ts';

const USERS = 'users';
const REVOKED = 'revoked';
const ISSUER = 'https://issuer.example';
const USER = { user_id: 'alice' };

type Answer = Record<string, unknown> | Error;

/** What the table answers, one after the other; the last one for good. */
let answers: Answer[];
/** Tables asked, try by try. */
let asked: string[][];
let pauses: number[];
let random: number;
let pause: DirectoryWorld['pause'];

beforeEach(() => {
  answers = [];
  asked = [];
  pauses = [];
  random = 0.5;
  pause = () => Promise.resolve();
});

const client = {
  send: ({ input }: GetCommand | BatchGetCommand) => {
    asked.push('RequestItems' in input ? Object.keys(input.RequestItems ?? {}) : [USERS]);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? {});
  },
};

function lookUp(jti?: string, signal = new AbortController().signal) {
  const directory = createDirectory(
    {
      usersTable: { name: USERS, key: 'user_id', persistent: true },
      revokedTokensTableName: REVOKED,
      userCacheTtlSeconds: 0,
    },
    client,
    {
      now: () => 0,
      random: () => random,
      pause: (ms, abortSignal) => {
        pauses.push(ms);
        return pause(ms, abortSignal);
      },
    },
  );
  const query = { userId: 'alice', issuer: ISSUER, jti, session: undefined, expiresAt: 600 };
  return directory.lookUp(query, { signal });
}

const failure = (name: string, marks: object = {}) =>
  Object.assign(new Error('a message that may quote a key'), { name, ...marks });
const THROTTLED = failure('ThrottlingException');
const DENIED = failure('AccessDeniedException');

const unavailable = (cause: string) => ({
  status: 'unavailable',
  reason: 'directory_unavailable',
  cause,
});

describe('a read that fails', () => {
  it.each([
    [1, [THROTTLED, { Item: USER }]],
    [2, [THROTTLED, THROTTLED, { Item: USER }]],
  ])('%i times by throttling is tried again and succeeds', async (failures, given) => {
    answers = given;
    expect(await lookUp()).toMatchObject({ status: 'found' });
    expect(asked).toHaveLength(failures + 1);
  });

  it('three times is given up', async () => {
    answers = [THROTTLED, THROTTLED, THROTTLED, { Item: USER }];
    expect(await lookUp()).toEqual(unavailable('throttled'));
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['throttled', THROTTLED],
    ['timeout', failure('TimeoutError')],
    ['connection', failure('Error', { code: 'ECONNRESET' })],
    ['bad_json', failure('NotDynamoDbError')],
    ['http_status', failure('InternalServerError', { $metadata: { httpStatusCode: 500 } })],
  ])('with cause %s is tried three times', async (cause, error) => {
    answers = [error];
    expect(await lookUp()).toEqual(unavailable(cause));
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['access_denied', DENIED],
    ['table_missing', failure('ResourceNotFoundException')],
    ['too_large', failure('AnswerTooLargeError')],
    ['wrong_key', failure('ValidationException', { $metadata: { httpStatusCode: 400 } })],
    ['http_status', failure('SomeException', { $metadata: { httpStatusCode: 400 } })],
  ])('with cause %s is not tried again', async (cause, error) => {
    answers = [error];
    expect(await lookUp()).toEqual(unavailable(cause));
    expect(asked).toHaveLength(1);
  });

  it('because of the clock is retried once the SDK has corrected it', async () => {
    const skewed = { httpStatusCode: 400, clockSkewCorrected: true };
    answers = [failure('InvalidSignatureException', { $metadata: skewed }), { Item: USER }];
    expect(await lookUp()).toMatchObject({ status: 'found' });
    expect(asked).toHaveLength(2);
  });

  it('by a mistake of ours rejects, and is not tried again', async () => {
    answers = [new TypeError('a mistake')];
    await expect(lookUp()).rejects.toThrow('a mistake');
    expect(asked).toHaveLength(1);
  });

  it.each([
    [0, [12.5, 25]],
    [0.5, [25, 50]],
    [1, [37.5, 75]],
  ])('is tried again after short pauses that vary (%d)', async (r, expected) => {
    random = r;
    answers = [THROTTLED];
    await lookUp();
    expect(pauses).toEqual(expected);
  });
});

describe('an answer in parts', () => {
  const ROW_ONLY = { Responses: { [USERS]: [USER] }, UnprocessedKeys: { [REVOKED]: {} } };
  const REST = { Responses: { [REVOKED]: [] }, UnprocessedKeys: {} };

  it('is completed: what was left unprocessed is asked for again, and that alone', async () => {
    answers = [ROW_ONLY, REST];
    expect(await lookUp('one')).toMatchObject({ status: 'found', tokenRevoked: false });
    expect(asked).toEqual([[USERS, REVOKED], [REVOKED]]);
    expect(pauses).toHaveLength(1);
  });

  it('keeps the revocation that came first', async () => {
    answers = [
      {
        Responses: { [REVOKED]: [{ token_id: `${ISSUER}#one` }], [USERS]: [] },
        UnprocessedKeys: { [USERS]: {} },
      },
      { Responses: { [USERS]: [USER] } },
    ];
    expect(await lookUp('one')).toMatchObject({ status: 'found', tokenRevoked: true });
  });

  it('with a revocation that was not asked for is no answer', async () => {
    answers = [{ Responses: { [REVOKED]: [{ token_id: 'x' }], [USERS]: [USER] } }];
    expect(await lookUp('one')).toEqual(unavailable('bad_json'));
  });

  it('survives a failure between the parts', async () => {
    answers = [ROW_ONLY, THROTTLED, REST];
    expect(await lookUp('one')).toMatchObject({ status: 'found', tokenRevoked: false });
    expect(asked).toEqual([[USERS, REVOKED], [REVOKED], [REVOKED]]);
  });

  it.each([
    ['the revocation stays unprocessed', ROW_ONLY],
    [
      'the row stays unprocessed',
      { Responses: { [REVOKED]: [] }, UnprocessedKeys: { [USERS]: {} } },
    ],
    ['nothing is processed', { UnprocessedKeys: { [USERS]: {}, [REVOKED]: {} } }],
  ])('is unavailable after three tries when %s', async (_, answer) => {
    answers = [answer];
    expect(await lookUp('one')).toEqual(unavailable('throttled'));
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['a table is left out', { Responses: { [USERS]: [USER] } }],
    ['a table is left out, and nothing is unprocessed', { Responses: {}, UnprocessedKeys: {} }],
    ['it is empty', {}],
  ])('is no answer when %s, which is no throttling', async (_, answer) => {
    answers = [answer];
    expect(await lookUp('one')).toEqual(unavailable('bad_json'));
    expect(asked).toHaveLength(3);
  });
});

describe('the deadline', () => {
  it('ends a read that never answers', async () => {
    const controller = new AbortController();
    jest.spyOn(client, 'send').mockReturnValueOnce(new Promise(() => undefined));
    const evidence = lookUp(undefined, controller.signal);
    controller.abort();
    expect(await evidence).toEqual(unavailable('timeout'));
  });

  it('ends a pause between tries', async () => {
    const controller = new AbortController();
    answers = [THROTTLED];
    pause = () => new Promise(() => controller.abort());
    expect(await lookUp(undefined, controller.signal)).toEqual(unavailable('timeout'));
    expect(asked).toHaveLength(1);
  });

  it('that is over leaves no time to read at all', async () => {
    jest.spyOn(client, 'send').mockReturnValueOnce(new Promise(() => undefined));
    expect(await lookUp(undefined, AbortSignal.abort())).toEqual(unavailable('timeout'));
  });
});

it("refuses a row that is not the user's", async () => {
  answers = [{ Item: { user_id: 'bob', is_admin: true } }];
  expect(await lookUp()).toEqual({ ...unavailable('bad_row'), attribute: 'user_id' });
});
