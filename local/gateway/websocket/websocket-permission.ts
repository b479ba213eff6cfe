/** Whether a WebSocket connection may be opened: the one question that its authorizer is asked. */
import type { Authorizer } from '../common/authorizer.ts';
import {
  checkPolicyAnswer,
  MAX_WEBSOCKET_ANSWER_BYTES,
  stringifiedContext,
  type PolicyAnswer,
} from '../common/authorizer-answer.ts';
import { traceOf, type AuthorizerTrace } from '../common/exchange.ts';
import { readIdentity } from '../common/identity-source.ts';
import { evaluatePolicy } from '../../template/policy.ts';
import {
  routeKeyArn,
  webSocketAuthorizerEvent,
  webSocketContext,
  type Connection,
  type Occurrence,
} from './websocket-events.ts';

export interface Permission {
  /** Status of the refusal; undefined when the connection may be opened. */
  readonly status?: number;
  /** What the functions behind the connection are told; undefined without an authorizer. */
  readonly told?: Record<string, unknown>;
  readonly trace?: AuthorizerTrace;
}

/** Asks about `connect`; without an authorizer everybody may. */
export async function askPermission(
  authorizer: Authorizer<PolicyAnswer> | undefined,
  connection: Connection,
  connect: Occurrence,
): Promise<Permission> {
  if (authorizer === undefined) return {};
  const { name, identitySources } = authorizer.model;
  const startedAt = Date.now();
  const result = await authorizer.ask({
    apiId: connection.apiId,
    stage: connection.stage.name,
    identity: readIdentity(identitySources, {
      request: connection.request,
      context: webSocketContext(connection, connect),
      stageVariables: connection.stage.variables,
      repeats: 'last',
    }),
    event: () => webSocketAuthorizerEvent(connection, connect),
    check: (value) => checkPolicyAnswer(value, { maxBytes: MAX_WEBSOCKET_ANSWER_BYTES }),
    requestId: connect.requestId,
  });
  switch (result.status) {
    case 'no_identity':
    case 'unauthorized':
      return { status: 401, trace: traceOf(name, result) };
    case 'failed':
    case 'misconfigured':
      return { status: 500, trace: traceOf(name, result) };
    case 'answered': {
      const { statements, context, principalId } = result.answer;
      const verdict = evaluatePolicy(statements, routeKeyArn(connection, connect.routeKey));
      const trace = traceOf(name, result, verdict);
      if (verdict !== 'allowed') return { status: 403, trace };
      const integrationLatency = Date.now() - startedAt;
      return { told: { ...stringifiedContext(context), principalId, integrationLatency }, trace };
    }
  }
}
