/** What the benchmark's figures are judged against. */
import type { Results, RuntimeResults } from './results.ts';
import type { Summary } from './statistics.ts';

export interface Verdict {
  readonly figure: string;
  readonly measured: Summary;
  readonly most: number;
  readonly unit: '×' | 'µs';
  readonly met: boolean;
}

/** Ratios of whole warm decisions to `crypto.verify` alone. */
const WARM_GOALS: Readonly<Record<string, number>> = { ES256: 1.6, EdDSA: 1.6, RS256: 2.2 };
const TABLE_GOAL = 1.15;
const LINE_GOAL_MICROSECONDS = 25;
/** Cold starts are judged on what Lambda runs. */
const FIRST_JUDGED_NODE = 24;

/** A verdict is on the median. None on cold starts without a share of a processor, or on an old Node. */
export function judge(
  { runtime, coldStart, warm }: RuntimeResults,
  { processorShare }: Pick<Results, 'processorShare'>,
): readonly Verdict[] {
  const verdict = (
    figure: string,
    measured: Summary,
    most: number,
    unit: Verdict['unit'] = '×',
  ): Verdict => ({ figure, measured, most, unit, met: measured.median <= most });
  const rollcall = coldStart.find(({ id }) => id === 'rollcall');
  const judged = processorShare !== null && nodeMajor(runtime) >= FIRST_JUDGED_NODE;
  return [
    ...(judged && rollcall !== undefined
      ? [
          verdict(
            'init and first decision, of the plain peer',
            rollcall.together.toPlainPeer,
            0.55,
          ),
          verdict(
            'init and first decision, of jsonwebtoken + jwks-rsa',
            rollcall.together.toSamplePeer,
            0.42,
          ),
          verdict('first decision, of the plain peer', rollcall.invocation.toPlainPeer, 0.25),
        ]
      : []),
    ...Object.entries(warm.byAlgorithm).flatMap(([algorithm, { ratio }]) => {
      const most = WARM_GOALS[algorithm];
      return most === undefined ? [] : [verdict(`${algorithm}, of crypto.verify`, ratio, most)];
    }),
    verdict('table asked, of GetItem + crypto.verify', warm.table.ratio, TABLE_GOAL),
    verdict('the decision line', warm.line, LINE_GOAL_MICROSECONDS, 'µs'),
  ];
}

function nodeMajor(runtime: string): number {
  return Number(/\d+/u.exec(runtime)?.[0] ?? 0);
}
