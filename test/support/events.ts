/** Events as each kind of gateway sends them, from the JSON files in `test/events`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EventKind } from '../../lambda/request/request.ts';

export const EVENT_KINDS: readonly EventKind[] = [
  'rest-token',
  'rest-request',
  'http-v1',
  'http-v2',
  'websocket',
  'appsync',
  'agentcore',
];

/** The kinds of APIs: an outage is thrown to them. */
export const API_KINDS = EVENT_KINDS.filter((kind) => kind !== 'agentcore');

type Event = Record<string, unknown>;

/** The file `test/events/<name>.json`, a fresh copy at each call. */
export function loadEvent(name: string): Event {
  const file = path.resolve(import.meta.dirname, '../events', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Event;
}

/**
 * An event of `kind` whose `Authorization` header is `authorization`, wherever that kind of
 * gateway puts it; undefined means no such header.
 */
export function eventOf(kind: EventKind, authorization: string | undefined): Event {
  const event = loadEvent(kind);
  switch (kind) {
    case 'rest-token':
    case 'appsync':
      return { ...event, authorizationToken: authorization };
    case 'rest-request':
    case 'websocket':
      return withHeader(event, 'Authorization', authorization);
    case 'http-v1':
      return {
        ...withHeader(event, 'Authorization', authorization),
        authorizationToken: authorization,
        identitySource: authorization,
      };
    case 'agentcore':
      return withInterceptedHeader(event, authorization);
    case 'http-v2':
      return {
        ...event,
        headers: { ...(event['headers'] as Event), authorization },
        identitySource: authorization === undefined ? undefined : [authorization],
      };
  }
}

function withInterceptedHeader(event: Event, authorization: string | undefined): Event {
  const { gatewayRequest, ...others } = event['mcp'] as Record<string, Event>;
  const headers = { ...(gatewayRequest?.['headers'] as Event), Authorization: authorization };
  return { ...event, mcp: { ...others, gatewayRequest: { ...gatewayRequest, headers } } };
}

function withHeader(event: Event, name: string, value: string | undefined): Event {
  return {
    ...event,
    headers: { ...(event['headers'] as Event), [name]: value },
    multiValueHeaders: {
      ...(event['multiValueHeaders'] as Event),
      [name]: value === undefined ? undefined : [value],
    },
  };
}
