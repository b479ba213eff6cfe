import { REASONS, type Reason } from '../../lambda/decision.ts';
import {
  CHECK_GROUPS,
  CHECK_NAMES,
  CHECKS,
  EXPLANATIONS,
  plainText,
  stoppingCheck,
} from '../../lambda/explanations.ts';

const reasons = Object.keys(REASONS) as Reason[];

describe('the checks', () => {
  it('come in the order in which the decision lists their reasons', () => {
    const positions = reasons
      .filter((reason) => REASONS[reason].outcome !== 'unavailable')
      .map(stoppingCheck)
      .filter((check) => check !== undefined)
      .map((check) => CHECK_NAMES.indexOf(check));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });

  it('are each where some decision stops', () => {
    const stops = new Set(reasons.map(stoppingCheck).filter((check) => check !== undefined));
    expect([...stops].sort()).toEqual([...CHECK_NAMES].sort());
  });

  it('come in the order of their chapters, which all have some', () => {
    expect([...new Set(Object.values(CHECKS))]).toEqual(Object.keys(CHECK_GROUPS));
    const positions = Object.values(CHECKS).map((group) =>
      Object.keys(CHECK_GROUPS).indexOf(group),
    );
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });
});

describe.each(reasons)('the explanation of %s', (reason) => {
  it.each(['meaning', 'remedy'] as const)('is whole sentences of one line: its %s', (part) => {
    expect(EXPLANATIONS[reason][part]).toMatch(/^[A-Z`][^\n]*\.$/u);
  });
});

it.each(['user_found', 'platform_admin_bootstrap', 'internal_error'] as const)(
  'stops at no certain check for %s',
  (reason) => {
    expect(stoppingCheck(reason)).toBeUndefined();
  },
);

it('shows an explanation without the marks of Markdown', () => {
  expect(plainText('`iss` is not `x`.')).toBe('iss is not x.');
});
