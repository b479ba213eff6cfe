/** The chart of cold starts: every subject, its figures, and nothing that breaks the SVG. */
import { drawColdStarts } from '../../bench/chart.ts';
import type { ColdStartResult, Results } from '../../bench/results.ts';

const summary = (median: number, spread = 0) => ({
  median,
  p25: median - spread,
  p75: median + spread,
  samples: 1,
});

/** A third of the time is init. */
function result(id: ColdStartResult['id'], bundling: ColdStartResult['bundling'], ms: number) {
  return {
    id,
    name: id === 'rollcall' ? 'Rollcall' : `<${id}> & more`,
    bundling,
    initMs: summary(ms / 3),
    togetherMs: summary(ms, ms / 10),
  };
}

const results = {
  rounds: 3,
  processorShare: 0.29,
  runtimes: [
    {
      runtime: 'Node 24.0.0',
      coldStart: [
        result('rollcall', 'tuned', 50),
        result('b', 'default', 100),
        result('b', 'tuned', 80),
      ],
    },
  ],
} as unknown as Results;

const svg = drawColdStarts(results);

/** Widths of bars, by class, in the order drawn; the legend's own are left out. */
const widths = (className: string) =>
  [...svg.matchAll(new RegExp(`<rect class="${className}" x="(.+?)" y=".+?" width="(.+?)"`, 'gu'))]
    .filter(([, x]) => Number(x) >= 290)
    .map(([, , width]) => Number(width));

it('draws a row for Rollcall and one for each peer', () => {
  expect([...widths('own-init'), ...widths('init')]).toHaveLength(2);
});

it('gives the figure of a peer, then the one of the same peer when tuned', () => {
  expect(svg).toContain('>100 · 80</text>');
});

it('draws bars to scale', () => {
  const [own, peer] = [...widths('own-first'), ...widths('first')];
  expect(own).toBeCloseTo(Number(peer) / 2, 1);
});

it('divides a bar into init and first decision', () => {
  expect(widths('first')[0]).toBeCloseTo(2 * Number(widths('init')[0]), 0);
});

it('ends the longest spread at the end of the plot', () => {
  const ends = [...svg.matchAll(/<line class="spread".*?x2="(.+?)"/gu)].map(([, x2]) => Number(x2));
  expect(Math.max(...ends)).toBe(660);
});

it('says which share of a processor the first decision had', () => {
  expect(svg).toContain('the first decision with 0.29 of a processor');
});

it('says that there was none where no control group could be made', () => {
  const unlimited = drawColdStarts({ ...results, processorShare: null });
  expect(unlimited).toContain('the first decision is processor time');
});

it('escapes names', () => {
  expect(svg).toContain('(b) &lt;b> &amp; more</text>');
});
