import {
  authorizerMisconfigured,
  ephemeralStorageWithBootstrap,
  jwksStale,
  tokenWithoutJti,
  type Notice,
} from '../../../lambda/telemetry/notices.ts';

it.each<[string, string, Notice]>([
  ['token_without_jti', 'WARN', tokenWithoutJti('https://id.example.com')],
  ['jwks_stale', 'WARN', jwksStale('https://id.example.com')],
  ['ephemeral_storage_with_bootstrap', 'WARN', ephemeralStorageWithBootstrap()],
  ['authorizer_misconfigured', 'ERROR', authorizerMisconfigured([])],
])('%s is of level %s', (name, level, notice) => {
  expect(notice).toMatchObject({ security_event: name, level });
});

it.each([tokenWithoutJti, jwksStale])('names the issuer', (noticeOf) => {
  expect(noticeOf('https://id.example.com/\u200b').issuer).toBe(
    String.raw`https://id.example.com/\u{200b}`,
  );
});

it('names every problem of a bad configuration, in the message too', () => {
  const problems = ['JWT_ISSUER is required', 'REQUIRE_JTI must be true or false'];
  expect(authorizerMisconfigured(problems)).toMatchObject({
    problems,
    message: expect.stringContaining('JWT_ISSUER is required; REQUIRE_JTI'),
  });
});
