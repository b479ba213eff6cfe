/** The results as tables for a terminal. */
import { judge, type Verdict } from './goals.ts';
import type { MemoryResult } from './memory.ts';
import type { ColdStartResult, Results, RuntimeResults } from './results.ts';
import type { Summary } from './statistics.ts';
import { MEGABYTES_PER_PROCESSOR } from './cpu-limit.ts';

/** Above this load, the machine did more than the benchmark. */
const QUIET_LOAD = 0.5;

export function formatResults(results: Results): string {
  const { machine, rounds, loadAtStart, runtimes, memory } = results;
  return [
    `${machine}; ${rounds} rounds; medians, with quartiles in brackets`,
    ...(loadAtStart > QUIET_LOAD
      ? [`NOT A QUIET MACHINE: its load was ${loadAtStart.toFixed(1)} when the run began.`]
      : []),
    ...runtimes.flatMap((runtime) => formatRuntime(runtime, results)),
    ...(memory.length === 0
      ? []
      : ['', '== memory sizes, on the last Node', ...formatTable(memoryRows(memory))]),
  ].join('\n');
}

function formatRuntime(runtime: RuntimeResults, results: Results): readonly string[] {
  const goals = formatTable(judge(runtime, results).map(goalRow));
  return [
    '',
    `== ${runtime.runtime}: cold start; ${describeModel(results.processorShare)}`,
    ...formatTable(coldStartRows(runtime.coldStart), 3),
    '',
    `== ${runtime.runtime}: warm path`,
    ...formatTable(warmRows(runtime)),
    '',
    `== ${runtime.runtime}: goals`,
    ...goals,
  ];
}

function describeModel(processorShare: number | null): string {
  return processorShare === null
    ? 'NO CONTROL GROUPS HERE: the first decision is given as processor time at full speed, and cold starts are not judged'
    : `init at full speed, the first decision with ${processorShare.toFixed(2)} of a processor`;
}

function coldStartRows(results: readonly ColdStartResult[]): string[][] {
  return [
    [
      '',
      '',
      'bundle',
      'gzip kB',
      'init ms',
      'first decision ms',
      'together ms',
      'CPU ms: init',
      'first',
      'of the plain peer (b)',
      'of jsonwebtoken (c)',
    ],
    ...results.map(({ id, name, bundling, gzipBytes, ...result }) => [
      id === 'rollcall' ? '' : `(${id})`,
      name,
      id === 'rollcall' ? '' : bundling,
      (gzipBytes / 1000).toFixed(1),
      spread(result.initMs, 1),
      spread(result.invocationMs, 1),
      spread(result.togetherMs, 1),
      spread(result.initCpuMs, 0),
      spread(result.invocationCpuMs, 0),
      `${spread(result.together.toPlainPeer, 2)} ×`,
      `${spread(result.together.toSamplePeer, 2)} ×`,
    ]),
  ];
}

function warmRows({ warm }: RuntimeResults): string[][] {
  return [
    ['', 'at least necessary µs', 'whole decision µs', 'ratio'],
    ...Object.entries(warm.byAlgorithm).map(([algorithm, { verify, decision, ratio }]) => [
      `${algorithm}, row cached, against crypto.verify`,
      spread(verify, 1),
      spread(decision, 1),
      spread(ratio, 2),
    ]),
    [
      'RS256, table asked, against GetItem + crypto.verify',
      spread(warm.table.bare, 0),
      spread(warm.table.decision, 0),
      spread(warm.table.ratio, 2),
    ],
    ['the decision line', '', spread(warm.line, 1), ''],
  ];
}

function goalRow({ figure, measured, most, unit, met }: Verdict): string[] {
  const digits = unit === '×' ? 2 : 1;
  return [
    figure,
    `${spread(measured, digits)} ${unit}`,
    `at most ${most} ${unit}`,
    met ? 'met' : 'MISSED',
  ];
}

function memoryRows(measured: readonly MemoryResult[]): string[][] {
  return [
    ['MB', 'of a CPU', 'init ms', 'first decision ms', 'warm ms', '$/M warm', '$/M, 0.1 % cold'],
    ...measured.map((result) => [
      String(result.memoryMegabytes),
      (result.memoryMegabytes / MEGABYTES_PER_PROCESSOR).toFixed(2),
      spread(result.initMs, 1),
      spread(result.invocationMs, 1),
      spread(result.warmMs, 1),
      result.warmCost.toFixed(3),
      result.mixedCost.toFixed(3),
    ]),
  ];
}

/** A median with its quartiles. */
export function spread({ median, p25, p75 }: Summary, digits: number): string {
  return `${median.toFixed(digits)} [${p25.toFixed(digits)}–${p75.toFixed(digits)}]`;
}

/**
 * Columns as wide as their widest cell.
 *
 * @param textColumns how many of the first columns are text; the others are numbers
 * @default textColumns 1
 */
export function formatTable(rows: readonly (readonly string[])[], textColumns = 1): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < textColumns ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
