/**
 * From the shell's variables and `.env` to the props of the stack. The function's settings are
 * read by its own grammar and its own `parseConfig`, so that what synthesizes also starts.
 */
import { Arn, ArnFormat } from 'aws-cdk-lib';
import { parse } from 'dotenv';
import { parseConfig } from '../lambda/settings/config.ts';
import type { Environment, Read } from '../lambda/settings/setting.ts';
import {
  issuerEntries,
  readSettings,
  SETTINGS,
  type ReadSettings,
} from '../lambda/settings/table.ts';
import type { AuthorizerStackProps } from './authorizer-stack.ts';
import { propsOf, type PropsOf } from './settings/props.ts';
import { ALL_SETTING_NAMES, readStackSettings, STACK_SETTINGS } from './settings/stack-settings.ts';

/** A name in the shell with one of these prefixes that is no setting is probably mistyped. */
const PREFIXES = [
  'REQUIRE_',
  'REQUIRED_',
  'REVOKED_',
  'JWT_',
  'JWKS_',
  'USER_',
  'USERS_',
  'BOOTSTRAP_',
  'PLATFORM_',
  'TRUSTED_',
  'ROLLCALL_',
];

/** The command line's own. */
const NAMES_OF_OTHERS: ReadonlySet<string> = new Set(['ROLLCALL_DEBUG']);

/** In place of the tables that the stack makes, whose names are not known yet. */
const TABLE_TO_BE_MADE = 'table-to-be-made';
const REVOKED_TOKENS_TABLE_TO_BE_MADE = 'revoked-tokens-table-to-be-made';

export interface LoadedSettings {
  readonly stackName: string;
  readonly props: AuthorizerStackProps;
  /** Names that begin like a setting and are none: of the shell, and of `.env`. */
  readonly unknownNames: readonly string[];
  /** Settings that the shell and `.env` set to different values; the shell takes precedence. */
  readonly overriddenNames: readonly string[];
  /** Settings that only the shell sets. */
  readonly shellNames: readonly string[];
}

/** Invalid settings: every problem, with names and without values. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings from `shell`, else from the text of a `.env` file. An empty variable of the
 * shell unsets the file's.
 *
 * @throws SettingsError
 */
export function loadSettings(shell: Environment, dotenvText = ''): LoadedSettings {
  const file: Environment = parse(dotenvText);
  const known = ALL_SETTING_NAMES;
  const env: Environment = Object.fromEntries(
    known.map((name) => [name, shell[name] ?? file[name]]),
  );
  const read = readSettings(env);
  const stack = readStackSettings(env);
  const result = parseConfig({
    ...env,
    USERS_TABLE_NAME: read.present.has('USERS_TABLE_NAME')
      ? env['USERS_TABLE_NAME']
      : TABLE_TO_BE_MADE,
    REVOKED_TOKENS_TABLE_NAME: read.present.has('REVOKED_TOKENS_TABLE_NAME')
      ? env['REVOKED_TOKENS_TABLE_NAME']
      : REVOKED_TOKENS_TABLE_TO_BE_MADE,
  });
  const fromShell = known.filter((name) => shell[name] !== undefined);
  const problems = [
    ...(result.ok ? [] : result.problems),
    ...stack.problems,
    ...namesCutShort(dotenvText, file)
      .filter((name) => known.includes(name) && !fromShell.includes(name))
      .map(
        (name) => `${name} has a # in its line, which cuts off its value: put the value in quotes`,
      ),
  ].map((problem) =>
    fromShell.some((name) => problem.startsWith(`${name} `))
      ? `${problem} (set by the shell)`
      : problem,
  );
  if (problems.length > 0) {
    throw new SettingsError(`The settings are invalid:\n- ${problems.join('\n- ')}`);
  }
  return {
    stackName: stack.settings.ROLLCALL_STACK_NAME,
    props: stackProps(read, stack),
    unknownNames: [
      ...new Set([
        ...namesLike(PREFIXES, shell, known),
        // All of the file is meant for us; a shell has HTTP_PROXY and the like.
        ...namesLike(known.map(firstWord), file, known),
      ]),
    ],
    overriddenNames: fromShell.filter(
      (name) => file[name] !== undefined && file[name] !== shell[name],
    ),
    shellNames: fromShell.filter((name) => file[name] === undefined),
  };
}

/** Names that begin like one of `prefixes` and are not among `known`. */
function namesLike(
  prefixes: readonly string[],
  env: Environment,
  known: readonly string[],
): readonly string[] {
  return Object.keys(env)
    .filter((name) => !known.includes(name) && !NAMES_OF_OTHERS.has(name))
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)))
    .sort();
}

/** `JWKS_` of `JWKS_URI`. */
function firstWord(name: string): string {
  return name.slice(0, name.indexOf('_') + 1);
}

/** In place of `#`: a character that nobody uses. */
const NO_COMMENT = '\uE000';

/**
 * What `.env` sets to less than its line says: without quotes, `#` begins a comment even within a
 * word, and an id like `ada#EXT#@example.com` would silently become another user's. So the file is
 * read once more, without a `#` that could be part of a value.
 */
function namesCutShort(dotenvText: string, file: Environment): readonly string[] {
  const whole = parse(dotenvText.replaceAll(/(?<=[^\s'"`#])#/gu, NO_COMMENT));
  return Object.entries(whole)
    .filter(([name, value]) => value.replaceAll(NO_COMMENT, '#') !== file[name])
    .map(([name]) => name);
}

/** A row whose prop the stack does not have, or has for another type, does not compile here. */
type TableProps = PropsOf<typeof SETTINGS> & PropsOf<typeof STACK_SETTINGS>;
type StackProps = Pick<Required<AuthorizerStackProps>, keyof TableProps>;

function stackProps(read: ReadSettings, stack: Read<typeof STACK_SETTINGS>): AuthorizerStackProps {
  const { usersTablePersistent: persistent, ...props }: Partial<StackProps> = {
    ...propsOf(SETTINGS, read),
    ...propsOf(STACK_SETTINGS, stack),
  };
  const keyArn = props.usersTableEncryptionKeyArn;
  return {
    ...props,
    issuers: issuerEntries(read),
    ...(props.usersTableName === undefined
      ? // A table that the stack makes is as persistent as it is asked to be.
        { ephemeral: persistent === false }
      : { usersTablePersistent: persistent ?? true }),
    // A key serves its own Region, and a table with a customer managed key has to know which.
    ...(keyArn !== undefined && {
      env: { region: Arn.split(keyArn, ArnFormat.SLASH_RESOURCE_NAME).region ?? '' },
    }),
  };
}
