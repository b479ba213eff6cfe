/** The deployment that `npm run cost` and the tables of docs/scaling.md assume unless told otherwise. */
import type { Workload } from './bill.ts';

export const DEFAULT_WORKLOAD: Workload = {
  memoryMegabytes: 512,
  // A read of the table in the same Region takes some 5 ms.
  warmMs: 8,
  coldMs: 100,
  coldShare: 0.001,
  readUnitsPerDecision: 1,
  // The budget of a decision line (bench/budgets.json), so no real line costs more.
  logBytesPerDecision: 620,
  metrics: 40,
};

export const USERS_PER_REQUEST_PER_SECOND = 40;
