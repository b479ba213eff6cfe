/**
 * The authorizer without its wires: real verification and decision, an issuer whose keys are at
 * hand, and a table in which everybody is an active admin. Whoever gets a token past it is in.
 */
import { createAuthorize } from '../../lambda/authorize.ts';
import { parseConfig } from '../../lambda/settings/config.ts';
import { createKeySource } from '../../lambda/keys/key-source.ts';
import type { EventKind } from '../../lambda/request/request.ts';
import { decisionEvent } from '../../lambda/telemetry/security-event.ts';
import { AUDIENCE, createKey, signToken, type Claims, type TestKey } from '../support/issuer.ts';

export const ISSUER = 'https://issuer.example.com';
/** Epoch seconds. The clock stands still. */
export const NOW = 2_000_000_000;

export type Answer = 'allow' | 'deny' | 'unauthorized' | 'unavailable';

/** What became of one event, with all that was recorded of it. */
export interface Seen {
  readonly answer: Answer;
  readonly kind: EventKind | 'unknown';
  readonly resource: string | undefined;
  readonly reason: string;
  /** The record as it would be printed, and the answer as it would be sent. */
  readonly text: string;
}

export interface Doorway {
  readonly key: TestKey;
  /** A token that enters. */
  token(claims?: Claims, header?: Claims): string;
  /** Rejects when the answer is none that the contract knows. */
  send(event: unknown): Promise<Seen>;
}

const CLAIMS: Claims = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'alice',
  iat: NOW - 60,
  exp: NOW + 600,
  jti: 'id',
};

export function openDoorway(settings: Readonly<Record<string, string>> = {}): Doorway {
  const key = createKey('ES256', 'known');
  const parsed = parseConfig({
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
    USERS_TABLE_NAME: 'users',
    ...settings,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const { config } = parsed;
  const keys = createKeySource(
    { issuer: ISSUER, audiences: [AUDIENCE], clientIds: [], jwksUri: `${ISSUER}/jwks` },
    { jwksMaxAgeSeconds: 600, jwksMaxStaleSeconds: 0, clockToleranceSeconds: 5 },
    {
      fetchJwks: () => ({
        result: Promise.resolve({ ok: true, keys: [key.jwk] }),
        abandon: () => undefined,
      }),
      now: () => NOW * 1000,
      random: () => 0.5,
    },
  );
  const issuers = new Map(
    config.issuers.map((issuer) => [issuer.issuer, { config: issuer, keys }]),
  );
  const row = {
    isActive: true,
    isAdmin: true,
    tokensValidAfter: undefined,
    roles: [],
    email: undefined,
    fullName: undefined,
  };
  let recorded: ReturnType<typeof decisionEvent>[] = [];
  let mistakes: unknown[] = [];
  const authorize = createAuthorize({
    config,
    issuers,
    directory: {
      lookUp: () =>
        Promise.resolve({ status: 'found', row, tokenRevoked: false, sessionRevoked: false }),
    },
    telemetry: {
      decided: (record) => recorded.push(decisionEvent(record, (userId) => userId)),
      internalError: (error) => mistakes.push(error),
      tokenWithoutJti: () => undefined,
      staleKeys: () => undefined,
      ephemeralStorageWithBootstrap: () => undefined,
      misconfigured: () => undefined,
      requestHeadersNotPassed: () => undefined,
    },
    now: () => NOW,
  });

  return {
    key,
    token: (claims, header) => signToken({ ...CLAIMS, ...claims }, key, header),
    async send(event) {
      recorded = [];
      mistakes = [];
      const result = await authorize(event).then(
        (value: unknown) => ({ value }),
        (error: unknown) => ({ error }),
      );
      if (mistakes.length > 0) throw mistakes[0];
      const [record, ...others] = recorded;
      if (record === undefined || others.length > 0) throw new Error('Not one decision');
      const resource = 'value' in result ? resourceOf(result.value) : undefined;
      return {
        answer: 'value' in result ? answerOf(result.value) : thrown(result.error),
        kind: record.event_kind,
        resource,
        reason: record.reason,
        text: JSON.stringify([
          record,
          'value' in result ? withoutRequest(result.value) : String(result.error),
        ]),
      };
    },
  };
}

interface Policy {
  http?: Policy['mcp'];
  mcp?: {
    transformedGatewayRequest?: unknown;
    transformedGatewayResponse?: { statusCode: number };
  };
  policyDocument?: { Statement: { Effect: string; Resource: string }[] };
  isAuthorized?: unknown;
}

/** A request that goes on to its target has its token, as it came. */
function withoutRequest(value: unknown): unknown {
  const { mcp, http } = value as Policy;
  return (mcp ?? http)?.transformedGatewayRequest === undefined ? value : 'passed on';
}

function resourceOf(value: unknown): string | undefined {
  return (value as Policy).policyDocument?.Statement[0]?.Resource;
}

function answerOf(value: unknown): Answer {
  const { policyDocument, isAuthorized, ...shapes } = value as Policy;
  const exchange = shapes.mcp ?? shapes.http;
  const refused =
    exchange?.transformedGatewayResponse &&
    BY_STATUS[exchange.transformedGatewayResponse.statusCode];
  if (refused) return refused;
  if (exchange?.transformedGatewayRequest) return 'allow';
  if (isAuthorized === true) return 'allow';
  if (isAuthorized === false) return 'deny';
  const effects = policyDocument?.Statement.map(({ Effect }) => Effect).join();
  if (effects === 'Allow') return 'allow';
  if (effects === 'Deny') return 'deny';
  throw new Error('An answer that no gateway takes');
}

/** What an interceptor answers in the target's place. */
const BY_STATUS: Readonly<Record<number, Answer>> = {
  401: 'unauthorized',
  403: 'deny',
  503: 'unavailable',
};

function thrown(error: unknown): Answer {
  if (String(error) === 'Unauthorized: Unauthorized') return 'unauthorized';
  if (String(error) === 'AuthorizationUnavailable: Authorization is unavailable') {
    return 'unavailable';
  }
  throw error;
}
