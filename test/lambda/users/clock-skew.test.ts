/** A clock that DynamoDB does not accept: corrected by the answer's date, and the read retried. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Authorizer } from '../../support/bundle.ts';
import { eventOf } from '../../support/events.ts';
import { TestIssuer } from '../../support/issuer.ts';

const MINUTE_MS = 60_000;
/** Of Signature Version 4. */
const ACCEPTED_SKEW_MS = 5 * MINUTE_MS;
const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

let issuer: TestIssuer;
let table: Server;
let authorizer: Authorizer;
let offsetMs: number;
let neverSatisfied: boolean;
let requests: number;

/** `20300131T120000Z` as epoch milliseconds. */
function signedAt(amzDate: string): number {
  return Date.parse(
    amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, '$1-$2-$3T$4:$5:$6Z'),
  );
}

beforeAll(async () => {
  issuer = await TestIssuer.start();
  table = createServer((incoming, response) => {
    incoming.resume();
    requests += 1;
    const now = Date.now() + offsetMs;
    const skewMs = Math.abs(signedAt(String(incoming.headers['x-amz-date'])) - now);
    const date = { date: new Date(now).toUTCString() };
    if (neverSatisfied || skewMs > ACCEPTED_SKEW_MS) {
      response.writeHead(400, { ...JSON_TYPE, ...date });
      response.end(
        JSON.stringify({
          __type: 'com.amazon.coral.service#InvalidSignatureException',
          message: 'Signature expired',
        }),
      );
      return;
    }
    response.writeHead(200, { ...JSON_TYPE, ...date });
    response.end('{"Item":{"user_id":{"S":"alice"}}}');
  });
  table.listen(0, '127.0.0.1');
  await once(table, 'listening');
});

afterAll(async () => {
  table.closeAllConnections();
  table.close();
  await Promise.all([issuer.close(), once(table, 'close')]);
});

beforeEach(async () => {
  offsetMs = 0;
  neverSatisfied = false;
  authorizer = await Authorizer.start({
    ...issuer.settings,
    USERS_TABLE_NAME: 'users',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'KEY',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(table.address() as AddressInfo).port}`,
  });
  requests = 0;
});

afterEach(() => authorizer.close());

async function decide(): Promise<unknown> {
  await authorizer.invoke(eventOf('rest-token', `Bearer ${issuer.token()}`));
  return authorizer.lastDecision;
}

it.each([
  ['ahead', 60 * MINUTE_MS],
  ['behind', -60 * MINUTE_MS],
])('is corrected when the service is an hour %s', async (_, ms) => {
  offsetMs = ms;
  expect(await decide()).toMatchObject({ reason: 'user_found' });
  expect(requests).toBe(2);
});

it('stays corrected for the next request', async () => {
  offsetMs = 60 * MINUTE_MS;
  await decide();
  await decide();
  expect(requests).toBe(3);
});

it('is left alone within what the service accepts', async () => {
  offsetMs = 4 * MINUTE_MS;
  expect(await decide()).toMatchObject({ reason: 'user_found' });
  expect(requests).toBe(1);
});

it('is corrected once: a service that is never satisfied has refused', async () => {
  offsetMs = 60 * MINUTE_MS;
  neverSatisfied = true;
  expect(await decide()).toMatchObject({ cause: 'access_denied' });
  expect(requests).toBe(2);
});
