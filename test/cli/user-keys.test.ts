import { flawOfKey, keyOf, readRules, splitKey, type Rules } from '../../cli/user-keys.ts';

const rules = (overrides: Partial<Rules> = {}): Rules => ({
  userIdCase: 'preserve',
  namespaces: [],
  issuersKnown: false,
  strict: false,
  adminKey: undefined,
  bootstrapExpiresAt: undefined,
  ...overrides,
});

const ONE_ISSUER = JSON.stringify([{ issuer: 'https://a.example.com', audience: 'x' }]);

describe('keyOf', () => {
  it('folds as the function does: A to Z, and only those', () => {
    const lower = rules({ userIdCase: 'lower' });
    expect(keyOf('ÄLICE@\u212A', undefined, lower)).toEqual({ ok: true, key: 'Älice@\u212A' });
    expect(keyOf('Alice', undefined, rules())).toEqual({ ok: true, key: 'Alice' });
  });

  it('takes the only namespace there is without being told', () => {
    expect(keyOf('a', undefined, rules({ namespaces: ['emp'] }))).toEqual({
      ok: true,
      key: 'emp#a',
    });
  });

  const two = rules({ namespaces: ['staff', 'guest'], issuersKnown: true });

  it.each([undefined, 'staff'])('takes a whole key for one, with the namespace %s', (namespace) => {
    expect(keyOf('staff#carol@x', namespace, two)).toEqual({ ok: true, key: 'staff#carol@x' });
  });

  it('takes a whole key for one where the issuers are not known', () => {
    expect(keyOf('staff#carol', 'staff', rules())).toEqual({ ok: true, key: 'staff#carol' });
    expect(keyOf('staff#carol', undefined, rules())).toEqual({ ok: true, key: 'staff#carol' });
  });

  it('leaves what only looks like a namespace in the id', () => {
    expect(keyOf('corp#carol', 'staff', two)).toEqual({ ok: true, key: 'staff#corp#carol' });
  });

  it('refuses a whole key of another namespace than the one given', () => {
    expect(keyOf('guest#carol', 'staff', two)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/guest.+staff/u),
    });
  });

  it('reaches an id that begins like a namespace by its whole key', () => {
    expect(keyOf('staff#guest#carol', undefined, two)).toMatchObject({ key: 'staff#guest#carol' });
  });

  it('refuses a namespace where the one issuer has none', () => {
    expect(keyOf('a', 'emp', rules({ issuersKnown: true }))).toMatchObject({
      ok: false,
      problem: 'the trusted issuer has no userNamespace',
    });
  });

  it('accepts any well-formed namespace where the issuers are not known', () => {
    expect(keyOf('a', 'emp', rules())).toEqual({ ok: true, key: 'emp#a' });
    expect(keyOf('a', 'Emp', rules())).toMatchObject({ ok: false });
  });

  it.each([
    [1024, undefined, true],
    [1025, undefined, false],
    [1020, 'emp', true],
    [1021, 'emp', false],
  ])('counts the namespace into the limit: %d bytes under %s', (bytes, namespace, ok) => {
    expect(keyOf('x'.repeat(bytes), namespace, rules()).ok).toBe(ok);
  });

  it.each([[''], [' a'], ['a\u0000'], ['a\nb'], ['\uD800']])('refuses %j', (id) => {
    expect(keyOf(id, undefined, rules()).ok).toBe(false);
  });
});

describe('splitKey', () => {
  it('takes off a namespace of ours, and no other', () => {
    const known = rules({ namespaces: ['emp'] });
    expect(splitKey('emp#a#b', known)).toEqual({ id: 'a#b', namespace: 'emp' });
    expect(splitKey('ext#a', known)).toEqual({ id: 'ext#a', namespace: undefined });
  });
});

describe('flawOfKey', () => {
  it.each<[string, Partial<Rules>, boolean]>([
    ['Alice', {}, false],
    ['Alice', { userIdCase: 'lower' }, true],
    ['älice', { userIdCase: 'lower' }, false],
    ['emp#alice', { namespaces: ['emp', 'ext'] }, false],
    ['alice', { namespaces: ['emp', 'ext'] }, true],
    ['emp#Alice', { namespaces: ['emp'], userIdCase: 'lower' }, true],
  ])('of %s under %j', (key, overrides, isFlawed) => {
    expect(flawOfKey(key, rules(overrides)) !== undefined).toBe(isFlawed);
  });
});

describe('readRules', () => {
  it('reads the defaults from an empty environment', () => {
    expect(readRules({})).toEqual({ rules: rules(), problems: [] });
  });

  it.each([{ JWT_ISSUER: 'https://a.example.com' }, { TRUSTED_ISSUERS: ONE_ISSUER }])(
    'knows the issuers that %j names',
    (env) => {
      expect(readRules(env).rules).toMatchObject({ issuersKnown: true, namespaces: [] });
    },
  );

  it("puts the platform admin under their issuer's namespace, folded", () => {
    const { rules: read } = readRules({
      TRUSTED_ISSUERS: JSON.stringify([
        { issuer: 'https://a.example.com', audience: 'x', userNamespace: 'emp' },
        { issuer: 'https://b.example.com', audience: 'x', userNamespace: 'ext' },
      ]),
      PLATFORM_ADMIN_EMAIL: 'Root@Example.com',
      PLATFORM_ADMIN_ISSUER: 'https://b.example.com',
      USER_ID_CASE: 'lower',
      REQUIRE_USER_IN_DB: 'TRUE',
    });
    expect(read).toMatchObject({
      adminKey: 'ext#root@example.com',
      namespaces: ['emp', 'ext'],
      strict: true,
    });
  });

  it('names what is wrong, without its value', () => {
    const { problems } = readRules({ REQUIRE_USER_IN_DB: 'yes please' });
    expect(problems).toEqual(['REQUIRE_USER_IN_DB must be true or false']);
  });
});
