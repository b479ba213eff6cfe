/** Evidence for `decide`: a base that is allowed, to be changed one field at a time. */
import type { AccessPolicy, DirectoryEvidence, UserRow } from '../../lambda/decision.ts';
import type { VerifiedToken } from '../../lambda/verified-token.ts';

export const ISSUER = 'https://issuer.example.com';
export const ADMIN = 'admin@example.com';
/** Epoch seconds. */
export const NOW = 2_000_000_000;

export function verifiedToken(overrides: Partial<VerifiedToken> = {}): VerifiedToken {
  const token = {
    issuer: ISSUER,
    subject: 'alice',
    userId: 'alice',
    issuedAt: NOW - 60,
    expiresAt: NOW + 600,
    jti: 'token-1',
    scopes: [],
    ...overrides,
  };
  // Only `token.ts` can make one; a test has to say that it pretends.
  return token as unknown as VerifiedToken;
}

export function userRow(overrides: Partial<UserRow> = {}): UserRow {
  return {
    isActive: true,
    isAdmin: false,
    tokensValidAfter: undefined,
    roles: [],
    email: undefined,
    fullName: undefined,
    ...overrides,
  };
}

export function found(overrides: Partial<UserRow> = {}): DirectoryEvidence {
  return { status: 'found', row: userRow(overrides), tokenRevoked: false, sessionRevoked: false };
}

export const NOT_FOUND: DirectoryEvidence = {
  status: 'not_found',
  tokenRevoked: false,
  sessionRevoked: false,
};

export function accessPolicy(overrides: Partial<AccessPolicy> = {}): AccessPolicy {
  return {
    requireUserInDb: false,
    platformAdmin: { userId: ADMIN, issuer: ISSUER, expiresAt: undefined },
    requiredScopes: [],
    requiredRoles: [],
    ...overrides,
  };
}
