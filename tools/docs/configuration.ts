/** The reference of settings, from the tables that the function and the stack read them with. */
import { SETTING_NAMES, SETTINGS } from '../../lambda/settings/table.ts';
import { STACK_SETTING_NAMES, STACK_SETTINGS } from '../../infra/settings/stack-settings.ts';
import type { Grammar } from '../../lambda/settings/grammar.ts';
import { ISSUER_MEMBER_DESCRIPTIONS } from './issuer-member-descriptions.ts';
import { GROUPS, SETTING_DESCRIPTIONS } from './setting-descriptions.ts';
import { STACK_SETTING_DESCRIPTIONS } from './stack-setting-descriptions.ts';

/** No grammar accepts a control character, so each says what it would have accepted. */
const REFUSED = '\u0000';

/** What a grammar accepts, in the words in which it refuses something else. */
function formOf(grammar: Grammar<unknown>): string {
  const parsed = grammar(REFUSED);
  if (parsed.ok) throw new Error('A grammar accepts a control character');
  return parsed.problem
    .replace(/^must (?:be )?/u, '')
    .replace(/^every item must be /u, 'a comma-separated list, every item ');
}

interface Setting {
  readonly grammar: Grammar<unknown>;
  readonly default?: string;
}

function entry(
  name: string,
  setting: Setting,
  { meaning, unset }: { readonly meaning: string; readonly unset?: string },
): string {
  const value =
    setting.default === undefined ? `Unset: ${unset ?? 'none'}` : `Default: \`${setting.default}\``;
  return `#### ${name}\n\n${meaning}\n\n- Form: ${formOf(setting.grammar)}\n- ${value}\n`;
}

export function functionSettings(): string {
  return GROUPS.map((group) => {
    const names = SETTING_NAMES.filter((name) => SETTING_DESCRIPTIONS[name].group === group);
    const entries = names.map((name) => entry(name, SETTINGS[name], SETTING_DESCRIPTIONS[name]));
    return `### ${group}\n\n${entries.join('\n')}`;
  }).join('\n');
}

export function stackSettings(): string {
  return STACK_SETTING_NAMES.map((name) =>
    entry(name, STACK_SETTINGS[name], STACK_SETTING_DESCRIPTIONS[name]),
  ).join('\n');
}

export function issuerMembers(): string {
  const rows = Object.entries(ISSUER_MEMBER_DESCRIPTIONS).map(
    ([name, { instead, meaning }]) => `| \`${name}\` | ${meaning} | ${instead} |`,
  );
  return ['| Member | Meaning | Left out |', '| --- | --- | --- |', ...rows].join('\n');
}
