/** One deadline for a whole invocation, shared by everything that waits for something. */

/** Leaves room below the gateway's own limit (10 s) and the function's timeout (5 s). */
const MAX_INVOCATION_MS = 2800;
/** What it takes to log the outcome and to answer. */
const RESERVE_MS = 250;

export interface Deadline {
  /** Aborts when the time is up. */
  readonly signal: AbortSignal;
  /** Milliseconds left, never negative. */
  remainingMs(): number;
  /** Ends the timer: none may be left running when the handler returns. */
  clear(): void;
}

/**
 * Starts the deadline of one invocation: 2.8 s, or less where Lambda would end the process
 * sooner, so that a stalled dependency ends in an answer and a log line and not in a kill.
 *
 * @param remainingInvocationMs what `getRemainingTimeInMillis` says
 */
export function startDeadline(remainingInvocationMs: number): Deadline {
  const budgetMs = Math.max(0, Math.min(MAX_INVOCATION_MS, remainingInvocationMs - RESERVE_MS));
  const endsAt = performance.now() + budgetMs;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), budgetMs);
  return {
    signal: controller.signal,
    remainingMs: () => Math.max(0, endsAt - performance.now()),
    clear: () => clearTimeout(timer),
  };
}

/** `work`, or undefined once `ms` are over; leaves no timer behind either way. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
