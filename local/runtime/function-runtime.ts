/**
 * Runs a Lambda function on this machine: an ES module file or inline source, in a worker thread
 * with an environment of its own, so that two functions never see each other's settings and each
 * reads its environment once, at cold start.
 *
 * As in Lambda, events and results cross as JSON, the timeout does not include the init, and an
 * environment that times out or crashes is thrown away: the next invocation starts cold. Unlike
 * Lambda, one environment takes several invocations at a time and is never frozen between them.
 */
import { randomUUID } from 'node:crypto';
import {
  ExecutionEnvironment,
  type FunctionOptions,
  type InvocationResult,
} from './execution-environment.ts';

export type { FunctionCode, FunctionOptions, InvocationResult } from './execution-environment.ts';

/** Lambda's own default, 3 seconds. */
const DEFAULT_TIMEOUT_MS = 3000;
/** How many log lines are kept; older ones are dropped. */
const MAX_KEPT_LOG_LINES = 10_000;

/** What `invoke` may say of the context that the handler gets. */
export interface InvocationContext {
  /** Default: a fresh UUID. */
  readonly awsRequestId?: string;
  /** What `getRemainingTimeInMillis` counts down from. Default: the function's timeout. */
  readonly remainingTimeMs?: number;
}

export class FunctionRuntime {
  #options: FunctionOptions;
  #current: ExecutionEnvironment | undefined;
  #environments = new Set<ExecutionEnvironment>();
  #logs: string[] = [];
  #closed = false;

  private constructor(options: FunctionOptions) {
    this.#options = options;
  }

  /**
   * Starts the function and waits for its init. A failed init is not an error here: as in
   * Lambda it fails the invocations, and each invocation retries it.
   */
  static async start(options: FunctionOptions): Promise<FunctionRuntime> {
    const runtime = new FunctionRuntime(options);
    await runtime.#environment().initialized;
    return runtime;
  }

  /** The lines printed so far by every environment, oldest first; the last 10,000 are kept. */
  get logs(): readonly string[] {
    return this.#logs;
  }

  /** How many environments were started: one more than the number of cold starts after the first. */
  coldStarts = 0;

  /**
   * Runs the handler once. Never rejects for a fault of the function: see `InvocationFailure`.
   * The invocation's log lines are in `logs` when it resolves.
   *
   * @throws Error when the runtime is closed, or the event is not JSON.
   */
  async invoke(
    event: unknown,
    { context = {} }: { readonly context?: InvocationContext } = {},
  ): Promise<InvocationResult> {
    if (this.#closed) throw new Error('The function runtime is closed.');
    const { timeoutMs = DEFAULT_TIMEOUT_MS, functionName = 'function' } = this.#options;
    const awsRequestId = context.awsRequestId ?? randomUUID();
    return this.#environment().invoke({
      event: JSON.stringify(event ?? null),
      context: {
        awsRequestId,
        functionName,
        functionVersion: '$LATEST',
        invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
        memoryLimitInMB: '128',
        logGroupName: `/aws/lambda/${functionName}`,
        logStreamName: 'local',
      },
      timeoutMs,
      remainingTimeMs: context.remainingTimeMs ?? timeoutMs,
    });
  }

  /** Replaces the function's environment; the next invocation starts cold with the new one. */
  updateEnvironment(env: Readonly<Record<string, string>>): void {
    this.#options = { ...this.#options, env };
    this.#current?.retire();
    this.#current = undefined;
  }

  /** Ends every environment. Invocations in flight end as failures. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#current = undefined;
    await Promise.all([...this.#environments].map((environment) => environment.end()));
  }

  #environment(): ExecutionEnvironment {
    if (this.#current?.usable === true) return this.#current;
    this.coldStarts += 1;
    const environment = new ExecutionEnvironment(
      this.#options,
      (line) => {
        this.#logs.push(line);
        if (this.#logs.length > MAX_KEPT_LOG_LINES) this.#logs.shift();
        this.#options.onLog?.(line);
      },
      () => this.#environments.delete(environment),
    );
    this.#environments.add(environment);
    this.#current = environment;
    return environment;
  }
}
