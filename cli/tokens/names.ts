/**
 * Determines the token or session of a command, from options or from the token on standard input.
 * Claims are not verified.
 */
import { ownMember, type JsonObject } from '../../lambda/json.ts';
import { issuerEntries, readSettings } from '../../lambda/settings/table.ts';
import { fromPrintable } from '../../lambda/telemetry/printable.ts';
import { MAX_JTI_BYTES, sessionId } from '../../lambda/token/claims.ts';
import { decomposeUnverifiedJwt } from '../../lambda/token/jwt.ts';
import type { Deployment } from '../deployment.ts';
import { refusal, usageError } from '../errors.ts';
import { readToken } from '../stdin.ts';

export interface TokenOptions {
  readonly issuer?: string;
  readonly jti?: string;
  /** True when the session of the token on standard input is meant. */
  readonly session?: string | true;
}

/** A token or session, named as in the revoked-tokens table. */
export interface RevocableName {
  readonly kind: 'token' | 'session';
  readonly issuer: string;
  /** The `jti`, or the value of the session claim. */
  readonly value: string;
  /** The part of the table key after the issuer. */
  readonly id: string;
  /** When the token expires, in epoch seconds. A session may be refreshed beyond that. */
  readonly expiresAt: number | undefined;
}

export interface NamedToken {
  readonly name: RevocableName;
  /** Where it was on standard input. */
  readonly token?: string;
}

/** Determines the token or session that `options` name. */
export async function readName(
  { issuer, jti, session }: TokenOptions,
  deployment: Deployment,
): Promise<NamedToken> {
  if (jti !== undefined && session !== undefined) {
    throw usageError('token_name', '--jti and --session exclude each other', 'Give one of them');
  }
  const value = jti ?? (session === true ? undefined : session);
  if (issuer === undefined && value === undefined) {
    return fromToken(await readToken(), session === true, deployment);
  }
  if (issuer === undefined || value === undefined) {
    throw usageError(
      'token_name',
      '--issuer needs --jti, or --session with a value, and the reverse',
      'Give both, or pipe in the token',
    );
  }
  requireTrusted(issuer, deployment);
  // The log is where it is likely to be copied from, and writes some characters as escapes.
  const asIssued = fromPrintable(value) ?? value;
  return { name: nameOf(issuer, asIssued, session !== undefined, deployment, undefined) };
}

function fromToken(token: string, meansSession: boolean, deployment: Deployment): NamedToken {
  const jwt = decomposeUnverifiedJwt(token);
  if (jwt === undefined) {
    throw usageError(
      'token_malformed',
      'Standard input is not a JWT',
      'Pipe in one token, as the client sends it',
    );
  }
  const payload: JsonObject = jwt.unverifiedPayload;
  const unverifiedIssuer = ownMember(payload, 'iss');
  requireTrusted(unverifiedIssuer, deployment);
  const claim = meansSession ? sessionClaimOf(unverifiedIssuer, deployment) : 'jti';
  const unverifiedExpiry = ownMember(payload, 'exp');
  const expiresAt =
    typeof unverifiedExpiry === 'number' && isSaneTime(unverifiedExpiry)
      ? unverifiedExpiry
      : undefined;
  const value = ownMember(payload, claim);
  return { name: nameOf(unverifiedIssuer, value, meansSession, deployment, expiresAt), token };
}

function nameOf(
  issuer: string,
  value: unknown,
  meansSession: boolean,
  deployment: Deployment,
  expiresAt: number | undefined,
): RevocableName {
  const isUsable =
    typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= MAX_JTI_BYTES;
  if (meansSession) {
    const claim = sessionClaimOf(issuer, deployment);
    if (!isUsable) throw noSession(claim);
    return { kind: 'session', issuer, value, id: sessionId(claim, value), expiresAt: undefined };
  }
  if (!isUsable) throw noJti();
  return { kind: 'token', issuer, value, id: value, expiresAt };
}

function sessionClaimOf(issuer: string, { settings, name }: Deployment): string {
  const read = readSettings(settings);
  const entry = issuerEntries(read).find((candidate) => candidate.issuer === issuer);
  const claim = entry?.sessionClaim ?? read.settings.SESSION_CLAIM;
  if (claim !== undefined) return claim;
  throw usageError(
    'session_claim_unset',
    `Sessions cannot be revoked in ${name}: SESSION_CLAIM is not set`,
    'Set it to the claim that names a sign-in, or reject all tokens of the user with users sign-out',
  );
}

/** An item under another issuer's name would never be looked up. */
function requireTrusted(issuer: unknown, { settings, name }: Deployment): asserts issuer is string {
  const trusted = issuerEntries(readSettings(settings)).map((entry) => entry.issuer);
  const isTrusted =
    typeof issuer === 'string' && (trusted.length === 0 || trusted.includes(issuer));
  if (isTrusted) return;
  throw usageError(
    'issuer_not_trusted',
    `${name} does not trust the issuer of the token, so the token is already rejected`,
    'Check the token and the stack',
  );
}

function noJti() {
  return refusal(
    'jti_missing',
    `The token has no jti of 1 to ${MAX_JTI_BYTES} bytes, so it cannot be revoked individually`,
    'Reject all tokens of its user with users sign-out',
  );
}

function noSession(claim: string) {
  return refusal(
    'session_missing',
    `The token has no ${claim} of 1 to ${MAX_JTI_BYTES} bytes, so it has no session to revoke`,
    'Revoke only the token, or reject all tokens of its user with users sign-out',
  );
}

/** Of ten digits or so: what has more is in milliseconds. */
export function isSaneTime(seconds: number): boolean {
  return seconds >= 0 && seconds < 1e11;
}
