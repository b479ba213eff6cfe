/**
 * Findings about a deployment: warnings, which can be acknowledged by id, and errors, which stop the
 * synthesis. `deploymentFindings` is pure; `reportFindings` writes the result where `cdk synth` shows
 * it.
 */
import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isBootstrapOpen } from '../../lambda/decision.ts';
import type { Config } from '../../lambda/settings/config.ts';
import type { AttachedAuthorizer } from '../apis/attached-authorizers.ts';
import { keySetFlaws } from './key-set-addresses.ts';
import { KEY_POLICY_STATEMENT } from './topic-key.ts';

export interface Finding {
  readonly level: 'warning' | 'error';
  /** Stable: operators acknowledge by it. */
  readonly id: `rollcall:${string}`;
  /** What happens, and what to do. */
  readonly text: string;
}

/** What is known of a table that the function reads. */
export interface TableFacts {
  /** As in "the users table". */
  readonly name: string;
  /** The attribute that is looked up. */
  readonly key: string;
  /** How its key differs from that. */
  readonly keyFlaws: readonly string[];
  /** Its Region, where that is another one than the function's. */
  readonly otherRegion: string | undefined;
}

/** What is judged. */
export interface Deployment {
  readonly config: Config;
  /** Whether the construct makes the users table because none was given. */
  readonly makesUsersTable: boolean;
  /** Whether the users table is made together with the authorizer, and so begins empty. */
  readonly usersTableBeginsEmpty: boolean;
  /** Why the users table would not last; empty when it does. */
  readonly usersTableFlaws: readonly string[];
  readonly authorizers: readonly AttachedAuthorizer[];
  /** Issuers that AgentCore gateways before the function trust by themselves, where known. */
  readonly gatewayIssuers: readonly string[];
  /** Longest time that a cache may keep a revoked access alive. */
  readonly maxRevocationDelaySeconds: number | undefined;
  /** What else is wrong with the tables that the function reads. */
  readonly tables: readonly TableFacts[];
  /** The Region of the function, or the token that stands for it. */
  readonly region: string;
  /** Why alarms may not arrive at their topic. */
  readonly topicKeyFlaw: string | undefined;
  /** Authorizers, as paths, whose changes do not reach the stage of their API. */
  readonly notRedeployed: readonly string[];
  /** `LogGroupClass` of the function's log group, as CloudFormation reads it. */
  readonly logGroupClass: unknown;
  /** Bytes of the function's environment. */
  readonly environmentBytes: number;
  /** Epoch seconds. */
  readonly now: number;
}

/** With this flag the CDK makes changes of an authorizer reach the stage. */
export const AUTHORIZER_CHANGES_FLAG =
  '@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId';
/** Lambda's limit for all variables of a function together. */
export const MAX_ENVIRONMENT_BYTES = 4096;
/** Longest acceptable cache time of a denial, since its cause may be fixed meanwhile. */
const MAX_DENIAL_CACHE_SECONDS = 60;
/** Claims that a user, or an administrator of the directory, can change at will. */
const MUTABLE_CLAIMS = new Set(['preferred_username', 'upn', 'nickname', 'name']);

/** Claims that hold no address, or a verified one. */
const VERIFIABLE_CLAIMS = new Set(['sub', 'email']);

/** Every finding about a deployment. */
export function deploymentFindings(deployment: Deployment): readonly Finding[] {
  return [
    ...tableFindings(deployment),
    ...bootstrapFindings(deployment),
    ...identityFindings(deployment.config),
    ...cacheFindings(deployment),
    ...operationFindings(deployment),
    ...gatewayFindings(deployment),
    ...when(deployment.environmentBytes > MAX_ENVIRONMENT_BYTES, {
      level: 'error',
      id: 'rollcall:environment.size',
      text: `The function's environment has ${deployment.environmentBytes} bytes, and Lambda allows at most ${MAX_ENVIRONMENT_BYTES}. Trust fewer issuers, or shorten audiences, client ids, scopes and roles.`,
    }),
  ];
}

/** Writes the findings beside `scope`, where they can be acknowledged, there or above. */
export function reportFindings(scope: IConstruct, findings: readonly Finding[]): void {
  const annotations = Annotations.of(scope);
  for (const { level, id, text } of findings) {
    if (level === 'warning') annotations.addWarningV2(id, text);
    else annotations.addError(`${text} (${id})`);
  }
}

