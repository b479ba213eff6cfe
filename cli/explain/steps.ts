/**
 * The checks of a decision in the function's order, with the facts that each of them used. Nothing is
 * decided here: the reason of the decision tells which check stopped it. Claims are shown one by
 * one, escaped and shortened; the token is not shown.
 */
import type { Config, IssuerConfig } from '../../lambda/settings/config.ts';
import type { Decision, DirectoryEvidence, UserRow } from '../../lambda/decision.ts';
import { CHECK_NAMES, stoppingCheck, type CheckName } from '../../lambda/explanations.ts';
import { type UnverifiedJwt } from '../../lambda/token/jwt.ts';
import { isEpochSeconds } from '../../lambda/epoch-seconds.ts';
import { ownMember } from '../../lambda/json.ts';
import { printable } from '../../lambda/telemetry/printable.ts';
import { MAX_TOKEN_BYTES } from '../../lambda/request/token-source.ts';
import type { VerifiedToken } from '../../lambda/verified-token.ts';
import { isoTime } from '../output.ts';

/** What is known of one token, as far as it could be found out. */
export interface Findings {
  readonly decision: Decision;
  readonly config: Config;
  /** Epoch seconds. */
  readonly now: number;
  readonly jwt: UnverifiedJwt | undefined;
  readonly token: VerifiedToken | undefined;
  readonly directory: DirectoryEvidence | undefined;
}

export interface Step {
  readonly step: string;
  readonly status: 'passed' | 'failed' | 'unavailable' | 'not_reached';
  readonly facts: string;
}

interface Seen extends Findings {
  readonly header: (name: string) => string;
  readonly claim: (name: string) => string;
  readonly issuer: IssuerConfig | undefined;
  readonly row: UserRow | undefined;
}

/** What each check looked at. */
const FACTS: Readonly<Record<CheckName, (seen: Seen) => string>> = {
  token: ({ jwt, decision }) => {
    if (decision.reason === 'token_too_large') return `is longer than ${MAX_TOKEN_BYTES} bytes`;
    return jwt === undefined
      ? 'is not a JWT: three parts of base64url, the first two JSON'
      : 'has three parts';
  },
  header: ({ header }) => `typ ${header('typ')}, alg ${header('alg')}, kid ${header('kid')}`,
  issuer: ({ claim, config }) =>
    `iss ${claim('iss')}; trusted: ${config.issuers.map(({ issuer }) => issuer).join(', ')}`,
  algorithm: ({ header, issuer }) =>
    `alg ${header('alg')}; allowed: ${issuer?.algorithms.join(', ') ?? ''}`,
  key: ({ header, issuer, decision }) =>
    `kid ${header('kid')} in ${issuer?.jwksUri ?? ''}${causeOf(decision)}`,
  signature: ({ header }) => `of the key ${header('kid')}`,
  claims: ({ claim, issuer }) =>
    `exp ${claim('exp')}, ${issuer?.userClaim ?? 'sub'} ${claim(issuer?.userClaim ?? 'sub')}`,
  audience: ({ claim, issuer }) =>
    [
      ...(issuer !== undefined && issuer.audiences.length > 0
        ? [`aud ${claim('aud')}; accepted: ${issuer.audiences.join(', ')}`]
        : []),
      ...(issuer !== undefined && issuer.clientIds.length > 0
        ? [`client_id ${claim('client_id')}; accepted: ${issuer.clientIds.join(', ')}`]
        : []),
    ].join('; '),
  token_use: ({ claim, issuer }) =>
    issuer?.tokenUse === undefined
      ? 'not asked for'
      : `token_use ${claim('token_use')}; required: ${issuer.tokenUse}`,
  required_claims: ({ claim, issuer }) => {
    const required = Object.entries(issuer?.requiredClaims ?? {});
    if (required.length === 0) return 'not asked for';
    return required
      .map(([name, accepted]) => `${name} ${claim(name)}; accepted: ${accepted.join(', ')}`)
      .join('; ');
  },
  expiry: ({ jwt, now, config }) =>
    `exp ${timeOf(jwt, 'exp')}; now ${timeText(now)}, tolerance ${config.clockToleranceSeconds} s`,
  issued: ({ jwt }) => `iat ${timeOf(jwt, 'iat')}, nbf ${timeOf(jwt, 'nbf')}`,
  lifetime: ({ jwt, config }) =>
    config.maxTokenLifetimeSeconds === undefined
      ? 'not asked for'
      : `iat ${timeOf(jwt, 'iat')}, exp ${timeOf(jwt, 'exp')}; at most ${config.maxTokenLifetimeSeconds} s`,
  jti: ({ claim, config }) =>
    `jti ${claim('jti')}; ${config.requireJti ? 'required' : 'not required'}`,
  email: ({ claim, issuer }) => {
    if (issuer?.userClaim !== 'email') return 'not asked for';
    return issuer.allowUnverifiedEmail
      ? 'waived by ALLOW_UNVERIFIED_EMAIL'
      : `email_verified ${claim('email_verified')}`;
  },
  certificate: ({ jwt }) =>
    jwt !== undefined && Object.hasOwn(jwt.unverifiedPayload, 'cnf')
      ? 'there is none here to compare'
      : 'the token is bound to none',
  directory: ({ config, token, decision }) =>
    `row ${quote(token?.userId)} of ${config.usersTable.name}${causeOf(decision)}`,
  revocation: ({ config, token, directory }) => {
    if (config.revokedTokensTableName === undefined) return 'revocation is off';
    if (token?.jti === undefined) return 'the token has no jti, and cannot be revoked individually';
    const revoked =
      directory !== undefined && 'tokenRevoked' in directory && directory.tokenRevoked;
    return revoked ? 'the token has been revoked' : 'not revoked';
  },
  session: ({ token, issuer, directory }) => {
    if (issuer?.sessionClaim === undefined) return 'not asked for';
    if (token?.session === undefined) return `the token has no ${issuer.sessionClaim}`;
    const revoked =
      directory !== undefined && 'sessionRevoked' in directory && directory.sessionRevoked;
    return `${printable(token.session)} ${revoked ? 'has been revoked' : 'is not revoked'}`;
  },
  row: ({ row, config, decision }) => {
    if (row !== undefined) return 'there is one';
    if (decision.reason === 'platform_admin_bootstrap') return 'there is none: bootstrap';
    return `there is none, and strict mode is ${config.requireUserInDb ? 'on' : 'off'}`;
  },
  active: ({ row }) => (row === undefined ? 'not asked for' : `is_active ${row.isActive}`),
  sign_out: ({ row, jwt }) =>
    row?.tokensValidAfter === undefined
      ? 'has not been signed out'
      : `iat ${timeOf(jwt, 'iat')}; valid from ${timeText(row.tokensValidAfter)}`,
  scopes: ({ token, config }) =>
    config.requiredScopes.length === 0
      ? 'not asked for'
      : `has ${listText(token?.scopes)}; required: ${config.requiredScopes.join(' ')}`,
  roles: ({ row, config }) =>
    config.requiredRoles.length === 0 || row === undefined
      ? 'not asked for'
      : `has ${listText(row.roles)}; one of: ${config.requiredRoles.join(' ')}`,
  tools: () => 'no tool is called here',
};

