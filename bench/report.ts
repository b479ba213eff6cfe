/** The results as tables for a terminal. */
import type { ColdStartResult, Results, RuntimeResults } from './results.ts';
import type { Summary } from './statistics.ts';

/** Rollcall's first decision over a peer's: no more than this. */
const TARGETS: Readonly<Record<string, number>> = { b: 0.65, c: 0.5 };
const WARM_TARGETS: Readonly<Record<string, number>> = { ES256: 1.6, EdDSA: 1.6, RS256: 2.2 };
const TABLE_TARGET = 1.15;
const TELEMETRY_TARGET_MICROSECONDS = 50;

export function formatResults(results: Results): string {
  return [
    `${results.machine}; ${results.rounds} rounds; medians, with quartiles in brackets`,
    ...results.runtimes.flatMap((runtime) => [
      '',
      `== ${runtime.runtime}: cold start, from the start of the import`,
      ...formatTable(coldStartRows(runtime.coldStart)),
      '',
      `== ${runtime.runtime}: warm path`,
      ...formatTable(warmRows(runtime)),
      ...formatInFlight(runtime),
    ]),
  ].join('\n');
}

function coldStartRows(results: readonly ColdStartResult[]): string[][] {
  return [
    [
      '',
      '',
      'bundled',
      'raw kB',
      'gzip kB',
      'import ms',
      'first decision ms',
      'CPU ms',
      'Rollcall is',
      'by CPU',
      'at most',
    ],
    ...results.map(({ id, name, bundling, bytes, gzipBytes, ...result }) => [
      id === 'rollcall' ? '' : `(${id})`,
      name,
      id === 'rollcall' ? '' : bundling,
      kilobytes(bytes),
      kilobytes(gzipBytes),
      spread(result.importMs, 1),
      spread(result.firstDecisionMs, 1),
      spread(result.cpuMs, 0),
      id === 'rollcall' ? '' : `${spread(result.rollcallRatio, 2)} ×`,
      id === 'rollcall' ? '' : `${result.rollcallCpuRatio.median.toFixed(2)} ×`,
      TARGETS[id]?.toFixed(2) ?? '',
    ]),
  ];
}

function warmRows({ warm }: RuntimeResults): string[][] {
  return [
    ['', 'alone µs', 'whole decision µs', 'ratio', 'at most'],
    ...Object.entries(warm.byAlgorithm).map(([algorithm, { verify, decision, ratio }]) => [
      `${algorithm}, row cached, against crypto.verify`,
      spread(verify, 1),
      spread(decision, 1),
      spread(ratio, 2),
      WARM_TARGETS[algorithm]?.toFixed(2) ?? '',
    ]),
    [
      'RS256, table asked, against GetItem + crypto.verify',
      spread(warm.table.bare, 0),
      spread(warm.table.decision, 0),
      spread(warm.table.ratio, 2),
      TABLE_TARGET.toFixed(2),
    ],
    [
      'log line and metrics',
      '',
      spread(warm.telemetry, 1),
      '',
      `${TELEMETRY_TARGET_MICROSECONDS} µs`,
    ],
  ];
}

function formatInFlight({ warm: { inFlight } }: RuntimeResults): readonly string[] {
  const { decisions, wrong, unavailable, heapMegabytes } = inFlight;
  const heaps = heapMegabytes.map((megabytes) => megabytes.toFixed(1)).join(', ');
  return [
    `1,000 in flight, ${decisions} decisions: ${wrong} wrong, ${unavailable} unavailable; ` +
      `heap after each round, MB: ${heaps}`,
  ];
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}

function spread({ median, p25, p75 }: Summary, digits: number): string {
  return `${median.toFixed(digits)} [${p25.toFixed(digits)}–${p75.toFixed(digits)}]`;
}

/** Columns as wide as their widest cell; the first two are text, the others numbers. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const textColumns = rows[0]?.[0] === '' && rows[0]?.[1] === '' ? 3 : 1;
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
