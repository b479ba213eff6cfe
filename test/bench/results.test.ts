/** From samples to results: what is added up, and what is compared with what. */
import type { ColdStart } from '../../bench/cold-start.ts';
import { coldStartResults } from '../../bench/results.ts';
import type { Subject } from '../../bench/subjects.ts';

const subject = (id: Subject['id'], bundling: Subject['bundling']): Subject => ({
  id,
  name: id,
  bundling,
  file: `/somewhere/${id}`,
  bytes: 2,
  gzipBytes: 1,
});

const start = (initMs: number, invocationMs: number): ColdStart => ({
  initMs,
  initCpuMs: initMs + 1,
  invocationMs,
  invocationCpuMs: invocationMs / 4,
  peakRssBytes: 7,
  warmMs: [],
});

const subjects = [
  subject('rollcall', 'tuned'),
  subject('b', 'default'),
  subject('b', 'tuned'),
  subject('c', 'default'),
];
/** Two rounds, the second on a machine that had become ten times slower. */
const samples = [
  [start(30, 10), start(300, 100)],
  [start(40, 40), start(400, 400)],
  [start(1, 1), start(1, 1)],
  [start(60, 100), start(600, 1000)],
];

describe('with a share of a processor', () => {
  const [rollcall, plain] = coldStartResults(subjects, samples, true);

  it('adds init and first decision, round by round', () => {
    expect(rollcall?.togetherMs).toMatchObject({ median: 220, p25: 130, p75: 310 });
  });

  it('compares with the default bundle of the plain peer, in pairs', () => {
    expect(rollcall?.together.toPlainPeer).toMatchObject({ median: 0.5, p25: 0.5, p75: 0.5 });
  });

  it('compares with the default bundle of the sample peer, in pairs', () => {
    expect(rollcall?.together.toSamplePeer).toMatchObject({ median: 0.25, p25: 0.25, p75: 0.25 });
  });

  it('compares the first decision alone', () => {
    expect(rollcall?.invocation.toPlainPeer.median).toBe(0.25);
  });

  it('has a ratio of 1 for the peer itself', () => {
    expect(plain?.together.toPlainPeer.median).toBe(1);
  });

  it('keeps the processor time of both apart', () => {
    expect(rollcall?.initCpuMs.median).toBe((31 + 301) / 2);
    expect(rollcall?.invocationCpuMs.median).toBe((2.5 + 25) / 2);
  });

  it('keeps no path of this machine', () => {
    expect(JSON.stringify(rollcall)).not.toContain('somewhere');
  });
});

it('takes processor time for the first decision where there was no share', () => {
  const [rollcall] = coldStartResults(subjects, samples, false);
  expect(rollcall?.invocationMs).toMatchObject({ p25: (2.5 + (2.5 + 25) / 2) / 2 });
  expect(rollcall?.togetherMs.median).toBe((32.5 + 325) / 2);
});
