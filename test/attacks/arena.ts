/**
 * Where the attacks take place: an issuer with keys of every sort, tables with the people worth
 * impersonating, and the bundle that deploys, once strict and once open. Every request is watched
 * for what it answers, what it logs, and what it must not leave in a log.
 */
import { randomUUID } from 'node:crypto';
import { REASONS, type Outcome, type Reason } from '../../lambda/decision.ts';
import type { EventKind } from '../../lambda/request/request.ts';
import { Authorizer } from '../support/bundle.ts';
import { EVENT_KINDS, eventOf } from '../support/events.ts';
import { createKey, TestIssuer, type Claims, type TestKey } from '../support/issuer.ts';
import { TestTables } from '../support/tables.ts';

/** Strict mode, and the mode in which one person may enter without a row. */
export type Mode = 'strict' | 'open';
export const MODES: readonly Mode[] = ['strict', 'open'];

/** Who is worth impersonating: strictly, an admin with a row; openly, the one without. */
export const TARGETS: Readonly<Record<Mode, string>> = { strict: 'alice', open: 'root' };

/** Stands in every token's claims, and may stand nowhere else. */
const CANARY = `canary-${randomUUID()}`;

/** What an attack may use: all of it public, but for keys of the attacker's own. */
export interface Arena {
  readonly mode: Mode;
  readonly issuer: TestIssuer;
  /** An issuer that nobody trusts, to see that nobody asks it. */
  readonly stranger: TestIssuer;
  readonly tables: TestTables;
  /** The issuer's own keys, by the algorithm. */
  readonly keys: Readonly<Record<'ES256' | 'ES384' | 'ES512' | 'RS256' | 'EdDSA', TestKey>>;
  /** Claims that would let `TARGETS[mode]` in; a claim set to undefined goes. */
  readonly claims: (overrides?: Claims) => Claims;
}

/** How a gateway would take an answer; `invalid` is one that it cannot. */
export type Answer = 'allow' | 'deny' | 'unauthorized' | 'unavailable' | 'invalid';

/** What became of one request. */
export interface Observation {
  readonly answer: Answer;
  readonly outcome: unknown;
  readonly reason: unknown;
  /** Decision events that it caused. */
  readonly decisions: number;
  /** What was printed, or answered, and should not have been. */
  readonly leaks: readonly string[];
}

const NOT_AUTHENTICATED: Readonly<Record<EventKind, Answer>> = {
  'rest-token': 'unauthorized',
  'rest-request': 'unauthorized',
  'http-v1': 'deny',
  'http-v2': 'deny',
  websocket: 'unauthorized',
  appsync: 'deny',
  agentcore: 'unauthorized',
};

/** What a gateway of `kind` has to be answered. */
function answerOf(outcome: Outcome, kind: EventKind): Answer {
  switch (outcome) {
    case 'allow':
      return 'allow';
    case 'forbidden':
      return 'deny';
    case 'unauthenticated':
      return NOT_AUTHENTICATED[kind];
    case 'unavailable':
      return 'unavailable';
  }
}

/** What has to become of a request that is decided with `reason`. */
export function decided(reason: Reason, kind: EventKind): Observation {
  const { outcome } = REASONS[reason];
  return { answer: answerOf(outcome, kind), outcome, reason, decisions: 1, leaks: [] };
}

export interface ArenaOptions {
  /** Keys that the issuer publishes besides one of each algorithm. */
  readonly extraKeys?: readonly TestKey[];
  /** Users with an active row, besides `alice`. */
  readonly users?: readonly string[];
  /** Settings of the function, over the usual ones. */
  readonly settings?: (
    issuer: TestIssuer,
    stranger: TestIssuer,
  ) => Readonly<Record<string, string>>;
}

/** Both modes of the bundle with what they need, shared by the tests of one file. */
export class Arenas {
  readonly #watched = new Map<Mode, WatchedAuthorizer>();
  readonly #arenas = new Map<Mode, Arena>();

