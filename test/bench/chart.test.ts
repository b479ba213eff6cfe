/** The chart of cold starts: every subject, its figures, and nothing that breaks the SVG. */
import { drawColdStarts } from '../../bench/chart.ts';
import type { ColdStartResult, Results } from '../../bench/results.ts';

const summary = (median: number) => ({ median, p25: median, p75: median, samples: 1 });

function result(id: ColdStartResult['id'], bundling: ColdStartResult['bundling'], ms: number) {
  return {
    id,
    name: id === 'rollcall' ? 'Rollcall' : `<${id}> & more`,
    bundling,
    bytes: 1,
    gzipBytes: 1,
    importMs: summary(ms / 2),
    firstDecisionMs: summary(ms),
    cpuMs: summary(ms),
    peakRssBytes: summary(1),
    rollcallRatio: summary(1),
    rollcallCpuRatio: summary(1),
  };
}

const results = {
  measuredAt: '2026-01-01',
  machine: 'a machine',
  rounds: 3,
  runtimes: [
    {
      runtime: 'Node 24.0.0',
      coldStart: [
        result('rollcall', 'tuned', 50),
        result('b', 'usual', 100),
        result('b', 'tuned', 80),
      ],
    },
  ],
} as unknown as Results;

const svg = drawColdStarts(results);

it('draws a row for Rollcall and one for each peer', () => {
  expect(svg.match(/class="(?:own-)?import" x="290\.0"/gu)).toHaveLength(2);
});

it('says the figure of a peer, and in brackets the one of the same peer when tuned', () => {
  expect(svg).toContain('>100 (80)</text>');
});

it('draws bars to scale', () => {
  const widths = [...svg.matchAll(/-?rest" x="[\d.]+" y="[\d.]+" width="([\d.]+)" height/gu)];
  const [, own, peer] = widths.map(([, width]) => Number(width));
  expect(own).toBeCloseTo(Number(peer) / 2, 1);
});

it('escapes names', () => {
  expect(svg).toContain('(b) &lt;b> &amp; more</text>');
});
