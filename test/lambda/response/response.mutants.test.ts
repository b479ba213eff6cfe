/** Facts about `response.ts` that changes to it once got past the tests with. */
import { render } from '../../../lambda/response/response.ts';
import type { AuthorizationRequest } from '../../../lambda/request/request.ts';

const REQUEST: AuthorizationRequest = {
  kind: 'rest-token',
  token: { status: 'missing' },
  resource: 'arn:aws:execute-api:eu-central-1:111122223333:abc123/prod/*',
  apiId: 'abc123',
  requestId: undefined,
  sourceIp: undefined,
};

it.each([
  ['Unauthorized', 'Unauthorized', { outcome: 'unauthenticated', reason: 'token_missing' }],
  [
    'AuthorizationUnavailable',
    'Authorization is unavailable',
    { outcome: 'unavailable', reason: 'keys_unavailable' },
  ],
] as const)(
  'throws a constant that is called %s, whose stack is itself',
  (name, message, decision) => {
    const rendered = render(decision, REQUEST, { httpResponseFormat: 'simple' });
    const error = rendered.status === 'throw' ? rendered.error : undefined;
    expect([error?.name, error?.message, error?.stack]).toEqual([
      name,
      message,
      `${name}: ${message}`,
    ]);
  },
);