  async start({ extraKeys = [], users = [], settings }: ArenaOptions = {}): Promise<void> {
    const keys = {
      ES256: createKey('ES256', 'es256'),
      ES384: createKey('ES384', 'es384'),
      ES512: createKey('ES512', 'es512'),
      RS256: createKey('RS256', 'rs256'),
      EdDSA: createKey('EdDSA', 'eddsa'),
    };
    const [issuer, stranger, tables] = await Promise.all([
      TestIssuer.start(...Object.values(keys), ...extraKeys),
      TestIssuer.start(),
      TestTables.start(),
    ]);
    await tables.putUser('alice', { is_admin: true });
    for (const user of users) await tables.putUser(user);
    for (const mode of MODES) {
      const watched = await WatchedAuthorizer.start({
        ...issuer.settings,
        ...tables.settings,
        PLATFORM_ADMIN_EMAIL: TARGETS.open,
        REQUIRE_USER_IN_DB: String(mode === 'strict'),
        ...settings?.(issuer, stranger),
      });
      this.#watched.set(mode, watched);
      const claims = (overrides: Claims = {}): Claims =>
        issuer.claims({ sub: TARGETS[mode], canary: CANARY, ...overrides });
      this.#arenas.set(mode, { mode, issuer, stranger, tables, keys, claims });
    }
  }

  of(mode: Mode): Arena {
    const arena = this.#arenas.get(mode);
    if (arena === undefined) throw new Error('The arenas have not been started');
    return arena;
  }

  /** Sends `event`; `secrets` are what must not be printed, beside what every token carries. */
  send(mode: Mode, event: unknown, secrets: readonly string[] = []): Promise<Observation> {
    const watched = this.#watched.get(mode);
    if (watched === undefined) throw new Error('The arenas have not been started');
    return watched.send(event, secrets);
  }

  /** Sends `authorization` wherever a gateway of `kind` has that header. */
  sendHeader(mode: Mode, kind: EventKind, authorization: string): Promise<Observation> {
    return this.send(mode, eventOf(kind, authorization), [authorization]);
  }

