/**
 * The time by the clock of AWS, taken from the `Date` header of its answers (RFC 9110 §6.6.1). A
 * laptop that wakes up an hour slow would otherwise sign a user out as of an hour ago, and leave a
 * stolen token valid.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** A difference that is worth a warning, in seconds. */
const TOLERATED_SKEW_SECONDS = 5;

interface Anchor {
  /** Epoch milliseconds, as the service said it: in whole seconds. */
  readonly serviceMs: number;
  /** By this computer's wall clock, in epoch milliseconds. */
  readonly localMs: number;
  /** On the monotonic clock of this process. */
  readonly monotonicMs: number;
}

/** Any client of the SDK. */
type ObservedClient = Pick<DynamoDBClient, 'middlewareStack'>;

export interface LocalClocks {
  /** Epoch milliseconds. */
  readonly wall: () => number;
  readonly monotonic: () => number;
}

export class ServiceClock {
  readonly #clocks: LocalClocks;
  #anchor: Anchor | undefined;
  #wasAsked = false;

  constructor(
    clocks: LocalClocks = { wall: () => Date.now(), monotonic: () => performance.now() },
  ) {
    this.#clocks = clocks;
  }

  /** Takes the time from every answer that `client` gets, errors included. */
  observe(client: ObservedClient): void {
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        this.#read(result.response);
        return result;
      },
      { name: 'rollcallServiceClock', step: 'deserialize', priority: 'low' },
    );
  }

  #read(response: unknown): void {
    const { headers = {} } = response as { readonly headers?: Readonly<Record<string, string>> };
    const serviceMs = Date.parse(headers['date'] ?? '');
    if (Number.isNaN(serviceMs)) return;
    this.#anchor = {
      serviceMs,
      localMs: this.#clocks.wall(),
      monotonicMs: this.#clocks.monotonic(),
    };
  }

  /**
   * Now, in epoch seconds. Before the first answer of AWS it is this computer's time: a command
   * reads something first.
   */
  now(): number {
    this.#wasAsked = true;
    if (this.#anchor === undefined) return this.#clocks.wall() / 1000;
    const { serviceMs, monotonicMs } = this.#anchor;
    return (serviceMs + this.#clocks.monotonic() - monotonicMs) / 1000;
  }

  /** Whether AWS has answered, so that its time is known. */
  get isKnown(): boolean {
    return this.#anchor !== undefined;
  }

  /** By how much this computer's clock is off, once it matters and is worth a line. */
  get warning(): string | undefined {
    if (!this.#wasAsked || this.#anchor === undefined) return undefined;
    const { serviceMs, localMs } = this.#anchor;
    const seconds = Math.round((localMs - serviceMs) / 1000);
    if (Math.abs(seconds) <= TOLERATED_SKEW_SECONDS) return undefined;
    const direction = seconds > 0 ? 'fast' : 'slow';
    return `The clock of this computer is ${Math.abs(seconds)} s ${direction}. The time of AWS was used instead.`;
  }
}

/** Of this process. */
export const serviceClock = new ServiceClock();
