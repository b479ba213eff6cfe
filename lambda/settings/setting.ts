/**
 * What a row of a table of settings is, and how a table reads an environment. The function's table
 * is `table.ts`; the stack has one of its own.
 */
import { boolean, type Grammar, type Parsed } from './grammar.ts';
import type { IssuerEntry } from './trusted-issuers.ts';

/** One row. */
export interface Setting<T = unknown> {
  readonly grammar: Grammar<T>;
  /** The value when unset, as an operator would write it. */
  readonly default?: string;
  /** The value when unset, where there is nothing to write for it. */
  readonly unset?: T;
  /** The member of `Config` that has the value. Others are put together in `config.ts`. */
  readonly config?: string;
  /**
   * The member of an issuer that the setting gives. A setting with a `prop` as well is the default
   * of every issuer; one without describes the one issuer, and excludes `TRUSTED_ISSUERS`.
   */
  readonly member?: keyof IssuerEntry;
  /** The prop of the construct or the stack. */
  readonly prop?: string;
  /** What a number counts: `seconds` are a `Duration` as a prop, an `instant` is a `Date`. */
  readonly unit?: 'seconds' | 'instant';
}

export type SettingTable = Readonly<Record<string, Setting>>;

/** The rows of a table, each with its name, without the types of their values. */
export function rowsOf(table: SettingTable): readonly (readonly [name: string, row: Setting])[] {
  return Object.entries(table);
}

/** What a setting is when it is set. */
export type SetValue<S> = S extends { grammar: Grammar<infer T> } ? T : never;

/** What a setting is, set or not. */
type ValueOf<S> =
  | SetValue<S>
  | (S extends { default: string } ? never : S extends { unset: infer U } ? U : undefined);

export type Values<T extends SettingTable> = { readonly [N in keyof T]: ValueOf<T[N]> };

/** An environment: only strings count, and an empty one is as good as none. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What was read, the problems found, and the names that `env` set, well or badly. */
export interface Read<T extends SettingTable> {
  readonly settings: Values<T>;
  readonly problems: readonly string[];
  readonly present: ReadonlySet<keyof T>;
}

/**
 * Reads every setting of `table` by its own grammar. An empty variable is an unset one, save for a
 * boolean, where it is a mistake: `REQUIRE_USER_IN_DB=` must not quietly mean false. A setting
 * with a problem gets its default, so that later checks can go on and find more.
 */
export function readTable<T extends SettingTable>(table: T, env: Environment): Read<T> {
  const problems: string[] = [];
  const present = new Set<string>();
  const settings: Record<string, unknown> = {};
  for (const [name, { grammar, default: fallback, unset }] of Object.entries(table)) {
    const text = env[name];
    let parsed: Parsed<unknown> | undefined;
    if (text !== undefined && (text !== '' || grammar === boolean)) {
      present.add(name);
      parsed = grammar(text);
      if (!parsed.ok) problems.push(`${name} ${parsed.problem}`);
    }
    if (parsed?.ok !== true && fallback !== undefined) parsed = grammar(fallback);
    settings[name] = parsed?.ok === true ? parsed.value : unset;
  }
  return { settings: settings as Values<T>, problems, present };
}
