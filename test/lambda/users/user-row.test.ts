/** Items of the users table, usable and not. */
import { readRow } from '../../../lambda/users/user-row.ts';

const BARE_ROW = {
  isActive: true,
  isAdmin: false,
  tokensValidAfter: undefined,
  roles: [],
  email: undefined,
  fullName: undefined,
};

const rowOf = (item: Record<string, unknown>) => {
  const result = readRow({ user_id: 'alice', ...item });
  return result.ok ? result.row : undefined;
};

it('takes a row without any attribute for an active user who is no admin', () => {
  expect(rowOf({})).toEqual(BARE_ROW);
});

it('reads a full row', () => {
  const item = {
    is_active: false,
    is_admin: true,
    tokens_valid_after: 1_700_000_000,
    roles: ['reader', 'writer'],
    email: 'alice@example.com',
    full_name: 'Alice',
  };
  expect(rowOf(item)).toEqual({
    isActive: false,
    isAdmin: true,
    tokensValidAfter: 1_700_000_000,
    roles: ['reader', 'writer'],
    email: 'alice@example.com',
    fullName: 'Alice',
  });
});

it('ignores attributes that it does not know', () => {
  expect(rowOf({ isActive: false, admin: true })).toEqual(BARE_ROW);
});

describe.each(['is_active', 'is_admin'])('%s', (attribute) => {
  it.each([['true'], ['false'], [''], [1], [0], [null], [[]], [{}], [new Set(['true'])]])(
    'of %p makes the row unusable',
    (value) => {
      expect(readRow({ [attribute]: value })).toEqual({ ok: false, attribute });
    },
  );
});

describe('tokens_valid_after', () => {
  it.each([0, 0.5, 1_700_000_000, 99_999_999_999])('may be %d', (value) => {
    expect(rowOf({ tokens_valid_after: value })?.tokensValidAfter).toBe(value);
  });

  it.each([
    [100_000_000_000],
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['1700000000'],
    [null],
    [true],
    [[]],
  ])('of %p makes the row unusable', (value) => {
    expect(readRow({ tokens_valid_after: value })).toEqual({
      ok: false,
      attribute: 'tokens_valid_after',
    });
  });
});

describe('roles', () => {
  it('may be a list or a string set, and keep their order', () => {
    expect(rowOf({ roles: ['b', 'a'] })?.roles).toEqual(['b', 'a']);
    expect(rowOf({ roles: new Set(['b', 'a']) })?.roles).toEqual(['b', 'a']);
  });

  it.each(['a', 'A:b.c_d-9', 'x'.repeat(64)])('may be called %s', (role) => {
    expect(rowOf({ roles: [role] })?.roles).toEqual([role]);
  });

  it.each([
    ['an empty name', ['']],
    ['a name of 65 characters', ['x'.repeat(65)]],
    ['a comma', ['a,b']],
    ['a space', ['a b']],
    ['a line break at the end', ['a\n']],
    ['a letter beyond ASCII', ['é']],
    ['a number', [7]],
    ['a number set', new Set([7])],
    ['one bad name among good ones', ['reader', '']],
    ['null', null],
    ['a text', 'reader'],
    ['a map', { reader: true }],
    ['a list in a list', [['reader']]],
  ])('with %s make the row unusable', (_, roles) => {
    expect(readRow({ roles })).toEqual({ ok: false, attribute: 'roles' });
  });
});

it.each([
  ['email', 'email'],
  ['full_name', 'fullName'],
] as const)('leaves out a %s that is not a text', (attribute, member) => {
  expect(rowOf({ [attribute]: 7 })?.[member]).toBeUndefined();
  expect(rowOf({ [attribute]: null })?.[member]).toBeUndefined();
});

it('does not take what is only inherited for an attribute', () => {
  const inherited = { is_admin: true, is_active: false, roles: ['admin'], tokens_valid_after: 1 };
  const item = Object.assign(Object.create(inherited) as object, { user_id: 'alice' });
  expect(readRow(item as Record<string, unknown>)).toEqual({ ok: true, row: BARE_ROW });
});
