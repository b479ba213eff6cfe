import {
  algorithms,
  boolean,
  everyItem,
  integer,
  issuer,
  isHttpsUrl,
  jwksUri,
  metadataUrl,
  line,
  listOf,
  matching,
  oneOf,
  role,
  scope,
  tableName,
  timestamp,
  userNamespace,
  webSocketTokenSource,
  type Grammar,
} from '../../../lambda/settings/grammar.ts';

function value<T>(grammar: Grammar<T>, text: string): T | undefined {
  const parsed = grammar(text);
  return parsed.ok ? parsed.value : undefined;
}

function problem(grammar: Grammar<unknown>, text: string): string | undefined {
  const parsed = grammar(text);
  return parsed.ok ? undefined : parsed.problem;
}

describe('boolean', () => {
  it.each([
    ['true', true],
    ['TRUE', true],
    ['True', true],
    ['false', false],
    ['FALSE', false],
  ])('reads %s', (text, expected) => {
    expect(value(boolean, text)).toBe(expected);
  });

  it.each(['', ' true', 'true ', 'yes', 'no', '1', '0', 'on', 'truee'])('refuses %j', (text) => {
    expect(problem(boolean, text)).toBe('must be true or false');
  });
});

describe('integer', () => {
  const grammar = integer(1, 3600);

  it.each([
    ['1', 1],
    ['3600', 3600],
  ])('accepts the bound %s', (text, expected) => {
    expect(value(grammar, text)).toBe(expected);
  });

  it.each(['0', '3601', '-1', '+1', '1.0', '1e3', '0x10', '01', ' 1', '', 'Infinity', 'NaN'])(
    'refuses %j',
    (text) => {
      expect(problem(grammar, text)).toBe('must be a whole number from 1 to 3600');
    },
  );

  it('accepts zero where it is within the bounds', () => {
    expect(value(integer(0, 5), '0')).toBe(0);
  });
});

describe('oneOf', () => {
  it('accepts a choice as it is written', () => {
    expect(value(oneOf('preserve', 'lower'), 'lower')).toBe('lower');
  });

  it('refuses another case, and names the choices', () => {
    expect(problem(oneOf('preserve', 'lower'), 'Lower')).toBe('must be one of: preserve, lower');
  });
});

describe('line', () => {
  it.each(['a', 'ab', 'a b', 'é'])('accepts %j in two bytes or three', (text) => {
    expect(value(line(3), text)).toBe(text);
  });

  it('counts bytes, not characters', () => {
    expect(problem(line(3), 'éé')).toContain('1 to 3 bytes');
  });

  it.each(['', ' a', 'a ', '\ta', 'a\nb', 'a\u0000', 'a\u007f', 'a\u0085', '\ud800'])(
    'refuses %j',
    (text) => {
      expect(value(line(3), text)).toBeUndefined();
    },
  );

  it.each([
    ['a zero-width space', '\u200B', 'U+200B'],
    ['a no-break space', '\u00A0', 'U+00A0'],
    ['a right-to-left override', '\u202E', 'U+202E'],
    ['a soft hyphen', '\u00AD', 'U+00AD'],
    ['a tag character', '\u{E0041}', 'U+E0041'],
    ['a tabulator', '\t', 'U+0009'],
  ])('names the code point of %s', (_, character, codePoint) => {
    expect(problem(line(20), `a${character}b`)).toBe(
      `must not have the invisible character ${codePoint}`,
    );
  });
});

describe('listOf', () => {
  const grammar = listOf(oneOf('a', 'b'));

  it('trims its items', () => {
    expect(value(grammar, ' a , b ')).toEqual(['a', 'b']);
  });

  it('counts a repeated item once', () => {
    expect(value(grammar, 'a,b,a')).toEqual(['a', 'b']);
  });

  it.each(['', ',', 'a,', ',a', 'a,,b', 'a,c'])('refuses %j', (text) => {
    expect(problem(grammar, text)).toBe('every item must be one of: a, b');
  });
});

