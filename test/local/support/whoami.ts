/**
 * What holds on every stack with a route `GET /whoami` behind the authorizer, however it was
 * deployed: facts for the suites that start one, over real HTTP.
 */
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import {
  DISABLED_USER,
  KNOWN_USER,
  PLATFORM_ADMIN,
  UNKNOWN_USER,
} from '../../../local/demo-users.ts';
import type { LocalStack, SecurityEvent } from '../../../local/stack.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly challenge: string | null;
}

export async function whoami(baseUrl: string | undefined, token?: string): Promise<Answer> {
  const response = await fetch(`${baseUrl}/whoami`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    challenge: response.headers.get('www-authenticate'),
  };
}

export const refusal = (detail: string): Answer => ({
  status: 401,
  body: { detail },
  challenge: 'Bearer',
});

/** The security events of a stack, from now on. */
function securityEventsOf(stack: LocalStack): SecurityEvent[] {
  const events: SecurityEvent[] = [];
  stack.events.on('securityEvent', (event) => events.push(event));
  return events;
}

export function describeRestApi(stackOf: () => LocalStack): void {
  let stack: LocalStack;
  let securityEvents: SecurityEvent[];
  const tokenFor = (email: string, claims = {}) => stack.issueToken({ email, ...claims });

  beforeAll(() => {
    stack = stackOf();
    securityEvents = securityEventsOf(stack);
  });

  describe('REST API', () => {
    it('lets a known user in and tells the backend who it is', async () => {
      const { status, body } = await whoami(stack.url, await tokenFor(KNOWN_USER));
      expect(status).toBe(200);
      expect(body).toMatchObject({
        principalId: KNOWN_USER,
        userId: KNOWN_USER,
        isAdmin: 'false',
        authMethod: 'database',
        reason: 'user_found',
        roles: 'engineer',
      });
    });

    it('answers an unknown user with 401 User not found', async () => {
      expect(await whoami(stack.url, await tokenFor(UNKNOWN_USER))).toEqual(
        refusal('User not found'),
      );
    });

    it('answers a disabled user with 401 Account disabled', async () => {
      expect(await whoami(stack.url, await tokenFor(DISABLED_USER))).toEqual(
        refusal('Account disabled'),
      );
    });

    it('lets the platform admin in without a row, as an admin', async () => {
      const { status, body } = await whoami(stack.url, await tokenFor(PLATFORM_ADMIN));
      expect(status).toBe(200);
      expect(body).toMatchObject({ isAdmin: 'true', authMethod: 'platform_admin_bootstrap' });
    });

    it('answers 401 Not authenticated without a token', async () => {
      expect(await whoami(stack.url)).toEqual(refusal('Not authenticated'));
    });

    it('answers 401 Not authenticated to junk without calling the authorizer', async () => {
      const before = securityEvents.length;
      expect(await whoami(stack.url, 'junk')).toEqual(refusal('Not authenticated'));
      expect(securityEvents).toHaveLength(before);
    });

    it('answers 401 Not authenticated to a token whose signature is another', async () => {
      const [header, payload] = (await tokenFor(KNOWN_USER)).split('.');
      const [, , signature] = (await tokenFor(UNKNOWN_USER)).split('.');
      expect(await whoami(stack.url, `${header}.${payload}.${signature}`)).toEqual(
        refusal('Not authenticated'),
      );
      expect(securityEvents.at(-1)).toMatchObject({ reason: 'signature_invalid' });
    });

    it('answers 401 Not authenticated to a token that has expired', async () => {
      const token = await stack.issueToken({ email: KNOWN_USER }, { expiresInSeconds: -60 });
      expect(await whoami(stack.url, token)).toEqual(refusal('Not authenticated'));
      expect(securityEvents.at(-1)).toMatchObject({ reason: 'token_expired' });
    });

    it('denies a user whose row goes away between two requests', async () => {
      const email = 'brief@example.com';
      const token = await tokenFor(email);
      await stack.putUser(email, {});
      expect((await whoami(stack.url, token)).status).toBe(200);
      await stack.client.send(
        new DeleteCommand({
          TableName: stack.usersTable.name,
          Key: { [stack.usersTable.key]: email },
        }),
      );
      expect(await whoami(stack.url, token)).toEqual(refusal('User not found'));
    });

    it('answers 403 for a path that has no route', async () => {
      const response = await fetch(`${stack.url}/elsewhere`);
      expect([response.status, await response.json()]).toEqual([
        403,
        { detail: 'Missing Authentication Token' },
      ]);
    });
  });
}

export function describeStrictMode(stackOf: () => LocalStack): void {
  let stack: LocalStack;
  let securityEvents: SecurityEvent[];

  beforeAll(() => {
    stack = stackOf();
    securityEvents = securityEventsOf(stack);
  });

  describe('REST API in strict mode', () => {
    it('answers an unknown user with 401 User not found in database', async () => {
      const token = await stack.issueToken({ email: UNKNOWN_USER });
      expect(await whoami(stack.url, token)).toEqual(refusal('User not found in database'));
      expect(securityEvents.at(-1)).toMatchObject({
        security_event: 'user_not_in_db_rejected',
        level: 'WARN',
      });
    });

    it('does not let the platform admin in without a row', async () => {
      const token = await stack.issueToken({ email: PLATFORM_ADMIN });
      expect(await whoami(stack.url, token)).toEqual(refusal('User not found in database'));
    });
  });
}

export function describeHttpApi(stackOf: () => LocalStack): void {
  let stack: LocalStack;
  const tokenFor = (email: string) => stack.issueToken({ email });

  beforeAll(() => {
    stack = stackOf();
  });

  describe('HTTP API', () => {
    it('lets a known user in, with the context as it was given', async () => {
      const { status, body } = await whoami(stack.httpUrl, await tokenFor(KNOWN_USER));
      expect(status).toBe(200);
      expect(body).toMatchObject({ userId: KNOWN_USER, isAdmin: false, authMethod: 'database' });
    });

    it.each([UNKNOWN_USER, DISABLED_USER])('answers %s with 403', async (email) => {
      const { status, body } = await whoami(stack.httpUrl, await tokenFor(email));
      expect([status, body]).toEqual([403, { message: 'Forbidden' }]);
    });

    it('lets the platform admin in without a row', async () => {
      const { body } = await whoami(stack.httpUrl, await tokenFor(PLATFORM_ADMIN));
      expect(body).toMatchObject({ isAdmin: true });
    });

    it('answers 401 without a token', async () => {
      const { status, body } = await whoami(stack.httpUrl);
      expect([status, body]).toEqual([401, { message: 'Unauthorized' }]);
    });

    it('answers 403 to junk', async () => {
      expect((await whoami(stack.httpUrl, 'junk')).status).toBe(403);
    });
  });
}
