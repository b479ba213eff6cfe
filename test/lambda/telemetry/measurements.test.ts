import { createMeasurements, type Measurements } from '../../../lambda/telemetry/measurements.ts';

const MINUTE = 60_000;

let now: number;
let measurements: Measurements;

beforeEach(() => {
  now = 0;
  measurements = createMeasurements(() => now);
});

/** At a time when something was published just now. */
function afterPublishing(): void {
  measurements.count('ColdStart');
  measurements.take();
}

it('publishes nothing when there is nothing', () => {
  expect(measurements.take()).toEqual({});
});

it('publishes the first latency at once, as a number', () => {
  measurements.measure('DirectoryLatency', 4.126_5);
  expect(measurements.take()).toEqual({ DirectoryLatency: 4.13 });
});

it('does so after lines that had nothing to publish, too', () => {
  measurements.take();
  measurements.measure('DirectoryLatency', 4);
  expect(measurements.take()).toEqual({ DirectoryLatency: 4 });
});

it('measures nothing that was not waited for', () => {
  measurements.measure('KeysLatency', undefined);
  expect(measurements.take()).toEqual({});
});

it('publishes a count at once', () => {
  afterPublishing();
  measurements.count('Rejections');
  expect(measurements.take()).toEqual({ Rejections: 1 });
});

it('adds up what is counted before it is published', () => {
  measurements.count('JwksStale');
  measurements.count('JwksStale');
  expect(measurements.take()).toEqual({ JwksStale: 2 });
});

it('publishes nothing twice', () => {
  measurements.count('Rejections');
  measurements.measure('DirectoryLatency', 4);
  measurements.take();
  expect(measurements.take()).toEqual({});
});

it('keeps latencies for less than a minute', () => {
  afterPublishing();
  measurements.measure('DirectoryLatency', 4);
  now = MINUTE - 1;
  expect(measurements.take()).toEqual({});
});

it('publishes them together after a minute', () => {
  afterPublishing();
  measurements.measure('DirectoryLatency', 4);
  measurements.take();
  now = MINUTE;
  measurements.measure('DirectoryLatency', 5);
  expect(measurements.take()).toEqual({ DirectoryLatency: [4, 5] });
});

it('publishes them with the next count', () => {
  afterPublishing();
  measurements.measure('DirectoryLatency', 4);
  measurements.take();
  measurements.count('Rejections');
  expect(measurements.take()).toEqual({ Rejections: 1, DirectoryLatency: 4 });
});

it('keeps no more than CloudWatch takes of one metric in one line', () => {
  afterPublishing();
  for (let index = 0; index < 99; index += 1) measurements.measure('DirectoryLatency', index);
  expect(measurements.take()).toEqual({});
  measurements.measure('DirectoryLatency', 99);
  expect(measurements.take()).toEqual({
    DirectoryLatency: Array.from({ length: 100 }, (_, i) => i),
  });
});
