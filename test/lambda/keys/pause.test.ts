import { Pause } from '../../../lambda/keys/pause.ts';

let now: number;
let pause: Pause;

beforeEach(() => {
  now = 1_000_000;
  pause = new Pause(() => now);
});

it('is off before it has begun', () => {
  expect(pause.isOn).toBe(false);
});

it('is on from its beginning, and off at its end', () => {
  pause.begin(100);
  expect(pause.isOn).toBe(true);
  now += 99;
  expect(pause.isOn).toBe(true);
  now += 1;
  expect(pause.isOn).toBe(false);
});

it('can be ended early', () => {
  pause.begin(100);
  pause.end();
  expect(pause.isOn).toBe(false);
});

it('is over when the clock is set back to before its beginning', () => {
  pause.begin(100);
  now -= 1;
  expect(pause.isOn).toBe(false);
});

it.each([0, -1])('of %i ms is never on', (ms) => {
  pause.begin(ms);
  expect(pause.isOn).toBe(false);
});
