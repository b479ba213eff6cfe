/**
 * The path in an ARN is the caller's own, decoded. Nothing of it may reach the policy, and none
 * of it may make the authorizer fail.
 */
import type { EventKind } from '../../lambda/request/request.ts';
import { Authorizer } from '../support/bundle.ts';
import { eventOf } from '../support/events.ts';
import { TestIssuer } from '../support/issuer.ts';
import { TestTables } from '../support/tables.ts';

let issuer: TestIssuer;
let tables: TestTables;
let authorizer: Authorizer;

beforeAll(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  await tables.putUser('alice');
  authorizer = await Authorizer.start({
    ...issuer.settings,
    ...tables.settings,
    HTTP_RESPONSE_FORMAT: 'policy',
  });
});
afterAll(async () => {
  await authorizer.close();
  await Promise.all([issuer.close(), tables.close()]);
});

const KINDS = ['rest-token', 'rest-request', 'http-v1', 'http-v2', 'websocket'] as const;

function withArn(kind: EventKind, arn: unknown, token: string): Record<string, unknown> {
  const name = kind === 'http-v2' ? 'routeArn' : 'methodArn';
  return { ...eventOf(kind, `Bearer ${token}`), [name]: arn };
}

async function resourceFor(kind: EventKind, arn: unknown, token: string): Promise<unknown> {
  const result = await authorizer.invoke(withArn(kind, arn, token));
  if (!result.ok) return result.errorMessage;
  const { policyDocument } = result.value as {
    policyDocument: { Statement: { Effect: string; Resource: string }[] };
  };
  return policyDocument.Statement.map(({ Effect, Resource }) => `${Effect} ${Resource}`);
}

const STAGE = 'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/prod';
const paths = [
  'GET/orders/42',
  'GET/',
  '*',
  '*/*',
  'GET/*',
  'GET/?',
  'GET/a:b:c',
  'GET/a/../../other/PUT/x',
  'GET//admin//',
  'GET/a%2Fb%2f..%2F..',
  'GET/%00',
  'GET/\u0000',
  'GET/\n',
  'GET/\u2028',
  'GET/\ud800',
  'GET/${aws:username}',
  'GET/${*}',
  'GET/arn:aws:execute-api:eu-central-1:111122223333:other/stage/GET/',
  'GET/","Effect":"Allow","Resource":"*',
  'GET/\u{1f600}',
  `GET/${'a/'.repeat(700)}`,
  '$connect',
] as const;

describe('with paths of any kind', () => {
  const cases = KINDS.flatMap((kind) =>
    paths.map((path) => [kind, JSON.stringify(path).slice(0, 60), path] as const),
  );

  it.each(cases)('grants the stage and no more (%s, %s)', async (kind, _shown, path) => {
    const granted = await resourceFor(kind, `${STAGE}/${path}`, issuer.token());
    expect(granted).toEqual([`Allow ${STAGE}/*`]);
  });

  it.each(cases)('denies a stranger the stage (%s, %s)', async (kind, _shown, path) => {
    const denied = await resourceFor(kind, `${STAGE}/${path}`, issuer.token({ sub: 'mallory' }));
    expect(denied).toEqual([`Deny ${STAGE}/*`]);
  });
});

const prefixes = [
  'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/$default',
  'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/test-invoke-stage',
  'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/null',
  'arn:aws-cn:execute-api:cn-north-1:111122223333:abc123defg/prod',
  'arn:aws-us-gov:execute-api:us-gov-west-1:111122223333:abc123defg/prod',
  'arn:aws-iso-b:execute-api:us-isob-east-1:111122223333:abc123defg/prod',
  'arn:aws-eusc:execute-api:eusc-de-east-1:111122223333:abc123defg/prod',
];

it.each(KINDS.flatMap((kind) => prefixes.map((prefix) => [kind, prefix] as const)))(
  'keeps the partition and the stage of its own ARN (%s, %s)',
  async (kind, prefix) => {
    const granted = await resourceFor(kind, `${prefix}/GET/orders`, issuer.token());
    expect(granted).toEqual([`Allow ${prefix}/*`]);
  },
);

const notArns: readonly unknown[] = [
  '',
  '*',
  'arn',
  'arn:aws:execute-api:eu-central-1:111122223333:*/prod/GET/',
  'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/*/GET/',
  'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/pr?d/GET/',
  'arn:aws:execute-api:*:111122223333:abc123defg/prod/GET/',
  'arn:aws:execute-api:eu-central-1:*:abc123defg/prod/GET/',
  'arn:*:execute-api:eu-central-1:111122223333:abc123defg/prod/GET/',
  'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/prod',
  'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/prod/',
  'arn:aws:execute-api:eu-central-1:111122223333:abc123defg',
  'arn:aws:execute-api:eu-central-1:111122223333:/prod/GET/',
  'arn:aws:execute-api:eu-central-1:111122223333:abc123defg//GET/',
  'arn:aws:execute-api::111122223333:abc123defg/prod/GET/',
  'arn:aws:execute-api:eu-central-1::abc123defg/prod/GET/',
  'arn:aws:lambda:eu-central-1:111122223333:function:authorizer/prod/GET/',
  'arn:aws:s3:::bucket/prod/GET/',
  ' arn:aws:execute-api:eu-central-1:111122223333:abc123defg/prod/GET/',
  '\narn:aws:execute-api:eu-central-1:111122223333:abc123defg/prod/GET/',
  'ARN:aws:execute-api:eu-central-1:111122223333:abc123defg/prod/GET/',
  7,
  null,
  ['arn:aws:execute-api:eu-central-1:111122223333:abc123defg/prod/GET/'],
];

it.each(KINDS.flatMap((kind) => notArns.map((arn) => [kind, JSON.stringify(arn), arn] as const)))(
  'answers nothing to what is no ARN of a stage (%s, %s)',
  async (kind, _shown, arn) => {
    const answer = await resourceFor(kind, arn, issuer.token());
    expect(answer).toBe('Authorization is unavailable');
    expect(authorizer.lastDecision).toMatchObject({ reason: 'internal_error' });
  },
);