  async close(): Promise<void> {
    const { issuer, stranger, tables } = this.of('strict');
    await Promise.all([...this.#watched.values()].map((watched) => watched.close()));
    await Promise.all([issuer.close(), stranger.close(), tables.close()]);
  }
}

class WatchedAuthorizer {
  readonly #authorizer: Authorizer;
  readonly #printed: string[];

  private constructor(authorizer: Authorizer, printed: string[]) {
    this.#authorizer = authorizer;
    this.#printed = printed;
  }

  static async start(env: Readonly<Record<string, string>>): Promise<WatchedAuthorizer> {
    const printed: string[] = [];
    const authorizer = await Authorizer.start(env, (line) => printed.push(line));
    return new WatchedAuthorizer(authorizer, printed);
  }

  async send(event: unknown, secrets: readonly string[]): Promise<Observation> {
    this.#printed.length = 0;
    const result = await this.#authorizer.invoke(event);
    const lines = [...this.#printed];
    const records = lines.map(parseLine);
    const decisions = records.filter((record) => 'outcome' in record);
    const text = [...lines, JSON.stringify(withoutRequest(result))];
    return {
      answer: classify(result),
      outcome: decisions.at(-1)?.['outcome'],
      reason: decisions.at(-1)?.['reason'],
      decisions: decisions.length,
      leaks: [
        ...[CANARY, ...secrets.flatMap(partsOf)].filter((part) =>
          text.some((line) => line.includes(part)),
        ),
        ...lines.filter((line, index) => !isOneRecord(line, records[index])),
      ],
    };
  }

  close(): Promise<void> {
    return this.#authorizer.close();
  }
}

/** A token's parts by themselves, those long enough to be nothing else. */
function partsOf(secret: string): readonly string[] {
  return [secret, ...secret.split(/[\s.,]+/u)].filter((part) => part.length >= 16);
}

type LogRecord = Readonly<Record<string, unknown>>;

function parseLine(line: string): LogRecord {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return {};
  }
}

/** Whether a line is a record of ours, and holds nothing that a reader would take for two. */
function isOneRecord(line: string, record: LogRecord = {}): boolean {
  const isOurs = 'security_event' in record || '_aws' in record;
  return isOurs && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(line);
}

type Invoked = Awaited<ReturnType<Authorizer['invoke']>>;

/** A request that goes on to its target has its token, as it came. */
function withoutRequest(result: Invoked): unknown {
  const { mcp } = (result.ok ? result.value : {}) as { readonly mcp?: Intercepted };
  return mcp?.transformedGatewayRequest === undefined ? result : 'passed on';
}

function classify(result: Invoked): Answer {
  if (!result.ok) {
    // Constants, whose stack says nothing of where we stand.
    if (result.trace.some((line) => line.includes('/'))) return 'invalid';
    if (result.errorMessage === 'Unauthorized') return 'unauthorized';
    return result.errorMessage === 'Authorization is unavailable' ? 'unavailable' : 'invalid';
  }
  const { isAuthorized, policyDocument, mcp } = result.value as {
    isAuthorized?: unknown;
    mcp?: Intercepted;
    policyDocument?: { Statement: readonly { Effect: unknown; Resource: unknown }[] };
  };
  if (mcp !== undefined) return classifyIntercepted(mcp);
  if (typeof isAuthorized === 'boolean') return isAuthorized ? 'allow' : 'deny';
  const [statement, ...others] = policyDocument?.Statement ?? [];
  if (others.length > 0 || !/^arn:[^*?]+\/\*$/u.test(String(statement?.Resource))) return 'invalid';
  if (statement?.Effect === 'Deny') return 'deny';
  return statement?.Effect === 'Allow' ? 'allow' : 'invalid';
}

interface Intercepted {
  readonly transformedGatewayRequest?: { readonly headers: Readonly<Record<string, unknown>> };
  readonly transformedGatewayResponse?: { readonly statusCode: number };
}

/** A gateway answers by itself as soon as there is a response. */
function classifyIntercepted(exchange: Intercepted): Answer {
  const { transformedGatewayRequest: request, transformedGatewayResponse: response } = exchange;
  if (response === undefined) return request === undefined ? 'invalid' : 'allow';
  if (request !== undefined) return 'invalid';
  const byStatus = { 401: 'unauthorized', 403: 'deny', 503: 'unavailable' } as const;
  return byStatus[response.statusCode as keyof typeof byStatus] ?? 'invalid';
}

/** One attack: what it is, and the reason it has to fail for. */
export interface Attack {
  readonly name: string;
  readonly reason: Reason | Readonly<Record<Mode, Reason>>;
  /** The token that it sends as a bearer token. */
  readonly token: (arena: Arena) => string;
}

/** The reason that a user without a row is refused for. */
export const NO_ROW: Readonly<Record<Mode, Reason>> = {
  strict: 'user_not_in_db',
  open: 'user_not_found',
};

export const ALLOWED: Readonly<Record<Mode, Reason>> = {
  strict: 'user_found',
  open: 'platform_admin_bootstrap',
};

/** `attacks` by every kind of gateway in both modes, as rows for `it.each`. */
export function matrix<A extends { readonly name: string }>(
  attacks: readonly A[],
): readonly (readonly [name: string, kind: EventKind, mode: Mode, attack: A])[] {
  return attacks.flatMap((attack) =>
    EVENT_KINDS.flatMap((kind) => MODES.map((mode) => [attack.name, kind, mode, attack] as const)),
  );
}

/** The reason of `attack` in `mode`. */
export function reasonOf({ reason }: Pick<Attack, 'reason'>, mode: Mode): Reason {
  return typeof reason === 'string' ? reason : reason[mode];
}
