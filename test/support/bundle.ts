/** The bundle that deploys, `dist/authorizer/index.mjs`, in an environment of its own. */
import path from 'node:path';
import { FunctionRuntime, type InvocationResult } from '../../local/runtime/function-runtime.ts';

export const BUNDLE = path.resolve(import.meta.dirname, '../../dist/authorizer/index.mjs');

/** Lambda runs a newer Node; of the local one, the AWS SDK would print a warning. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

type LogLine = Readonly<Record<string, unknown>>;

export class Authorizer {
  readonly #runtime: FunctionRuntime;

  private constructor(runtime: FunctionRuntime) {
    this.#runtime = runtime;
  }

  /**
   * Starts the function with `env` and nothing else of meaning in its environment.
   *
   * @param onLog told each line that it prints, where there will be too many to keep
   */
  static async start(
    env: Readonly<Record<string, string>>,
    onLog?: (line: string) => void,
  ): Promise<Authorizer> {
    const options = {
      file: BUNDLE,
      env: { ...QUIET, ...env },
      timeoutMs: 5000,
      ...(onLog && { onLog }),
    };
    return new Authorizer(await FunctionRuntime.start(options));
  }

  invoke(event: unknown): Promise<InvocationResult> {
    return this.#runtime.invoke(event);
  }

  /** Every line that it printed, as text. */
  get output(): string {
    return this.#runtime.logs.join('\n');
  }

  /** Every JSON line that it printed. */
  get lines(): readonly LogLine[] {
    return this.#runtime.logs
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** The security events so far, oldest first. */
  get events(): readonly LogLine[] {
    return this.lines.filter((line) => 'security_event' in line);
  }

  /** The event of the latest decision. */
  get lastDecision(): LogLine | undefined {
    return this.events.findLast((line) => 'outcome' in line);
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }
}
