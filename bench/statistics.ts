/** Medians with their spread. Times are skewed and machines are shared: no means here. */

export interface Summary {
  readonly median: number;
  /** First and third quartile: half of all samples lie between them. */
  readonly p25: number;
  readonly p75: number;
  readonly samples: number;
}

/** @throws RangeError without samples */
export function summarize(samples: readonly number[]): Summary {
  return {
    median: quantile(samples, 0.5),
    p25: quantile(samples, 0.25),
    p75: quantile(samples, 0.75),
    samples: samples.length,
  };
}

/**
 * The ratio `ours / theirs`, sample by sample: what was measured together saw the same machine,
 * so that a slow minute falls on both.
 *
 * @throws RangeError without samples, or when there are not as many of one as of the other
 */
export function summarizeRatio(ours: readonly number[], theirs: readonly number[]): Summary {
  if (ours.length !== theirs.length) throw new RangeError('Expected samples in pairs');
  return summarize(ours.map((value, index) => value / (theirs[index] ?? Number.NaN)));
}

/** The quantile `q` of 0–1, interpolated between the nearest ranks. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('Expected samples');
  return below + (above - below) * (position - Math.floor(position));
}
