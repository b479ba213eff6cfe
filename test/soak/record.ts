/** What a soak has seen, and its verdict. */
import type { Memory } from './environment.ts';
import type { Outcome, Sort } from './traffic.ts';

export interface Observation {
  /** The request's, as the log has it. */
  readonly id: string;
  /** Seconds since the start. */
  readonly at: number;
  readonly sort: Sort;
  readonly name: string;
  readonly outcome: Outcome;
  readonly ms: number;
  readonly wrong: boolean;
  /** Unavailable although both dependencies were healthy. */
  readonly unexpected: boolean;
}

/** A megabyte. */
export const MB = 1024 * 1024;
/** What a slow answer may take: the deadline, and the time that a busy machine adds. */
const MAX_ANSWER_MS = 3000;
/** Growth of the heap that is still called flat. */
const FLAT_MB = 3;

const noOutcomes = (): Record<Outcome, number> => ({
  allow: 0,
  deny: 0,
  unauthenticated: 0,
  unavailable: 0,
  crash: 0,
});

export class Soak {
  readonly startedAt = performance.now();
  readonly memory: Memory[] = [];
  readonly bySort: Record<Sort, Record<Outcome, number>> = {
    good: noOutcomes(),
    bad: noOutcomes(),
    hostile: noOutcomes(),
  };
  readonly causes = new Map<string, number>();
  /** By request id. */
  readonly reasons = new Map<string, string>();
  readonly wrong: Observation[] = [];
  readonly unexpected: Observation[] = [];
  readonly leaks: string[] = [];
  readonly latencies: number[] = [];
  answers = 0;
  decisions = 0;
  staleNotices = 0;

  /** Seconds since the start. */
  now(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  observe(observation: Observation): void {
    const { sort, outcome, ms, wrong, unexpected } = observation;
    this.answers += 1;
    this.bySort[sort][outcome] += 1;
    this.latencies.push(ms);
    if (wrong) this.wrong.push(observation);
    if (unexpected) this.unexpected.push(observation);
  }

  /** Reads a line that the function printed. */
  readLine(line: string): void {
    // A token begins with the encoded `{"`.
    if (line.includes('eyJ')) this.leaks.push(line);
    const { outcome, reason, cause, request_id: id, security_event: event } = parse(line);
    if (event === 'jwks_stale') this.staleNotices += 1;
    if (outcome === undefined || event === undefined) return;
    this.decisions += 1;
    this.reasons.set(String(id), String(reason));
    if (outcome === 'unavailable') {
      const name = [reason, cause].filter((part) => typeof part === 'string').join(', ');
      this.causes.set(name, (this.causes.get(name) ?? 0) + 1);
    }
  }

  /** How much more heap is in use in the last third than in the middle one, in megabytes. */
  get heapGrowthMb(): number {
    const third = Math.floor(this.memory.length / 3);
    if (third === 0) return 0;
    const middle = this.memory.slice(third, 2 * third);
    const last = this.memory.slice(2 * third);
    const mean = (samples: readonly Memory[]): number =>
      samples.reduce((sum, { heapUsed }) => sum + heapUsed, 0) / samples.length;
    return (mean(last) - mean(middle)) / MB;
  }

  /** What must not have happened and did; empty is a pass. */
  get faults(): readonly string[] {
    const slow = this.latencies.filter((ms) => ms > MAX_ANSWER_MS).length;
    return [
      this.wrong.length > 0 && `${this.wrong.length} wrong answers`,
      this.unexpected.length > 0 && `${this.unexpected.length} failures without a cause`,
      slow > 0 && `${slow} answers took more than ${MAX_ANSWER_MS} ms`,
      this.leaks.length > 0 && `${this.leaks.length} lines with a token`,
      this.decisions !== this.answers &&
        `${this.decisions} decision events for ${this.answers} answers`,
      this.heapGrowthMb > FLAT_MB && `the heap grew by ${this.heapGrowthMb.toFixed(1)} MB`,
    ].filter((fault) => fault !== false);
  }
}

/** The value below which `part` (0 to 1) of the values lie. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
