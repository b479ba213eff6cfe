/**
 * What an operator should know before deploying: what is unwise, as warnings that can be
 * acknowledged by their ids, and what is refused, as errors. Deciding is pure; `reportFindings`
 * writes the result where `cdk synth` shows it.
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
/** Beyond this a 401 that was meant for a moment is a nuisance. */
const MAX_DENIAL_CACHE_SECONDS = 60;
/** Claims that a user, or an administrator of the directory, can change at will. */
const MUTABLE_CLAIMS = new Set(['preferred_username', 'upn', 'nickname', 'name']);

/** Claims that are no address, or whose address is verified. */
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
      text: `The function's environment has ${deployment.environmentBytes} bytes and Lambda refuses more than ${MAX_ENVIRONMENT_BYTES}. Trust fewer issuers, or shorten audiences, client ids, scopes and roles.`,
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
    ? ' Bootstrap is open: when the table is lost, disabled users are forgotten and the platform admin, even one who was disabled, enters again without a row.'
    : '';
  return [
    ...when(deployment.makesUsersTable, {
      level: 'warning',
      id: 'rollcall:usersTable.missing',
      text: 'No users table was given, so this stack makes one, and it begins empty. To use a table that exists, name it (USERS_TABLE_NAME, or the prop usersTable); to keep this one, add its users after the deployment.',
    }),
    ...when(flaws.length > 0, {
      level: 'warning',
      id: 'rollcall:usersTable.ephemeral',
      text: `The users table may not last: ${flaws.join(', ')}. Whoever is on the list is lost with it.${bootstrap} Retain the table, and give it point-in-time recovery and deletion protection, or name a table that has them.`,
    }),
    ...when(config.requireUserInDb && deployment.usersTableBeginsEmpty, {
      level: 'warning',
      id: 'rollcall:strict.lockout',
      text: 'Strict mode is on (REQUIRE_USER_IN_DB=true) and the users table is made by this deployment: nobody can enter, the platform admin included, until a user is added to it. Add the first user right after the deployment.',
    }),
    ...tables.flatMap((table) => reachFindings(table, region)),
  ];
}

