/**
 * The function's settings as far as they matter for editing the users table: how a user id becomes
 * a key, and which writes would lock users out or admit them again. The rules are the function's own.
 */
import { invisibleIn } from '../lambda/invisible.ts';
import { foldUserId, userKey, type Config } from '../lambda/settings/config.ts';
import { MAX_USER_ID_BYTES, userNamespace } from '../lambda/settings/grammar.ts';
import type { Environment } from '../lambda/settings/setting.ts';
import { readSettings } from '../lambda/settings/table.ts';
import { fromPrintable } from '../lambda/telemetry/printable.ts';
import { usageError } from './errors.ts';

export interface TableShape {
  /** Partition key attribute. */
  readonly key: string;
}

export interface Rules {
  readonly userIdCase: Config['userIdCase'];
  /** Of the trusted issuers, without repetition; empty when user ids stand alone. */
  readonly namespaces: readonly string[];
  /** False if the settings name no issuer; then any namespace may be valid. */
  readonly issuersKnown: boolean;
  readonly strict: boolean;
  /** The key of the row that the platform admin has or would have. */
  readonly adminKey: string | undefined;
  /** Epoch seconds; undefined means that bootstrap does not end by itself. */
  readonly bootstrapExpiresAt: number | undefined;
}

/** Reads the rules from a function's environment, with the problems found on the way. */
export function readRules(env: Environment): {
  readonly rules: Rules;
  readonly problems: readonly string[];
} {
  const { settings, problems } = readSettings(env);
  const issuers = settings.TRUSTED_ISSUERS ?? [];
  const adminIssuer =
    issuers.find(({ issuer }) => issuer === settings.PLATFORM_ADMIN_ISSUER) ?? issuers[0];
  const admin = settings.PLATFORM_ADMIN_EMAIL;
  return {
    rules: {
      userIdCase: settings.USER_ID_CASE,
      namespaces: [...new Set(issuers.flatMap((entry) => entry.userNamespace ?? []))],
      issuersKnown: issuers.length > 0 || settings.JWT_ISSUER !== undefined,
      strict: settings.REQUIRE_USER_IN_DB,
      adminKey:
        admin === undefined
          ? undefined
          : userKey(foldUserId(admin, settings.USER_ID_CASE), {
              userNamespace: adminIssuer?.userNamespace,
            }),
      bootstrapExpiresAt: settings.BOOTSTRAP_EXPIRES_AT,
    },
    problems,
  };
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/u;

export interface IdOptions {
  /** Whether a row is added for the id. If so, invisible characters are rejected. */
  readonly isNew?: boolean;
  /** Whether white space around it is a part of it, as in a file that was exported. */
  readonly isExact?: boolean;
}

/** The problem of an id that gets a new row; undefined if there is none. */
export function flawOfNewId(id: string): string | undefined {
  const codePoint = invisibleIn(id);
  return codePoint && `the id has an invisible character, ${codePoint}`;
}

export type KeyResult =
  | { readonly ok: true; readonly key: string }
  | { readonly ok: false; readonly problem: string; readonly remedy: string };

/** Three parts, the first of them a JSON object: an argument like this was meant for elsewhere. */
const TOKEN_LIKE = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/u;

/**
 * The key of the row of `id`, as the function will look it up. `id` may be the whole key, as it is
 * logged and listed: a namespace of ours before it is then the user's.
 */
export function keyOf(
  text: string,
  namespace: string | undefined,
  rules: Rules,
  { isNew = false, isExact = false }: IdOptions = {},
): KeyResult {
  const { id, isCopied } = readId(text, isExact);
  if (TOKEN_LIKE.test(id)) {
    return flawed(
      'this is a token, not a user id',
      'Use the user id in the token; rollcall explain reads a token from standard input',
    );
  }
  const hidden = isNew || (!isCopied && CONTROL.test(id)) ? flawOfNewId(id) : undefined;
  if (hidden !== undefined) {
    return flawed(hidden, 'Type the id instead of pasting it');
  }
  const isBounded = id !== '' && Buffer.byteLength(id) <= MAX_USER_ID_BYTES && id.isWellFormed();
  if (!isBounded || (!isExact && !isCopied && id !== id.trim())) {
    return flawed(
      `a user id is one line of 1 to ${MAX_USER_ID_BYTES} bytes without white space around it`,
      'Write it as in the token',
    );
  }
  const flaw = namespace === undefined ? undefined : flawOfNamespace(namespace, rules);
  if (flaw !== undefined) return flaw;
  const { namespaces } = rules;
  // A namespace that was named counts as ours even where the issuers are not known.
  const known = namespace === undefined ? namespaces : [namespace, ...namespaces];
  const written = splitKey(id, { namespaces: known });
  if (namespace !== undefined && (written.namespace ?? namespace) !== namespace) {
    return flawed(
      `the id begins with the namespace ${written.namespace}, and --namespace names ${namespace}`,
      `Omit one of them; for a user whose id itself begins like that, write ${namespace}#${id}`,
    );
  }
  const only = namespaces.length === 1 ? namespaces[0] : undefined;
  const chosen = namespace ?? written.namespace ?? only;
  if (chosen === undefined && namespaces.length > 1) {
    return flawed(
      'the issuers have user namespaces, and no namespace was given',
      `Name it with --namespace: ${namespaces.join(', ')}`,
    );
  }
  const key = userKey(foldUserId(written.id, rules.userIdCase), { userNamespace: chosen });
  return Buffer.byteLength(key) <= MAX_USER_ID_BYTES
    ? { ok: true, key }
    : flawed(`the id is longer than ${MAX_USER_ID_BYTES} bytes with its namespace`, 'Shorten it');
}

/** An id that was copied from a list or from the log has its invisible characters as escapes. */
function readId(
  text: string,
  isExact: boolean,
): { readonly id: string; readonly isCopied: boolean } {
  const copied = isExact ? undefined : fromPrintable(text);
  return copied === undefined || copied === text
    ? { id: text, isCopied: false }
    : { id: copied, isCopied: true };
}

function flawOfNamespace(
  namespace: string,
  { namespaces, issuersKnown }: Rules,
): KeyResult | undefined {
  if (namespaces.length > 0) {
    if (namespaces.includes(namespace)) return undefined;
    return flawed(
      'no trusted issuer has this namespace',
      `Choose one of: ${namespaces.join(', ')}`,
    );
  }
  if (issuersKnown) {
    return flawed('the trusted issuer has no userNamespace', 'Omit the namespace');
  }
  return userNamespace(namespace).ok
    ? undefined
    : flawed(
        'this is not a namespace that an issuer can have',
        'A namespace has 1 to 32 of a-z, 0-9 and -',
      );
}

function flawed(problem: string, remedy: string): KeyResult {
  return { ok: false, problem, remedy };
}

/** @throws CliError where `keyOf` finds a problem */
export function requireKey(
  id: string,
  namespace: string | undefined,
  rules: Rules,
  options?: IdOptions,
): string {
  const result = keyOf(id, namespace, rules, options);
  if (result.ok) return result.key;
  const { problem, remedy } = result;
  throw usageError('user_id_invalid', problem[0]?.toUpperCase() + problem.slice(1), remedy);
}

/** A key as an operator would type it: its namespace, if it has one of ours, and the rest. */
export function splitKey(
  key: string,
  { namespaces }: Pick<Rules, 'namespaces'>,
): { readonly id: string; readonly namespace: string | undefined } {
  const namespace = namespaces.find((name) => key.startsWith(`${name}#`));
  return namespace === undefined
    ? { id: key, namespace }
    : { id: key.slice(namespace.length + 1), namespace };
}

/** Why the function never looks up this key; undefined if it may. */
export function flawOfKey(key: string, rules: Rules): string | undefined {
  const { id, namespace } = splitKey(key, rules);
  if (rules.namespaces.length > 0 && namespace === undefined) return 'has no known namespace';
  return foldUserId(id, rules.userIdCase) === id
    ? undefined
    : 'has capital letters, but USER_ID_CASE=lower converts ids in tokens to lower case';
}
