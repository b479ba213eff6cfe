/** Facts about `response-context.ts` that changes to it once got past the tests with. */
import { decide, type Decision } from '../../../lambda/decision.ts';
import { fitContext } from '../../../lambda/response/response-context.ts';
import { accessPolicy, found, NOW, verifiedToken } from '../../support/evidence.ts';

/** What a principal and a context may take as JSON. */
const MAX_BYTES = 6200;
const DISPENSABLE = ['scope', 'fullName', 'roles', 'email', 'jti', 'issuer'] as const;

/** An allow whose six dispensable values have 1,000 bytes each, which is all that there is room for. */
function large(userId: string): Decision {
  const value = 'x'.repeat(1000);
  const token = verifiedToken({ userId, jti: value, issuer: value, scopes: [value] });
  return decide(
    token,
    found({ email: value, fullName: value, roles: [value] }),
    accessPolicy(),
    NOW,
  );
}

function bytesOf({ principalId, context }: ReturnType<typeof fitContext>): number {
  return Buffer.byteLength(JSON.stringify([principalId, context]));
}

/** Of the six, those that an answer kept. */
function keptOf({ context }: ReturnType<typeof fitContext>): readonly string[] {
  return DISPENSABLE.filter((name) => name in context);
}

/** An id counts twice, once as the principal, so that all but so many bytes are its own. */
function idBytesFor(bytes: number, decision: (idBytes: number) => Decision): number {
  const withShortId = fitContext(decision(1));
  return 1 + (bytes - bytesOf(withShortId)) / 2;
}

it('leaves out nothing of an answer that fits', () => {
  expect(keptOf(fitContext(large('i')))).toEqual(DISPENSABLE);
});

it.each([1, 2, 3, 4, 5, 6])('leaves out %i in its order and no more than it has to', (count) => {
  // A control character takes six bytes of JSON, and an id is there twice.
  const userId = '\u0001'.repeat((count - 0.5) * 84);
  expect(keptOf(fitContext(large(userId)))).toEqual(DISPENSABLE.slice(count));
});

it('keeps an answer of exactly what there is room for, and not a byte more', () => {
  const without = (idBytes: number, issuer: string): Decision =>
    decide(
      verifiedToken({ userId: `${'\u0001'.repeat(400)}${'i'.repeat(idBytes)}`, issuer }),
      found(),
      accessPolicy(),
      NOW,
    );
  const even = [100, 101].find((length) =>
    Number.isInteger(idBytesFor(MAX_BYTES, (idBytes) => without(idBytes, 'x'.repeat(length)))),
  );
  const issuer = 'x'.repeat(even ?? 0);
  const idBytes = idBytesFor(MAX_BYTES, (bytes) => without(bytes, issuer));
  const fitting = fitContext(without(idBytes, issuer));
  expect([bytesOf(fitting), keptOf(fitting)]).toEqual([MAX_BYTES, ['jti', 'issuer']]);
  expect(keptOf(fitContext(without(idBytes, `${issuer}x`)))).toEqual(['issuer']);
});

it.each([
  ['roles', { roles: ['r'.repeat(1000)] }],
  ['email', { email: '\u0001'.repeat(1000) }],
  ['fullName', { fullName: '\u0001'.repeat(1000) }],
])('leaves out %s when that is what is too long', (name, row) => {
  const userId = '\u0001'.repeat(490);
  const decision = decide(verifiedToken({ userId }), found(row), accessPolicy(), NOW);
  expect(fitContext(decision).context).not.toHaveProperty(name);
});

it('names nobody when it is not known whose keys or row could not be read', () => {
  const decision = { outcome: 'unavailable', reason: 'keys_unavailable' } as const;
  expect(fitContext(decision).principalId).toBe('unauthenticated');
});
