/** Facts about `grammar.ts` that changes to it once got past the tests with. */
import {
  everyItem,
  jwksUri,
  matching,
  role,
  scope,
  tableName,
  timestamp,
  userNamespace,
  webSocketTokenSource,
} from '../../../lambda/settings/grammar.ts';

it.each([
  ['http://notlocalhost/keys'],
  ['http://localhost.example.com/keys'],
  ['http://x127.0.0.1.example.com/keys'],
  ['https://:password@example.com/keys'],
  ['https://user@example.com/keys'],
])('does not read keys from %s', (uri) => {
  expect(jwksUri(uri).ok).toBe(false);
});

it.each(['http://127.0.0.11/keys', 'http://127.10.0.1/keys', 'http://127.0.100.1/keys'])(
  'reads keys from the loopback address %s',
  (uri) => {
    expect(jwksUri(uri)).toEqual({ ok: true, value: uri });
  },
);

it.each([
  ' 2030-01-31T12:00:00Z',
  '+002030-01-31T12:00:00Z',
  '2030-01-31T12:00:00Z ',
  '2030-01-31T12:00:00Z (noon)',
])('takes no time from %j', (text) => {
  expect(timestamp(text).ok).toBe(false);
});

it('refuses a list of nothing, and says so', () => {
  expect(everyItem([], role)).toEqual({ ok: false, problem: 'must name at least one item' });
});

it.each([
  [matching(/^a$/u, 'an a'), 'must be an a'],
  [userNamespace, 'must be 1 to 32 of a-z, 0-9 and -'],
  [scope, 'must be a scope without commas'],
  [role, 'must be 1 to 64 of A-Z, a-z, 0-9 and :._-'],
  [tableName, 'must be the name or the ARN of a DynamoDB table'],
  [webSocketTokenSource, 'must be header, subprotocol or query:<name>'],
])('says what it expected (%#)', (grammar, problem) => {
  expect(grammar('"')).toEqual({ ok: false, problem });
});
