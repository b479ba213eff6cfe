/** The one deadline of an invocation, on a clock that the tests control. */
import { startDeadline, within } from '../../lambda/deadline.ts';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('the deadline', () => {
  it.each([
    ['2.8 s when Lambda has plenty', Number.POSITIVE_INFINITY, 2800],
    ['2.8 s when Lambda has 3,050 ms', 3050, 2800],
    ['250 ms less than Lambda has below that', 3049, 2799],
    ['1 ms when Lambda has 251 ms', 251, 1],
    ['over at once when Lambda has 250 ms', 250, 0],
    ['over at once when Lambda has nothing left', 0, 0],
  ])('is %s', (_, lambdaHasMs, expectedMs) => {
    const deadline = startDeadline(lambdaHasMs);
    expect(deadline.remainingMs()).toBe(expectedMs);
    deadline.clear();
  });

  it('does not abort a millisecond early', () => {
    const { signal } = startDeadline(Number.POSITIVE_INFINITY);
    jest.advanceTimersByTime(2799);
    expect(signal.aborted).toBe(false);
  });

  it('aborts when the time is up', () => {
    const { signal } = startDeadline(Number.POSITIVE_INFINITY);
    jest.advanceTimersByTime(2800);
    expect(signal.aborted).toBe(true);
  });

  it('counts down, and never below nothing', () => {
    const deadline = startDeadline(Number.POSITIVE_INFINITY);
    jest.advanceTimersByTime(1000);
    expect(deadline.remainingMs()).toBe(1800);
    jest.advanceTimersByTime(5000);
    expect(deadline.remainingMs()).toBe(0);
  });

  it('leaves no timer running once cleared', () => {
    const deadline = startDeadline(Number.POSITIVE_INFINITY);
    deadline.clear();
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('within', () => {
  const never = new Promise<string>(() => undefined);

  it('gives what the work gives in time, and leaves no timer behind', async () => {
    expect(await within(Promise.resolve('done'), 100)).toBe('done');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('gives nothing when the time is up', async () => {
    const result = within(never, 100);
    await jest.advanceTimersByTimeAsync(100);
    expect(await result).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits until then', async () => {
    let settled = false;
    const result = within(never, 100).then(() => (settled = true));
    await jest.advanceTimersByTimeAsync(99);
    expect(settled).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await result;
    expect(settled).toBe(true);
  });

  it('passes a rejection on, and leaves no timer behind', async () => {
    await expect(within(Promise.reject(new Error('broken')), 100)).rejects.toThrow('broken');
    expect(jest.getTimerCount()).toBe(0);
  });
});
