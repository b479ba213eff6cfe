/**
 * The function's settings as typed props. Every prop stands for one variable of the function's
 * environment (the table of settings says which), and means what that variable means.
 */
import type { Duration } from 'aws-cdk-lib';
import type { Config } from '../../lambda/settings/config.ts';
import type { SettingName, SETTINGS } from '../../lambda/settings/table.ts';
import type { IssuerEntry } from '../../lambda/settings/trusted-issuers.ts';

export interface AuthorizerSettings {
  /**
   * Trusted issuers, at least one. Each needs `issuer`, and `audience`, `clientId` or both. Several
   * issuers each need a `userNamespace`.
   */
  readonly issuers: readonly IssuerEntry[];
  /**
   * Longest lifetime of a token, from `iat` to `exp`, a minute to 366 days. A token that lives
   * longer, or has no `iat`, is rejected (`token_lifetime_exceeded`).
   * @default - the lifetime is not checked
   */
  readonly maxTokenLifetime?: Duration;
  /**
   * The claim that names the user: an own, top-level string of the token. It is the key of the row.
   * @default 'sub'
   */
  readonly userClaim?: string;
  /**
   * Accepts an `email` claim as the user even if `email_verified` is not true.
   * @default false
   */
  readonly allowUnverifiedEmail?: boolean;
  /**
   * `lower` folds user ids to lower case (A–Z only) before they are compared.
   * @default 'preserve'
   */
  readonly userIdCase?: 'preserve' | 'lower';
  /**
   * Strict mode: always denies a user without a row (`user_not_in_db`), the platform admin
   * included.
   * @default false
   */
  readonly requireUserInDb?: boolean;
  /**
   * User id of the platform admin, who may enter without a row while strict mode is off
   * (bootstrap).
   * @default - nobody enters without a row
   */
  readonly platformAdminEmail?: string;
  /**
   * The issuer whose tokens can name the platform admin. Required with several issuers.
   * @default - the one issuer
   */
  readonly platformAdminIssuer?: string;
  /**
   * When bootstrap ends.
   * @default - it does not end by itself
   */
  readonly bootstrapExpiresAt?: Date;
  /**
   * Rejects a token without a `jti` (`jti_missing`).
   * @default false
   */
  readonly requireJti?: boolean;
  /**
   * Claims that every token must have, as a JSON object: claim to accepted string, or to a list of
   * accepted strings. Any other value, or none, is rejected (`claim_mismatch`).
   * @default - none
   */
  readonly requiredClaims?: IssuerEntry['requiredClaims'];
  /**
   * The claim that names the sign-in a token came from, such as `sid` or `origin_jti`. `rollcall
   * tokens revoke --session` then ends every token of that sign-in, those that are refreshed later
   * included (`session_revoked`).
   * @default - sessions cannot be revoked
   */
  readonly sessionClaim?: string;
  /**
   * Scopes that every token must have, in `scope` (string) or `scp` (list).
   * @default - none
   */
  readonly requiredScopes?: readonly string[];
  /**
   * AgentCore only: roles per tool. A JSON object from a tool name, or a prefix that ends in `*`,
   * to a role or a list of roles, one of which the row must have to call it.
   * @default - no tool needs a role
   */
  readonly toolRoles?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Roles of which the user's row must have one.
   * @default - none
   */
  readonly requiredRoles?: readonly string[];
  /**
   * How long the function caches a user's row, up to an hour. 0 asks the table on every invocation.
   * It must be 0 in strict mode.
   * @default Duration.seconds(0)
   */
  readonly userCacheTtl?: Duration;
  /**
   * Tolerated difference between the issuer's clock and ours, for `exp`, `nbf` and `iat`. Up to
   * five minutes.
   * @default Duration.seconds(5)
   */
  readonly clockTolerance?: Duration;
  /**
   * Age at which a key set is read again, up to a day. A key that the issuer has withdrawn is
   * trusted no longer than this.
   * @default Duration.seconds(600)
   */
  readonly jwksMaxAge?: Duration;
  /**
   * How much longer an old key set serves while the issuer is down, up to a day.
   * @default Duration.seconds(3600)
   */
  readonly jwksMaxStale?: Duration;
  /**
   * Answer to an HTTP API with payload 2.0: `simple` (yes or no) or an IAM `policy`.
   * @default 'simple'
   */
  readonly httpResponseFormat?: 'simple' | 'policy';
  /**
   * Where a WebSocket client sends its token: `header`, `subprotocol` or `query:<name>`. A token
   * elsewhere is ignored.
   * @default 'header'
   */
  readonly webSocketTokenSource?: string;
  /**
   * Accepts a token that is bound to a key of its sender (`cnf`) as a bearer token, although the
   * authorizer cannot check the binding.
   * @default false
   */
  readonly allowBoundTokens?: boolean;
  /**
   * AgentCore only: what the headers begin with that tell a target who calls. The client's own
   * headers under that prefix are taken out.
   * @default 'X-Rollcall-'
   */
  readonly identityHeaderPrefix?: string;
  /**
   * URL of the protected resource's metadata, named in the `WWW-Authenticate` challenge (RFC 9728
   * §5.1).
   * @default - not named
   */
  readonly resourceMetadataUrl?: string;
  /**
   * How security events name users: `plain`, or `sha256` for a digest of the user id.
   * @default 'plain'
   */
  readonly logUserIds?: 'plain' | 'sha256';
  /**
   * Lowest level of diagnostics. Security events and metrics are always written.
   * @default 'INFO'
   */
  readonly logLevel?: Config['logLevel'];
}

/** The tables as the function knows them. */
export interface TableSettings {
  /** Name or ARN. */
  readonly usersTableName: string;
  /** `true`, `false` or nothing, which is `true`; may be a lazy value. */
  readonly usersTablePersistent?: string;
  /** @default 'user_id' */
  readonly usersTableKey?: string;
  /**
   * Name or ARN.
   * @default - revocation is off
   */
  readonly revokedTokensTableName?: string;
}

type Row = (typeof SETTINGS)[SettingName];
type PropOfRow = Exclude<Extract<Row, { prop: string }>['prop'], keyof TableSettings>;
type Each<All, _Part extends All> = true;

/** A row of the table without a prop above, or a prop without a row, does not compile. */
export type PropsAndRows = [
  Each<keyof AuthorizerSettings, PropOfRow>,
  Each<PropOfRow, keyof AuthorizerSettings>,
];
