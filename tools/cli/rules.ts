/**
 * What the function's settings mean to somebody who edits its tables: how a user id becomes a key,
 * and whom a careless write would lock out or let in again. The rules are the function's own.
 */
import { foldUserId, userKey, type Config } from '../../lambda/config.ts';
import { line, MAX_USER_ID_BYTES, userNamespace } from '../../lambda/grammar.ts';
import { readSettings, type Environment } from '../../lambda/settings.ts';
import { usageError } from './errors.ts';

export interface Rules {
  readonly userIdCase: Config['userIdCase'];
  /** Of the trusted issuers, without repetition; empty when user ids stand alone. */
  readonly namespaces: readonly string[];
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

const userId = line(MAX_USER_ID_BYTES);

export type KeyResult =
  | { readonly ok: true; readonly key: string }
  | { readonly ok: false; readonly problem: string; readonly remedy: string };

/** Three parts, the first of them a JSON object: an argument like this was meant for elsewhere. */
const TOKEN_LIKE = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/u;

/** The key of the row of `id`, as the function will look it up. */
export function keyOf(id: string, namespace: string | undefined, rules: Rules): KeyResult {
  const { namespaces } = rules;
  if (TOKEN_LIKE.test(id)) {
    return {
      ok: false,
      problem: 'this is a token, not a user id',
      remedy: 'Name the user as the token does; explain reads a token from standard input',
    };
  }
  if (!userId(id).ok) {
    return {
      ok: false,
      problem: `a user id is one line of 1 to ${MAX_USER_ID_BYTES} bytes without white space around it`,
      remedy: 'Write it as the token says it',
    };
  }
  const chosen = namespace ?? (namespaces.length === 1 ? namespaces[0] : undefined);
  if (chosen === undefined && namespaces.length > 1) {
    return {
      ok: false,
      problem: 'the issuers keep their users apart, and no namespace was given',
      remedy: `Name it with --namespace: ${namespaces.join(', ')}`,
    };
  }
  if (chosen !== undefined) {
    const known = namespaces.length > 0 ? namespaces.includes(chosen) : userNamespace(chosen).ok;
    if (!known) {
      return {
        ok: false,
        problem: 'no trusted issuer has this namespace',
        remedy:
          namespaces.length > 0
            ? `Choose one of: ${namespaces.join(', ')}`
            : 'A namespace has 1 to 32 of a-z, 0-9 and -',
      };
    }
  }
  const key = userKey(foldUserId(id, rules.userIdCase), { userNamespace: chosen });
  return Buffer.byteLength(key) <= MAX_USER_ID_BYTES
    ? { ok: true, key }
    : {
        ok: false,
        problem: `the id is longer than ${MAX_USER_ID_BYTES} bytes with its namespace`,
        remedy: 'Shorten it',
      };
}

/** @throws CliError where `keyOf` finds a problem */
export function requireKey(id: string, namespace: string | undefined, rules: Rules): string {
  const result = keyOf(id, namespace, rules);
  if (result.ok) return result.key;
  const { problem, remedy } = result;
  throw usageError('user_id_invalid', problem[0]?.toUpperCase() + problem.slice(1), remedy);
}

/** A key as an operator would type it: its namespace, if it has one of ours, and the rest. */
export function splitKey(
  key: string,
  { namespaces }: Rules,
): { readonly id: string; readonly namespace: string | undefined } {
  const namespace = namespaces.find((name) => key.startsWith(`${name}#`));
  return namespace === undefined
    ? { id: key, namespace }
    : { id: key.slice(namespace.length + 1), namespace };
}

/** Why the function would never look this key up; undefined when it may. */
export function flawOfKey(key: string, rules: Rules): string | undefined {
  const { id, namespace } = splitKey(key, rules);
  if (rules.namespaces.length > 0 && namespace === undefined) return 'has no known namespace';
  return foldUserId(id, rules.userIdCase) === id
    ? undefined
    : 'has capital letters, which USER_ID_CASE=lower folds away in tokens';
}
