/**
 * What each setting of the function means, in words. Names, forms and defaults come from
 * `lambda/settings/table.ts`; a setting without a description does not compile.
 */
import type { SettingName } from '../../lambda/settings/table.ts';

export interface SettingDescription {
  /** Heading of the reference under which it stands. */
  readonly group: (typeof GROUPS)[number];
  /** What it does. Markdown. */
  readonly meaning: string;
  /** In place of a default, where its absence has a meaning of its own. */
  readonly unset?: string;
}

export const GROUPS = [
  'Whose tokens',
  'Who the user is',
  'The list of users',
  'The first user',
  'What a token and a user need',
  'Caches and clocks',
  'Answers and token sources',
  'Logs',
] as const;

export const SETTING_DESCRIPTIONS: Readonly<Record<SettingName, SettingDescription>> = {
  JWT_ISSUER: {
    group: 'Whose tokens',
    meaning:
      'The `iss` to trust, compared to the letter: `https://idp.example.com` and `https://idp.example.com/` are two issuers. No `#` in it. One that is not an HTTPS URL needs `JWKS_URI`.',
    unset: 'required, unless `TRUSTED_ISSUERS` is set',
  },
  JWT_AUDIENCE: {
    group: 'Whose tokens',
    meaning:
      'Accepted `aud` values, comma-separated; a token needs one of them. At least one of `JWT_AUDIENCE` and `JWT_CLIENT_ID` is required, and both must hold when both are set.',
    unset: '`aud` is not asked for',
  },
  JWT_CLIENT_ID: {
    group: 'Whose tokens',
    meaning:
      'Accepted `client_id` values, comma-separated. For access tokens that have no `aud`, such as those of Amazon Cognito.',
    unset: '`client_id` is not asked for',
  },
  JWT_TOKEN_USE: {
    group: 'Whose tokens',
    meaning:
      'Required value of `token_use`, which Amazon Cognito writes into its tokens to tell access from id tokens.',
    unset: '`token_use` is not asked for',
  },
  JWKS_URI: {
    group: 'Whose tokens',
    meaning:
      "Where the issuer's signing keys are. The function reads no discovery document, so an issuer that keeps its keys elsewhere needs this.",
    unset: '`<issuer less one trailing slash>/.well-known/jwks.json`',
  },
  JWT_ALGORITHMS: {
    group: 'Whose tokens',
    meaning:
      "Accepted signature algorithms, comma-separated. Narrow it to the one that your issuer uses. The key's own type must fit the algorithm in any case.",
  },
  TRUSTED_ISSUERS: {
    group: 'Whose tokens',
    meaning:
      'Several issuers in one JSON array, instead of the six settings above, which cannot be set beside it. See [several issuers](#several-issuers).',
    unset: 'one issuer, by the settings above',
  },
  USER_CLAIM: {
    group: 'Who the user is',
    meaning:
      'The claim that names the user: an own, top-level text of the token, which is the key of the row. With `email`, the token must say that the address is verified: `email_verified` is `true` or `"true"`. Prefer `sub`, which does not change hands.',
  },
  ALLOW_UNVERIFIED_EMAIL: {
    group: 'Who the user is',
    meaning:
      'Lets an `email` claim count without `email_verified`. Whoever can enter the address of another at the issuer then becomes that user. An error together with a bootstrap admin who is found by `email`, unless `REQUIRE_USER_IN_DB` is on.',
  },
  USER_ID_CASE: {
    group: 'Who the user is',
    meaning:
      "`lower` folds A–Z, and only those, in the claim, in `PLATFORM_ADMIN_EMAIL` and in what the command line writes. Rows must then have folded keys; `preflight` names those that don't.",
  },
  USERS_TABLE_NAME: {
    group: 'The list of users',
    meaning:
      'Name or ARN of the users table. In `.env` it names a table that exists and is used as it is; left out there, the stack makes one and sets the variable.',
    unset: 'required in the function; the stack makes a table',
  },
  USERS_TABLE_KEY: {
    group: 'The list of users',
    meaning: 'Partition key attribute of the users table, a string.',
  },
  USERS_TABLE_PERSISTENT: {
    group: 'The list of users',
    meaning:
      'Whether the table outlasts the deployment. When it does not, a cold start logs `ephemeral_storage_with_bootstrap` while bootstrap is open. In `.env`, without `USERS_TABLE_NAME`, `false` makes the tables and logs of the stack a throwaway.',
  },
  REQUIRE_USER_IN_DB: {
    group: 'The list of users',
    meaning:
      'Strict mode: a user without a row is denied (`user_not_in_db`), always, the platform admin included. See [security modes](security-modes.md).',
  },
  PLATFORM_ADMIN_EMAIL: {
    group: 'The first user',
    meaning:
      'The bootstrap admin: who may enter without a row while strict mode is off. Despite its name it is compared with the claim that `USER_CLAIM` names, without a namespace, exactly. An existing row always wins over it.',
    unset: 'nobody enters without a row',
  },
  PLATFORM_ADMIN_ISSUER: {
    group: 'The first user',
    meaning:
      'The issuer whose tokens can name the admin. Required with several issuers and an admin.',
    unset: 'the one issuer',
  },
  BOOTSTRAP_EXPIRES_AT: {
    group: 'The first user',
    meaning: 'When entry without a row ends by itself.',
    unset: 'it does not end by itself',
  },
  REQUIRE_JTI: {
    group: 'What a token and a user need',
    meaning:
      'Tokens must carry a `jti` (else `jti_missing`). Off, a token without one is accepted, cannot be revoked by itself, and is noted as `token_without_jti`.',
  },
  REVOKED_TOKENS_TABLE_NAME: {
    group: 'What a token and a user need',
    meaning:
      'Name or ARN of the table of revoked tokens; turns revocation on. Its partition key is the string `token_id`, `<iss>#<jti>`. An item that exists means revoked; its `expires_at` (epoch seconds) only lets DynamoDB collect it.',
    unset: 'revocation is off in the function; the stack makes a table and sets the variable',
  },
  REQUIRED_SCOPES: {
    group: 'What a token and a user need',
    meaning:
      'Scopes, comma-separated, all of which a token must carry in `scope` (text) or `scp` (list).',
    unset: 'none',
  },
  REQUIRED_ROLES: {
    group: 'What a token and a user need',
    meaning:
      "Roles, comma-separated, of which the user's row must have one. Not asked of the bootstrap admin, who has no row.",
    unset: 'none',
  },
  ALLOW_BOUND_TOKENS: {
    group: 'What a token and a user need',
    meaning:
      'Accepts a token with `cnf` as a bearer token. Such a token is bound to a key of its sender (RFC 8705, RFC 9449), which the authorizer cannot check.',
  },
  USER_CACHE_TTL_SECONDS: {
    group: 'Caches and clocks',
    meaning:
      'How long the function remembers a row, and that a token is not revoked. 0 asks the table on every invocation. A missing row is never remembered. More than 0 together with `REQUIRE_USER_IN_DB` is an error.',
  },
  CLOCK_TOLERANCE_SECONDS: {
    group: 'Caches and clocks',
    meaning:
      "Tolerated difference between the issuer's clock and ours, for `exp`, `nbf` and `iat`.",
  },
  JWKS_MAX_AGE_SECONDS: {
    group: 'Caches and clocks',
    meaning:
      'Age at which a set of signing keys is read again, which is how long a key that the issuer has withdrawn stays trusted. It is renewed in the background before that.',
  },
  JWKS_MAX_STALE_SECONDS: {
    group: 'Caches and clocks',
    meaning:
      'How much longer an old set serves while the issuer cannot be reached. Each use is noted as `jwks_stale`.',
  },
  HTTP_RESPONSE_FORMAT: {
    group: 'Answers and token sources',
    meaning:
      'What an HTTP API with payload 2.0 is answered with: a yes or no, or an IAM policy. The authorizer of the API has to be set alike; the construct does that.',
  },
  WEBSOCKET_TOKEN_SOURCE: {
    group: 'Answers and token sources',
    meaning:
      'Where a WebSocket client puts its token: the `Authorization` header, the offered subprotocols (`rollcall, bearer.<jwt>`, which is what a browser can do; `$connect` must answer with `rollcall`), or the query parameter `<name>`. Exactly one; a token elsewhere is ignored.',
  },
  LOG_USER_IDS: {
    group: 'Logs',
    meaning: '`sha256` writes a digest in place of the user id into security events.',
  },
  LOG_LEVEL: {
    group: 'Logs',
    meaning: 'Least level of diagnostics. Security events and metrics are always written.',
  },
};