function tableFindings(deployment: Deployment): readonly Finding[] {
  const { config, usersTableFlaws: flaws, tables, region } = deployment;
  const bootstrap = isBootstrapOpen(deployment.config, deployment.now)
    ? ' Bootstrap is open: if the table is lost, the platform admin can enter without a row, even if that user was disabled.'
    : '';
  return [
    ...when(deployment.makesUsersTable, {
      level: 'warning',
      id: 'rollcall:usersTable.missing',
      text: 'No users table was given, so this stack creates an empty one. To use an existing table, set USERS_TABLE_NAME, or the prop usersTable. To use the new one, add its users after the deployment.',
    }),
    ...when(flaws.length > 0, {
      level: 'warning',
      id: 'rollcall:usersTable.ephemeral',
      text: `The users table may be lost: ${flaws.join(', ')}. All users would be lost with it.${bootstrap} Retain the table, and turn on point-in-time recovery and deletion protection, or use a table that has them.`,
    }),
    ...when(config.requireUserInDb && deployment.usersTableBeginsEmpty, {
      level: 'warning',
      id: 'rollcall:strict.lockout',
      text: 'Strict mode is on (REQUIRE_USER_IN_DB=true) and this deployment creates an empty users table: every user is denied, the platform admin included, until a user is added. Add the first user right after the deployment.',
    }),
    ...tables.flatMap((table) => reachFindings(table, region)),
  ];
}

/** Problems that make every read of a table fail. */
function reachFindings(
  { name, key, keyFlaws, otherRegion }: TableFacts,
  region: string,
): readonly Finding[] {
  return [
    ...when(otherRegion !== undefined, {
      level: 'error',
      id: 'rollcall:usersTable.region',
      text: `The ${name} is in ${otherRegion}, and the function reads in its own Region, ${region}: every request would fail. Pass a table of ${region}, such as a replica (TableV2.replica), or deploy the authorizer in ${otherRegion}.`,
    }),
    ...when(keyFlaws.length > 0, {
      level: 'error',
      id: 'rollcall:usersTable.key',
      text: `The ${name} needs the single string key ${key}, and ${keyFlaws.join(', ')}: every request would fail. Give the table the partition key ${key} of type S and no sort key, or name its key (USERS_TABLE_KEY, or the prop usersTableKey).`,
    }),
  ];
}

function bootstrapFindings({ config }: Deployment): readonly Finding[] {
  const { platformAdmin: admin, requireUserInDb: strict } = config;
  if (admin === undefined) return [];
  const userClaim = config.issuers.find(({ issuer }) => issuer === admin.issuer)?.userClaim;
  return [
    ...when(!strict && admin.expiresAt === undefined, {
      level: 'warning',
      id: 'rollcall:bootstrap.noExpiry',
      text: 'The platform admin can enter without a row as long as PLATFORM_ADMIN_EMAIL is set. Set BOOTSTRAP_EXPIRES_AT to a time soon after the deployment, or add a row for the admin and unset it.',
    }),
    ...when(strict, {
      level: 'warning',
      id: 'rollcall:bootstrap.ignored',
      text: 'PLATFORM_ADMIN_EMAIL has no effect in strict mode (REQUIRE_USER_IN_DB=true): the admin needs a row like every other user. Unset it, or leave strict mode off until the first users are added.',
    }),
    ...when(userClaim === 'sub' && admin.userId.includes('@'), {
      level: 'warning',
      id: 'rollcall:bootstrap.claimMismatch',
      text: 'PLATFORM_ADMIN_EMAIL looks like an email address, and users are named by the claim sub, which rarely holds one: the admin would not be recognised. Set PLATFORM_ADMIN_EMAIL to the subject of the admin, or USER_CLAIM to email.',
    }),
    ...when(
      userClaim !== undefined && !VERIFIABLE_CLAIMS.has(userClaim) && admin.userId.includes('@'),
      {
        level: 'warning',
        id: 'rollcall:bootstrap.unverifiedClaim',
        text: `PLATFORM_ADMIN_EMAIL looks like an email address, and users are named by the claim ${userClaim}. No address is verified there, because email_verified is required only if USER_CLAIM is email. Anyone who can set that claim to the address can enter as the admin. Set USER_CLAIM to sub and PLATFORM_ADMIN_EMAIL to the subject of the admin, or USER_CLAIM to email.`,
      },
    ),
  ];
}

function identityFindings({
  issuers,
  revokedTokensTableName,
  requireJti,
}: Config): readonly Finding[] {
  const mutable = issuers.filter(({ userClaim }) => MUTABLE_CLAIMS.has(userClaim));
  const unverified = issuers.filter(
    ({ userClaim, allowUnverifiedEmail }) => userClaim === 'email' && allowUnverifiedEmail,
  );
  const keySets = keySetFlaws(issuers);
  return [
    ...when(keySets.length > 0, {
      level: 'warning',
      id: 'rollcall:issuer.keySet',
      text: `Tokens could not be verified: ${keySets.join('; ')}.`,
    }),
    ...when(mutable.length > 0, {
      level: 'warning',
      id: 'rollcall:userClaim.mutable',
      text: `Users are named by the claim ${[...new Set(mutable.map(({ userClaim }) => userClaim))].join(', ')}, which can be reassigned: a user who gets the name of another user gets that user's row. Use sub, or a verified email.`,
    }),
    ...when(unverified.length > 0, {
      level: 'warning',
      id: 'rollcall:email.unverified',
      text: 'Unverified addresses are accepted (ALLOW_UNVERIFIED_EMAIL=true): anyone who can set the address of another user at the issuer can enter as that user. Let the issuer verify addresses, or use sub.',
    }),
    ...when(revokedTokensTableName !== undefined && !requireJti, {
      level: 'warning',
      id: 'rollcall:revocation.jtiOptional',
      text: 'Revocation is on, and tokens without a jti are accepted, but they cannot be revoked individually. Set REQUIRE_JTI=true once every issuer writes a jti.',
    }),
  ];
}

