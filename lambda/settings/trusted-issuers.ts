/**
 * `TRUSTED_ISSUERS`: several issuers in one JSON array. Only the array itself is read here; the
 * settings that its members leave out are filled in by `config.ts`.
 */
import { isJsonObject } from '../json.ts';
import {
  acceptedValues,
  algorithms,
  everyItem,
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
  type Parsed,
} from './grammar.ts';

/** A member of `TRUSTED_ISSUERS` as written: everything but the issuer may be left out. */
export interface IssuerEntry {
  readonly issuer: string;
  readonly audience?: readonly string[];
  readonly clientId?: readonly string[];
  readonly tokenUse?: 'access' | 'id';
  readonly jwksUri?: string;
  readonly algorithms?: readonly Algorithm[];
  readonly userClaim?: string;
  readonly allowUnverifiedEmail?: boolean;
  readonly userNamespace?: string;
}

type Member = (value: unknown) => Parsed<unknown>;

/** Each member's name and grammar. The type makes a forgotten or a misspelt one not compile. */
const MEMBERS: Readonly<Record<keyof IssuerEntry, Member>> = {
  issuer: text(issuer),
  audience: textOrList(acceptedValues, line(1024)),
  clientId: textOrList(acceptedValues, line(1024)),
  tokenUse: text(tokenUse),
  jwksUri: text(jwksUri),
  algorithms: textOrList(algorithms, oneOf(...ALGORITHMS)),
  userClaim: text(userClaim),
  allowUnverifiedEmail: (value) =>
    typeof value === 'boolean'
      ? { ok: true, value }
      : { ok: false, problem: 'must be true or false' },
  userNamespace: text(userNamespace),
};

/** The grammar of `TRUSTED_ISSUERS`. A list is a JSON array, or comma-separated in one string. */
export const trustedIssuers: Grammar<readonly IssuerEntry[]> = (json) => {
  const array = parseJson(json);
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
      problems.push(`${where} has a member that is not one of: ${Object.keys(MEMBERS).join(', ')}`);
      continue;
    }
    const parsed = MEMBERS[name](member);
    if (parsed.ok) entry[name] = parsed.value;
    else problems.push(`${where}.${name} ${parsed.problem}`);
  }
  if (!Object.hasOwn(value, 'issuer')) problems.push(`${where}.issuer is required`);
  return entry;
}

function isMember(name: string): name is keyof IssuerEntry {
  return Object.hasOwn(MEMBERS, name);
}

function text(grammar: Grammar<unknown>): Member {
  return (value) =>
    typeof value === 'string' && value !== ''
      ? grammar(value)
      : { ok: false, problem: 'must be a text' };
}

function textOrList(list: Grammar<unknown>, item: Grammar<unknown>): Member {
  return (value) => {
    if (!Array.isArray(value)) return text(list)(value);
    const texts = value.filter((part) => typeof part === 'string');
    return texts.length === value.length
      ? everyItem(texts, item)
      : { ok: false, problem: 'must be a text or a list of texts' };
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's own message would quote the text.
    return undefined;
  }
}
