import { changedItem, makesDifference, updateParts } from '../../../cli/users/row-update.ts';

describe('updateParts', () => {
  it('sets and removes what is named, and nothing else', () => {
    expect(updateParts({ set: { email: 'a' }, remove: ['roles'] })).toEqual({
      UpdateExpression: 'SET #a0 = :v0 REMOVE #a1',
      ExpressionAttributeNames: { '#a0': 'email', '#a1': 'roles' },
      ExpressionAttributeValues: { ':v0': 'a' },
    });
  });

  it('sets a default only where the row has none', () => {
    expect(updateParts({ set: {}, remove: [] }, { is_active: true })).toMatchObject({
      UpdateExpression: 'SET #a0 = if_not_exists(#a0, :v0)',
    });
  });

  it('has no default for what is named', () => {
    expect(updateParts({ set: { is_active: false }, remove: [] }, { is_active: true })).toEqual({
      UpdateExpression: 'SET #a0 = :v0',
      ExpressionAttributeNames: { '#a0': 'is_active' },
      ExpressionAttributeValues: { ':v0': false },
    });
  });

  it('has no values when it only removes', () => {
    expect(updateParts({ set: {}, remove: ['roles'] })).toEqual({
      UpdateExpression: 'REMOVE #a0',
      ExpressionAttributeNames: { '#a0': 'roles' },
    });
  });
});

describe('changedItem', () => {
  it('keeps what is not named', () => {
    const changes = { set: { email: 'b' }, remove: ['roles'] };
    expect(changedItem({ id: 'a', email: 'a', roles: ['x'], note: 1 }, changes)).toEqual({
      id: 'a',
      email: 'b',
      note: 1,
    });
  });
});

describe('makesDifference', () => {
  it.each<[string, Record<string, unknown>, boolean]>([
    ['the same roles as a list', { roles: ['x'] }, false],
    ['the same roles as a set', { roles: new Set(['x']) }, false],
    ['other roles', { roles: ['y'] }, true],
    ['no roles', {}, true],
  ])('compares with %s', (_, item, differs) => {
    expect(makesDifference(item, { set: { roles: ['x'] }, remove: [] })).toBe(differs);
  });

  it('is one to remove what is there, and none to remove what is not', () => {
    const changes = { set: {}, remove: ['email'] };
    expect(makesDifference({ email: 'a' }, changes)).toBe(true);
    expect(makesDifference({}, changes)).toBe(false);
  });
});