/** A table that the function would ask in vain. */
function reachFindings(
  { name, key, keyFlaws, otherRegion }: TableFacts,
  region: string,
): readonly Finding[] {
  return [
    ...when(otherRegion !== undefined, {
      level: 'error',
      id: 'rollcall:usersTable.region',
      text: `The ${name} is in ${otherRegion} and the function in ${region} asks its own Region: every request would fail. Pass a table of ${region}, such as a replica (TableV2.replica), or deploy the authorizer in ${otherRegion}.`,
    }),
    ...when(keyFlaws.length > 0, {
      level: 'error',
      id: 'rollcall:usersTable.key',
      text: `The ${name} is looked up by the string attribute ${key} alone, and ${keyFlaws.join(', ')}: every request would fail. Give the table the partition key ${key} of type S and no sort key, or name its key (USERS_TABLE_KEY, or the prop usersTableKey).`,
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
      text: 'The platform admin may enter without a row for as long as PLATFORM_ADMIN_EMAIL is set. Set BOOTSTRAP_EXPIRES_AT to a time soon after the deployment, or add a row for the admin and unset it.',
    }),
    ...when(strict, {
      level: 'warning',
      id: 'rollcall:bootstrap.ignored',
      text: 'PLATFORM_ADMIN_EMAIL has no effect in strict mode (REQUIRE_USER_IN_DB=true): the admin needs a row like everybody else. Unset it, or leave strict mode off until the first users are added.',
    }),
    ...when(userClaim === 'sub' && admin.userId.includes('@'), {
      level: 'warning',
      id: 'rollcall:bootstrap.claimMismatch',
      text: 'PLATFORM_ADMIN_EMAIL looks like an address and users are named by the claim sub, which rarely holds one: the admin would not be recognised. Set PLATFORM_ADMIN_EMAIL to the subject of the admin, or USER_CLAIM to email.',
    }),
    ...when(
      userClaim !== undefined && !VERIFIABLE_CLAIMS.has(userClaim) && admin.userId.includes('@'),
      {
        level: 'warning',
        id: 'rollcall:bootstrap.unverifiedClaim',
        text: `PLATFORM_ADMIN_EMAIL looks like an address and users are named by the claim ${userClaim}: nothing verifies an address there, since email_verified is asked for only where USER_CLAIM is email. Whoever can have that address written into the claim enters as the admin. Set USER_CLAIM to sub and PLATFORM_ADMIN_EMAIL to the subject of the admin, or USER_CLAIM to email.`,
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
      text: `Users are named by the claim ${[...new Set(mutable.map(({ userClaim }) => userClaim))].join(', ')}, which can change hands: whoever takes over the name takes over the row. Use sub, or a verified email.`,
    }),
    ...when(unverified.length > 0, {
      level: 'warning',
      id: 'rollcall:email.unverified',
      text: 'Unverified addresses are accepted (ALLOW_UNVERIFIED_EMAIL=true): whoever can enter the address of a user at the issuer becomes that user. Let the issuer verify addresses, or use sub.',
    }),
    ...when(revokedTokensTableName !== undefined && !requireJti, {
      level: 'warning',
      id: 'rollcall:revocation.jtiOptional',
      text: 'Revocation is on and tokens without a jti are accepted, which cannot be revoked one by one. Set REQUIRE_JTI=true once every issuer writes a jti.',
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
        text: `An HTTP API keeps answers for more than ${MAX_DENIAL_CACHE_SECONDS} seconds, and a refusal is kept like any other answer: a user who has just been added stays out that long. Keep them for ${MAX_DENIAL_CACHE_SECONDS} seconds or less.`,
      },
    ),
    ...when(budget !== undefined && gatewaySeconds + userSeconds > budget, {
      level: 'error',
      id: 'rollcall:revocation.budget',
      text: `A revocation may take ${gatewaySeconds + userSeconds} seconds to hold (${gatewaySeconds} in the gateway's cache, ${userSeconds} in the function's) and maxRevocationDelay allows ${budget}. Shorten resultsCacheTtl or userCacheTtl, or allow more.`,
    }),
    ...when(unkeyed.length > 0, {
      level: 'error',
      id: 'rollcall:cache.identitySource',
      text: `Answers are cached under identity sources without the Authorization header (${unkeyed.map(({ kind }) => kind).join(', ')}): one caller would be given the answer of another. Add the header to identitySources, or turn the cache off.`,
    }),
  ];
}

/** A gateway whose own authorizer trusts somebody else lets nobody through to the list. */
function gatewayFindings({ gatewayIssuers, config }: Deployment): readonly Finding[] {
  const bare = (issuer: string) => issuer.replace(/\/$/u, '');
  const trusted = new Set(config.issuers.map(({ issuer }) => bare(issuer)));
  const others = gatewayIssuers.filter((issuer) => !trusted.has(bare(issuer)));
  return when(others.length > 0, {
    level: 'warning',
    id: 'rollcall:agentCore.issuer',
    text: `An AgentCore gateway trusts the issuer ${others.join(', ')} and this authorizer does not: no token is accepted by both, so every call is refused. Give both the same issuer, or the gateway no authorizer of its own.`,
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
      text: `The function's log group is of the class ${JSON.stringify(logGroupClass)}, in which CloudWatch makes no metrics of the log lines: the alarms never fire and the dashboard stays empty. Use the class STANDARD.`,
    }),
    ...when(topicKeyFlaw !== undefined, {
      level: 'warning',
      id: 'rollcall:alarms.topicKey',
      text: `The topic of the alarms ${topicKeyFlaw}: the alarms fire and nobody is told. Add this statement to the policy of the key: ${KEY_POLICY_STATEMENT}`,
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
