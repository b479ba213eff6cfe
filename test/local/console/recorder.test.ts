import { EventEmitter } from 'node:events';
import { Recorder, type RequestRecord } from '../../../local/console/recorder.ts';
import type { AuthorizerTrace, Exchange } from '../../../local/gateway/common/exchange.ts';
import type { LocalStackEvents } from '../../../local/stack.ts';

const SETTINGS = {
  JWT_ISSUER: 'https://issuer.example.com',
  JWT_AUDIENCE: 'api',
  USERS_TABLE_NAME: 'users',
};

function watched() {
  const events = new EventEmitter<LocalStackEvents>();
  return { events, recorder: new Recorder({ events, settings: () => SETTINGS }) };
}

const exchange = (requestId: string, authorizer?: AuthorizerTrace): Exchange => ({
  api: 'rest',
  requestId,
  method: 'GET',
  path: '/prod/whoami',
  status: 401,
  authorizer,
});
const denied = (requestId: string, reason = 'user_disabled') => ({
  security_event: 'access_denied',
  request_id: requestId,
  reason,
});
const stateOf = (record: RequestRecord | undefined, check: string) =>
  record?.checks.find(({ reason }) => reason === check)?.state;

it('puts a request and its security event together by the id, in whatever order requests end', () => {
  const { events, recorder } = watched();
  events.emit('securityEvent', denied('one'));
  events.emit('securityEvent', denied('two', 'user_not_found'));
  events.emit('exchange', exchange('two'));
  events.emit('exchange', exchange('one'));
  expect(recorder.find('one')?.decision?.reason).toBe('user_disabled');
  expect(recorder.find('two')?.decision?.reason).toBe('user_not_found');
});

it('shows a cached answer with its reason, and without an event', () => {
  const { events, recorder } = watched();
  events.emit(
    'exchange',
    exchange('cached', {
      name: 'authorizer',
      status: 'answered',
      cached: true,
      answer: { form: 'policy', context: { reason: 'user_disabled' } },
    }),
  );
  const record = recorder.find('cached');
  expect(record?.securityEvent).toBeUndefined();
  expect(stateOf(record, 'user_disabled')).toBe('failed');
});

it('makes nothing up of a reason that there is not', () => {
  const { events, recorder } = watched();
  events.emit('securityEvent', denied('odd', 'constructor'));
  events.emit('exchange', exchange('odd'));
  expect(recorder.find('odd')?.decision).toBeUndefined();
});

it('writes notices down as they come', () => {
  const { events, recorder } = watched();
  events.emit('securityEvent', { security_event: 'token_without_jti', message: 'No jti' });
  expect(recorder.records).toMatchObject([{ type: 'notice', text: 'No jti' }]);
});

it('keeps the last hundred, and numbers them in a row', () => {
  const { events, recorder } = watched();
  for (let count = 0; count < 101; count++) events.emit('exchange', exchange(`request-${count}`));
  const ids = recorder.records.map(({ id }) => id);
  expect(ids).toHaveLength(100);
  expect(recorder.find('request-0')).toBeUndefined();
  expect((ids.at(-1) ?? 0) - (ids[0] ?? 0)).toBe(99);
});

it('is deaf once it is closed', () => {
  const { events, recorder } = watched();
  recorder.close();
  events.emit('exchange', exchange('late'));
  expect(recorder.records).toEqual([]);
});
