/**
 * Requests of every sort, each with the answers that would be right. "Unavailable" is right at no
 * time for a request that needs no dependency, and for the others only while one fails.
 */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { EVENT_KINDS, eventOf } from '../support/events.ts';
import {
  createKey,
  encodePart,
  signToken,
  type Claims,
  type TestIssuer,
  type TestKey,
} from '../support/issuer.ts';
import type { Answer } from './environment.ts';

export type Outcome = 'allow' | 'deny' | 'unauthenticated' | 'unavailable' | 'crash';
export type Sort = 'good' | 'bad' | 'hostile';

export interface Request {
  readonly sort: Sort;
  readonly name: string;
  readonly event: unknown;
  readonly expected: Outcome;
  /** The user that an allow must name. */
  readonly userId?: string;
  /** Answered without keys and table, so never unavailable. */
  readonly needsNothing?: boolean;
}

interface Template extends Omit<Request, 'event' | 'name'> {
  readonly token: () => string | undefined;
}

const USERS = ['alice', 'bob', 'carol'];
/** Kinds whose refusals and denials tell each other apart. */
const KINDS = EVENT_KINDS.filter((kind) => kind === 'rest-token' || kind === 'rest-request');

/** Rows and revocations that the requests count on. */
export interface Directory {
  putUser(userId: string, attributes?: Readonly<Record<string, unknown>>): Promise<void>;
  revoke(issuer: string, jti: string): Promise<void>;
}

const REVOKED_JTI = 'revoked-for-good';

/** Fills the tables. */
export async function prepare(directory: Directory, issuer: TestIssuer): Promise<void> {
  for (const user of USERS) await directory.putUser(user, { roles: ['reader'] });
  await directory.putUser('root', { is_admin: true });
  await directory.putUser('disabled', { is_active: false });
  await directory.putUser('signed-out', { tokens_valid_after: 9_999_999_999 });
  await directory.revoke(issuer.url, REVOKED_JTI);
}

export interface TrafficOptions {
  readonly issuer: TestIssuer;
  /** Strict mode: the admin of the settings, who has no row, is then denied. */
  readonly strict: boolean;
  /** A key that the issuer withdrew too long ago for anybody to trust it still. */
  readonly withdrawnKey: () => TestKey | undefined;
  readonly random: () => number;
}

/** The platform admin of the settings. */
export const BOOTSTRAP_ADMIN = 'first-admin';

/** A source of requests, drawn by weight: most of them good, as in life. */
export function createTraffic(options: TrafficOptions): () => Request {
  const { random } = options;
  const templates = createTemplates(options);
  const total = templates.reduce((sum, [, weight]) => sum + weight, 0);
  return () => {
    let ticket = random() * total;
    const drawn = templates.find(([, weight]) => (ticket -= weight) < 0) ?? templates[0];
    const [name, , { token: createToken, ...template }] = drawn as (typeof templates)[number];
    const token = createToken();
    const kind = KINDS[Math.floor(random() * KINDS.length)] ?? 'rest-token';
    const event = eventOf(kind, token === undefined ? undefined : `Bearer ${token}`);
    return { ...template, name, event };
  };
}

