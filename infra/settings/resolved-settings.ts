/**
 * Reads the settings at synthesis as the function reads them at its start, so that a configuration
 * that cannot start fails at synth.
 */
import { parseConfig, type Config } from '../../lambda/settings/config.ts';
import { jwksUri as jwksUriGrammar } from '../../lambda/settings/grammar.ts';
import type { IssuerEntry } from '../../lambda/settings/trusted-issuers.ts';
import type { AuthorizerSettings, TableSettings } from './authorizer-settings.ts';
import { functionEnvironment } from './props.ts';

/** The function's configuration, and the size of its environment. */
export interface ResolvedSettings {
  readonly config: Config;
  /** Of the names and values together. */
  readonly environmentBytes: number;
}

/**
 * Reads the settings as the function does. Values that are known only at deployment are replaced by
 * placeholders of the right form.
 *
 * @throws Error that names every problem and its remedy
 */
export function resolveSettings(
  settings: AuthorizerSettings,
  tables: TableSettings,
): ResolvedSettings {
  const problems = [...propProblems(settings)];
  if (problems.length === 0) {
    const environment = functionEnvironment(...withStandIns(settings, tables));
    const result = parseConfig(environment);
    if (result.ok) {
      return {
        config: result.config,
        environmentBytes: Buffer.byteLength(Object.entries(environment).flat().join('')),
      };
    }
    problems.push(...result.problems);
  }
  throw new Error(`Rollcall cannot be configured like this:\n- ${problems.join('\n- ')}`);
}

/** The mistakes of a caller of the construct, in its own terms and with the values it gave. */
function propProblems({
  issuers,
  platformAdminEmail,
  platformAdminIssuer,
}: AuthorizerSettings): readonly string[] {
  const problems = issuers.flatMap(({ issuer, audience, clientId, jwksUri = '' }, index) => {
    const found: string[] = [];
    if ((audience ?? []).length === 0 && (clientId ?? []).length === 0) {
      found.push(
        `issuers[${index}] (${issuer}) has neither audience nor clientId, so tokens for any other application would be accepted: add at least one of them`,
      );
    }
    if (/^http:/iu.test(jwksUri) && !jwksUriGrammar(jwksUri).ok) {
      found.push(
        `issuers[${index}].jwksUri is on ${hostOf(jwksUri)} over plain http, so an attacker on the network could replace the keys: use https (http is allowed only for loopback addresses)`,
      );
    }
    return found;
  });
  if (issuers.length === 0) problems.push('issuers is empty: name at least one issuer');
  if (platformAdminEmail !== undefined && platformAdminIssuer === undefined && issuers.length > 1) {
    problems.push(
      `platformAdminEmail is set with ${issuers.length} issuers and no platformAdminIssuer (PLATFORM_ADMIN_ISSUER): set it to one of ${issuers.map(({ issuer }) => issuer).join(', ')}`,
    );
  }
  return problems;
}

/** Without the user name and password that a URL may hold. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an unreadable address';
}

/** Replaces unresolved values: a whole value by a placeholder of its form, a part by a word. */
function withStandIns(
  settings: AuthorizerSettings,
  tables: TableSettings,
): [AuthorizerSettings, TableSettings] {
  const issuerOf = standIns((index) => `https://issuer-${index}.invalid`);
  const keySetOf = standIns((index) => `https://keys-${index}.invalid`);
  const usersTableOf = standIns(() => 'users-table');
  const revokedTokensTableOf = standIns(() => 'revoked-tokens-table');
  const { usersTablePersistent: _decidedAtSynthesis, revokedTokensTableName, ...others } = tables;
  const { platformAdminIssuer } = settings;
  return [
    {
      ...(withoutTokens(settings) as AuthorizerSettings),
      issuers: settings.issuers.map((entry) => ({
        ...(withoutTokens(entry) as IssuerEntry),
        issuer: issuerOf(entry.issuer),
        ...(entry.jwksUri !== undefined && { jwksUri: keySetOf(entry.jwksUri) }),
      })),
      ...(platformAdminIssuer !== undefined && {
        platformAdminIssuer: issuerOf(platformAdminIssuer),
      }),
    },
    {
      ...others,
      usersTableName: usersTableOf(tables.usersTableName),
      ...(revokedTokensTableName !== undefined && {
        revokedTokensTableName: revokedTokensTableOf(revokedTokensTableName),
      }),
    },
  ];
}

/** How the CDK writes a value that it does not know yet into a string. */
const TOKEN = /\$\{Token\[[^\]]*\]\}/gu;
const UNKNOWN = 'unresolved';

/** Replaces a string that is one unresolved value, always by the same placeholder. */
function standIns(make: (index: number) => string): (text: string) => string {
  const made = new Map<string, string>();
  return (text) => {
    if (text.replace(TOKEN, '') !== '' || text === '') return text.replace(TOKEN, UNKNOWN);
    const standIn = made.get(text) ?? make(made.size);
    made.set(text, standIn);
    return standIn;
  };
}

/** Replaces unresolved parts of strings and lists of strings by a word; other values stay unchanged. */
function withoutTokens(members: object): object {
  const known = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(TOKEN, UNKNOWN);
    return Array.isArray(value) ? value.map(known) : value;
  };
  return Object.fromEntries(Object.entries(members).map(([key, value]) => [key, known(value)]));
}
