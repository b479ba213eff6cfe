/**
 * `TRUSTED_ISSUERS`: several issuers in one JSON array. Only the array itself is read here; the
 * settings that its members leave out are filled in by `config.ts`.
 */
import { isJsonObject } from '../json.ts';
import {
  acceptedValues,
  algorithms,
  issuer,
  jwksUri,
  line,
  oneOf,
  ALGORITHMS,
  tokenUse,
  userClaim,
  userNamespace,
  type Algorithm,
  type Grammar,
} from './grammar.ts';
import {
  json,
  parseJson,
  stringOf,
  stringOrList,
  stringsByName,
  type JsonGrammar,
  type StringsByName,
} from './json-grammar.ts';

/** A member of `TRUSTED_ISSUERS` as written: everything but the issuer may be left out. */
export interface IssuerEntry {
  /**
   * The `iss` to trust, exactly as it is in the tokens. An issuer that is not an HTTPS URL needs a
   * key set URL of its own.
   */
  readonly issuer: string;
  /**
   * Accepted `aud` values. A token needs one of them. Set the audience, the client id or both; a
   * token must match all that are set.
   * @default - `aud` is not checked; the client id is required
   */
  readonly audience?: readonly string[];
  /**
   * Accepted `client_id` values, for access tokens that have no `aud`, such as those of Amazon
   * Cognito.
   * @default - `client_id` is not checked; the audience is required
   */
  readonly clientId?: readonly string[];
  /**
   * Required value of `token_use`, the claim with which Amazon Cognito tells access tokens from id
   * tokens.
   * @default - `token_use` is not checked
   */
  readonly tokenUse?: 'access' | 'id';
  /**
   * URL of the issuer's key set (JWKS).
   * @default - `<issuer less one trailing slash>/.well-known/jwks.json`
   */
  readonly jwksUri?: string;
  /**
   * Accepted signature algorithms. Narrow them to those that your issuer uses. The type of the key
   * must fit the algorithm in any case.
   * @default - the default of `JWT_ALGORITHMS`
   */
  readonly algorithms?: readonly Algorithm[];
  /**
   * The claim that names the user: an own, top-level string of the token. It is the key of the row.
   * @default - `USER_CLAIM`
   */
  readonly userClaim?: string;
  /**
   * Accepts an `email` claim as the user even if `email_verified` is not true.
   * @default - `ALLOW_UNVERIFIED_EMAIL`
   */
  readonly allowUnverifiedEmail?: boolean;
  /**
   * Prefix that keeps the issuer's users apart: the key of a row is `<namespace>#<claim>`. 1 to 32
   * of a-z, 0-9 and `-`.
   * @default - none; required with several issuers
   */
  readonly userNamespace?: string;
  /**
   * Claims that every token must have, as a JSON object: claim to accepted string, or to a list of
   * accepted strings. Any other value, or none, is rejected (`claim_mismatch`).
   * @default - `REQUIRED_CLAIMS`
   */
  readonly requiredClaims?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * The claim that names the sign-in a token came from, such as `sid` or `origin_jti`. `rollcall
   * tokens revoke --session` then ends every token of that sign-in, those that are refreshed later
   * included (`session_revoked`).
   * @default - `SESSION_CLAIM`
   */
  readonly sessionClaim?: string;
}

/** Claims that are required, each with its accepted values. */
const claimsWithValues = stringsByName(userClaim, line(1024), 16);

/** The grammar of `REQUIRED_CLAIMS`. */
export const requiredClaims: Grammar<StringsByName> = json(claimsWithValues);

/** Each member's name and grammar. The type makes a forgotten or a misspelt one not compile. */
export const ISSUER_MEMBERS: Readonly<Record<keyof IssuerEntry, JsonGrammar>> = {
  issuer: stringOf(issuer),
  audience: stringOrList(acceptedValues, line(1024)),
  clientId: stringOrList(acceptedValues, line(1024)),
  tokenUse: stringOf(tokenUse),
  jwksUri: stringOf(jwksUri),
  algorithms: stringOrList(algorithms, oneOf(...ALGORITHMS)),
  userClaim: stringOf(userClaim),
  allowUnverifiedEmail: (value) =>
    typeof value === 'boolean'
      ? { ok: true, value }
      : { ok: false, problem: 'must be true or false' },
  userNamespace: stringOf(userNamespace),
  requiredClaims: claimsWithValues,
  sessionClaim: stringOf(userClaim),
};

/** The grammar of `TRUSTED_ISSUERS`. A list is a JSON array, or comma-separated in one string. */
export const trustedIssuers: Grammar<readonly IssuerEntry[]> = (text) => {
  const array = parseJson(text);
  if (!Array.isArray(array) || array.length === 0) {
    return { ok: false, problem: 'must be a JSON array of at least one issuer' };
  }
  const problems: string[] = [];
  const entries = array.map((value: unknown, index) => readEntry(value, `[${index}]`, problems));
  const names = entries.map((entry) => entry.issuer).filter((name) => name !== undefined);
  if (new Set(names).size < names.length) problems.push('must not name an issuer twice');
  return problems.length > 0
    ? { ok: false, problem: problems.join('; ') }
    : { ok: true, value: entries as readonly IssuerEntry[] };
};

function readEntry(value: unknown, where: string, problems: string[]): Partial<IssuerEntry> {
  if (!isJsonObject(value)) {
    problems.push(`${where} must be an object`);
    return {};
  }
  const entry: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (!isMember(name)) {
      problems.push(
        `${where} has a member that is not one of: ${Object.keys(ISSUER_MEMBERS).join(', ')}`,
      );
      continue;
    }
    const parsed = ISSUER_MEMBERS[name](member);
    if (parsed.ok) entry[name] = parsed.value;
    else problems.push(`${where}.${name} ${parsed.problem}`);
  }
  if (!Object.hasOwn(value, 'issuer')) problems.push(`${where}.issuer is required`);
  return entry;
}

function isMember(name: string): name is keyof IssuerEntry {
  return Object.hasOwn(ISSUER_MEMBERS, name);
}