function createTemplates({
  issuer,
  strict,
  withdrawnKey,
  random,
}: TrafficOptions): readonly (readonly [name: string, weight: number, template: Template])[] {
  const foreignKey = createKey();
  const knownKey = () => issuer.keys[0] ?? foreignKey;
  const now = () => Math.floor(Date.now() / 1000);
  const anyOf = <T>(values: readonly T[], fallback: T): T =>
    values[Math.floor(random() * values.length)] ?? fallback;

  const good = (userId: string): Template => ({
    sort: 'good',
    expected: 'allow',
    userId,
    token: () => issuer.token({ sub: userId }),
  });
  const denied = (token: () => string): Template => ({ sort: 'bad', expected: 'deny', token });
  const refused = (token: () => string): Template => ({
    sort: 'bad',
    expected: 'unauthenticated',
    token,
  });
  const attack = (token: () => string | undefined, needsNothing = false): Template => ({
    sort: 'hostile',
    expected: 'unauthenticated',
    needsNothing,
    token,
  });

  return [
    ['active user', 40, good('alice')],
    ['another active user', 10, good('bob')],
    ['admin by row', 5, good('root')],
    [
      'platform admin without a row',
      3,
      { ...good(BOOTSTRAP_ADMIN), ...(strict && { sort: 'bad', expected: 'deny' }) },
    ],
    ['withdrawn key', 3, attack(() => issuer.token({}, withdrawnKey() ?? foreignKey))],
    ['no row', 5, denied(() => issuer.token({ sub: randomUUID() }))],
    ['disabled row', 5, denied(() => issuer.token({ sub: 'disabled' }))],
    ['signed out', 5, denied(() => issuer.token({ sub: 'signed-out' }))],
    ['revoked token', 5, denied(() => issuer.token({ jti: REVOKED_JTI }))],
    ['expired token', 5, refused(() => issuer.token({ exp: now() - 60 }))],
    ['token of the future', 2, refused(() => issuer.token({ nbf: now() + 600 }))],
    ['wrong audience', 3, refused(() => issuer.token({ aud: 'https://other.example' }))],
    ['no token', 3, attack(() => undefined, true)],
    ['random bytes', 3, attack(() => randomBytes(60).toString('base64url'), true)],
    ['oversize token', 1, attack(() => issuer.token({ junk: 'x'.repeat(9000) }), true)],
    [
      'unsigned token',
      3,
      attack(
        () => `${encodePart({ alg: 'none', kid: 'a' })}.${encodePart(issuer.claims())}.AA`,
        true,
      ),
    ],
    [
      'HMAC keyed with the public key',
      3,
      attack(() => {
        const header = encodePart({ alg: 'HS256', kid: knownKey().kid });
        const input = `${header}.${encodePart(issuer.claims())}`;
        const key = knownKey().publicKey.export({ type: 'spki', format: 'pem' });
        return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
      }, true),
    ],
    ['unknown kid', 5, attack(() => issuer.token({}, { ...foreignKey, kid: randomUUID() }))],
    [
      "another key under the issuer's kid",
      4,
      attack(() => issuer.token({}, { ...foreignKey, kid: knownKey().kid })),
    ],
    [
      'a key of its own in the header',
      2,
      attack(() => issuer.token({}, foreignKey, { kid: knownKey().kid, jwk: foreignKey.jwk })),
    ],
    [
      'untrusted issuer',
      3,
      attack(() => signToken(issuer.claims({ iss: 'https://evil.example' }), foreignKey), true),
    ],
    [
      'admin by claim',
      4,
      denied(() => issuer.token({ sub: randomUUID(), is_admin: true, roles: ['admin'] })),
    ],
    ['crit', 1, attack(() => issuer.token({}, knownKey(), { crit: ['exp'] }), true)],
    [
      'claims of wrong types',
      2,
      attack(() => issuer.token(anyOf<Claims>([{ sub: 7 }, { exp: 'x' }, { aud: {} }], {}))),
    ],
  ];
}

/** What an answer of a REST API's authorizer amounts to. */
export function outcomeOf(answer: Answer): Outcome {
  if (answer.thrown === 'Unauthorized') return 'unauthenticated';
  if (answer.thrown === 'Authorization is unavailable') return 'unavailable';
  if (answer.thrown !== undefined) return 'crash';
  const effect = (
    answer.value as { policyDocument?: { Statement?: readonly { Effect?: unknown }[] } } | null
  )?.policyDocument?.Statement?.[0]?.Effect;
  if (effect === 'Allow') return 'allow';
  return effect === 'Deny' ? 'deny' : 'crash';
}

/** Whether an answer is wrong, whatever the dependencies do at the time. */
export function isWrong(request: Request, answer: Answer): boolean {
  const outcome = outcomeOf(answer);
  if (outcome === 'crash') return true;
  if (outcome === 'unavailable') return request.needsNothing === true;
  if (outcome !== request.expected) return true;
  const { principalId } = (answer.thrown === undefined ? answer.value : {}) as {
    principalId?: unknown;
  };
  return outcome === 'allow' && principalId !== request.userId;
}
