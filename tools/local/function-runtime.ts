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
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Lambda's own default, 3 seconds. */
const DEFAULT_TIMEOUT_MS = 3000;
/** What Lambda allows the init of an on-demand environment. */
const INIT_TIMEOUT_MS = 10_000;
/** How many log lines are kept; older ones are dropped. */
const MAX_KEPT_LOG_LINES = 10_000;

/** Where the code is: a file, or source text (CommonJS, or ESM; Node's own modules only). */
export type FunctionCode = { readonly file: string } | { readonly source: string };

export type FunctionOptions = FunctionCode & {
  /** The whole environment of the function; nothing of this process's is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Of one invocation, in milliseconds. Default: 3,000. */
  readonly timeoutMs?: number;
  /** Name of the exported function. Default: `handler`. */
  readonly handlerName?: string;
  /** Default: `function`. */
  readonly functionName?: string;
  /** Called with each line that the function prints (without the line break), as it is printed. */
  readonly onLog?: (line: string) => void;
};

/** What `invoke` may say of the context that the handler gets. */
export interface InvocationContext {
  /** Default: a fresh UUID. */
  readonly awsRequestId?: string;
  /** What `getRemainingTimeInMillis` counts down from. Default: the function's timeout. */
  readonly remainingTimeMs?: number;
}

export interface InvocationFailure {
  readonly ok: false;
  /** The thrown error's name, or Lambda's name for the fault (`Sandbox.Timedout`, …). */
  readonly errorType: string;
  readonly errorMessage: string;
  /** The thrown error's stack, line by line; empty where there is none. */
  readonly trace: readonly string[];
}

/** `value` is what the handler returned, as it is after JSON (`undefined` becomes `null`). */
export type InvocationResult = { readonly ok: true; readonly value: unknown } | InvocationFailure;

type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'result'; readonly id: number; readonly value: string }
  | ({ readonly kind: 'failure'; readonly id: number } & Omit<InvocationFailure, 'ok'>)
  | ({ readonly kind: 'crash' } & Omit<InvocationFailure, 'ok'>);

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
   * Starts the function and waits for its init. An init that fails is not an error here: as in
   * Lambda it fails the invocations, each of which tries again.
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

interface Invocation {
  readonly event: string;
  readonly context: Readonly<Record<string, string>> & { readonly awsRequestId: string };
  readonly timeoutMs: number;
  readonly remainingTimeMs: number;
}

/** One worker thread. Once it is not `usable` it finishes what is in flight and ends. */
class ExecutionEnvironment {
  /** Resolves when the init is over, well or badly. */
  readonly initialized: Promise<void>;
  usable = true;
  #worker: Worker;
  #initOver: () => void = () => undefined;
  #fault: InvocationFailure | undefined;
  #inFlight = new Map<number, (result: InvocationResult) => void>();
  #waiting = 0;
  #nextId = 0;
  #partialLines = { stdout: '', stderr: '' };
  #onLine: (line: string) => void;

  constructor(options: FunctionOptions, onLine: (line: string) => void, onEnd: () => void) {
    this.#onLine = onLine;
    this.#worker = new Worker(path.join(import.meta.dirname, 'function-worker.mjs'), {
      env: { ...options.env },
      execArgv: [],
      workerData: {
        handlerName: options.handlerName ?? 'handler',
        ...('file' in options
          ? { specifier: pathToFileURL(path.resolve(options.file)).href }
          : { source: options.source }),
      },
    });
    const initTimer = setTimeout(() => {
      this.#fail('Sandbox.Timedout', `The init phase timed out after ${INIT_TIMEOUT_MS} ms`);
    }, INIT_TIMEOUT_MS);
    this.initialized = new Promise((resolve) => {
      this.#initOver = () => {
        clearTimeout(initTimer);
        resolve();
      };
    });
    this.#worker.on('message', (message: FromWorker) => {
      this.#receive(message);
    });
    this.#worker.on('error', (error: unknown) => {
      this.#fail('Runtime.ExitError', String(error));
    });
    this.#worker.on('exit', (code) => {
      this.#fail('Runtime.ExitError', `The runtime exited with status ${code}`);
      this.#flushLines();
      onEnd();
    });
  }

  async invoke(invocation: Invocation): Promise<InvocationResult> {
    this.#waiting += 1;
    await this.initialized;
    this.#waiting -= 1;
    if (this.#fault) return this.#fault;
    const { awsRequestId } = invocation.context;
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        const seconds = (invocation.timeoutMs / 1000).toFixed(2);
        const errorMessage = `${awsRequestId} Task timed out after ${seconds} seconds`;
        this.usable = false;
        this.#settle(id, { ok: false, errorType: 'Sandbox.Timedout', errorMessage, trace: [] });
      }, invocation.timeoutMs);
      this.#inFlight.set(id, (result) => {
        clearTimeout(timer);
        resolve(result);
      });
      const message = {
        id,
        event: invocation.event,
        context: invocation.context,
        timeoutMs: invocation.remainingTimeMs,
      };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, no window
      this.#worker.postMessage(message);
    });
  }

  /** Takes no new invocations, and ends when those in flight have. */
  retire(): void {
    this.usable = false;
    if (this.#inFlight.size === 0 && this.#waiting === 0) void this.end();
  }

  async end(): Promise<void> {
    this.usable = false;
    await this.#worker.terminate();
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.#initOver();
        break;
      case 'output':
        this.#print(message.stream, message.text);
        break;
      case 'result':
        this.#settle(message.id, { ok: true, value: JSON.parse(message.value) as unknown });
        break;
      case 'failure': {
        const { id, errorType, errorMessage, trace } = message;
        this.#settle(id, { ok: false, errorType, errorMessage, trace });
        break;
      }
      case 'crash':
        this.#fail(message.errorType, message.errorMessage, message.trace);
        void this.end();
        break;
    }
  }

  #settle(id: number, result: InvocationResult): void {
    this.#flushLines();
    const resolve = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    resolve?.(result);
    if (!this.usable) this.retire();
  }

  /** The first fault is the cause; what follows from it (the exit) is not reported. */
  #fail(errorType: string, errorMessage: string, trace: readonly string[] = []): void {
    this.usable = false;
    this.#fault ??= { ok: false, errorType, errorMessage, trace };
    for (const id of this.#inFlight.keys()) this.#settle(id, this.#fault);
    this.#initOver();
  }

  #print(stream: 'stdout' | 'stderr', text: string): void {
    const lines = (this.#partialLines[stream] + text).split('\n');
    this.#partialLines[stream] = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }

  #flushLines(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#partialLines[stream] !== '') this.#print(stream, '\n');
    }
  }
}
