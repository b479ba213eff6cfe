/**
 * One invocation, from event to answer: read the request, verify the token, look the user up,
 * decide, record, render. Everything it uses comes as an argument.
 */
import type { Config } from './settings/config.ts';
import { startDeadline, type Deadline } from './deadline.ts';
import {
  decide,
  decideWithoutToken,
  type Decision,
  type UnauthenticatedReason,
} from './decision.ts';
import type { Directory } from './users/directory.ts';
import { parseRequest, type AuthorizationRequest } from './request/request.ts';
import { render, type AuthorizerResult, type ResponseOptions } from './response/response.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { TokenSource } from './request/token-source.ts';
import { verifyToken, type TrustedIssuer } from './token/token.ts';

export interface AuthorizeDependencies {
  readonly config: Config;
  /** By `iss`. */
  readonly issuers: ReadonlyMap<string, TrustedIssuer>;
  readonly directory: Directory;
  readonly telemetry: Telemetry;
  /** Epoch seconds. */
  readonly now: () => number;
}

export interface DecideDependencies extends Omit<AuthorizeDependencies, 'telemetry'> {
  readonly telemetry: Pick<Telemetry, 'staleKeys' | 'tokenWithoutJti'>;
}

/** What is used of Lambda's context. */
export interface Invocation {
  readonly awsRequestId?: string;
  readonly getRemainingTimeInMillis?: () => number;
}

export type Authorize = (event: unknown, invocation?: Invocation) => Promise<AuthorizerResult>;

/** What is noted on the way through one invocation: how long each dependency took, and whose token. */
export interface Notes {
  directoryMs: number | undefined;
  keysMs: number | undefined;
  issuer: string | undefined;
}

const ABSENT_TOKEN: Readonly<
  Record<Exclude<TokenSource['status'], 'present'>, UnauthenticatedReason>
> = {
  missing: 'token_missing',
  too_large: 'token_too_large',
  malformed: 'token_malformed',
};

/** Makes the function that answers events. It throws what a gateway needs to have thrown. */
export function createAuthorize(dependencies: AuthorizeDependencies): Authorize {
  const { config, telemetry } = dependencies;

  return async (event, invocation) => {
    const startedAt = performance.now();
    const deadline = startDeadline(invocation?.getRemainingTimeInMillis?.() ?? Infinity);
    const notes: Notes = { directoryMs: undefined, keysMs: undefined, issuer: undefined };
    let request: AuthorizationRequest | undefined;
    let decision: Decision = { outcome: 'unavailable', reason: 'internal_error' };
    try {
      request = parseRequest(event, config);
      if (request !== undefined) {
        decision =
          decideUnread(request, telemetry) ??
          (await decideRequest(request, deadline, notes, dependencies));
      }
    } catch (error) {
      telemetry.internalError(error);
    } finally {
      deadline.clear();
    }
    const durationMs = performance.now() - startedAt;
    const { issuer } = notes;
    telemetry.decided(
      { decision, request, issuer, invocationId: invocation?.awsRequestId, durationMs },
      notes,
    );
    return answer(decision, request, config);
  };
}

/** Makes the function that answers events when the settings are bad: nothing can be checked. */
export function createRefusal(telemetry: Telemetry): Authorize {
  // oxlint-disable-next-line typescript/require-await -- a throw has to become a rejection
  return async (event, invocation) => {
    const request = parseRequest(event, { webSocketTokenSource: 'header' });
    const decision = { outcome: 'unavailable', reason: 'internal_error' } as const;
    telemetry.decided(
      { decision, request, invocationId: invocation?.awsRequestId, durationMs: 0 },
      { directoryMs: undefined, keysMs: undefined },
    );
    return answer(decision, request, { httpResponseFormat: 'simple' });
  };
}

function answer(
  decision: Decision,
  request: AuthorizationRequest | undefined,
  options: ResponseOptions,
): AuthorizerResult {
  const rendered = render(decision, request, options);
  if (rendered.status === 'throw') throw rendered.error;
  return rendered.value;
}

/** An intercepted request that cannot be answered, or that came without what is to be checked. */
function decideUnread(
  { intercepted }: AuthorizationRequest,
  telemetry: Telemetry,
): Decision | undefined {
  if (intercepted === undefined) return undefined;
  if (intercepted.isTooLarge) {
    return { outcome: 'unavailable', reason: 'internal_error', cause: 'too_large' };
  }
  if (intercepted.headers !== undefined) return undefined;
  telemetry.requestHeadersNotPassed();
  return { outcome: 'unavailable', reason: 'internal_error' };
}

/** The checks themselves, in their order. `rollcall explain` runs them as well. */
export async function decideRequest(
  request: AuthorizationRequest,
  deadline: Deadline,
  notes: Notes,
  { config, issuers, directory, telemetry, now }: DecideDependencies,
): Promise<Decision> {
  if (request.token.status !== 'present') {
    return decideWithoutToken({ status: 'rejected', reason: ABSENT_TOKEN[request.token.status] });
  }
  const { evidence, issuer, staleKeysOf } = await verifyToken(request.token.token, {
    rules: config,
    issuers,
    now: now(),
    deadline,
    clientCertificate: request.clientCertificate,
    onKeysWaited: (ms) => (notes.keysMs = (notes.keysMs ?? 0) + ms),
  });
  notes.issuer = issuer;
  if (staleKeysOf !== undefined) telemetry.staleKeys(staleKeysOf);
  if (evidence.status !== 'verified') return decideWithoutToken(evidence);

  const { token } = evidence;
  if (token.jti === undefined) telemetry.tokenWithoutJti(token.issuer);
  const user = await directory.lookUp(token, deadline, (ms) => (notes.directoryMs = ms));
  return decide(token, user, config, now(), request.intercepted?.toolUse);
}
