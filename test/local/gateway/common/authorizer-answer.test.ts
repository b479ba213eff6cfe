import {
  checkPolicyAnswer,
  checkSimpleAnswer,
  stringifiedContext,
} from '../../../../local/gateway/common/authorizer-answer.ts';

const STATEMENT = { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: 'arn:a' };
const ANSWER = {
  principalId: 'user-1',
  policyDocument: { Version: '2012-10-17', Statement: [STATEMENT] },
};
const withStatement = (changes: object) => ({
  ...ANSWER,
  policyDocument: { Version: '2012-10-17', Statement: [{ ...STATEMENT, ...changes }] },
});

function problemOf(value: unknown): string {
  const checked = checkPolicyAnswer(value);
  return checked.ok ? 'none' : checked.problem;
}

it('reads an answer', () => {
  expect(checkPolicyAnswer({ ...ANSWER, context: { a: 'x', n: 1, t: true } })).toEqual({
    ok: true,
    answer: {
      form: 'policy',
      principalId: 'user-1',
      statements: [{ Effect: 'Allow', Action: ['execute-api:Invoke'], Resource: ['arn:a'] }],
      context: { a: 'x', n: 1, t: true },
    },
  });
});

it.each<[string, unknown]>([
  ['one statement that is not in a list', { ...ANSWER, policyDocument: { Statement: STATEMENT } }],
  ['a usage identifier', { ...ANSWER, usageIdentifierKey: 'key' }],
  ['lists of actions and resources', withStatement({ Action: ['*'], Resource: ['*', 'arn:b'] })],
  ['a statement id', withStatement({ Sid: 'One' })],
])('takes %s', (_what, value) => {
  expect(problemOf(value)).toBe('none');
});

it.each<[string, unknown, string]>([
  ['nothing', null, 'not an object'],
  ['a list', [], 'not an object'],
  ['a proxy response', { statusCode: 200, body: '' }, 'principalId'],
  ['no principal', { ...ANSWER, principalId: undefined }, 'principalId'],
  ['an empty principal', { ...ANSWER, principalId: '' }, 'principalId'],
  ['a principal that is a number', { ...ANSWER, principalId: 7 }, 'principalId'],
  ['no document', { principalId: 'u' }, 'policyDocument'],
  ['no statements', { ...ANSWER, policyDocument: { Statement: [] } }, 'Statement'],
  ['a lower-case member', { ...ANSWER, policyDocument: { statement: [STATEMENT] } }, 'statement'],
  ['an unknown version', { ...ANSWER, policyDocument: { Version: '2030-01-01' } }, 'Version'],
  ['an unknown effect', withStatement({ Effect: 'allow' }), 'Effect'],
  ['a Condition that is null', withStatement({ Condition: null }), 'Condition'],
  ['an unknown member of a statement', withStatement({ effect: 'Allow' }), 'effect'],
  ['an empty list of resources', withStatement({ Resource: [] }), 'Resource'],
  ['a resource that is a number', withStatement({ Resource: [1] }), 'Resource'],
  ['a resource that is no ARN', withStatement({ Resource: 'orders' }), 'ARN'],
  ['Action and NotAction', withStatement({ NotAction: '*' }), 'not both'],
  [
    'neither Resource nor NotResource',
    { ...ANSWER, policyDocument: { Statement: { Effect: 'Allow', Action: '*' } } },
    'Resource',
  ],
  ['a nested context', { ...ANSWER, context: { a: { b: 1 } } }, 'context.a'],
  ['a list in the context', { ...ANSWER, context: { a: [] } }, 'context.a'],
  ['null in the context', { ...ANSWER, context: { a: null } }, 'context.a'],
  ['a context that is a text', { ...ANSWER, context: 'x' }, 'context'],
  ['the reserved name claims', { ...ANSWER, context: { claims: 'x' } }, 'claims'],
  [
    'a usage identifier that is a number',
    { ...ANSWER, usageIdentifierKey: 1 },
    'usageIdentifierKey',
  ],
])('refuses %s', (_what, value, expected) => {
  expect(problemOf(value)).toContain(expected);
});

it('takes a resource of 512 characters and refuses one of 513', () => {
  const resource = (length: number) => withStatement({ Resource: 'arn:'.padEnd(length, 'x') });
  expect(problemOf(resource(512))).toBe('none');
  expect(problemOf(resource(513))).toContain('512');
});

it('takes an answer of the limit and refuses one byte more', () => {
  const bytes = JSON.stringify(ANSWER).length;
  expect(checkPolicyAnswer(ANSWER, { maxBytes: bytes }).ok).toBe(true);
  expect(checkPolicyAnswer(ANSWER, { maxBytes: bytes - 1 }).ok).toBe(false);
});

describe('simple answers', () => {
  it.each([true, false])('take %p as it is', (isAuthorized) => {
    expect(checkSimpleAnswer({ isAuthorized })).toEqual({
      ok: true,
      answer: { form: 'simple', isAuthorized, context: {} },
    });
  });

  it.each(['true', 'false', 1, 0, null, undefined, {}])('refuse %p', (isAuthorized) => {
    expect(checkSimpleAnswer({ isAuthorized }).ok).toBe(false);
  });
});

it('turns every value of a context into a text', () => {
  expect(stringifiedContext({ s: 'x', n: 1.5, t: true, f: false, o: { a: 1 } })).toEqual({
    s: 'x',
    n: '1.5',
    t: 'true',
    f: 'false',
    o: '{"a":1}',
  });
});
