/** One finding of `preflight` or `doctor`: pass, warning or failure, with a remedy. */
import { table } from './output.ts';

export interface Check {
  /** Stable, for scripts. */
  readonly id: string;
  readonly status: 'pass' | 'warn' | 'fail';
  readonly message: string;
  /** Present for a warning or a failure. */
  readonly remedy?: string;
}

export function check(
  id: string,
  status: Check['status'],
  message: string,
  remedy?: string,
): Check {
  return { id, status, message, ...(remedy !== undefined && { remedy }) };
}

const MARKS = { pass: 'pass', warn: 'WARN', fail: 'FAIL' } as const;

/** One line per check, with its remedy below. */
export function checkTable(checks: readonly Check[]): string[] {
  const rows = table(checks.map(({ status, id, message }) => [MARKS[status], id, message]));
  return rows.flatMap((row, index) => {
    const remedy = checks[index]?.remedy;
    return remedy === undefined ? [row] : [row, `      -> ${remedy}.`];
  });
}
