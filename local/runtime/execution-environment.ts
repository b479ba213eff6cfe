/**
 * One execution environment of a function: a worker thread that loads the code once, takes
 * invocations, and is thrown away after a timeout or a crash. `function-worker.mjs` is its inside.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** What Lambda allows the init of an on-demand environment. */
const INIT_TIMEOUT_MS = 10_000;

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

/** An invocation as it goes to the worker, and how long it may take. */
export interface Invocation {
  readonly event: string;
  readonly context: Readonly<Record<string, string>> & { readonly awsRequestId: string };
  readonly timeoutMs: number;
  readonly remainingTimeMs: number;
}

/** One worker thread. Once it is not `usable` it finishes what is in flight and ends. */
export class ExecutionEnvironment {
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
