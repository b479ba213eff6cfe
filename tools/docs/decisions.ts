/** Every reason, with what it means and what to do, from the policy and its explanations. */
import { REASONS, type Reason } from '../../lambda/decision.ts';
import { EXPLANATIONS } from '../../lambda/explanations.ts';

/** In the order in which the checks run. */
export function reasons(): string {
  const rows = Object.entries(REASONS).map(([reason, { outcome, detail }]) => {
    const { meaning, remedy } = EXPLANATIONS[reason as Reason];
    return `| \`${reason}\` | ${outcome} | ${detail} | ${meaning} | ${remedy} |`;
  });
  return [
    '| Reason | Outcome | `detail` | What it means | What to do |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
