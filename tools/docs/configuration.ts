/** What the tables of settings say of each setting, as reference, as docstrings and as `.env.example`. */
import { wrapped } from '../../infra/settings/settings-help.ts';
import { ALL_SETTINGS, type DescribedSetting } from '../../infra/settings/stack-settings.ts';
import {
  GROUPS,
  MEMBER_DESCRIPTIONS,
  SETTING_DESCRIPTIONS,
  STACK_GROUP,
  type Description,
} from '../../lambda/settings/descriptions.ts';
import type { Grammar } from '../../lambda/settings/grammar.ts';
import { rowsOf } from '../../lambda/settings/setting.ts';
import { SETTINGS, type SettingName } from '../../lambda/settings/table.ts';
import { ISSUER_MEMBERS, type IssuerEntry } from '../../lambda/settings/trusted-issuers.ts';

/** No grammar accepts white space alone, so each says what it would have accepted. */
const REFUSED = ' ';

/** What a grammar accepts, in the words in which it refuses something else. */
function formOf(grammar: Grammar<unknown>): string {
  const parsed = grammar(REFUSED);
  if (parsed.ok) throw new Error('A grammar accepts white space alone');
  return parsed.problem
    .replace(/^must (?:be )?/u, '')
    .replace(/^every item must be /u, 'a comma-separated list, every item ');
}

function entry(setting: DescribedSetting): string {
  const { name, summary, details, whenUnset, grammar, default: fallback } = setting;
  const value =
    fallback === undefined ? `Unset: ${whenUnset ?? 'none'}` : `Default: \`${fallback}\``;
  const meaning = [summary, details].filter((text) => text !== undefined).join(' ');
  return `#### ${name}\n\n${meaning}\n\n- Form: ${formOf(grammar)}\n- ${value}\n`;
}

/** Settings by the headings under which they are described. */
function inGroups(): readonly (readonly [string, readonly DescribedSetting[]])[] {
  return GROUPS.map((group) => [group, ALL_SETTINGS.filter((setting) => setting.group === group)]);
}

export function functionSettings(): string {
  return inGroups()
    .filter(([group]) => group !== STACK_GROUP)
    .map(([group, settings]) => `### ${group}\n\n${settings.map(entry).join('\n')}`)
    .join('\n');
}

export function stackSettings(): string {
  return ALL_SETTINGS.filter(({ group }) => group === STACK_GROUP)
    .map(entry)
    .join('\n');
}

/** A member of an issuer is described as the setting that gives it, if there is one. */
function describeMember(member: keyof IssuerEntry): Description {
  const given = rowsOf(SETTINGS).find(([, row]) => row.member === member);
  if (given === undefined)
    return (MEMBER_DESCRIPTIONS as Record<string, Description>)[member] as Description;
  const [name, { prop, default: fallback }] = given;
  const description = SETTING_DESCRIPTIONS[name as SettingName];
  const { whenUnset = 'none' } = description;
  const inherited = fallback === undefined ? whenUnset : `the default of \`${name}\``;
  return {
    ...description,
    whenUnset: member === 'issuer' ? 'required' : prop === undefined ? inherited : `\`${name}\``,
  };
}

const MEMBERS = Object.keys(ISSUER_MEMBERS) as readonly (keyof IssuerEntry)[];

export function issuerMembers(): string {
  const rows = MEMBERS.map((name) => {
    const { summary, details, whenUnset = '' } = describeMember(name);
    const isOfSetting = !Object.hasOwn(MEMBER_DESCRIPTIONS, name);
    const meaning = isOfSetting || details === undefined ? summary : `${summary} ${details}`;
    return `| \`${name}\` | ${meaning} | ${whenUnset} |`;
  });
  return ['| Member | Meaning | Left out |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Docstrings of the props that stand for settings, without their asterisks. */
export function propDocstrings(): ReadonlyMap<string, string> {
  return new Map(
    ALL_SETTINGS.flatMap((setting) =>
      setting.prop === undefined ? [] : [[setting.prop, docstring(setting, defaultProp(setting))]],
    ),
  );
}

/** Docstrings of the members of `IssuerEntry`. */
export function memberDocstrings(): ReadonlyMap<string, string> {
  return new Map(
    MEMBERS.map((name) => {
      const description = describeMember(name);
      return [name, docstring(description, `- ${description.whenUnset ?? 'none'}`)];
    }),
  );
}

function docstring({ summary }: Description, value: string): string {
  return value === '- required' ? summary : `${summary}\n@default ${value}`;
}

/** The default as it would be written for the prop, or after a dash in words. */
function defaultProp({
  prop,
  default: fallback,
  grammar,
  unit,
  whenUnset,
}: DescribedSetting): string {
  if (prop === 'issuers') return '- required';
  if (fallback === undefined) return `- ${whenUnset ?? 'none'}`;
  if (unit === 'seconds') return `Duration.seconds(${fallback})`;
  const parsed = grammar(fallback);
  return parsed.ok && typeof parsed.value === 'string' ? `'${fallback}'` : fallback;
}

/** What the least deployment sets; the rest of `.env.example` is commented out. */
const SET_IN_EXAMPLE: ReadonlySet<string> = new Set(['JWT_ISSUER', 'JWT_AUDIENCE']);

const EXAMPLE_HEAD =
  'The settings of Rollcall. Copy this file to .env and fill in your own; `npx cdk deploy` reads it. A variable of the shell overrides a line here. Empty means unset, except for true/false settings, where it is an error. A value that contains # needs quotes. Lines that are commented out show the default, or an example if there is none.';

export function envExample(): string {
  const groups = inGroups().map(([group, settings]) => {
    const head = `# --- ${group} `.padEnd(WIDTH, '-');
    return [head, ...settings.map(exampleLines)].join('\n\n');
  });
  return `${[wrapped(EXAMPLE_HEAD, '# '), ...groups].join('\n\n')}\n`;
}

function exampleLines({
  grammar,
  name,
  summary,
  whenUnset,
  default: fallback,
  example,
}: DescribedSetting): string {
  const unset = whenUnset === undefined || whenUnset === 'none' ? '' : ` Unset: ${whenUnset}.`;
  const mark = SET_IN_EXAMPLE.has(name) ? '' : '#';
  return `${wrapped(summary + shortForm(grammar) + unset, '# ')}\n${mark}${name}=${fallback ?? example}`;
}

/** What an operator has to know of a form that the value shown does not tell. */
function shortForm(grammar: Grammar<unknown>): string {
  const form = formOf(grammar);
  const [, ...range] = /^a whole number (from \d+) (to \d+)$/u.exec(form) ?? [];
  if (range.length > 0) return ` A whole number ${range.join(' ')}.`;
  if (form.startsWith('a comma-separated list')) return ' Separated by commas.';
  return form.startsWith('one of: ') ? ` One of: ${form.slice('one of: '.length)}.` : '';
}

const WIDTH = 100;
