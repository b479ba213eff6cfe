/**
 * A decision as a picture: every check in the order of `REASONS`, and how far a request got.
 * Pure. What the checks are called is in `lambda/explanations.ts`.
 */
import { REASONS, type Reason } from '../../lambda/decision.ts';
import {
  CHECK_NAMES,
  CHECKS,
  EXPLANATIONS,
  stoppingCheck,
  type CheckGroup,
  type CheckSettings,
  type RefusalReason,
} from '../../lambda/explanations.ts';

/**
 * `off`: the settings, or the way in, do not ask for it. `unknown`: it was this check that could
 * not be made, so that there was neither a yes nor a no.
 */
export type CheckState = 'passed' | 'failed' | 'not_reached' | 'off' | 'unknown';

export interface Check {
  /** The reason that a request gets which fails it. */
  readonly reason: RefusalReason;
  /** What holds when it passes. */
  readonly title: string;
  readonly group: CheckGroup;
  readonly state: CheckState;
  /** Why it is `off`. */
  readonly note?: string;
}

/**
 * The checks of a request that was decided for `reason`.
 *
 * @param reason undefined when the function was not asked, and so nothing was checked
 */
export function checksOf(reason: Reason | undefined, settings: CheckSettings): readonly Check[] {
  const end = endOf(reason);
  return REFUSALS.map((name, index) => {
    const { check, passed: title } = EXPLANATIONS[name];
    const group = CHECKS[check];
    const note = whyNotMade(name, reason, settings);
    const state: CheckState =
      index === end
        ? name === reason
          ? 'failed'
          : 'unknown'
        : index < end
          ? 'passed'
          : 'not_reached';
    // A check that decided was made, whatever the settings seem to say.
    return note === undefined || index === end
      ? { reason: name, title, group, state }
      : { reason: name, title, group, state: 'off', note };
  });
}

/** The index of the check at which a request stopped; past the last one when none stopped it. */
function endOf(reason: Reason | undefined): number {
  if (reason === undefined) return -1;
  if (isRefusal(reason)) return REFUSALS.indexOf(reason);
  if (REASONS[reason].outcome === 'allow') return REFUSALS.length;
  const stopped = stoppingCheck(reason);
  if (stopped === undefined) return -1;
  const position = CHECK_NAMES.indexOf(stopped);
  return REFUSALS.findIndex((name) => CHECK_NAMES.indexOf(EXPLANATIONS[name].check) >= position);
}

function whyNotMade(
  name: RefusalReason,
  decided: Reason | undefined,
  settings: CheckSettings,
): string | undefined {
  const { off, asksTheRow } = EXPLANATIONS[name];
  const isWithoutRow = decided === 'platform_admin_bootstrap' && asksTheRow === true;
  return off?.(settings) ?? (isWithoutRow ? 'There is no row to ask' : undefined);
}

function isRefusal(reason: Reason): reason is RefusalReason {
  const { outcome } = REASONS[reason];
  return outcome === 'unauthenticated' || outcome === 'forbidden';
}

/** The reasons that the checks refuse a request for, in their order. */
const REFUSALS: readonly RefusalReason[] = (Object.keys(REASONS) as Reason[]).filter(isRefusal);
