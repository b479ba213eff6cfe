import * as fc from 'fast-check';
import { evaluatePolicy, matchesPattern, type Statement } from '../../../local/template/policy.ts';

const ARN = 'arn:aws:execute-api:us-east-1:000000000000:api1/prod/GET/orders/42';
const allow = (extra: Partial<Statement>): Statement => ({
  Effect: 'Allow',
  Action: ['execute-api:Invoke'],
  Resource: ['*'],
  ...extra,
});

describe('matching', () => {
  it.each([
    ['*', ARN],
    [ARN, ARN],
    ['arn:aws:execute-api:*:*:*', ARN],
    ['arn:aws:execute-api:us-east-1:000000000000:api1/prod/*', ARN],
    ['arn:aws:execute-api:us-east-1:000000000000:api1/*/GET/*', ARN],
    ['*/GET/orders/4?', ARN],
    ['*42*', ARN],
    ['a*b*c', 'a/b:b/c'],
    ['a?c', 'a*c'],
    ['*', 'a*'],
    ['', ''],
  ])('lets %p match %p', (pattern, text) => {
    expect(matchesPattern(pattern, text)).toBe(true);
  });

  it.each([
    ['arn:aws:execute-api:us-east-1:000000000000:api1/test/*', ARN],
    ['*/POST/*', ARN],
    ['*/get/orders/42', ARN],
    ['*/GET/orders/?', ARN],
    ['*/GET/orders', ARN],
    ['a.c', 'abc'],
    ['a+', 'aa'],
    ['a?', 'a'],
    ['', 'a'],
  ])('does not let %p match %p', (pattern, text) => {
    expect(matchesPattern(pattern, text)).toBe(false);
  });

  it('agrees with a regular expression on any pattern', () => {
    const alphabet = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/'), maxLength: 12 });
    fc.assert(
      fc.property(alphabet, alphabet, (pattern, text) => {
        const expression = pattern.replaceAll('*', '[^]*').replaceAll('?', '[^]');
        expect(matchesPattern(pattern, text)).toBe(new RegExp(`^${expression}$`, 'u').test(text));
      }),
    );
  });

  it('stays fast on many stars', () => {
    expect(matchesPattern('*a'.repeat(50) + 'b', 'a'.repeat(2000))).toBe(false);
  });
});

describe('evaluation', () => {
  it('denies what no statement allows', () => {
    expect(evaluatePolicy([], ARN)).toBe('implicitly_denied');
    expect(evaluatePolicy([allow({ Resource: ['*/POST/*'] })], ARN)).toBe('implicitly_denied');
  });

  it('allows what one of many resources matches', () => {
    expect(evaluatePolicy([allow({ Resource: ['*/POST/*', ARN] })], ARN)).toBe('allowed');
  });

  it('looks at every statement', () => {
    const other = allow({ Resource: ['*/POST/*'] });
    expect(evaluatePolicy([other, other, allow({})], ARN)).toBe('allowed');
  });

  it('lets Deny win, wherever it stands', () => {
    const deny = allow({ Effect: 'Deny', Resource: [ARN] });
    expect(evaluatePolicy([deny, allow({})], ARN)).toBe('explicitly_denied');
    expect(evaluatePolicy([allow({}), deny], ARN)).toBe('explicitly_denied');
  });

  it.each(['execute-api:Invoke', 'execute-api:*', '*', 'EXECUTE-API:invoke'])(
    'takes the action %p',
    (action) => {
      expect(evaluatePolicy([allow({ Action: [action] })], ARN)).toBe('allowed');
    },
  );

  it.each(['execute-api:ManageConnections', 'lambda:*', 'execute-api'])(
    'does not take the action %p',
    (action) => {
      expect(evaluatePolicy([allow({ Action: [action] })], ARN)).toBe('implicitly_denied');
    },
  );

  it('honours NotAction and NotResource', () => {
    const { Action: _a, Resource: _r, ...bare } = allow({});
    expect(evaluatePolicy([{ ...bare, NotAction: ['s3:*'], NotResource: ['*/POST/*'] }], ARN)).toBe(
      'allowed',
    );
    expect(evaluatePolicy([{ ...bare, NotAction: ['*'], Resource: ['*'] }], ARN)).toBe(
      'implicitly_denied',
    );
    expect(evaluatePolicy([{ ...bare, Action: ['*'], NotResource: [ARN] }], ARN)).toBe(
      'implicitly_denied',
    );
  });

  it('shows what a copied path with a star grants: every path', () => {
    // Why a path must never be copied into a policy: the client chose `*` here.
    const copied = ARN.replace('42', '*');
    expect(evaluatePolicy([allow({ Resource: [copied] })], ARN)).toBe('allowed');
  });

  it('refuses a Condition and a policy variable aloud', () => {
    expect(() => evaluatePolicy([allow({ Condition: {} })], ARN)).toThrow('Condition');
    expect(() => evaluatePolicy([allow({ Resource: ['arn:${aws:username}'] })], ARN)).toThrow(
      'variable',
    );
  });
});
