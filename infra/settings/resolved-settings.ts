/**
 * Settings read at synthesis as the function will read them at its start, so that what cannot
 * start does not synthesize.
 */
import { parseConfig, type Config } from '../../lambda/settings/config.ts';
import { jwksUri as jwksUriGrammar } from '../../lambda/settings/grammar.ts';
import type { IssuerEntry } from '../../lambda/settings/trusted-issuers.ts';
import type { AuthorizerSettings, TableSettings } from './authorizer-settings.ts';
import { functionEnvironment } from './props.ts';

/** What the function will make of its settings, and how much room they take. */
export interface ResolvedSettings {
  readonly config: Config;
  /** Of the names and values together. */
  readonly environmentBytes: number;
}

/**
 * Reads the settings as the function will. Values that are known only at deployment are replaced
 * by stand-ins of the right form.
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
        `issuers[${index}] (${issuer}) has neither audience nor clientId, so tokens meant for anybody would do: add at least one of them`,
      );
    }
    if (/^http:/iu.test(jwksUri) && !jwksUriGrammar(jwksUri).ok) {
      found.push(
        `issuers[${index}].jwksUri is on ${hostOf(jwksUri)} over plain http, where anybody between could answer with keys of their own: use https (http serves loopback addresses alone)`,
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

/** Replaces what the CDK does not know yet: as a whole by its like, in part by a word. */
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

/** Replaces a text that is one unknown value, the same text always by the same stand-in. */
function standIns(make: (index: number) => string): (text: string) => string {
  const made = new Map<string, string>();
  return (text) => {
    if (text.replace(TOKEN, '') !== '' || text === '') return text.replace(TOKEN, UNKNOWN);
    const standIn = made.get(text) ?? make(made.size);
    made.set(text, standIn);
    return standIn;
  };
}

/** Texts, and lists of texts, with a word in place of what is unknown; the rest as it is. */
function withoutTokens(members: object): object {
  const known = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(TOKEN, UNKNOWN);
    return Array.isArray(value) ? value.map(known) : value;
  };
  return Object.fromEntries(Object.entries(members).map(([key, value]) => [key, known(value)]));
}
