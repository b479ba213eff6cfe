/** One execution environment under load: the bundle in a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export type Answer = {
  /** The request's, as the log has it. */
  readonly id: string;
  readonly ms: number;
} & ({ readonly thrown?: undefined; readonly value: unknown } | { readonly thrown: string });

export interface Memory {
  /** Bytes in use after a collection. */
  readonly heapUsed: number;
  readonly rss: number;
}

export class Environment {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  #nextId = 0;
  #exited = false;

  private constructor(bundle: string, env: Readonly<Record<string, string>>) {
    this.#process = fork(path.join(import.meta.dirname, 'environment.mjs'), {
      execArgv: ['--expose-gc', '--no-warnings'],
      env: { ...env, SOAK_BUNDLE: bundle },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#process.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.#process.on('exit', (code) => {
      this.#exited = true;
      for (const [id, resolve] of this.#waiting) resolve({ id, thrown: `exit ${code}`, ms: 0 });
    });
  }

  /** @param onLine called with each line that the function prints */
  static async start(
    bundle: string,
    env: Readonly<Record<string, string>>,
    onLine: (line: string) => void,
  ): Promise<Environment> {
    const environment = new Environment(bundle, env);
    // Warnings and errors are printed on the second of them.
    for (const input of [environment.#process.stdout, environment.#process.stderr]) {
      if (input !== null) createInterface({ input }).on('line', onLine);
    }
    await new Promise<Answer>((resolve) => environment.#waiting.set('ready', resolve));
    return environment;
  }

  invoke(event: unknown): Promise<Answer> {
    return this.#ask({ event: event ?? null });
  }

  async memory(): Promise<Memory> {
    const answer = await this.#ask({});
    if (answer.thrown !== undefined) throw new Error(answer.thrown);
    return answer.value as Memory;
  }

  /** Whether the process ended by itself. */
  get crashed(): boolean {
    return this.#exited;
  }

  async stop(): Promise<void> {
    if (this.#exited) return;
    this.#process.kill();
    await once(this.#process, 'exit');
  }

  #ask(message: object): Promise<Answer> {
    const id = `${this.#process.pid}-${(this.#nextId += 1)}`;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.send({ id, ...message });
    });
  }
}
