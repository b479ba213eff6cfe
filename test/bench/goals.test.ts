/** Verdicts: on the median, at the limit still met, and only where the figure means something. */
import { judge, type Verdict } from '../../bench/goals.ts';
import type { RuntimeResults } from '../../bench/results.ts';

const summary = (median: number) => ({ median, p25: median, p75: median * 2, samples: 3 });

function runtimeWith(
  runtime: string,
  { together = 0.5, invocation = 0.2, ratio = 1.5, line = 20 } = {},
): RuntimeResults {
  const ratios = (median: number) => ({
    toPlainPeer: summary(median),
    toSamplePeer: summary(median),
  });
  const pair = { verify: summary(10), decision: summary(15), ratio: summary(ratio) };
  return {
    runtime,
    coldStart: [{ id: 'rollcall', together: ratios(together), invocation: ratios(invocation) }],
    warm: {
      byAlgorithm: { ES256: pair, EdDSA: pair, RS256: pair },
      table: { bare: summary(1), decision: summary(1), ratio: summary(ratio) },
      line: summary(line),
    },
  } as unknown as RuntimeResults;
}

const share = { processorShare: 0.29 };
const verdictOn = (figure: string, verdicts: readonly Verdict[]) =>
  verdicts.find((verdict) => verdict.figure === figure)?.met;

it.each([
  ['init and first decision, of the plain peer', { together: 0.55 }, { together: 0.551 }],
  ['init and first decision, of jsonwebtoken + jwks-rsa', { together: 0.42 }, { together: 0.421 }],
  ['first decision, of the plain peer', { invocation: 0.25 }, { invocation: 0.251 }],
  ['ES256, of crypto.verify', { ratio: 1.6 }, { ratio: 1.61 }],
  ['EdDSA, of crypto.verify', { ratio: 1.6 }, { ratio: 1.61 }],
  ['RS256, of crypto.verify', { ratio: 2.2 }, { ratio: 2.21 }],
  ['table asked, of GetItem + crypto.verify', { ratio: 1.15 }, { ratio: 1.16 }],
  ['the decision line', { line: 25 }, { line: 25.1 }],
])('%s: is met at its limit and missed above', (figure, met, missed) => {
  expect(verdictOn(figure, judge(runtimeWith('Node 24.1.0', met), share))).toBe(true);
  expect(verdictOn(figure, judge(runtimeWith('Node 24.1.0', missed), share))).toBe(false);
});

it('judges no cold start on an older Node than Lambda runs', () => {
  const figures = judge(runtimeWith('Node 20.20.2'), share).map(({ figure }) => figure);
  expect(figures.filter((figure) => figure.includes('first decision'))).toEqual([]);
});

it('judges no cold start without a share of a processor', () => {
  const verdicts = judge(runtimeWith('Node 24.1.0'), { processorShare: null });
  expect(verdicts.filter(({ figure }) => figure.includes('first decision'))).toEqual([]);
});
