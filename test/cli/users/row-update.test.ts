import { changedItem, makesDifference, updateParts } from '../../../cli/users/row-update.ts';

describe('updateParts', () => {
  it('sets and removes what is named, and nothing else', () => {
    expect(updateParts({ set: { email: 'a' }, remove: ['roles'] })).toEqual({
      UpdateExpression: 'SET #a0 = :v0 REMOVE #a1',
      ExpressionAttributeNames: { '#a0': 'email', '#a1': 'roles' },
      ExpressionAttributeValues: { ':v0': 'a' },
      unchanged: [],
    });
  });

  it('has no values when it only removes', () => {
    expect(updateParts({ set: {}, remove: ['roles'] })).toEqual({
      UpdateExpression: 'REMOVE #a0',
      ExpressionAttributeNames: { '#a0': 'roles' },
      unchanged: [],
    });
  });

  it('sets the stamp in any case', () => {
    const parts = updateParts({ set: {}, remove: ['roles'] }, undefined, { updated_by: 'me' });
    expect(parts).toMatchObject({
      UpdateExpression: 'SET #a1 = :v0 REMOVE #a0',
      ExpressionAttributeNames: { '#a0': 'roles', '#a1': 'updated_by' },
    });
  });

  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ['there', { is_active: true }, ['#a0 = :v0']],
    ['missing', {}, ['attribute_not_exists(#a0)']],
    ['a list', { is_active: ['x', 'y'] }, ['size(#a0) = :v0', '#a0[0] = :v1', '#a0[1] = :v2']],
  ])('says under which conditions an attribute is as it was seen: %s', (_, seen, unchanged) => {
    const parts = updateParts({ set: { is_active: false }, remove: [] }, seen);
    expect(parts.unchanged).toEqual(unchanged);
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
