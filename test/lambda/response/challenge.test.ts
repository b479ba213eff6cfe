import { bearerChallenge } from '../../../lambda/response/challenge.ts';

it('is the bare scheme when there is nothing to say', () => {
  expect(bearerChallenge({})).toBe('Bearer');
});

it('names metadata without a realm', () => {
  expect(bearerChallenge({ resourceMetadataUrl: 'https://a.example/x' })).toBe(
    'Bearer resource_metadata="https://a.example/x"',
  );
});

it('names the error, every scope and the metadata', () => {
  expect(
    bearerChallenge({
      error: 'insufficient_scope',
      scopes: ['orders:read', 'orders:write'],
      resourceMetadataUrl: 'https://a.example/x',
    }),
  ).toBe(
    'Bearer error="insufficient_scope", scope="orders:read orders:write", resource_metadata="https://a.example/x"',
  );
});

it('names no scope where none is needed', () => {
  expect(bearerChallenge({ realm: 'orders', scopes: [] })).toBe('Bearer realm="orders"');
});

it.each(['say "hi"', 'back\\slash', 'line\nbreak', 'tab\t', 'zürich', '\u007f'])(
  'refuses a value that could end its quotes or its header: %j',
  (realm) => {
    expect(() => bearerChallenge({ realm })).toThrow(/^realm .* is not valid in a header/u);
  },
);
