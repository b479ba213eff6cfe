/**
 * From settings to props and from props to the environment of the function, row by row of the
 * tables of settings. Nothing here knows a setting by its name.
 */
import { Duration } from 'aws-cdk-lib';
import { isStringList } from '../../lambda/json.ts';
import {
  rowsOf,
  type Read,
  type Setting,
  type SettingTable,
  type SetValue,
} from '../../lambda/settings/setting.ts';
import { ONE_ISSUER, SETTINGS, type SettingName } from '../../lambda/settings/table.ts';
import type { IssuerEntry } from '../../lambda/settings/trusted-issuers.ts';
import type { AuthorizerSettings, TableSettings } from './authorizer-settings.ts';

/** A setting as a prop: a time is a `Duration` or a `Date`, anything else is what was read. */
type PropValue<S> = S extends { unit: 'seconds' }
  ? Duration
  : S extends { unit: 'instant' }
    ? Date
    : SetValue<S>;

/** The props that the rows of a table name. */
export type PropsOf<T extends SettingTable> = {
  readonly [N in keyof T as T[N] extends { prop: infer P extends string } ? P : never]?: PropValue<
    T[N]
  >;
};

/** The settings of a table as props: those that are set, and those that have a default. */
export function propsOf<T extends SettingTable>(
  table: T,
  { settings, present }: Pick<Read<T>, 'settings' | 'present'>,
): PropsOf<T> {
  const props: Record<string, unknown> = {};
  for (const [name, { prop, unit, default: fallback }] of rowsOf(table)) {
    if (prop === undefined || !(present.has(name) || fallback !== undefined)) continue;
    const value = settings[name];
    if (value === undefined) continue;
    if (unit === 'seconds') props[prop] = Duration.seconds(value as number);
    else if (unit === 'instant') props[prop] = new Date(Math.round((value as number) * 1000));
    else props[prop] = value;
  }
  return props as PropsOf<T>;
}

/** A prop as its setting is written. */
function written(value: unknown, unit: Setting['unit']): string {
  // Not `instanceof`: an app may have a CDK of its own.
  if (unit === 'seconds') return String((value as Duration).toSeconds());
  if (unit === 'instant') return (value as Date).toISOString();
  if (isStringList(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The function's environment: the variables that differ from their defaults, and no others. A prop
 * that is left out, or that repeats the default, leaves its variable out too.
 */
export function functionEnvironment(
  settings: AuthorizerSettings,
  tables: TableSettings,
): Record<string, string> {
  const { usersTableName, usersTableKey, usersTablePersistent, revokedTokensTableName } = tables;
  const props: Readonly<Record<string, unknown>> = {
    ...settings,
    // The construct has made up its mind about the tables, whatever its own props say.
    usersTableName,
    usersTableKey,
    usersTablePersistent,
    revokedTokensTableName,
  };
  const environment: Record<string, string> = {};
  const set = (name: SettingName, value: unknown) => {
    const { default: fallback, unit }: Setting = SETTINGS[name];
    const text = value === undefined ? '' : written(value, unit);
    if (text !== '' && text !== fallback) environment[name] = text;
  };
  const one = onlyIssuer(settings.issuers);
  if (one === undefined) set('TRUSTED_ISSUERS', settings.issuers);
  else for (const [name, member] of ONE_ISSUER) set(name, one[member]);
  for (const [name, { prop }] of rowsOf(SETTINGS)) {
    if (prop !== undefined && prop !== 'issuers') set(name as SettingName, props[prop]);
  }
  return environment;
}

/** The one issuer, if the settings of one issuer can say all that it says. */
function onlyIssuer(issuers: readonly IssuerEntry[]): IssuerEntry | undefined {
  const [only, ...others] = issuers;
  if (only === undefined || others.length > 0) return undefined;
  const members = new Set<string>(ONE_ISSUER.map(([, member]) => member));
  const isPlain = Object.entries(only).every(
    ([member, value]) =>
      value === undefined ||
      // A comma would part an item in two.
      (members.has(member) && !(isStringList(value) && value.some((item) => item.includes(',')))),
  );
  return isPlain ? only : undefined;
}
