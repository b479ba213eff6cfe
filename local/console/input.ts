/** Reads what the page sends: JSON of a few hundred bytes, each member checked before it is used. */
import { isJsonObject } from '../../lambda/json.ts';
import type { IncomingMessage } from 'node:http';
import type { TogglesChange } from './toggles.ts';
import type { UserChange, UserQuery } from './users.ts';
import { CHOICES, type Choice, type TokenOrder } from './workshop.ts';

/** The request is at fault; `message` says how, in words for the page. */
export class InputError extends Error {
  override name = 'InputError';
  readonly code = 'BAD_INPUT';
  readonly status: 400 | 404 | 409 | 413;

  constructor(message: string, status: InputError['status'] = 400) {
    super(message);
    this.status = status;
  }
}

export type Input = Readonly<Record<string, unknown>>;

/** In bytes. The longest thing that comes is a token. */
const MAX_BODY_BYTES = 32 * 1024;
/** In characters; the authorizer's own limit is 1,024 bytes. */
const MAX_USER_ID_LENGTH = 256;
/** In characters: more than the authorizer accepts, so that it can be seen to refuse. */
const MAX_TOKEN_LENGTH = 12_000;

/** @throws InputError when the body is too large, or no JSON object */
export async function readBody(incoming: IncomingMessage): Promise<Input> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new InputError('The body is too large', 413);
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (isJsonObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new InputError('The body is not a JSON object');
}

/** A user id as somebody may type it: no blanks around it, none of the characters that hide. */
export function readUserId(value: unknown): string {
  if (
    typeof value === 'string' &&
    /^[^\s\p{C}]+$/u.test(value) &&
    value.length <= MAX_USER_ID_LENGTH
  ) {
    return value;
  }
  throw new InputError(`A user id has 1 to ${MAX_USER_ID_LENGTH} characters and no blanks`);
}

/** From the query of an address, whose members are strings. */
export function readUserQuery({ search = '', page = '1' }: Input): UserQuery {
  const isSearch = typeof search === 'string' && search.length <= MAX_USER_ID_LENGTH;
  if (isSearch && typeof page === 'string' && /^[1-9]\d{0,5}$/u.test(page)) {
    return { search: search.trim(), page: Number(page) };
  }
  throw new InputError(
    `A search has at most ${MAX_USER_ID_LENGTH} characters, and a page a number`,
  );
}

export function readUserChange(input: Input): UserChange {
  return readBooleans(input, ['active', 'admin', 'signOut']);
}

export function readTogglesChange(input: Input): TogglesChange {
  return readBooleans(input, ['strict', 'bootstrap', 'requireJti']);
}

export function readOrder(input: Input): TokenOrder {
  return {
    user: readUserId(input['user']),
    issuer: readChoice(input, 'issuer'),
    expiry: readChoice(input, 'expiry'),
    jti: readChoice(input, 'jti'),
    tampering: readChoice(input, 'tampering'),
  };
}

/** A token as text of any form; undefined where none is to be sent. */
export function readToken(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  // What cannot stand in a header is no request that could be sent.
  if (typeof value === 'string' && /^[\u0021-\u007e]+$/u.test(value)) {
    if (value.length <= MAX_TOKEN_LENGTH) return value;
  }
  throw new InputError('A token is visible ASCII, and not too long for a header');
}

export function readText(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new InputError(`${name} is not a text`);
}

function readChoice<Name extends keyof typeof CHOICES>(input: Input, name: Name): Choice<Name> {
  const value = input[name];
  if (typeof value === 'string' && Object.hasOwn(CHOICES[name], value))
    return value as Choice<Name>;
  throw new InputError(`${name} is none of ${Object.keys(CHOICES[name]).join(', ')}`);
}

function readBooleans<Name extends string>(
  input: Input,
  names: readonly Name[],
): Partial<Record<Name, boolean>> {
  const entries = Object.entries(input);
  for (const [name, value] of entries) {
    if (!names.some((known) => known === name)) throw new InputError(`${name} cannot be changed`);
    if (typeof value !== 'boolean') throw new InputError(`${name} is neither true nor false`);
  }
  return Object.fromEntries(entries) as Partial<Record<Name, boolean>>;
}
