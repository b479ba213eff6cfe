/**
 * The function's settings as typed props. Every prop stands for one variable of the function's
 * environment (`function-environment.ts` says which), and means what that variable means.
 */
import type { Duration } from 'aws-cdk-lib';
import type { Config } from '../../lambda/settings/config.ts';
import type { IssuerEntry } from '../../lambda/settings/trusted-issuers.ts';

export interface AuthorizerSettings {
  /**
   * Whose tokens are accepted, at least one. Each names `issuer` and at least one of `audience`
   * and `clientId`; several need a `userNamespace` each. May hold tokens of the CDK, such as a
   * user pool's `userPoolProviderUrl`.
   */
  readonly issuers: readonly IssuerEntry[];
  /**
   * Claim that names the user, where an issuer does not say otherwise.
   * @default 'sub'
   */
  readonly userClaim?: string;
  /**
   * Whether an `email` claim counts without `email_verified`, where an issuer does not say
   * otherwise.
   * @default false
   */
  readonly allowUnverifiedEmail?: boolean;
  /**
   * Whether user ids are folded to lower case (A–Z only) before they are compared.
   * @default 'preserve'
   */
  readonly userIdCase?: 'preserve' | 'lower';
  /**
   * Strict mode: a user without a row is denied, always.
   * @default false
   */
  readonly requireUserInDb?: boolean;
  /**
   * User id of the platform admin, who may enter without a row while strict mode is off.
   * @default - nobody enters without a row
   */
  readonly platformAdminEmail?: string;
  /**
   * The issuer whose tokens can name the platform admin.
   * @default - the one issuer; required with several
   */
  readonly platformAdminIssuer?: string;
  /**
   * When the platform admin's entry without a row ends.
   * @default - it does not end by itself
   */
  readonly bootstrapExpiresAt?: Date;
  /**
   * Whether a token must carry a `jti`.
   * @default false
   */
  readonly requireJti?: boolean;
  /**
   * Scopes that every token must carry.
   * @default - none
   */
  readonly requiredScopes?: readonly string[];
  /**
   * Roles of which a user's row must have one.
   * @default - none
   */
  readonly requiredRoles?: readonly string[];
  /**
   * How long the function remembers a user's row, up to an hour. Not together with strict mode.
   * @default Duration.seconds(0)
   */
  readonly userCacheTtl?: Duration;
  /**
   * Tolerated difference between the issuer's clock and ours, up to five minutes.
   * @default Duration.seconds(5)
   */
  readonly clockTolerance?: Duration;
  /**
   * Age at which a set of signing keys is read again, up to a day.
   * @default Duration.minutes(10)
   */
  readonly jwksMaxAge?: Duration;
  /**
   * How much longer an old key set serves while its issuer is down, up to a day.
   * @default Duration.hours(1)
   */
  readonly jwksMaxStale?: Duration;
  /**
   * What an HTTP API is answered with: a yes or no, or an IAM policy.
   * @default 'simple'
   */
  readonly httpResponseFormat?: 'simple' | 'policy';
  /**
   * Where a WebSocket client puts its token: `header`, `subprotocol` or `query:<name>`.
   * @default 'header'
   */
  readonly webSocketTokenSource?: string;
  /**
   * Whether a token that is bound to a key of its sender (`cnf`) is accepted as a bearer token.
   * @default false
   */
  readonly allowBoundTokens?: boolean;
  /**
   * How user ids appear in the log.
   * @default 'plain'
   */
  readonly logUserIds?: 'plain' | 'sha256';
  /**
   * Least level of diagnostics. Security events and metrics are always written.
   * @default 'INFO'
   */
  readonly logLevel?: Config['logLevel'];
}
