import { readRow } from '../../../lambda/users/user-row.ts';
import type { Rules } from '../../../cli/user-keys.ts';
import { readUser, toItem, toRecord, type UserRecord } from '../../../cli/users/record.ts';

const TABLE = { key: 'id' };
const RULES: Rules = {
  userIdCase: 'lower',
  namespaces: ['emp', 'ext'],
  issuersKnown: true,
  strict: false,
  adminKey: undefined,
  bootstrapExpiresAt: undefined,
};
const base: UserRecord = { user_id: 'Alice', namespace: 'emp' };

describe('toItem', () => {
  it("writes the key under the table's own attribute, and says what is the default", () => {
    expect(toItem(base, TABLE, RULES)).toEqual({
      ok: true,
      key: 'emp#alice',
      item: { id: 'emp#alice', is_active: true, is_admin: false },
      changes: { set: {}, remove: [] },
    });
  });

  it('changes what the record names, and nothing else', () => {
    const record = { ...base, is_admin: true, email: 'a@example.com' };
    expect(toItem(record, TABLE, RULES)).toMatchObject({
      changes: { set: { is_admin: true, email: 'a@example.com' }, remove: [] },
    });
  });

  it('takes an empty list of roles for their removal', () => {
    expect(toItem({ ...base, roles: [] }, TABLE, RULES)).toMatchObject({
      item: expect.not.objectContaining({ roles: [] }),
      changes: { set: {}, remove: ['roles'] },
    });
  });

  it.each<[string, UserRecord]>([
    ['no user_id', { namespace: 'emp' }],
    ['a user_id that is a number', { ...base, user_id: 7 }],
    ['a namespace that is a number', { ...base, namespace: 7 }],
    ['an unknown namespace', { ...base, namespace: 'corp' }],
    ['null for a boolean', { ...base, is_active: null }],
    ['a text for a boolean', { ...base, is_admin: 'true' }],
    ['a time in milliseconds', { ...base, tokens_valid_after: 1_700_000_000_000 }],
    ['a role with a space', { ...base, roles: ['a b'] }],
    ['a role on its own', { ...base, roles: 'ops' }],
    ['an email that is an object', { ...base, email: {} }],
    ['a full name of 1025 bytes', { ...base, full_name: 'x'.repeat(1025) }],
  ])('refuses %s', (_, record) => {
    expect(toItem(record, TABLE, RULES)).toEqual({ ok: false, problem: expect.any(String) });
  });

  it('accepts a full name of 1024 bytes', () => {
    expect(toItem({ ...base, full_name: 'x'.repeat(1024) }, TABLE, RULES).ok).toBe(true);
  });

  it('makes rows that the function reads as they were written, and back again', () => {
    const record: UserRecord = {
      user_id: 'alice',
      namespace: 'ext',
      is_active: false,
      is_admin: true,
      tokens_valid_after: 1_700_000_000,
      email: 'a@example.com',
      full_name: 'Alice',
      roles: ['ops'],
    };
    const made = toItem(record, TABLE, RULES);
    const item = made.ok ? made.item : {};
    expect(readRow(item)).toMatchObject({ ok: true, row: { isAdmin: true, roles: ['ops'] } });
    const { key, row } = readUser(item, TABLE);
    expect(row && toRecord(key, row, RULES)).toEqual(record);
  });
});

describe('toRecord', () => {
  it.each(['emp#alice', 'emp#a#b', 'emp#emp#alice', 'emp#ext#alice'])(
    'makes a record of %s that makes the same key again',
    (key) => {
      const { row } = readUser({ id: key }, TABLE);
      expect(row && toItem(toRecord(key, row, RULES), TABLE, RULES)).toMatchObject({ key });
    },
  );
});

describe('readUser', () => {
  it('names every attribute that spoils a row', () => {
    const item = { id: 'a', is_active: 'yes', is_admin: true, roles: 'all' };
    expect(readUser(item, TABLE)).toEqual({
      key: 'a',
      item,
      badAttributes: ['is_active', 'roles'],
    });
  });
});