it('refuses a list of no items', () => {
  expect(everyItem([], role)).toEqual({ ok: false, problem: 'must name at least one item' });
});

describe('timestamp', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2030-01-31T12:00:00Z', 1_896_091_200],
    ['2030-01-31t12:00:00z', 1_896_091_200],
    ['2030-01-31T13:30:00+01:30', 1_896_091_200],
    ['2030-01-31T12:00:00.500Z', 1_896_091_200.5],
    ['2032-02-29T00:00:00Z', 1_961_625_600],
  ])('reads %s', (text, seconds) => {
    expect(value(timestamp, text)).toBe(seconds);
  });

  it.each([
    '2030-01-31',
    '2030-01-31T12:00:00',
    '2030-01-31 12:00:00Z',
    '2030-02-29T00:00:00Z',
    '2030-00-01T00:00:00Z',
    '2030-13-01T00:00:00Z',
    '2030-01-00T00:00:00Z',
    '2030-04-31T00:00:00Z',
    '2030-01-01T24:00:00Z',
    '2030-01-01T00:60:00Z',
    '2030-01-01T00:00:60Z',
    '2030-01-01T00:00:00+24:00',
    '2030-01-01T00:00:00+00:60',
    ' 2030-01-31T12:00:00Z',
    '2030-01-31T12:00:00Z ',
    '2030-01-31T12:00:00Z (noon)',
    '+002030-01-31T12:00:00Z',
    '1896091200',
    'tomorrow',
  ])('refuses %s', (text) => {
    expect(problem(timestamp, text)).toContain('RFC 3339');
  });
});

describe('jwksUri', () => {
  it.each([
    'https://issuer.example.com/jwks',
    'https://issuer.example.com/jwks?tenant=1',
    'http://127.0.0.1:3000/jwks',
    'http://127.0.0.11/jwks',
    'http://127.0.100.1/jwks',
    'http://127.8.9.1/jwks',
    'http://127.10.0.1/jwks',
    'http://localhost/jwks',
    'http://[::1]:3000/jwks',
  ])('accepts %s', (text) => {
    expect(value(jwksUri, text)).toBe(text);
  });

  it.each([
    'http://issuer.example.com/jwks',
    'http://127.0.0.1.example.com/jwks',
    'http://localhost.example.com/jwks',
    'http://notlocalhost/jwks',
    'http://x127.0.0.1.example.com/jwks',
    'http://10.0.0.1/jwks',
    'http://user@127.0.0.1/jwks',
    'https://user:secret@issuer.example.com/jwks',
    'https://user@issuer.example.com/jwks',
    'https://:secret@issuer.example.com/jwks',
    'ftp://issuer.example.com/jwks',
    'file:///etc/passwd',
    'issuer.example.com/jwks',
    ' https://issuer.example.com/jwks',
    'https://issuer.example.com/jwks\n',
    'https://issuer.example.com/\tjwks',
    '',
  ])('refuses %s', (text) => {
    expect(problem(jwksUri, text)).toContain('https://');
  });
});

describe('issuer', () => {
  it.each(['https://issuer.example.com', 'accounts.google.com', 'urn:issuer'])(
    'accepts %s',
    (text) => {
      expect(value(issuer, text)).toBe(text);
    },
  );

  it('refuses the # that separates an issuer from a token id', () => {
    expect(problem(issuer, 'https://issuer.example.com/#a')).toBe('must not contain #');
  });

  it('refuses white space around it', () => {
    expect(value(issuer, ' https://issuer.example.com')).toBeUndefined();
  });
});

describe('isHttpsUrl', () => {
  it.each(['https://issuer.example.com', 'https://issuer.example.com/tenant/'])(
    'holds of %s',
    (text) => {
      expect(isHttpsUrl(text)).toBe(true);
    },
  );

  it.each([
    'http://issuer.example.com',
    'https://issuer.example.com/?tenant=1',
    'https://issuer.example.com?',
    'https://user@issuer.example.com',
    'https://:secret@issuer.example.com',
    'accounts.google.com',
    'urn:issuer',
  ])('does not hold of %s', (text) => {
    expect(isHttpsUrl(text)).toBe(false);
  });
});

