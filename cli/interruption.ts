/** Work that SIGINT and SIGTERM end in an orderly way, instead of where it happens to be. */
import { CliError, EXIT } from './errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Does `work` with a signal that is aborted by the first of these signals to this process. The
 * second one does what it always does.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    return await work(interruption.signal);
  } catch (error) {
    // What the abort has cut off fails in its own ways.
    if (!interruption.signal.aborted || error instanceof CliError) throw error;
    throw interrupted('Interrupted; nothing was written', 'Run it again');
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

/** @throws CliError once `signal` is aborted; only before anything has been written */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw interrupted('Interrupted; nothing was written', 'Run it again');
}

export function interrupted(
  message: string,
  remedy: string,
  data?: Readonly<Record<string, unknown>>,
): CliError {
  return new CliError(EXIT.interrupted, 'interrupted', message, remedy, data);
}
