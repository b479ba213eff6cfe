/** The lines that the bundle which deploys writes, with ids as AWS makes them. */
import { randomUUID } from 'node:crypto';
import { Authorizer } from '../../support/bundle.ts';
import { metricsOf } from '../../support/emf.ts';
import { EVENT_KINDS, eventOf } from '../../support/events.ts';
import { TestIssuer, type Claims } from '../../support/issuer.ts';
import { TestTables } from '../../support/tables.ts';

const POOL = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI';
const TRACE_ID = '1-67687c5a-a1b2c3d4e5f67890abcdef01';
const FUNCTION = 'Rollcall-RollcallFunction3B5FD0E4-a1B2c3D4e5F6';
const USER = randomUUID();

let issuer: TestIssuer;
let tables: TestTables;
let authorizer: Authorizer;

beforeAll(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  await tables.putUser(USER);
});

afterAll(() => Promise.all([issuer.close(), tables.close()]));

beforeEach(async () => {
  authorizer = await Authorizer.start({
    ...issuer.settings,
    ...tables.settings,
    JWT_ISSUER: POOL,
    AWS_LAMBDA_FUNCTION_NAME: FUNCTION,
  });
});

afterEach(() => authorizer.close());

/** The line of one request, as it was printed. */
async function lineOf(
  claims: Claims = {},
  kind: (typeof EVENT_KINDS)[number] = 'rest-request',
): Promise<string> {
  const before = authorizer.output.length;
  await authorizer.invoke(
    eventOf(kind, `Bearer ${issuer.token({ iss: POOL, sub: USER, ...claims })}`),
  );
  return authorizer.output.slice(before).trim();
}

it.each(EVENT_KINDS)('has 620 bytes at most once an environment is warm: %s', async (kind) => {
  await lineOf({}, kind);
  const line = await lineOf({}, kind);
  expect(JSON.parse(line)).toMatchObject({ reason: 'user_found', user_id: USER, issuer: POOL });
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(620);
});

it('measures the first request, and names the function', async () => {
  const line = JSON.parse(await lineOf()) as Record<string, unknown>;
  const metrics = metricsOf(line);
  expect(metrics.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Decisions', 'DirectoryLatency', 'ColdStart']),
  );
  expect(metrics.find(({ name }) => name === 'ColdStart')?.dimensions).toEqual({
    function_name: FUNCTION,
  });
});

it.each<[string, Claims]>([
  ['allowed', {}],
  ['denied', { sub: 'nobody' }],
  ['not authenticated', { exp: 1 }],
])('counts a request that is %s', async (_, claims) => {
  const line = JSON.parse(await lineOf(claims)) as Record<string, unknown>;
  expect(metricsOf(line)).toContainEqual(
    expect.objectContaining({
      name: 'Decisions',
      dimensions: { outcome: line['outcome'], reason: line['reason'] },
      values: [1],
    }),
  );
});

it('names the trace that Lambda puts into the environment', async () => {
  const traced = await Authorizer.start({
    ...issuer.settings,
    ...tables.settings,
    _X_AMZN_TRACE_ID: `Root=${TRACE_ID};Parent=53995c3f42cd8ad8;Sampled=1`,
  });
  await traced.invoke(eventOf('rest-token', `Bearer ${issuer.token({ sub: USER })}`));
  expect(traced.lastDecision).toMatchObject({ reason: 'user_found', trace_id: TRACE_ID });
  await traced.close();
});

it('shows a jti of the greatest length whole', async () => {
  const jti = 'j'.repeat(512);
  expect(JSON.parse(await lineOf({ jti }))).toMatchObject({ jti });
});