describe('the smaller grammars', () => {
  it.each<[string, Grammar<unknown>, string]>([
    ['a subset of the algorithms', algorithms, 'ES256, EdDSA'],
    ['a table name', tableName, 'users_table-1.prod'],
    ['a table name of three characters', tableName, 'abc'],
    ['a table name of 255 characters', tableName, 'a'.repeat(255)],
    ['a table ARN', tableName, 'arn:aws-cn:dynamodb:cn-north-1:111122223333:table/users'],
    ['a role of one character', role, 'a'],
    ['a role of 64 characters', role, 'A:._-0'.padEnd(64, 'z')],
    ['a scope', scope, 'https://api.example.com/orders.read'],
    ['a namespace of 32 characters', userNamespace, 'a-0'.padEnd(32, 'z')],
    ['the header as token source', webSocketTokenSource, 'header'],
    ['the subprotocol as token source', webSocketTokenSource, 'subprotocol'],
    ['a query parameter as token source', webSocketTokenSource, 'query:access_token'],
  ])('accept %s', (_, grammar, text) => {
    expect(grammar(text).ok).toBe(true);
  });

  it.each<[string, Grammar<unknown>, string]>([
    ['none as an algorithm', algorithms, 'none'],
    ['a symmetric algorithm', algorithms, 'RS256,HS256'],
    ['an algorithm in another case', algorithms, 'rs256'],
    ['a table name of two characters', tableName, 'ab'],
    ['a table name of 256 characters', tableName, 'a'.repeat(256)],
    ['a table name with a slash', tableName, 'a/b/c'],
    ['an ARN of another service', tableName, 'arn:aws:s3:eu-central-1:111122223333:table/users'],
    ['an index ARN', tableName, 'arn:aws:dynamodb:eu-central-1:111122223333:table/users/index/a'],
    ['an empty role', role, ''],
    ['a role of 65 characters', role, 'a'.repeat(65)],
    ['a role with a space', role, 'a b'],
    ['a scope with a space', scope, 'a b'],
    ['a scope with a quote', scope, 'a"b'],
    ['an empty namespace', userNamespace, ''],
    ['a namespace of 33 characters', userNamespace, 'a'.repeat(33)],
    ['a namespace in capitals', userNamespace, 'Staff'],
    ['a namespace with #', userNamespace, 'a#b'],
    ['a query parameter without a name', webSocketTokenSource, 'query:'],
    ['two token sources', webSocketTokenSource, 'header,subprotocol'],
    ['a cookie as token source', webSocketTokenSource, 'cookie:a'],
  ])('refuse %s', (_, grammar, text) => {
    expect(grammar(text).ok).toBe(false);
  });
});

it.each([
  [matching(/^a$/u, 'an a'), 'must be an a'],
  [userNamespace, 'must be 1 to 32 of a-z, 0-9 and -'],
  [scope, 'must be a scope without commas'],
  [role, 'must be 1 to 64 of A-Z, a-z, 0-9 and :._-'],
  [tableName, 'must be the name or the ARN of a DynamoDB table'],
  [webSocketTokenSource, 'must be header, subprotocol or query:<name>'],
])('says what it expected (%#)', (grammar, expected) => {
  expect(problem(grammar, '"')).toBe(expected);
});

describe('metadataUrl', () => {
  it.each([
    'https://api.example.com/.well-known/a?b=c',
    'http://127.0.0.1:3000/prod/.well-known/oauth-protected-resource',
  ])('accepts %s', (text) => {
    expect(value(metadataUrl, text)).toBe(text);
  });

  it.each([
    'http://api.example.com/',
    'https://api.example.com/"x',
    "https://api.example.com/'x",
    'https://api.example.com/\\x',
    'https://api.example.com/ x',
    'https://exämple.com/',
    `https://api.example.com/${'a'.repeat(1024)}`,
  ])('refuses what could end its quotes, or be read on the way: %s', (text) => {
    expect(problem(metadataUrl, text)).toContain('https://');
  });
});
