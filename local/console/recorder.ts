/**
 * Keeps what happened lately: each answered request with its security event and the picture of
 * its checks, whoever sent it, and the notices in between. Holds no token, since neither an
 * exchange nor a security event has one.
 */
import { EventEmitter } from 'node:events';
import { REASONS, type Outcome, type Reason } from '../../lambda/decision.ts';
import { EXPLANATIONS, plainText } from '../../lambda/explanations.ts';
import type { Exchange } from '../gateway/common/exchange.ts';
import type { LocalStack, SecurityEvent } from '../stack.ts';
import { checksOf, type Check } from './checks.ts';
import { configOf } from './toggles.ts';

/** What was decided, what that means, and what to do about it. */
export interface ExplainedDecision {
  readonly reason: Reason;
  readonly outcome: Outcome;
  readonly detail: string;
  readonly meaning: string;
  readonly remedy: string;
}

/** A request that was answered. */
export interface RequestRecord {
  readonly type: 'request';
  readonly id: number;
  /** RFC 3339. */
  readonly at: string;
  readonly exchange: Exchange;
  /** Undefined when the function was not asked, or nothing had to be authorized. */
  readonly decision: ExplainedDecision | undefined;
  /** Undefined when the answer came from the gateway's cache: the function wrote none then. */
  readonly securityEvent: SecurityEvent | undefined;
  readonly checks: readonly Check[];
}

/** Something else that was said: a notice of the function, or a change made at the console. */
export interface NoteRecord {
  readonly type: 'notice' | 'change';
  readonly id: number;
  readonly at: string;
  readonly text: string;
  readonly securityEvent?: SecurityEvent;
}

export type LogRecord = RequestRecord | NoteRecord;

/** What is watched of a stack. */
type Watched = Pick<LocalStack, 'events' | 'settings'>;

type Written<T> = T extends unknown ? Omit<T, 'id' | 'at'> : never;

const MAX_RECORDS = 100;

export class Recorder {
  readonly records: LogRecord[] = [];
  /** `record` is emitted for each new one. */
  readonly emitter = new EventEmitter<{ record: [LogRecord] }>();
  readonly #stack: Watched;
  /** Decisions whose request is not answered yet, by request id. */
  readonly #decisions = new Map<string, SecurityEvent>();
  /** Above those of a server before, so that a page which outlived it misses nothing. */
  #lastId = Date.now();

  constructor(stack: Watched) {
    this.#stack = stack;
    this.emitter.setMaxListeners(0);
    stack.events.on('securityEvent', this.#onSecurityEvent);
    stack.events.on('exchange', this.#onExchange);
  }

  /** The record of an answered request. */
  find(requestId: string): RequestRecord | undefined {
    return this.records.findLast(
      (record) => record.type === 'request' && record.exchange.requestId === requestId,
    ) as RequestRecord | undefined;
  }

  /** Writes down what somebody did at the console. */
  change(text: string): void {
    this.#write({ type: 'change', text });
  }

  close(): void {
    this.#stack.events.off('securityEvent', this.#onSecurityEvent);
    this.#stack.events.off('exchange', this.#onExchange);
    this.emitter.removeAllListeners();
  }

  readonly #onSecurityEvent = (event: SecurityEvent): void => {
    const { request_id: requestId, message } = event;
    if (typeof requestId === 'string' && reasonOf(event) !== undefined) {
      this.#decisions.set(requestId, event);
      const [oldest] = this.#decisions.keys();
      if (this.#decisions.size > MAX_RECORDS && oldest !== undefined) {
        this.#decisions.delete(oldest);
      }
      return;
    }
    this.#write({
      type: 'notice',
      text: typeof message === 'string' ? message : event.security_event,
      securityEvent: event,
    });
  };

  readonly #onExchange = (exchange: Exchange): void => {
    const securityEvent = this.#decisions.get(exchange.requestId);
    this.#decisions.delete(exchange.requestId);
    const reason = securityEvent ? reasonOf(securityEvent) : reasonOfAnswer(exchange);
    this.#write({
      type: 'request',
      exchange,
      securityEvent,
      decision: reason && explained(reason),
      checks: checksOf(reason, configOf(this.#stack)),
    });
  };

  #write(written: Written<LogRecord>): void {
    const record = { ...written, id: ++this.#lastId, at: new Date().toISOString() } as LogRecord;
    this.records.push(record);
    if (this.records.length > MAX_RECORDS) this.records.shift();
    this.emitter.emit('record', record);
  }
}

function explained(reason: Reason): ExplainedDecision {
  const { meaning, remedy } = EXPLANATIONS[reason];
  return {
    reason,
    ...REASONS[reason],
    meaning: plainText(meaning),
    remedy: plainText(remedy),
  };
}

function reasonOf({ reason }: SecurityEvent): Reason | undefined {
  return typeof reason === 'string' && Object.hasOwn(REASONS, reason)
    ? (reason as Reason)
    : undefined;
}

/** A cached answer has the reason in its context. */
function reasonOfAnswer({ authorizer }: Exchange): Reason | undefined {
  const answer = authorizer?.answer as { readonly context?: SecurityEvent } | undefined;
  return answer?.context && reasonOf(answer.context);
}
