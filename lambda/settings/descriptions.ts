/**
 * What each setting of the function means, in words. The docstrings of the props, the reference of
 * settings, `.env.example` and the help of the commands are made from it. Not part of the function:
 * nothing that ships in it imports this file. A setting without a description does not compile.
 */
import type { SettingName, SETTINGS } from './table.ts';
import type { IssuerEntry } from './trusted-issuers.ts';

/** Headings of the reference, in its order. */
export const GROUPS = [
  'Whose tokens',
  'Who the user is',
  'The list of users',
  'The first user',
  'What a token and a user need',
  'Caches and clocks',
  'Answers and token sources',
  'Logs',
  'The stack',
] as const;

/** Of the settings that only the stack has. */
export const STACK_GROUP = 'The stack';

export interface Description {
  /** What it does, in a sentence or two. Markdown. Stands wherever the setting is described. */
  readonly summary: string;
  /** What an operator may have to know beyond that. Markdown. Stands in the reference. */
  readonly details?: string;
  /** What holds when it is unset, for a setting without a default. Markdown. */
  readonly whenUnset?: string;
  /** A value other than the default, as an operator would write it. Tests set it. */
  readonly example: string;
}

export interface SettingDescription extends Description {
  readonly group: (typeof GROUPS)[number];
}

export const SETTING_DESCRIPTIONS: Readonly<Record<SettingName, SettingDescription>> = {
  JWT_ISSUER: {
    group: 'Whose tokens',
    summary:
      'The `iss` to trust, exactly as it is in the tokens. An issuer that is not an HTTPS URL needs a key set URL of its own.',
    details:
      '`https://idp.example.com` and `https://idp.example.com/` are two issuers. It must not contain `#`.',
    whenUnset: 'required, unless `TRUSTED_ISSUERS` is set',
    example: 'https://idp.example.com/',
  },
  JWT_AUDIENCE: {
    group: 'Whose tokens',
    summary:
      'Accepted `aud` values. A token needs one of them. Set the audience, the client id or both; a token must match all that are set.',
    whenUnset: '`aud` is not checked; the client id is required',
    example: 'https://api.example.com',
  },
  JWT_CLIENT_ID: {
    group: 'Whose tokens',
    summary:
      'Accepted `client_id` values, for access tokens that have no `aud`, such as those of Amazon Cognito.',
    whenUnset: '`client_id` is not checked; the audience is required',
    example: 'my-app',
  },
  JWT_TOKEN_USE: {
    group: 'Whose tokens',
    summary:
      'Required value of `token_use`, the claim with which Amazon Cognito tells access tokens from id tokens.',
    whenUnset: '`token_use` is not checked',
    example: 'access',
  },
  JWKS_URI: {
    group: 'Whose tokens',
    summary: "URL of the issuer's key set (JWKS).",
    details:
      'The function reads no discovery document. Set this if your issuer keeps its keys elsewhere.',
    whenUnset: '`<issuer less one trailing slash>/.well-known/jwks.json`',
    example: 'https://idp.example.com/keys',
  },
  JWT_ALGORITHMS: {
    group: 'Whose tokens',
    summary:
      'Accepted signature algorithms. Narrow them to those that your issuer uses. The type of the key must fit the algorithm in any case.',
    example: 'RS256,ES256',
  },
  MAX_TOKEN_LIFETIME_SECONDS: {
    group: 'What a token and a user need',
    summary:
      'Longest lifetime of a token, from `iat` to `exp`, a minute to 366 days. A token that lives longer, or has no `iat`, is rejected (`token_lifetime_exceeded`).',
    details:
      'Set it to somewhat more than your issuer gives. It bounds what a stolen token is worth if the issuer is set up wrongly.',
    whenUnset: 'the lifetime is not checked',
    example: '86400',
  },
  TRUSTED_ISSUERS: {
    group: 'Whose tokens',
    summary:
      'Trusted issuers, at least one. Each needs `issuer`, and `audience`, `clientId` or both. Several issuers each need a `userNamespace`.',
    details:
      'A JSON array, instead of the six settings above, which cannot be set together with it. See [several issuers](#several-issuers).',
    whenUnset: 'one issuer, by the settings above',
    example:
      '[{"issuer":"https://a.example.com","audience":"api","userNamespace":"staff"},{"issuer":"https://b.example.com","audience":"api","userNamespace":"partners"}]',
  },
  USER_CLAIM: {
    group: 'Who the user is',
    summary:
      'The claim that names the user: an own, top-level string of the token. It is the key of the row.',
    details:
      'With `email`, the token must say that the address is verified: `email_verified` is `true` or `"true"`. Prefer `sub`, which does not change hands.',
    example: 'email',
  },
  ALLOW_UNVERIFIED_EMAIL: {
    group: 'Who the user is',
    summary: 'Accepts an `email` claim as the user even if `email_verified` is not true.',
    details:
      'Anyone who can enter the address of another user at the issuer then becomes that user. It is an error together with a bootstrap admin who is found by `email`, unless `REQUIRE_USER_IN_DB` is on.',
    example: 'true',
  },
  USER_ID_CASE: {
    group: 'Who the user is',
    summary: '`lower` folds user ids to lower case (A–Z only) before they are compared.',
    details:
      "It folds the claim, `PLATFORM_ADMIN_EMAIL` and what the command line writes. Rows must then have folded keys; `preflight` names those that don't.",
    example: 'lower',
  },
  USERS_TABLE_NAME: {
    group: 'The list of users',
    summary:
      'Name or ARN of a users table that exists, such as one restored from a backup. It is used as is.',
    details: 'Required in the function, where the stack sets it.',
    whenUnset: 'the stack makes a table',
    example: 'my-users',
  },
  USERS_TABLE_KEY: {
    group: 'The list of users',
    summary: 'Partition key attribute of the users table, a string.',
    example: 'email',
  },
  USERS_TABLE_PERSISTENT: {
    group: 'The list of users',
    summary:
      'Whether the users table outlasts the deployment. If not, a cold start logs `ephemeral_storage_with_bootstrap` while bootstrap is open.',
    details:
      'In `.env`, `false` without `USERS_TABLE_NAME` makes the tables and logs of the stack disposable: they are deleted with it.',
    example: 'false',
  },
  REQUIRE_USER_IN_DB: {
    group: 'The list of users',
    summary:
      'Strict mode: always denies a user without a row (`user_not_in_db`), the platform admin included.',
    details: 'See [security modes](security-modes.md).',
    example: 'true',
  },
  PLATFORM_ADMIN_EMAIL: {
    group: 'The first user',
    summary:
      'User id of the platform admin, who may enter without a row while strict mode is off (bootstrap).',
    details:
      'Despite its name it is compared with the claim that `USER_CLAIM` names, without a namespace, exactly. An existing row always wins over it.',
    whenUnset: 'nobody enters without a row',
    example: 'admin@example.com',
  },
  PLATFORM_ADMIN_ISSUER: {
    group: 'The first user',
    summary: 'The issuer whose tokens can name the platform admin. Required with several issuers.',
    whenUnset: 'the one issuer',
    example: 'https://idp.example.com/',
  },
  BOOTSTRAP_EXPIRES_AT: {
    group: 'The first user',
    summary: 'When bootstrap ends.',
    whenUnset: 'it does not end by itself',
    example: '2030-01-31T12:00:00Z',
  },
  REQUIRE_JTI: {
    group: 'What a token and a user need',
    summary: 'Rejects a token without a `jti` (`jti_missing`).',
    details:
      'If it is off, a token without a `jti` is accepted, cannot be revoked by itself, and is logged as `token_without_jti`.',
    example: 'true',
  },
  REVOKED_TOKENS_TABLE_NAME: {
    group: 'What a token and a user need',
    summary:
      'Name or ARN of a revoked-tokens table that exists. Its partition key is the string `token_id`.',
    details:
      'It turns revocation on in the function, where the stack sets it. The key is `<iss>#<jti>`. An item that exists means revoked; its `expires_at` (epoch seconds) only lets DynamoDB delete it.',
    whenUnset: 'the stack makes a table',
    example: 'my-revoked-tokens',
  },
  REQUIRED_CLAIMS: {
    group: 'What a token and a user need',
    summary:
      'Claims that every token must have, as a JSON object: claim to accepted string, or to a list of accepted strings. Any other value, or none, is rejected (`claim_mismatch`).',
    details:
      'At most 16 claims. The claim must be an own, top-level string of the token, and equal an accepted one exactly; a boolean claim is compared as `true` or `false`. Use it where the issuer signs tokens for people who are not yours: `hd` of Google, `repository` and `ref` of GitHub Actions.',
    whenUnset: 'none',
    example: '{"hd":"corp.example","amr":["mfa","hwk"]}',
  },
  SESSION_CLAIM: {
    group: 'What a token and a user need',
    summary:
      'The claim that names the sign-in a token came from, such as `sid` or `origin_jti`. `rollcall tokens revoke --session` then ends every token of that sign-in, those that are refreshed later included (`session_revoked`).',
    details:
      'It needs the revoked-tokens table; the key is `<iss>#<claim>=<value>`. A token without the claim has no session and can be revoked by its `jti` alone. A claim that is not a string of 1 to 512 bytes is rejected (`claim_missing`).',
    whenUnset: 'sessions cannot be revoked',
    example: 'sid',
  },
  REQUIRED_SCOPES: {
    group: 'What a token and a user need',
    summary: 'Scopes that every token must have, in `scope` (string) or `scp` (list).',
    whenUnset: 'none',
    example: 'api:read',
  },
  REQUIRED_ROLES: {
    group: 'What a token and a user need',
    summary: "Roles of which the user's row must have one.",
    details: 'They are not asked of the bootstrap admin, who has no row.',
    whenUnset: 'none',
    example: 'member,staff',
  },
  TOOL_ROLES: {
    group: 'What a token and a user need',
    summary:
      'AgentCore only: roles per tool. A JSON object from a tool name, or a prefix that ends in `*`, to a role or a list of roles, one of which the row must have to call it.',
    details:
      "Every entry that fits a tool's name must hold. A tool that no entry fits needs no further role. A call that does not say which tool, or whose `Mcp-Method` or `Mcp-Name` header differs from the body, is refused. They are not asked of the bootstrap admin, who has no row.",
    whenUnset: 'no tool needs a role',
    example: '{"Orders___*":"orders","Orders___delete_order":["admin","lead"]}',
  },
  ALLOW_BOUND_TOKENS: {
    group: 'What a token and a user need',
    summary:
      'Accepts a token that is bound to a key of its sender (`cnf`) as a bearer token, although the authorizer cannot check the binding.',
    details:
      'A token that is bound to a client certificate (RFC 8705) needs no such setting on an API with mutual TLS: the function compares the certificate. It does not help clients that send `Authorization: DPoP` (RFC 9449): that scheme is rejected.',
    example: 'true',
  },
  USER_CACHE_TTL_SECONDS: {
    group: 'Caches and clocks',
    summary:
      "How long the function caches a user's row, up to an hour. 0 asks the table on every invocation. It must be 0 in strict mode.",
    details: 'That a token is not revoked is cached as well. A missing row is never cached.',
    example: '60',
  },
  CLOCK_TOLERANCE_SECONDS: {
    group: 'Caches and clocks',
    summary:
      "Tolerated difference between the issuer's clock and ours, for `exp`, `nbf` and `iat`. Up to five minutes.",
    example: '30',
  },
  JWKS_MAX_AGE_SECONDS: {
    group: 'Caches and clocks',
    summary:
      'Age at which a key set is read again, up to a day. A key that the issuer has withdrawn is trusted no longer than this.',
    details: 'The set is renewed in the background before that.',
    example: '300',
  },
  JWKS_MAX_STALE_SECONDS: {
    group: 'Caches and clocks',
    summary: 'How much longer an old key set serves while the issuer is down, up to a day.',
    details: 'Each use is logged as `jwks_stale`.',
    example: '600',
  },
  HTTP_RESPONSE_FORMAT: {
    group: 'Answers and token sources',
    summary: 'Answer to an HTTP API with payload 2.0: `simple` (yes or no) or an IAM `policy`.',
    details: 'The authorizer of the API must be set alike; the construct does that.',
    example: 'policy',
  },
  WEBSOCKET_TOKEN_SOURCE: {
    group: 'Answers and token sources',
    summary:
      'Where a WebSocket client sends its token: `header`, `subprotocol` or `query:<name>`. A token elsewhere is ignored.',
    details:
      '`subprotocol` works in a browser: the client offers `rollcall, bearer.<jwt>`, and `$connect` must answer with `rollcall`.',
    example: 'subprotocol',
  },
  IDENTITY_HEADER_PREFIX: {
    group: 'Answers and token sources',
    summary:
      "AgentCore only: what the headers begin with that tell a target who calls. The client's own headers under that prefix are taken out.",
    details:
      'The headers are `…User` (percent-encoded), `…Admin`, `…Roles` and `…Reason`. A target gets those that its configuration lists.',
    example: 'X-Caller-',
  },
  ROLLCALL_RESOURCE_METADATA_URL: {
    group: 'Answers and token sources',
    summary:
      "URL of the protected resource's metadata, named in the `WWW-Authenticate` challenge (RFC 9728 §5.1).",
    details:
      'The REST API names it in every 401, and the function in the challenge of a missing scope. Set it if something else serves the metadata, or if clients reach them at another address than `ROLLCALL_PROTECTED_RESOURCE` knows. HTTPS; plain HTTP only to a loopback address.',
    whenUnset: 'not named',
    example: 'https://api.example.com/.well-known/oauth-protected-resource',
  },
  LOG_USER_IDS: {
    group: 'Logs',
    summary: 'How security events name users: `plain`, or `sha256` for a digest of the user id.',
    example: 'sha256',
  },
  LOG_LEVEL: {
    group: 'Logs',
    summary: 'Lowest level of diagnostics. Security events and metrics are always written.',
    example: 'DEBUG',
  },
};

/** Members of an issuer that a setting gives, and so describes. */
type MemberOfSetting = {
  [N in SettingName]: (typeof SETTINGS)[N] extends { member: infer M } ? M : never;
}[SettingName];

/** The other members. Their examples are JSON. */
export const MEMBER_DESCRIPTIONS: Readonly<
  Record<Exclude<keyof IssuerEntry, MemberOfSetting>, Description>
> = {
  userNamespace: {
    summary:
      "Prefix that keeps the issuer's users apart: the key of a row is `<namespace>#<claim>`. 1 to 32 of a-z, 0-9 and `-`.",
    details: 'Two issuers with the same namespace share their users, on purpose.',
    whenUnset: 'none; required with several issuers',
    example: '"staff"',
  },
};
