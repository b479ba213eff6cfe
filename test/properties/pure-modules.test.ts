/** What the pure modules promise for any input at all. */
import * as fc from 'fast-check';
import { foldUserId, parseConfig, userKey, type Config } from '../../lambda/settings/config.ts';
import {
  decide,
  REASONS,
  type AccessPolicy,
  type Decision,
  type DirectoryEvidence,
} from '../../lambda/decision.ts';
import type { InterceptedRequest } from '../../lambda/request/interceptor.ts';
import type { AuthorizationRequest } from '../../lambda/request/request.ts';
import { render } from '../../lambda/response/response.ts';
import { fromPrintable, printable } from '../../lambda/telemetry/printable.ts';
import { decisionEvent } from '../../lambda/telemetry/security-event.ts';
import { SETTING_NAMES, SETTINGS } from '../../lambda/settings/table.ts';
import type { VerifiedToken } from '../../lambda/verified-token.ts';
import { trustedIssuers } from '../../lambda/settings/trusted-issuers.ts';
import { readRow } from '../../lambda/users/user-row.ts';
import { anyText, kind } from './arbitraries.ts';
import { holds, LONG_TIMEOUT_MS } from './runs.ts';

jest.setTimeout(LONG_TIMEOUT_MS);

const time = fc.oneof(
  fc.constantFrom(undefined, 0, 999, 1000, 1001, 1e308, -1),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const wellFormed = fc.string({ unit: 'grapheme', minLength: 1 });
const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
const issuer = fc.constantFrom('https://one.example.com', 'https://two.example.com');

const token = fc
  .record({
    subject: fc.oneof(fc.constant('root'), wellFormed),
    issuer,
    userId: fc.oneof(wellFormed, fc.string({ unit: 'binary', minLength: 1, maxLength: 1024 })),
    issuedAt: time,
    expiresAt: fc.integer(),
    jti: fc.option(wellFormed, { nil: undefined }),
    scopes: fc.oneof(names, fc.array(anyText)),
  })
  .map((fields) => fields as unknown as VerifiedToken);

const row = fc.record({
  isActive: fc.boolean(),
  isAdmin: fc.boolean(),
  tokensValidAfter: time,
  roles: names,
  email: fc.option(anyText, { nil: undefined }),
  fullName: fc.option(anyText, { nil: undefined }),
});

const revocations = { tokenRevoked: fc.boolean(), sessionRevoked: fc.boolean() };
const directory: fc.Arbitrary<DirectoryEvidence> = fc.oneof(
  fc.record({ status: fc.constant('found' as const), row, ...revocations }),
  fc.record({ status: fc.constant('not_found' as const), ...revocations }),
  fc.record(
    {
      status: fc.constant('unavailable' as const),
      reason: fc.constantFrom('directory_unavailable' as const, 'internal_error' as const),
      cause: fc.constantFrom('throttled' as const, 'bad_row' as const),
      attribute: anyText,
    },
    { requiredKeys: ['status', 'reason'] },
  ),
);

const policy: fc.Arbitrary<AccessPolicy> = fc.record({
  requireUserInDb: fc.boolean(),
  platformAdmin: fc.option(
    fc.record({ userId: fc.oneof(fc.constant('root'), wellFormed), issuer, expiresAt: time }),
    { nil: undefined },
  ),
  requiredScopes: names,
  requiredRoles: names,
});

const decision: fc.Arbitrary<Decision> = fc
  .tuple(token, directory, policy)
  .map(([verified, found, rules]) => decide(verified, found, rules, 1000));

it('decides on any evidence, and lets in only on a row or by bootstrap', async () => {
  await holds(
    'any evidence',
    fc.property(token, directory, policy, time, (verified, found, rules, now = 1000) => {
      const made = decide(verified, found, rules, now);
      expect(REASONS[made.reason].outcome).toBe(made.outcome);
      if (made.outcome !== 'allow') return;
      expect(found.status).not.toBe('unavailable');
      expect(made.reason).toBe(
        found.status === 'found' ? 'user_found' : 'platform_admin_bootstrap',
      );
      expect(found.status === 'not_found' && rules.requireUserInDb).toBe(false);
    }),
  );
});

it('reads any environment, and repeats no value of it', async () => {
  const name = fc.constantFrom(...SETTING_NAMES);
  const plausible = name.chain((of) => {
    const setting = SETTINGS[of];
    return fc.constantFrom(
      'default' in setting ? setting.default : 'https://issuer.example.com',
      'true',
      'users',
      '60',
      '2030-01-31T12:00:00Z',
      '[{"issuer":"https://issuer.example.com","audience":"a"}]',
    );
  });
  const SECRET = 'a-value-that-nobody-should-read';
  const value = fc.oneof(
    { weight: 3, arbitrary: plausible },
    anyText,
    anyText.map((text) => `${SECRET}${text}`),
    fc.json(),
  );
  await holds(
    'any environment',
    fc.property(fc.dictionary(name, value), fc.boolean(), (settings, complete) => {
      const base = complete
        ? { JWT_ISSUER: 'https://i.example.com', JWT_AUDIENCE: 'a', USERS_TABLE_NAME: 'users' }
        : {};
      const result = parseConfig({ ...base, ...settings });
      expect(result.ok ? isSound(result.config) : result.problems.length > 0).toBe(true);
      expect(result.ok ? '' : result.problems.join()).not.toContain(SECRET);
    }),
  );
});

/** What has to hold of every configuration that lets anybody in. */
function isSound({ issuers, requireUserInDb, userCacheTtlSeconds }: Config): boolean {
  return (
    issuers.length > 0 &&
    issuers.every((one) => one.audiences.length + one.clientIds.length > 0) &&
    issuers.every((one) => one.algorithms.length > 0) &&
    !(requireUserInDb && userCacheTtlSeconds > 0)
  );
}

it('reads any list of trusted issuers, and repeats no value of it', async () => {
  const member = fc.dictionary(
    fc.constantFrom(
      'issuer',
      'audience',
      'jwksUri',
      'algorithms',
      'userNamespace',
      '__proto__',
      'x',
    ),
    fc.oneof(
      fc.constantFrom<unknown>('https://issuer.example.com', 'secret-value', ['RS256'], 'ns'),
      fc.jsonValue(),
    ),
  );
  const text = fc.oneof(
    fc.array(member, { maxLength: 4 }).map((list) => JSON.stringify(list)),
    fc.json(),
    anyText,
  );
  await holds(
    'trusted issuers',
    fc.property(text, (json) => {
      const parsed = trustedIssuers(json);
      const said = parsed.ok ? [] : [parsed.problem];
      expect(said.join()).not.toContain('secret-value');
      expect(parsed.ok ? parsed.value.every((one) => one.issuer !== '') : true).toBe(true);
    }),
  );
});

it('writes any value for the log so that it can be seen, and told from every other', async () => {
  await holds(
    'a log value',
    fc.property(anyText, fc.nat({ max: 600 }), decision, (text, repeat, made) => {
      const value = text.repeat(Math.min(repeat, 2000));
      const shown = printable(value);
      expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|^ | $| {2}/u);
      expect(fromPrintable(shown)).toBe(value.length <= 1024 ? value : undefined);
      // Equivalent to nothing else, as a font would draw it.
      expect(shown.replace(/…$/u, '').normalize('NFKC')).toBe(shown.replace(/…$/u, ''));
      const request = requestOf('rest-token', text);
      const record = { decision: made, request, invocationId: text, durationMs: 0.123 };
      const line = JSON.stringify(decisionEvent(record, (userId) => userId));
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});

function interceptedRequest(text: string): InterceptedRequest {
  return {
    shape: 'mcp',
    body: { id: text },
    headers: { 'X-Rollcall-User': text, 'x-rollcall-admin': 'true' },
    rpcId: text,
    isTooLarge: false,
    toolUse: { tools: [], isUnclear: false },
  };
}

function requestOf(of: AuthorizationRequest['kind'], text: string): AuthorizationRequest {
  return {
    kind: of,
    token: { status: 'missing' },
    resource: 'arn:aws:execute-api:eu-central-1:111122223333:abc123/prod/*',
    apiId: text,
    requestId: text,
    sourceIp: text,
    ...(of === 'agentcore' && { intercepted: interceptedRequest(text) }),
  };
}

it('folds A–Z in a user id and nothing else, and keeps namespaces apart', async () => {
  const namespace = fc.stringMatching(/^[a-z0-9-]{1,32}$/u);
  await holds(
    'a user id',
    fc.property(anyText, anyText, namespace, namespace, (id, other, first, second) => {
      const folded = foldUserId(id, 'lower');
      expect(foldUserId(id, 'preserve')).toBe(id);
      expect(foldUserId(folded, 'lower')).toBe(folded);
      expect(folded).toHaveLength(id.length);
      const changed = Array.from(folded, (_, at) => at).filter((at) => folded[at] !== id[at]);
      expect(changed.every((at) => /[A-Z]/u.test(id.charAt(at)))).toBe(true);
      const sameKey =
        userKey(id, { userNamespace: first }) === userKey(other, { userNamespace: second });
      expect(sameKey).toBe(first === second && id === other);
    }),
  );
});

it('reads any row, and guesses at nothing in it', async () => {
  const attribute = fc.oneof(
    fc.constantFrom<unknown>(true, false, null, 'true', 1, 0, [], new Set(['a']), 1e11, -1),
    fc.anything(),
  );
  await holds(
    'a row',
    fc.property(
      fc.record(
        {
          is_active: attribute,
          is_admin: attribute,
          tokens_valid_after: attribute,
          roles: attribute,
          email: attribute,
          full_name: attribute,
        },
        { requiredKeys: [] },
      ),
      (item) => {
        const result = readRow(item);
        const read = result.ok ? result.row : undefined;
        expect(read === undefined || typeof read.isActive === 'boolean').toBe(true);
        expect(read?.isActive === true && 'is_active' in item && item.is_active !== undefined).toBe(
          read !== undefined && item.is_active === true,
        );
        expect(read?.isAdmin ?? false).toBe(read !== undefined && item.is_admin === true);
      },
    ),
  );
});

it('renders any decision as the answer of an interceptor, and never throws it', async () => {
  await holds(
    'an interceptor',
    fc.property(anyText, decision, (text, made) => {
      const rendered = render(made, requestOf('agentcore', text), { httpResponseFormat: 'simple' });
      const { mcp = {} } = (rendered.status === 'throw' ? {} : rendered.value) as {
        readonly mcp?: {
          readonly transformedGatewayRequest?: { readonly headers: Record<string, unknown> };
          readonly transformedGatewayResponse?: { readonly statusCode: number };
        };
      };
      const { transformedGatewayRequest: passed, transformedGatewayResponse: refused } = mcp;
      const status = { unauthenticated: 401, forbidden: 403, unavailable: 503, allow: undefined };
      expect(refused?.statusCode).toBe(status[made.outcome]);
      expect(passed !== undefined).toBe(made.outcome === 'allow');
      const headers = Object.entries(passed?.headers ?? {});
      expect(headers.every(([, value]) => /^[\u0021-\u007e]*$/u.test(String(value)))).toBe(true);
      expect(headers).toHaveLength(passed === undefined ? 0 : 4);
    }),
  );
});

const apiKind = kind.filter((of) => of !== 'agentcore');

interface Answer {
  readonly context?: Readonly<Record<string, unknown>> | null | undefined;
  readonly resolverContext?: Readonly<Record<string, unknown>>;
  readonly isAuthorized?: boolean;
  readonly policyDocument?: { readonly Statement: readonly { readonly Effect?: string }[] };
}

it('renders any decision as a flat and bounded answer', async () => {
  await holds(
    'an answer',
    fc.property(apiKind, fc.constantFrom('simple', 'policy'), decision, (of, format, made) => {
      const request = requestOf(of, 'api');
      const rendered = render(made, request, { httpResponseFormat: format });
      expect(rendered.status === 'throw').toBe(made.outcome === 'unavailable');
      const answer = rendered.status === 'throw' ? {} : (rendered.value as Answer);
      const allowed =
        answer.isAuthorized ?? answer.policyDocument?.Statement[0]?.Effect === 'Allow';
      expect(allowed).toBe(made.outcome === 'allow');
      const values = Object.values({ ...answer.context, ...answer.resolverContext });
      expect(values.every((one) => ['string', 'boolean', 'number'].includes(typeof one))).toBe(
        true,
      );
      expect(values.every((one) => Buffer.byteLength(String(one)) <= 1024)).toBe(true);
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(7000);
    }),
  );
});