function cacheFindings(deployment: Deployment): readonly Finding[] {
  const { authorizers, config, maxRevocationDelaySeconds: budget } = deployment;
  const gatewaySeconds = Math.max(0, ...authorizers.map((one) => one.resultsCacheTtlSeconds));
  const userSeconds = config.userCacheTtlSeconds;
  const unkeyed = authorizers.filter(
    (one) => one.resultsCacheTtlSeconds > 0 && !one.isKeyedOnToken,
  );
  return [
    ...when(
      authorizers.some(
        ({ kind, resultsCacheTtlSeconds }) =>
          kind === 'http' && resultsCacheTtlSeconds > MAX_DENIAL_CACHE_SECONDS,
      ),
      {
        level: 'warning',
        id: 'rollcall:cache.denials',
        text: `An HTTP API caches answers for more than ${MAX_DENIAL_CACHE_SECONDS} seconds, denials included: a user who was just added may be denied for that long. Set resultsCacheTtl to ${MAX_DENIAL_CACHE_SECONDS} seconds or less.`,
      },
    ),
    ...when(budget !== undefined && gatewaySeconds + userSeconds > budget, {
      level: 'error',
      id: 'rollcall:revocation.budget',
      text: `A revocation may take ${gatewaySeconds + userSeconds} seconds to take effect (${gatewaySeconds} in the gateway's cache, ${userSeconds} in the function's), and maxRevocationDelay allows ${budget}. Shorten resultsCacheTtl or userCacheTtl, or allow more.`,
    }),
    ...when(unkeyed.length > 0, {
      level: 'error',
      id: 'rollcall:cache.identitySource',
      text: `Answers are cached under identity sources without the Authorization header (${unkeyed.map(({ kind }) => kind).join(', ')}): one caller would get the answer of another. Add the header to identitySources, or turn the cache off.`,
    }),
  ];
}

/** If a gateway's own authorizer trusts another issuer, no token passes both. */
function gatewayFindings({ gatewayIssuers, config }: Deployment): readonly Finding[] {
  const bare = (issuer: string) => issuer.replace(/\/$/u, '');
  const trusted = new Set(config.issuers.map(({ issuer }) => bare(issuer)));
  const others = gatewayIssuers.filter((issuer) => !trusted.has(bare(issuer)));
  return when(others.length > 0, {
    level: 'warning',
    id: 'rollcall:agentCore.issuer',
    text: `An AgentCore gateway trusts the issuer ${others.join(', ')}, and this authorizer does not: no token is accepted by both, so every call is denied. Configure the same issuer for both, or remove the gateway's own authorizer.`,
  });
}

function operationFindings({
  topicKeyFlaw,
  notRedeployed,
  logGroupClass = 'STANDARD',
}: Deployment): readonly Finding[] {
  return [
    ...when(logGroupClass !== 'STANDARD', {
      level: 'warning',
      id: 'rollcall:logs.class',
      text: `The function's log group has the class ${JSON.stringify(logGroupClass)}, for which CloudWatch extracts no metrics from log lines: the alarms never fire and the dashboard stays empty. Use the class STANDARD.`,
    }),
    ...when(topicKeyFlaw !== undefined, {
      level: 'warning',
      id: 'rollcall:alarms.topicKey',
      text: `The topic of the alarms ${topicKeyFlaw}: the alarms fire, but no notification is sent. Add this statement to the key policy: ${KEY_POLICY_STATEMENT}`,
    }),
    ...when(notRedeployed.length > 0, {
      level: 'warning',
      id: 'rollcall:deployment.authorizerChanges',
      text: `A change of ${notRedeployed.join(', ')} does not reach the stage of its API: this app has no Deployment construct of that API, and the flag ${AUTHORIZER_CHANGES_FLAG} is off. Deploy the stage again after every change (aws apigateway create-deployment), or make the API and its Deployment in this app.`,
    }),
  ];
}

function when(holds: boolean, finding: Finding): readonly Finding[] {
  return holds ? [finding] : [];
}
