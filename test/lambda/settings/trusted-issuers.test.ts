import { ISSUER_MEMBERS, trustedIssuers } from '../../../lambda/settings/trusted-issuers.ts';

const BASE = { issuer: 'https://a.example.com', audience: 'api' };

function read(value: unknown): ReturnType<typeof trustedIssuers> {
  return trustedIssuers(typeof value === 'string' ? value : JSON.stringify(value));
}

it('reads every member', () => {
  const member = {
    issuer: 'https://a.example.com',
    audience: ['api', 'admin'],
    clientId: 'web, app',
    tokenUse: 'access',
    jwksUri: 'https://a.example.com/keys',
    algorithms: ['ES256'],
    userClaim: 'email',
    allowUnverifiedEmail: true,
    userNamespace: 'staff',
  };
  expect(read([member])).toEqual({ ok: true, value: [{ ...member, clientId: ['web', 'app'] }] });
});

it('leaves out what is not there', () => {
  expect(read([BASE])).toEqual({ ok: true, value: [{ ...BASE, audience: ['api'] }] });
});

it.each([
  ['no JSON', '['],
  ['an object', {}],
  ['an empty list', []],
  ['null', 'null'],
  ['a text', '"https://a.example.com"'],
])('refuses %s', (_, value) => {
  expect(read(value)).toEqual({
    ok: false,
    problem: 'must be a JSON array of at least one issuer',
  });
});

it.each<[string, unknown, string]>([
  ['a member that is no object', ['https://a.example.com'], '[0] must be an object'],
  ['a member that is null', [null], '[0] must be an object'],
  ['a member that is a list', [[]], '[0] must be an object'],
  ['a missing issuer', [{ audience: 'api' }], '[0].issuer is required'],
  ['an unknown member', [{ ...BASE, audiences: 'api' }], '[0] has a member that is not one of'],
  [
    'a member named like a prototype',
    `[{"issuer":"https://a.example.com","__proto__":1}]`,
    '[0] has a',
  ],
  ['an empty issuer', [{ ...BASE, issuer: '' }], '[0].issuer must be a string'],
  ['an issuer with #', [{ ...BASE, issuer: 'a#b' }], '[0].issuer must not contain #'],
  ['an audience that is a number', [{ ...BASE, audience: 1 }], '[0].audience must be a string'],
  [
    'a list with a number',
    [{ ...BASE, audience: ['a', 1] }],
    '[0].audience must be a string or a list',
  ],
  ['an empty list', [{ ...BASE, audience: [] }], '[0].audience must name at least one item'],
  ['an unknown token use', [{ ...BASE, tokenUse: 'refresh' }], '[0].tokenUse must be one of'],
  [
    'a key set over plain HTTP',
    [{ ...BASE, jwksUri: 'http://a.example.com' }],
    '[0].jwksUri must be',
  ],
  ['a symmetric algorithm', [{ ...BASE, algorithms: ['HS256'] }], '[0].algorithms every item must'],
  [
    'a text for a switch',
    [{ ...BASE, allowUnverifiedEmail: 'true' }],
    '[0].allowUnverifiedEmail must be true or false',
  ],
  ['a namespace in capitals', [{ ...BASE, userNamespace: 'A' }], '[0].userNamespace must be'],
  [
    'required claims that are a list',
    [{ ...BASE, requiredClaims: ['hd'] }],
    '[0].requiredClaims must be a JSON object',
  ],
  ['a session claim that is no string', [{ ...BASE, sessionClaim: 1 }], '[0].sessionClaim must be'],
  ['a null member', [{ ...BASE, userClaim: null }], '[0].userClaim must be a string'],
  ['an issuer named twice', [BASE, BASE], 'must not name an issuer twice'],
])('refuses %s', (_, value, problem) => {
  expect(read(value)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
});

it('reports every problem together, each with its place', () => {
  const result = read([
    { ...BASE, tokenUse: 'x' },
    { issuer: 'b', userClaim: 1 },
  ]);
  expect(result).toEqual({
    ok: false,
    problem: '[0].tokenUse must be one of: access, id; [1].userClaim must be a string',
  });
});

it('repeats no value of its input in a problem', () => {
  const result = read([{ ...BASE, jwksUri: 'http://s3cret.example.com', s3cret: 's3cret' }]);
  expect(JSON.stringify(result)).not.toContain('s3cret');
});

it('does not take two issuers without a name for one', () => {
  expect(read([{ audience: 'a' }, { audience: 'b' }])).toEqual({
    ok: false,
    problem: '[0].issuer is required; [1].issuer is required',
  });
});

it('says which members there are', () => {
  expect(read([{ ...BASE, issuers: 1 }])).toEqual({
    ok: false,
    problem: `[0] has a member that is not one of: ${Object.keys(ISSUER_MEMBERS).join(', ')}`,
  });
});