/** Every step: those before the one where the decision fell have passed. */
export function explainSteps(findings: Findings): readonly Step[] {
  const { decision, jwt, config, directory } = findings;
  const show = (value: unknown) => (value === undefined ? 'missing' : quote(value));
  const seen: Seen = {
    ...findings,
    header: (name) => show(jwt && ownMember(jwt.unverifiedHeader, name)),
    claim: (name) => show(jwt && ownMember(jwt.unverifiedPayload, name)),
    issuer: config.issuers.find(
      ({ issuer }) => jwt !== undefined && issuer === ownMember(jwt.unverifiedPayload, 'iss'),
    ),
    row: directory?.status === 'found' ? directory.row : undefined,
  };
  const stoppedAt = CHECK_NAMES.findIndex((name) => name === checkOf(decision, jwt));
  return CHECK_NAMES.map((name, index) => {
    const status = statusOf(index, stoppedAt, decision);
    return { step: name, status, facts: status === 'not_reached' ? '' : FACTS[name](seen) };
  });
}

/** What cannot be taken apart is malformed before there is a header to look at. */
function checkOf({ reason }: Decision, jwt: UnverifiedJwt | undefined): CheckName | undefined {
  return reason === 'token_malformed' && jwt === undefined ? 'token' : stoppingCheck(reason);
}

function statusOf(index: number, stoppedAt: number, decision: Decision): Step['status'] {
  if (stoppedAt === -1) return decision.outcome === 'allow' ? 'passed' : 'not_reached';
  if (index < stoppedAt) return 'passed';
  if (index > stoppedAt) return 'not_reached';
  return decision.outcome === 'unavailable' ? 'unavailable' : 'failed';
}

function causeOf(decision: Decision): string {
  if (decision.outcome !== 'unavailable' || decision.cause === undefined) return '';
  const attribute = decision.attribute === undefined ? '' : ` (${decision.attribute})`;
  return `: ${decision.cause}${attribute}`;
}

/** A quotation mark in a string is escaped, so that it does not look like the end. */
function quote(value: unknown): string {
  return typeof value === 'string'
    ? `"${printable(value).replaceAll('"', String.raw`\u{22}`)}"`
    : printable(JSON.stringify(value) ?? 'missing');
}

function listText(values: readonly string[] = []): string {
  return values.length === 0 ? 'none' : printable(values.join(' '));
}

function timeOf(jwt: UnverifiedJwt | undefined, claim: string): string {
  const value = jwt && ownMember(jwt.unverifiedPayload, claim);
  return typeof value === 'number' ? timeText(value) : quote(value);
}

/** Beyond what a date can be, the number itself. */
function timeText(epochSeconds: number): string {
  return isEpochSeconds(Math.abs(epochSeconds))
    ? isoTime(Math.floor(epochSeconds))
    : printable(String(epochSeconds));
}
