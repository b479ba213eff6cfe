/** A WebSocket's token in a subprotocol or in the query: once, alone, and nowhere else. */
import type { Reason } from '../../lambda/decision.ts';
import { eventOf } from '../support/events.ts';
import { signToken } from '../support/issuer.ts';
import { ALLOWED, Arenas, decided, MODES, type Arena, type Mode } from './arena.ts';

const subprotocol = new Arenas();
const query = new Arenas();
beforeAll(async () => {
  await subprotocol.start({ settings: () => ({ WEBSOCKET_TOKEN_SOURCE: 'subprotocol' }) });
  await query.start({ settings: () => ({ WEBSOCKET_TOKEN_SOURCE: 'query:token' }) });
});
afterAll(async () => {
  await subprotocol.close();
  await query.close();
});

type Members = Record<string, unknown>;
interface Attempt {
  readonly name: string;
  readonly reason: Reason | 'allowed';
  /** Members of the event, from a token that would enter and one of somebody else. */
  readonly event: (good: string, bad: string) => Members;
}

const tokensOf = ({ claims, keys }: Arena): readonly [good: string, bad: string] => [
  signToken(claims(), keys.EdDSA),
  signToken(claims({ sub: 'mallory' }), keys.EdDSA),
];

async function attempt(arenas: Arenas, mode: Mode, { event }: Attempt) {
  const [good, bad] = tokensOf(arenas.of(mode));
  const members = event(good, bad);
  return arenas.send(mode, { ...eventOf('websocket', undefined), ...members }, [good, bad]);
}

function expected({ reason }: Attempt, mode: Mode) {
  return decided(reason === 'allowed' ? ALLOWED[mode] : reason, 'websocket');
}

const rowsOf = (attempts: readonly Attempt[]) =>
  attempts.flatMap((one) => MODES.map((mode) => [one.name, one.reason, mode, one] as const));

const offer = (...values: string[]): Members => ({
  headers: { 'Sec-WebSocket-Protocol': values.at(-1) },
  multiValueHeaders: { 'Sec-WebSocket-Protocol': values },
});

const offers: readonly Attempt[] = [
  {
    name: 'the name and the token',
    reason: 'allowed',
    event: (good) => offer(`rollcall, bearer.${good}`),
  },
  {
    name: 'the token and the name, closely',
    reason: 'allowed',
    event: (good) => offer(`bearer.${good},rollcall`),
  },
  {
    name: 'the two in headers of their own',
    reason: 'allowed',
    event: (good) => offer('rollcall', `bearer.${good}`),
  },
  {
    name: 'the token without the name',
    reason: 'token_malformed',
    event: (good) => offer(`bearer.${good}`),
  },
  { name: 'the name without a token', reason: 'token_missing', event: () => offer('rollcall') },
  {
    name: 'two tokens',
    reason: 'token_malformed',
    event: (good, bad) => offer(`rollcall, bearer.${good}, bearer.${bad}`),
  },
  {
    name: 'two tokens in two headers',
    reason: 'token_malformed',
    event: (good, bad) => offer(`rollcall, bearer.${good}`, `bearer.${bad}`),
  },
  {
    name: 'the same token twice',
    reason: 'token_malformed',
    event: (good) => offer(`rollcall, bearer.${good}, bearer.${good}`),
  },
  {
    name: 'an empty token',
    reason: 'token_missing',
    event: () => offer('rollcall, bearer.'),
  },
  {
    name: 'a bare token',
    reason: 'token_missing',
    event: (good) => offer(`rollcall, ${good}`),
  },
  {
    name: 'the prefix in upper case',
    reason: 'token_missing',
    event: (good) => offer(`rollcall, BEARER.${good}`),
  },
  {
    name: 'the name in upper case',
    reason: 'token_malformed',
    event: (good) => offer(`ROLLCALL, bearer.${good}`),
  },
  {
    name: 'a number',
    reason: 'token_malformed',
    event: () => ({ headers: { 'Sec-WebSocket-Protocol': 7 }, multiValueHeaders: {} }),
  },
  {
    name: 'the token in the Authorization header alone',
    reason: 'token_missing',
    event: (good) => ({ headers: { Authorization: `Bearer ${good}` } }),
  },
  {
    name: 'the token in the query alone',
    reason: 'token_missing',
    event: (good) => ({ queryStringParameters: { token: good } }),
  },
  {
    name: "the token, and somebody else's in a place that is not read",
    reason: 'allowed',
    event: (good, bad) => ({
      ...offer(`rollcall, bearer.${good}`),
      queryStringParameters: { token: bad },
    }),
  },
];

it.each(rowsOf(offers))('subprotocols: %s is %s (%s)', async (_name, _reason, mode, one) => {
  expect(await attempt(subprotocol, mode, one)).toEqual(expected(one, mode));
});

const ask = (...values: unknown[]): Members => ({
  queryStringParameters: { token: values.at(-1) },
  multiValueQueryStringParameters: { token: values },
});

const queries: readonly Attempt[] = [
  { name: 'the token', reason: 'allowed', event: (good) => ask(good) },
  { name: 'two tokens', reason: 'token_malformed', event: (good, bad) => ask(good, bad) },
  { name: 'the same token twice', reason: 'token_malformed', event: (good) => ask(good, good) },
  {
    name: 'maps that disagree',
    reason: 'token_malformed',
    event: (good, bad) => ({ ...ask(good), queryStringParameters: { token: bad } }),
  },
  { name: 'a scheme before it', reason: 'token_malformed', event: (good) => ask(`Bearer ${good}`) },
  { name: 'a comma after it', reason: 'token_malformed', event: (good) => ask(`${good},`) },
  { name: 'a space after it', reason: 'token_malformed', event: (good) => ask(`${good} `) },
  { name: 'an empty value', reason: 'token_missing', event: () => ask('') },
  { name: 'an object', reason: 'token_malformed', event: (good) => ask({ token: good }) },
  {
    name: 'another case of the name',
    reason: 'token_missing',
    event: (good) => ({ queryStringParameters: { Token: good } }),
  },
  {
    name: 'the token in the Authorization header alone',
    reason: 'token_missing',
    event: (good) => ({ headers: { Authorization: `Bearer ${good}` } }),
  },
];

it.each(rowsOf(queries))('the query: %s is %s (%s)', async (_name, _reason, mode, one) => {
  expect(await attempt(query, mode, one)).toEqual(expected(one, mode));
});
